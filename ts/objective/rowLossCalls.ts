// The computations of losses of Keras over the whole last axis of a row: C predictions p and
// targets t.
import type { LossBatch } from './batchLoss.ts';
import type { CategoricalFocalCrossentropy, CategoricalGeneralizedCrossEntropy, QuantileLoss } from './rowLosses.ts';

export { circle, overlapLoss } from './batchLossCalls.ts';
export { CTCLattice } from './ctcLattice.ts';

/** Keras's `backend.epsilon()`. */
const EPSILON = 1e-7;

/** See {@link CosineSimilarity}. */
export function cosineSimilarity({ rows, units: C, yTrue, yPred, values, factors, gradients }: LossBatch): void {
  for (let n = 0; n < rows; n++) {
    let product = 0;
    let [ofTarget, ofPrediction] = [0, 0];
    for (let i = n * C; i < (n + 1) * C; i++) {
      const [t, p] = [yTrue[i] as number, yPred[i] as number];
      product += t * p;
      ofTarget += t * t;
      ofPrediction += p * p;
    }
    const target = inverseNorm(ofTarget);
    const prediction = inverseNorm(ofPrediction);
    const cosine = product * target * prediction;
    values[n] = -cosine;
    if (!gradients) continue;
    // The limit of the inverse norm does not depend on p.
    const along = prediction === 1 / EPSILON ? 0 : cosine * prediction * prediction;
    for (let i = n * C; i < (n + 1) * C; i++)
      gradients[i] = (factors[n] as number) * (along * (yPred[i] as number) - (yTrue[i] as number) * target * prediction);
  }
}

/** See {@link CategoricalHinge}. */
export function categoricalHinge({ rows, units: C, yTrue, yPred, values, factors, gradients }: LossBatch): void {
  for (let n = 0; n < rows; n++) {
    let right = 0;
    let wrong = Number.NEGATIVE_INFINITY;
    let ties = 0;
    for (let i = n * C; i < (n + 1) * C; i++) {
      const [t, p] = [yTrue[i] as number, yPred[i] as number];
      right += t * p;
      const other = (1 - t) * p;
      if (other === wrong) ties++;
      else if (other > wrong) {
        wrong = other;
        ties = 1;
      }
    }
    const value = wrong - right + 1;
    values[n] = Math.max(value, 0);
    if (!gradients || value <= 0) continue;
    for (let i = n * C; i < (n + 1) * C; i++) {
      const t = yTrue[i] as number;
      // Equal largest values share the gradient.
      const ofWrong = (1 - t) * (yPred[i] as number) === wrong ? (1 - t) / ties : 0;
      gradients[i] = (factors[n] as number) * (ofWrong - t);
    }
  }
}

/** See {@link CategoricalFocalCrossentropy}. */
export function categoricalFocalCrossentropy(
  { rows, units: C, yTrue, yPred, values, factors, gradients }: LossBatch,
  loss: CategoricalFocalCrossentropy,
): void {
  const { gamma, alpha, fromLogits, labelSmoothing } = loss;
  if (loss.room.length !== 2 * C) loss.room = new Float64Array(2 * C);
  // The normalised probabilities of a row, and the slope of the loss for each of them.
  const [q, slopes] = [loss.room.subarray(0, C), loss.room.subarray(C)];
  for (let n = 0; n < rows; n++) {
    if (factors[n] === 0) continue;
    const start = n * C;
    let largest = 0;
    if (fromLogits) {
      largest = Number.NEGATIVE_INFINITY;
      for (let j = 0; j < C; j++) largest = Math.max(largest, yPred[start + j] as number);
    }
    let total = 0;
    for (let j = 0; j < C; j++) {
      const p = yPred[start + j] as number;
      q[j] = fromLogits ? Math.exp(p - largest) : p;
      total += q[j] as number;
    }
    // The slope of the loss for each q = p / Σp, and Σ slope q, which passes the sum on.
    let [value, mean] = [0, 0];
    for (let j = 0; j < C; j++) {
      const share = (q[j] as number) / total;
      const clipped = Math.min(Math.max(share, EPSILON), 1 - EPSILON);
      const t = (yTrue[start + j] as number) * (1 - labelSmoothing) + labelSmoothing / C;
      const weight = t * (alpha[alpha.length === 1 ? 0 : j] as number);
      const factor = (1 - clipped) ** gamma;
      value -= weight * factor * Math.log(clipped);
      const slope =
        share === clipped
          ? weight * (gamma === 0 ? 0 : (gamma * factor * Math.log(clipped)) / (1 - clipped)) - (weight * factor) / clipped
          : 0;
      mean += slope * share;
      slopes[j] = slope;
      q[j] = share;
    }
    values[n] = value;
    if (!gradients) continue;
    for (let j = 0; j < C; j++) {
      const slope = (slopes[j] as number) - mean;
      gradients[start + j] = (factors[n] as number) * (fromLogits ? slope * (q[j] as number) : slope / total);
    }
  }
}

/** See {@link CategoricalGeneralizedCrossEntropy}. */
export function categoricalGeneralizedCrossEntropy(
  { rows, units: C, yTrue, yPred, values, factors, gradients }: LossBatch,
  loss: CategoricalGeneralizedCrossEntropy,
): void {
  const { q } = loss;
  for (let n = 0; n < rows; n++) {
    // Labels of masked steps are never read.
    if (factors[n] === 0) continue;
    const i = n * C + (yTrue[n] as number);
    const p = Math.max(yPred[i] as number, EPSILON);
    values[n] = (1 - p ** q) / q;
    if (gradients) gradients[i] = -(factors[n] as number) * p ** (q - 1);
  }
}

/** See {@link QuantileLoss}. */
export function quantileLoss({ rows, units: C, yTrue, yPred, values, factors, gradients }: LossBatch, loss: QuantileLoss): void {
  const { quantile } = loss;
  for (let n = 0; n < rows; n++)
    for (let j = 0; j < C; j++) {
      const of = typeof quantile === 'number' ? quantile : (quantile[j] as number);
      const error = (yTrue[typeof quantile === 'number' ? n * C + j : n] as number) - (yPred[n * C + j] as number);
      const slope = error > 0 ? of : error < 0 ? of - 1 : 0;
      values[n] = (values[n] as number) + (slope * error) / C;
      if (gradients) gradients[n * C + j] = (-slope * (factors[n] as number)) / C;
    }
}

/** One over a norm, at most 1e7. */
function inverseNorm(square: number): number {
  return Math.min(1 / Math.sqrt(square), 1 / EPSILON);
}
