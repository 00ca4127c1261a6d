// The computations of losses of Keras over samples or over whole batches: predictions p and targets
// t.
import type { LossBatch } from './batchLoss.ts';
import type { Circle, OverlapLoss } from './batchLosses.ts';

/** See {@link Dice} and {@link Tversky}. */
export function overlapLoss(
  { rows, samples, units: C, yTrue, yPred, mask, values, factors, gradients }: LossBatch,
  loss: OverlapLoss,
): void {
  const { alpha, beta, epsilon, perSample, comparesSamples } = loss;
  const groups = comparesSamples ? 1 : perSample ? samples : rows;
  const groupOf = (n: number) => (comparesSamples ? 0 : perSample ? n % samples : n);
  if (loss.room.length !== 3 * groups) loss.room = new Float64Array(3 * groups);
  const sums = loss.room.fill(0);
  for (let n = 0; n < rows; n++) {
    if (mask?.[n] === 0) continue;
    const at = 3 * groupOf(n);
    for (let i = n * C; i < (n + 1) * C; i++) {
      const [t, p] = [yTrue[i] as number, yPred[i] as number];
      sums[at] = (sums[at] as number) + t * p;
      sums[at + 1] = (sums[at + 1] as number) + t;
      sums[at + 2] = (sums[at + 2] as number) + p;
    }
  }
  // Of the common part c: D = (1 - alpha - beta) c + alpha Σt + beta Σp + epsilon, loss 1 - c / D.
  const ofCommon = 1 - alpha - beta;
  let whole = 0;
  for (let n = 0; n < values.length; n++) {
    const at = 3 * (comparesSamples ? 0 : n);
    const [common, targets, predictions] = [sums[at] as number, sums[at + 1] as number, sums[at + 2] as number];
    values[n] = 1 - common / (ofCommon * common + alpha * targets + beta * predictions + epsilon);
    whole += factors[n] as number;
  }
  if (!gradients) return;
  for (let n = 0; n < rows; n++) {
    if (mask?.[n] === 0) continue;
    const group = groupOf(n);
    const factor = comparesSamples ? whole : (factors[group] as number);
    const [common, targets, predictions] = [sums[3 * group] as number, sums[3 * group + 1] as number, sums[3 * group + 2] as number];
    const below = ofCommon * common + alpha * targets + beta * predictions + epsilon;
    for (let i = n * C; i < (n + 1) * C; i++) {
      const t = yTrue[i] as number;
      gradients[i] = (-factor * (t * below - common * (ofCommon * t + beta))) / (below * below);
    }
  }
}

/**
 * See {@link Circle}. Of an anchor i and the others j, with the distances d = 1 - p_i · p_j:
 *
 *     near = log Σ exp(-gamma (margin + d) (margin - d))          over j of the same class
 *     far  = log Σ exp( gamma (1 + margin - d) (1 - margin - d))  over j of other classes
 *     loss = log(1 + exp(near + far))
 */
export function circle({ rows, units: E, yTrue, yPred, mask, values, factors, gradients }: LossBatch, loss: Circle): void {
  const { gamma, margin, removeDiagonal } = loss;
  if (loss.room.length !== 2 * rows) loss.room = new Float64Array(2 * rows);
  const [logits, slopes] = [loss.room.subarray(0, rows), loss.room.subarray(rows)];
  const isOther = (i: number, j: number) => (i !== j || !removeDiagonal) && mask?.[j] !== 0;
  /** Writes the logit of each pair of an anchor, and its slope for `p_i · p_j`; gives both sums. */
  const readAnchor = (i: number) => {
    const largest = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY] as [number, number];
    for (let j = 0; j < rows; j++) {
      if (!isOther(i, j)) continue;
      let cosine = 0;
      for (let k = 0; k < E; k++) cosine += (yPred[i * E + k] as number) * (yPred[j * E + k] as number);
      const d = Math.max(1 - cosine, 0);
      const isNear = yTrue[i] === yTrue[j];
      const weight = isNear ? margin + d : Math.max(1 + margin - d, 0);
      logits[j] = isNear ? -gamma * weight * (margin - d) : gamma * weight * (1 - margin - d);
      const slope = isNear ? 2 * gamma * d : weight > 0 ? -2 * gamma * (1 - d) : 0;
      slopes[j] = d > 0 ? -slope : 0;
      const side = isNear ? 0 : 1;
      largest[side] = Math.max(largest[side], logits[j] as number);
    }
    const sums: [number, number] = [0, 0];
    for (let j = 0; j < rows; j++) {
      const side = yTrue[i] === yTrue[j] ? 0 : 1;
      if (isOther(i, j)) sums[side] += Math.exp((logits[j] as number) - largest[side]);
    }
    // Without a pair of one kind nothing is to be separated.
    const logarithms = sums.map((sum, side) => (sum === 0 ? Number.NEGATIVE_INFINITY : (largest[side] as number) + Math.log(sum)));
    return { logarithms: logarithms as [number, number], total: (logarithms[0] as number) + (logarithms[1] as number) };
  };
  let [counted, above] = [0, 0];
  for (let i = 0; i < rows; i++) {
    if (mask?.[i] === 0) continue;
    const { total } = readAnchor(i);
    values[i] = Math.max(total, 0) + Math.log1p(Math.exp(-Math.abs(total)));
    counted++;
    if ((values[i] as number) > 0) above++;
  }
  // The mean is one over the rows whose loss is above 0.
  const share = above === 0 ? 0 : counted / above;
  for (let i = 0; i < rows; i++) {
    values[i] = (values[i] as number) * share;
    if (!gradients || values[i] === 0 || factors[i] === 0) continue;
    const { logarithms, total } = readAnchor(i);
    const factor = ((factors[i] as number) * share) / (1 + Math.exp(-total));
    for (let j = 0; j < rows; j++) {
      if (!isOther(i, j)) continue;
      const side = yTrue[i] === yTrue[j] ? 0 : 1;
      const slope = factor * Math.exp((logits[j] as number) - logarithms[side]) * (slopes[j] as number);
      for (let k = 0; k < E; k++) {
        gradients[i * E + k] = (gradients[i * E + k] as number) + slope * (yPred[j * E + k] as number);
        gradients[j * E + k] = (gradients[j * E + k] as number) + slope * (yPred[i * E + k] as number);
      }
    }
  }
}
