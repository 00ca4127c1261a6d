import { type Shape, sizeOf } from '../core/shape.ts';
import { emitZeros } from './emitStrided.ts';
import { type Elements, emitElements } from './layout.ts';
import type { Scope } from './scope.ts';
import { featuresOf, lengthOf, type Value } from './value.ts';

/** A part of samples: the elements of a shape, where they lie, and where they go. */
export type Part = Pick<Elements, 'shape' | 'from' | 'to'>;

/**
 * Emits the value that parts of samples become. An element of the output that no part goes to is
 * zero, and so is the gradient of an element of the input that is in none.
 * @param overlap whether several parts may go to one element, which is then their sum
 */
export function emitParts(scope: Scope, input: Value, shape: Shape, parts: readonly Part[], overlap = false): Value {
  const { rows } = input;
  const [x, y] = [scope.floatsOf(input), scope.floats('y', lengthOf({ ...input, shape }))];
  const moved = parts.reduce((sum, part) => sum + sizeOf(part.shape), 0);
  if (overlap || moved < sizeOf(shape)) emitZeros(scope, y, shape[shape.length - 1] as number);
  for (const part of parts) emitElements(scope, { ...part, rows, x, y, accumulate: overlap });
  const output: Value = { ...input, shape, form: { kind: 'floats', buffer: y }, mask: null };
  scope.backward([output], (gradients) => {
    const dY = gradients.of(output);
    const dX = dY && gradients.to(input);
    if (!dY || !dX) return;
    // A part of all elements overwrites them.
    const isAll = parts.length > 0 && sizeOf((parts[0] as Part).shape) === sizeOf(input.shape);
    if (!isAll) emitZeros(scope, dX, featuresOf(input));
    // An element that is in several parts gets the gradients of all of them.
    for (const [index, { shape, from, to }] of parts.entries())
      emitElements(scope, { shape, rows, x: dY, from: to, y: dX, to: from, accumulate: parts.length > 1 && !(isAll && index === 0) });
  });
  return output;
}
