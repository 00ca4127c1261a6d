import type { LossArguments } from '../kernels.generated.ts';
import { type LossRow, rowLossWithCode } from './rowLosses.ts';
import { maskScale, rowWeight } from './rowWeights.ts';

/**
 * The weighted sum of the losses of N rows over the normalizer, its gradient, and the sum of the
 * row weights.
 */
export function loss(args: LossArguments<Float64Array, Int32Array>): void {
  const { kind, rows: N, classes: C, prediction, target, labels, weight, mask, normalizer, dPrediction, result } = args;
  const { value, gradient } = rowLossWithCode(kind);
  const divisor = normalizer ? normalizer[0] : N;
  const scale = maskScale(mask, N);
  const row: LossRow = { prediction, target, start: 0, classes: C, label: 0 };

  let sum = 0;
  let sumOfWeights = 0;
  for (let n = 0; n < N; n++) {
    row.start = n * C;
    if (labels) row.label = labels[n];
    const w = rowWeight(weight, mask, n);
    sum += w * scale * value(row);
    sumOfWeights += w;
    if (dPrediction) gradient(row, (w * scale) / divisor, dPrediction);
  }
  result[0] = sum / divisor;
  result[1] = sumOfWeights;
}
