import { resolveActivation } from './activationFunction.ts';
import { emitActivation } from './emitActivation.ts';
import { emitFunction, emitPointwise } from './emitPointwise.ts';
import { input as inputOf, less, multiply, where } from './expression.ts';
import { emitElements } from './layout.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import { type Strides, stridesOf } from './strides.ts';
import { lengthOf, type Value } from './value.ts';

// B batch, T steps of the query, S steps of the values, H heads.

const [X, Z] = [inputOf(0), inputOf(1)];

/** The scores of steps that are not attended to: their exponential is 0 beside any other. */
const MASKED = -1e9;

/** Which steps of the values the steps of the query attend to. */
export interface AttentionMasks {
  /** `[T, B]`: steps of the query that count; null for all. */
  readonly query: PlannedBuffer | null;
  /** `[S, B]` each: steps of the values that count. */
  readonly values: readonly PlannedBuffer[];
  /** Whether a step attends only to itself and to earlier ones. */
  readonly causal: boolean;
}

/**
 * Emits 1 where a step attends to another, else 0, in the shape of the scores, `[T, S]` or
 * `[H, T, S]`; null where all attend to all.
 */
export function emitAttentionMask(scope: Scope, scores: Value, { query, values, causal }: AttentionMasks): Value | null {
  const [T, S] = scores.shape.slice(-2) as [number, number];
  const heads = scores.shape.slice(0, -2).map(() => 0);
  const [ofQuery, ofValues] = [2 * scores.rows, 2 * scores.rows];
  const parts: PlannedBuffer[] = [];
  const add = (ids: PlannedBuffer, from: Strides) => {
    const pairs = scope.floats('maskPairs', 2 * ids.length);
    scope.call('oneHotForward', { rows: ids.length, features: 2, ids, y: pairs });
    const y = scope.floats('attends', lengthOf(scores));
    // The second number of a pair is the mask.
    emitElements(scope, {
      shape: scores.shape,
      rows: scores.rows,
      x: pairs,
      from: { ...from, start: 1 },
      y,
      to: stridesOf(scores.shape, scores.rows),
    });
    parts.push(y);
  };
  if (query) add(query, { rows: 2, axes: [...heads, ofQuery, 0] });
  for (const mask of new Set(values)) add(mask, { rows: 2, axes: [...heads, 0, ofValues] });
  if (causal) {
    const earlier = Int32Array.from({ length: T * S }, (_, place) => (place % S <= Math.floor(place / S) ? 1 : 0));
    add(scope.constants('causal', earlier), { rows: 0, axes: [...heads, 2 * S, 2] });
  }
  const [first, ...others] = parts;
  if (!first) return null;
  const all = others.reduce((a, b) => {
    const both = scope.floats('attends', a.length);
    emitPointwise(scope, [multiply(X, Z)], [a, b], [both]);
    return both;
  }, first);
  return { shape: scores.shape, rows: scores.rows, form: { kind: 'floats', buffer: all }, mask: null, needsGradient: false };
}

/**
 * Emits the weights of attention: the softmax of scores over the values' steps that are attended
 * to. Where a step attends to none, all have the same weight.
 * @param scale what the scores are multiplied by
 */
export function emitAttentionWeights(scope: Scope, scores: Value, mask: Value | null, scale = 1): Value {
  const scaled = multiply(X, scale);
  const masked = mask ? where(less(0, Z), scaled, MASKED) : scaled;
  const used = mask || scale !== 1 ? emitFunction(scope, masked, mask ? [scores, mask] : [scores], scores) : scores;
  return emitActivation(scope, resolveActivation('softmax', 'attention'), used);
}

/** Emits a value where a mask in its shape is 1, and 0 elsewhere. */
export function emitKept(scope: Scope, value: Value, mask: Value): Value {
  return emitFunction(scope, where(less(0, Z), X, 0), [value, mask], value);
}
