import { LOSSES } from '../kernels.generated.ts';
import { sigmoid } from './pointwise.ts';

/**
 * The loss of one row, by Keras' formulas (<https://keras.io/api/losses/>), and its derivative. Of
 * a row's C predictions p and targets t, probabilities are kept within {@link EPSILON} of 0 and 1,
 * and the derivative is exactly that of what is computed: 0 where a probability was clipped.
 */
export interface RowLoss {
  value(row: LossRow): number;
  /** `dPrediction[start + j] = weight * d value / d prediction[start + j]` */
  gradient(row: LossRow, weight: number, dPrediction: Float64Array): void;
}

/**
 * The row of `prediction` and `target` `[N, C]` that starts at `start`; without a target, `label`
 * is the class that is 1.
 */
export interface LossRow {
  readonly prediction: Float64Array;
  readonly target: Float64Array | null | undefined;
  readonly classes: number;
  start: number;
  label: number;
}

/** Keras' `backend.epsilon()`. */
const EPSILON = 1e-7;

/** The row loss with a code from `LOSSES`. */
export function rowLossWithCode(kind: number): RowLoss {
  switch (kind) {
    case LOSSES.meanSquaredError:
      return meanSquaredError;
    case LOSSES.meanAbsoluteError:
      return meanAbsoluteError;
    case LOSSES.binaryCrossentropy:
      return binaryCrossentropy;
    case LOSSES.binaryCrossentropyFromLogits:
      return binaryCrossentropyFromLogits;
    case LOSSES.categoricalCrossentropy:
    case LOSSES.sparseCategoricalCrossentropy:
      return categoricalCrossentropy;
    case LOSSES.categoricalCrossentropyFromLogits:
    case LOSSES.sparseCategoricalCrossentropyFromLogits:
      return categoricalCrossentropyFromLogits;
    default:
      throw new RangeError(`there is no loss with code ${kind}`);
  }
}

/**
 * The mean over a row of a loss of one prediction and one target, given as the loss and its
 * derivative.
 */
function meanOf(lossOf: (p: number, t: number) => number, derivativeOf: (p: number, t: number) => number): RowLoss {
  return {
    value(row) {
      const { prediction, start, classes: C } = row;
      let sum = 0;
      for (let j = 0; j < C; j++) sum += lossOf(prediction[start + j], targetOf(row, j));
      return sum / C;
    },
    gradient(row, weight, dPrediction) {
      const { prediction, start, classes: C } = row;
      for (let j = 0; j < C; j++) dPrediction[start + j] = (weight * derivativeOf(prediction[start + j], targetOf(row, j))) / C;
    },
  };
}

const meanSquaredError = meanOf(
  (p, t) => (p - t) ** 2,
  (p, t) => 2 * (p - t),
);

const meanAbsoluteError = meanOf(
  (p, t) => Math.abs(p - t),
  (p, t) => Math.sign(p - t),
);

const binaryCrossentropy = meanOf(
  (p, t) => -t * Math.log(clip(p)) - (1 - t) * Math.log(1 - clip(p)),
  (p, t) => (isClipped(p) ? 0 : (p - t) / (p * (1 - p))),
);

/** With `p = sigmoid(x)`: `-t log p - (1-t) log(1-p) = max(x, 0) - x t + log(1 + exp(-|x|))`. */
const binaryCrossentropyFromLogits = meanOf(
  (x, t) => Math.max(x, 0) - x * t + Math.log1p(Math.exp(-Math.abs(x))),
  (x, t) => sigmoid(x) - t,
);

/** `-sum t log q` of the normalised row `q = p / sum p`. */
const categoricalCrossentropy: RowLoss = {
  value(row) {
    const { prediction, start, classes: C } = row;
    const total = sumOf(row);
    let loss = 0;
    for (let j = 0; j < C; j++) loss -= targetOf(row, j) * Math.log(clip(prediction[start + j] / total));
    return loss;
  },
  // dq_j = -t_j / q_j, and through the normalisation dp_j = (dq_j - sum over i of dq_i q_i) / sum
  // p.
  gradient(row, weight, dPrediction) {
    const { prediction, start, classes: C } = row;
    const total = sumOf(row);
    let mean = 0;
    for (let j = 0; j < C; j++) if (!isClipped(prediction[start + j] / total)) mean -= targetOf(row, j);
    for (let j = 0; j < C; j++) {
      const q = prediction[start + j] / total;
      const dQ = isClipped(q) ? 0 : -targetOf(row, j) / q;
      dPrediction[start + j] = (weight * (dQ - mean)) / total;
    }
  },
};

/** `-sum t log softmax(x)`, with `log softmax(x)_j = x_j - log sum exp(x)`. */
const categoricalCrossentropyFromLogits: RowLoss = {
  value(row) {
    const { prediction: x, start, classes: C } = row;
    const logSum = logSumOfExponentials(row);
    let loss = 0;
    for (let j = 0; j < C; j++) loss += targetOf(row, j) * (logSum - x[start + j]);
    return loss;
  },
  gradient(row, weight, dPrediction) {
    const { prediction: x, start, classes: C } = row;
    const logSum = logSumOfExponentials(row);
    let targets = 0;
    for (let j = 0; j < C; j++) targets += targetOf(row, j);
    for (let j = 0; j < C; j++) dPrediction[start + j] = weight * (targets * Math.exp(x[start + j] - logSum) - targetOf(row, j));
  },
};

function clip(p: number): number {
  return Math.min(Math.max(p, EPSILON), 1 - EPSILON);
}

function isClipped(p: number): boolean {
  return p < EPSILON || p > 1 - EPSILON;
}

function targetOf({ target, start, label }: LossRow, j: number): number {
  if (target) return target[start + j];
  return j === label ? 1 : 0;
}

function sumOf({ prediction, start, classes: C }: LossRow): number {
  let sum = 0;
  for (let j = start; j < start + C; j++) sum += prediction[j];
  return sum;
}

function logSumOfExponentials({ prediction: x, start, classes: C }: LossRow): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let j = start; j < start + C; j++) largest = Math.max(largest, x[j]);
  let sum = 0;
  for (let j = start; j < start + C; j++) sum += Math.exp(x[j] - largest);
  return largest + Math.log(sum);
}
