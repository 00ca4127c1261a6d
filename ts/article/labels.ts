import { DataError, ShapeError } from '../core/errors.ts';
import { formatShape } from '../core/shape.ts';
import { type NumericArray, type TensorLike, toTensor } from '../core/tensor.ts';

/**
 * Reads and checks the labels of `samples` sequences.
 * @param y `[N]` or `[N, 1]`, each 0, 1 or a probability between
 * @throws {ShapeError} when their number is not that of the samples
 * @throws {DataError} when a label is not between 0 and 1
 */
export function readLabels(y: TensorLike, samples: number, name: string): NumericArray {
  const { shape, data } = toTensor(y, name);
  const isColumn = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  if (!isColumn || shape[0] !== samples) {
    throw new ShapeError(
      `RecurrentNetwork: ${name} must have the shape [${samples}] or [${samples}, 1] like its x, got ${formatShape(shape)}`,
    );
  }
  const place = data.findIndex((label: number) => !(label >= 0 && label <= 1));
  if (place >= 0) throw new DataError(`RecurrentNetwork: ${name} must be labels between 0 and 1, got ${data[place]} for sample ${place}`);
  return data;
}
