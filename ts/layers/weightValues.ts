import { describe } from '../core/describe.ts';
import { ShapeError } from '../core/errors.ts';
import { checkFinite } from '../core/finite.ts';
import { formatShape, sameShape } from '../core/shape.ts';
import { type Tensor, type TensorLike, toTensor } from '../core/tensor.ts';
import type { Weight } from './weight.ts';

/**
 * Checks values for weights: one array for each weight.
 * @param owner the owner of the weights, for error messages: `model sequential`
 * @throws {ShapeError} when their number or a shape differs
 * @throws {DataError} for a value that is not finite
 */
export function checkWeightValues(own: readonly Weight[], values: unknown, owner: string): Tensor[] {
  if (!Array.isArray(values) || values.length !== own.length)
    throw new ShapeError(`setWeights: ${owner} has ${own.length} weights, got ${describe(values)}`);
  return own.map((weight, index) => {
    const argument = `setWeights: ${weight.path}: weights[${index}]`;
    const tensor = toTensor(values[index] as TensorLike, argument);
    if (!sameShape(tensor.shape, weight.shape)) {
      throw new ShapeError(
        `setWeights: weight ${index}, ${weight.path}, has shape ${formatShape(weight.shape)}, got ${formatShape(tensor.shape)}`,
      );
    }
    checkFinite(tensor, argument);
    return tensor;
  });
}
