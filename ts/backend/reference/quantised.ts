/** Products with integers, as crate/src/gemm/quantised.rs defines them, with the same roundings. */

import { PACKINGS } from '../kernels.generated.ts';

/** Some columns of a matrix of integers: `[k, j]` is `words[k * stride + first + j]`. */
export interface IntegerColumns {
  readonly words: Int32Array;
  /** The scale of the integers, by column of the whole matrix. */
  readonly scales: Float64Array;
  readonly rows: number;
  readonly stride: number;
  readonly first: number;
  readonly count: number;
}

/** Elements of the depth whose products are summed before the sum is scaled. */
const DEPTH = 1024;

/** A row whose largest magnitude is smaller counts as zeros. */
const LEAST = 1e-30;

/** The largest integer that a row has. */
export function levelsOf(packing: number): number {
  return packing === PACKINGS.int16 ? 1023 : 63;
}

/** `out[j] += sum over k of vector[k] * matrix[k, j]`, where the vector becomes `integers`. */
export function addIntegerProduct(
  vector: Float64Array,
  vectorAt: number,
  matrix: IntegerColumns,
  levels: number,
  integers: Float64Array,
  out: Float64Array,
  outAt: number,
): void {
  const { words, scales, rows, stride, first, count } = matrix;
  const ofRow = quantise(vector, vectorAt, rows, levels, integers);
  for (let start = 0; start < rows; start += DEPTH) {
    const end = Math.min(start + DEPTH, rows);
    for (let j = 0; j < count; j++) {
      let sum = 0;
      for (let k = start; k < end; k++) sum += integers[k] * words[k * stride + first + j];
      const value = Math.fround(Math.fround(Math.fround(sum) * ofRow) * scales[first + j]);
      out[outAt + j] = Math.fround(out[outAt + j] + value);
    }
  }
}

/** `out[j] += matrix[k, j]` */
export function addIntegerRow({ words, scales, stride, first, count }: IntegerColumns, k: number, out: Float64Array, outAt: number): void {
  for (let j = 0; j < count; j++) out[outAt + j] += Math.fround(words[k * stride + first + j] * scales[first + j]);
}

/**
 * Makes a row integers, the largest magnitude `levels`.
 * @returns what an integer stands for; NaN when an element is no finite number
 */
function quantise(vector: Float64Array, at: number, length: number, levels: number, integers: Float64Array): number {
  let most = 0;
  for (let k = 0; k < length; k++) most = Math.max(most, Math.abs(Math.fround(vector[at + k])));
  const factor = most >= LEAST && most < Number.POSITIVE_INFINITY ? Math.fround(levels / most) : 0;
  for (let k = 0; k < length; k++) {
    const scaled = Math.fround(Math.fround(vector[at + k]) * factor);
    integers[k] = Number.isFinite(scaled) ? toNearest(scaled) : 0;
  }
  return Number.isFinite(most) ? Math.fround(most / levels) : Number.NaN;
}

/** The nearest integer, halves to even. */
function toNearest(x: number): number {
  const below = Math.floor(x);
  const fraction = x - below;
  if (fraction !== 0.5) return fraction < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
