import { ACTIVATIONS } from '../backend/kernels.generated.ts';
import { sizeOf } from '../core/shape.ts';
import { emitMove } from './emitMove.ts';
import { emitPointwise } from './emitPointwise.ts';
import type { ProgramEmitter } from './emitter.ts';
import { add, divide, type Expression, input, maximum, minimum, multiply, sqrt } from './expression.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Weight } from './weight.ts';

/** Keras's `epsilon`: what keeps a division by a norm finite. */
const EPSILON = 1e-7;

/** Emits `max(w, 0)`. */
export function emitNotNegative(emitter: ProgramEmitter, weight: Weight): void {
  emitChange(emitter, emitter.weight(weight), maximum(input(0), 0), []);
}

/**
 * Emits `w * wanted(norms) / (epsilon + norms)`, with `norms = sqrt(sum(w²))` over the axes.
 * @param axes counted from the first
 * @param wanted the wanted norm is `rate * clip(norm, minValue, maxValue) + (1 - rate) * norm`
 */
export function emitNorms(
  emitter: ProgramEmitter,
  weight: Weight,
  axes: readonly number[],
  [minValue, maxValue, rate]: readonly [number, number, number],
): void {
  const { shape } = weight;
  const w = emitter.weight(weight);
  // Letters: the weight is a matrix of R rows and C columns; its norms are those of columns, over
  // its first axes, or of rows, over its last ones. A weight whose axes all count is one column.
  const ofRows = !axes.includes(0);
  const R = sizeOf(shape.slice(0, ofRows ? Math.min(...axes) : Math.max(...axes) + 1));
  const C = sizeOf(shape) / R;
  const groups = ofRows ? R : C;
  const squares = emitter.floats('squares', R * C);
  emitPointwise(emitter, [multiply(input(0), input(0))], [w], [squares]);
  const sums = emitter.floats('sums', groups);
  // Sums are products with ones: 1 [1, R] · squares [R, C], or squares [R, C] · 1 [C, 1].
  if (ofRows) emitProduct(emitter, squares, emitter.numbers('ones', ones(C)), sums, [R, C, 1]);
  else emitProduct(emitter, emitter.numbers('ones', ones(R)), squares, sums, [1, R, C]);
  const norm = sqrt(input(0));
  const clipped = minimum(maximum(norm, minValue), maxValue);
  const wanted = add(multiply(clipped, rate), multiply(norm, 1 - rate));
  const factors = emitter.floats('factors', groups);
  emitPointwise(emitter, [divide(wanted, add(norm, EPSILON))], [sums], [factors]);
  // The kernel repeats a row of factors for all rows; a column of factors becomes rows first.
  let repeated = factors;
  if (ofRows) {
    repeated = emitter.floats('factors of rows', R * C);
    emitProduct(emitter, factors, emitter.numbers('ones', ones(C)), repeated, [R, 1, C]);
  }
  emitChange(emitter, w, multiply(input(0), input(1)), [repeated]);
}

const ones = (length: number): number[] => new Array<number>(length).fill(1);

/** `y [rows, columns] = x [rows, depth] · kernel [depth, columns]` */
function emitProduct(
  emitter: ProgramEmitter,
  x: PlannedBuffer,
  kernel: PlannedBuffer,
  y: PlannedBuffer,
  [rows, depth, columns]: readonly [number, number, number],
): void {
  emitter.call('denseForward', { rows, features: depth, units: columns, activation: ACTIVATIONS.linear, x, kernel, y });
}

/** Replaces values by a function of them (its input 0) and of others. */
function emitChange(emitter: ProgramEmitter, values: PlannedBuffer, result: Expression, others: readonly PlannedBuffer[]): void {
  const { length } = values;
  // Kernels do not write to what they read.
  const changed = emitter.floats('constrained', length);
  emitPointwise(emitter, [result], [values, ...others], [changed]);
  emitMove(emitter, { counts: [1], width: length, x: changed, from: { strides: [0] }, y: values, to: { strides: [0] } });
}
