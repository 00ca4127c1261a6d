import type { EitherMaskArguments, MaskFromIdsArguments, OneHotForwardArguments } from '../kernels.generated.ts';

/** `y[n]` = 1 at `ids[n]`, 0 elsewhere */
export function oneHotForward({ rows, features: D, ids, y }: OneHotForwardArguments<Float64Array, Int32Array>): void {
  y.fill(0);
  for (let n = 0; n < rows; n++) y[n * D + ids[n]] = 1;
}

/** `mask[n] = ids[n] != 0` */
export function maskFromIds({ rows, ids, mask }: MaskFromIdsArguments<Int32Array>): void {
  for (let n = 0; n < rows; n++) mask[n] = ids[n] === 0 ? 0 : 1;
}

/** `mask[n]`: 1 where either is not 0. */
export function eitherMask({ rows, a, b, mask }: EitherMaskArguments<Int32Array>): void {
  for (let n = 0; n < rows; n++) mask[n] = a[n] !== 0 || b[n] !== 0 ? 1 : 0;
}
