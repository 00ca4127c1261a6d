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

/**
 * The mask of values whose steps follow each other: all steps of a value without a mask count; null
 * when none has a mask.
 */
export function joinedMask(scope: Scope, inputs: readonly Value[]): PlannedBuffer | null {
  if (inputs.every(({ mask }) => mask === null)) return null;
  const lengths = inputs.map(({ rows, shape }) => rows * (shape[0] as number));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const joined = scope.floats('joinedMask', total);
  let start = 0;
  for (const [index, { mask }] of inputs.entries()) {
    const rows = lengths[index] as number;
    const counts = mask ?? scope.constants('allCount', new Int32Array(rows).fill(1));
    const pairs = scope.floats('maskPairs', 2 * rows);
    scope.call('oneHotForward', { rows, features: 2, ids: counts, y: pairs });
    emitMove(scope, { counts: [rows], width: 1, x: pairs, from: { start: 1, strides: [2] }, y: joined, to: { start, strides: [1] } });
    start += rows;
  }
  const result = scope.ints('mask', total);
  scope.call('maskFromFloats', { rows: total, features: 1, maskValue: 0, x: joined, mask: result });
  return result;
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
