import { emitMove } from './emitMove.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import { featuresOf, type Value } from './value.ts';

/**
 * The mask of a value that is computed of several: a step counts where it counts in any of them;
 * null when one has no mask.
 */
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

/** A mask as floats in the shape of a value: 1 at the steps that count, 0 at the others. */
export function maskAsFloats(scope: Scope, mask: PlannedBuffer, like: Value): Value {
  const rows = mask.length;
  const features = featuresOf(like);
  const pairs = scope.floats('maskPairs', 2 * rows);
  scope.call('oneHotForward', { rows, features: 2, ids: mask, y: pairs });
  const y = scope.floats('maskFloats', rows * features);
  emitMove(scope, { counts: [rows, features], width: 1, x: pairs, from: { start: 1, strides: [2, 0] }, y, to: { strides: [features, 1] } });
  return { shape: like.shape, rows: like.rows, form: { kind: 'floats', buffer: y }, mask: null, needsGradient: false };
}
