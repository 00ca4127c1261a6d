import type { OneHotForwardArguments } from '../kernels.generated.ts';

/** `y[n]` = 1 at `ids[n]`, 0 elsewhere */
export function oneHotForward({ rows, features: D, ids, y }: OneHotForwardArguments<Float64Array, Int32Array>): void {
  y.fill(0);
  for (let n = 0; n < rows; n++) y[n * D + ids[n]] = 1;
}
