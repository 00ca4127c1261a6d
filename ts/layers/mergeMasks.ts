import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';

/** The mask of a value that is computed of several: a step counts where it counts in any of them; null when one has no mask. */
export function mergedMask(scope: Scope, inputs: readonly Value[]): PlannedBuffer | null {
  const masks = new Set(inputs.map(({ mask }) => mask));
  if (masks.has(null)) return null;
  const [first, ...others] = [...masks] as [PlannedBuffer, ...PlannedBuffer[]];
  return others.reduce((either, next) => {
    const mask = scope.ints('mask', either.length);
    scope.call('eitherMask', { rows: either.length, a: either, b: next, mask });
    return mask;
  }, first);
}
