import type { ApplyMaskArguments, EitherMaskArguments, MaskFromFloatsArguments, MaskFromIdsArguments } from '../kernels.generated.ts';

/** `mask[n] = ids[n] != 0` */
export function maskFromIds({ rows, ids, mask }: MaskFromIdsArguments<Int32Array>): void {
  for (let n = 0; n < rows; n++) mask[n] = ids[n] === 0 ? 0 : 1;
}

/** `mask[n]`: 1 where either is not 0. */
export function eitherMask({ rows, a, b, mask }: EitherMaskArguments<Int32Array>): void {
  for (let n = 0; n < rows; n++) mask[n] = a[n] !== 0 || b[n] !== 0 ? 1 : 0;
}

/**
 * `mask[n]` = 1 where an element of `x[n]` differs from `maskValue`, as float32s, so that both
 * backends mask the same rows.
 */
export function maskFromFloats(args: MaskFromFloatsArguments<Float64Array, Int32Array>): void {
  const { rows, features: D, maskValue, x, mask } = args;
  const value = Math.fround(maskValue);
  for (let n = 0; n < rows; n++) mask[n] = x.subarray(n * D, (n + 1) * D).some((element) => Math.fround(element) !== value) ? 1 : 0;
}

/** `y[n] = x[n]` where `mask[n]` is not 0, else 0 */
export function applyMask({ rows, features: D, x, mask, y }: ApplyMaskArguments<Float64Array, Int32Array>): void {
  for (let n = 0; n < rows; n++) for (let d = n * D; d < (n + 1) * D; d++) y[d] = mask[n] === 0 ? 0 : x[d];
}
