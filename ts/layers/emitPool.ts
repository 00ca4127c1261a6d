import { type Shape, sizeOf } from '../core/shape.ts';
import type { Scope } from './scope.ts';
import { featuresOf, type Value } from './value.ts';
import { type WindowOptions, windowFields } from './windows.ts';

/**
 * Emits the largest element or the mean of each window over the first one or two axes of samples.
 * @param average true for means
 * @param shape the shape of a sample of the output
 */
export function emitPool(scope: Scope, input: Value, windows: readonly WindowOptions[], average: boolean, shape: Shape): Value {
  const { dilation0: _, dilation1: __, ...axes } = windowFields(input.shape, windows);
  const shared = { ...axes, average: average ? 1 : 0, width: input.rows * featuresOf(input), x: scope.floatsOf(input) };
  const y = scope.floats('y', input.rows * sizeOf(shape));
  scope.call('poolForward', { ...shared, y });
  const output: Value = { ...input, shape, form: { kind: 'floats', buffer: y }, mask: null };
  scope.backward([output], (gradients) => {
    const dY = gradients.of(output);
    const dX = dY && gradients.to(input);
    if (dY && dX) scope.call('poolBackward', { ...shared, dY, dX });
  });
  return output;
}
