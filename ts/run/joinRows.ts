import { makeCheckpoint } from '../control/checkpoint.ts';
import { allocateArray } from '../core/allocate.ts';
import { ShapeError } from '../core/errors.ts';
import { formatShape, sameShape } from '../core/shape.ts';
import { typedArrayName } from '../core/tags.ts';
import type { FloatArray, Tensor } from '../core/tensor.ts';
import { inPieces } from '../feed/pieces.ts';

/**
 * The rows of tensors one after the other.
 * @throws {ShapeError} when their rows have different shapes
 * @throws {OutOfMemoryError} when they do not fit in memory
 */
export async function joinRows(parts: readonly Tensor<FloatArray>[]): Promise<Tensor<FloatArray>> {
  const [first] = parts as readonly [Tensor<FloatArray>];
  if (parts.length === 1) return first;
  const row = first.shape.slice(1);
  let count = 0;
  for (const [number, { shape }] of parts.entries()) {
    count += shape[0] as number;
    if (!sameShape(shape.slice(1), row))
      throw new ShapeError(
        `predict: the outputs of batch ${number} have shape ${formatShape(shape)}, but those of batch 0 have ${formatShape(first.shape)}, ` +
          'so they cannot be joined: predict each length by itself',
      );
  }
  const shape = [count, ...row];
  const ArrayType = typedArrayName(first.data) === 'Float64Array' ? Float64Array : Float32Array;
  const data = allocateArray<FloatArray>(ArrayType, shape, 'predict: the outputs');
  let next = 0;
  const checkpoint = makeCheckpoint();
  for (const { data: part } of parts) {
    await inPieces(part.length, (start, end) => data.set(part.subarray(start, end), next + start), checkpoint);
    next += part.length;
  }
  return { shape, data };
}

/**
 * Joins the outputs of batches.
 * @param batches for each batch a tensor for each output
 * @returns a tensor for each output
 */
export async function joinBatches(batches: readonly (readonly Tensor<FloatArray>[])[]): Promise<Tensor<FloatArray>[]> {
  const joined: Tensor<FloatArray>[] = [];
  for (const index of (batches[0] ?? []).keys()) joined.push(await joinRows(batches.map((batch) => batch[index] as Tensor<FloatArray>)));
  return joined;
}
