import { ACCURACIES, type AccuracyArguments } from '../kernels.generated.ts';
import { rowWeight } from './rowWeights.ts';

type Arguments = AccuracyArguments<Float64Array, Int32Array>;

/**
 * The weighted sum of N rows predicted right, and the sum of the row weights; masked rows do not
 * count.
 */
export function accuracy(args: Arguments): void {
  const { rows: N, weight, mask, result } = args;
  let right = 0;
  let sumOfWeights = 0;
  for (let n = 0; n < N; n++) {
    const w = rowWeight(weight, mask, n);
    right += w * rowAccuracy(args, n);
    sumOfWeights += w;
  }
  result[0] = right;
  result[1] = sumOfWeights;
}

/** The right fraction of row `n`, from 0 to 1. */
function rowAccuracy({ kind, classes: C, threshold, prediction, target, labels }: Arguments, n: number): number {
  if (kind === ACCURACIES.sparseCategoricalAccuracy && labels) return indexOfLargest(prediction, n * C, C) === labels[n] ? 1 : 0;
  if (!target) throw new TypeError(`the target is missing for accuracy with code ${kind}`);
  if (kind === ACCURACIES.categoricalAccuracy) return indexOfLargest(prediction, n * C, C) === indexOfLargest(target, n * C, C) ? 1 : 0;
  if (kind !== ACCURACIES.binaryAccuracy) throw new RangeError(`there is no accuracy with code ${kind}`);
  let right = 0;
  for (let j = n * C; j < (n + 1) * C; j++) if ((prediction[j] > threshold ? 1 : 0) === target[j]) right++;
  return right / C;
}

/** The index of the largest value; of equal values, the first. */
function indexOfLargest(values: Float64Array, start: number, count: number): number {
  let largest = 0;
  for (let j = 1; j < count; j++) if (values[start + j] > values[start + largest]) largest = j;
  return largest;
}
