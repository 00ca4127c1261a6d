import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { LossEmission } from './loss.ts';

/**
 * Emits the factor of each value of a loss in the total: its weight, 0 where the mask is, over the
 * number of values that count. Also writes the sum of the weights to the second number of the
 * result.
 * @param perSample one factor for each sample `[B]`, of the mean weight of its valid rows, over B;
 *   otherwise one for each row `[N]`
 */
export function emitRowFactors(
  { builder, rows, samples, weight, mask, normalizer, result }: LossEmission,
  perSample: boolean,
): PlannedBuffer {
  const count = perSample ? samples : rows;
  const factors = builder.floats('factors', count);
  builder.native([weight, mask, normalizer, factors, result], ([weights, valid, divisor, out, sum]) => {
    let total = 0;
    let validRows = 0;
    for (let n = 0; n < count; n++) {
      let value = 0;
      let counted = 0;
      for (let row = n; row < rows; row += count) {
        if (valid !== null && valid[row] === 0) continue;
        value += weights === null ? 1 : weights[row];
        counted++;
      }
      if (counted > 1) value /= counted;
      validRows += counted;
      out[n] = value;
      total += value;
    }
    // A mean over all rows becomes one over the valid rows (Keras's apply_mask).
    const ofValid = perSample || valid === null ? 1 : validRows === 0 ? 0 : rows / validRows;
    const over = (divisor === null ? rows : divisor[0]) * (count / rows);
    for (let n = 0; n < count; n++) out[n] *= ofValid / over;
    sum[1] = total;
  });
  return factors;
}
