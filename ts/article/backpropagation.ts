import type { NumericArray } from '../core/tensor.ts';
import { addColumnSums, addProduct, addProductTransposed, addTransposedProduct } from './matrix.ts';
import type { Sequences } from './sequences.ts';
import { type Weights, zerosLike } from './weights.ts';

/**
 * The loss clips probabilities to this distance from 0 and 1, because the logarithm of 0 is
 * infinite.
 */
const CLIP = 1e-10;

/** Sequences `[N, T, D]` and their labels `[N]`. */
export interface Samples {
  readonly sequences: Sequences;
  readonly labels: NumericArray;
}

/** The hidden states h[0] .. h[T], each `[B, H]`, and the output before its sigmoid, z2 `[B]`. */
export function forward(weights: Weights, x: Sequences, rows: Int32Array, cells: number): { h: Float64Array[]; z2: Float64Array } {
  const batch = rows.length;
  const h = [new Float64Array(batch * cells)];
  for (let t = 1; t <= x.steps; t++) {
    const z1 = new Float64Array(batch * cells);
    for (let row = 0; row < batch; row++) z1.set(weights.b1, row * cells);
    x.addProjection(z1, rows, t - 1, weights.w1x);
    addProduct(z1, h[t - 1], weights.w1h, batch, cells, cells);
    for (let index = 0; index < z1.length; index++) z1[index] = Math.tanh(z1[index]);
    h.push(z1);
  }
  const z2 = new Float64Array(batch).fill(weights.b2[0]);
  addProduct(z2, h[x.steps], weights.w2, batch, cells, 1);
  return { h, z2 };
}

/** The mean loss of the chosen rows, and its gradients back over the last `truncate` steps. */
export function lossAndGradients(
  weights: Weights,
  { sequences: x, labels }: Samples,
  rows: Int32Array,
  cells: number,
  truncate: number | null,
): { loss: number; gradients: Weights } {
  const batch = rows.length;
  const { h, z2 } = forward(weights, x, rows, cells);
  const a = z2.map(sigmoid);
  const loss = a.reduce((sum, probability, row) => sum + crossEntropy(probability, labels[rows[row]]), 0) / batch;

  const gradients = zerosLike(weights);
  // The derivative of the sigmoid cancels the denominator of the cross-entropy's derivative.
  const dz2 = a.map((probability, row) => (probability - labels[rows[row]]) / batch);
  addTransposedProduct(gradients.w2, h[x.steps], dz2, cells, batch, 1);
  addColumnSums(gradients.b2, dz2, batch, 1);

  let dh = new Float64Array(batch * cells);
  addProductTransposed(dh, dz2, weights.w2, batch, 1, cells);
  const first = truncate === null ? 1 : Math.max(1, x.steps - truncate + 1);
  for (let t = x.steps; t >= first; t--) {
    const dz1 = dh.map((value, index) => value * (1 - h[t][index] ** 2));
    x.addWeightGradient(gradients.w1x, rows, t - 1, dz1);
    addTransposedProduct(gradients.w1h, h[t - 1], dz1, cells, batch, cells);
    addColumnSums(gradients.b1, dz1, batch, cells);
    dh = new Float64Array(batch * cells);
    addProductTransposed(dh, dz1, weights.w1h, batch, cells, cells);
  }
  return { loss, gradients };
}

/** The sigmoid without overflow: the argument of the exponential is never positive. */
export function sigmoid(z: number): number {
  const e = Math.exp(-Math.abs(z));
  return z >= 0 ? 1 / (1 + e) : e / (1 + e);
}

export function crossEntropy(probability: number, label: number): number {
  const a = Math.min(Math.max(probability, CLIP), 1 - CLIP);
  return -(label * Math.log(a) + (1 - label) * Math.log(1 - a));
}
