import type { NormalizeRowsArguments, NormalizeRowsBackwardArguments } from '../kernels.generated.ts';

/** `y[N, D] = (x - mean) * scale`, with `scale[N] = 1 / sqrt(variance + epsilon)` of each row. */
export function normalizeRows({ rows: N, features: D, epsilon, x, y, scale }: NormalizeRowsArguments<Float64Array>): void {
  for (let n = 0; n < N; n++) {
    let mean = 0;
    for (let i = n * D; i < (n + 1) * D; i++) mean += x[i] / D;
    let variance = 0;
    for (let i = n * D; i < (n + 1) * D; i++) variance += (x[i] - mean) ** 2 / D;
    scale[n] = 1 / Math.sqrt(variance + epsilon);
    for (let i = n * D; i < (n + 1) * D; i++) y[i] = (x[i] - mean) * scale[n];
  }
}

/** `d_x = scale * (d_y - mean(d_y) - y * mean(d_y * y))`, with the means over each row. */
export function normalizeRowsBackward({ rows: N, features: D, y, scale, dY, dX }: NormalizeRowsBackwardArguments<Float64Array>): void {
  for (let n = 0; n < N; n++) {
    let mean = 0;
    let along = 0;
    for (let i = n * D; i < (n + 1) * D; i++) {
      mean += dY[i] / D;
      along += (dY[i] * y[i]) / D;
    }
    for (let i = n * D; i < (n + 1) * D; i++) dX[i] = scale[n] * (dY[i] - mean - y[i] * along);
  }
}
