/** `weight[n]`, or 0 where the mask is: how much row n counts. */
export function rowWeight(weight: Float64Array | null | undefined, mask: Int32Array | null | undefined, n: number): number {
  if (mask && mask[n] === 0) return 0;
  return weight ? weight[n] : 1;
}

/**
 * The factor of the valid rows' weights that turns a mean over all N rows into one over the valid
 * rows: `total / valid` (Keras' `apply_mask`), 1 without a mask.
 */
export function maskScale(mask: Int32Array | null | undefined, N: number): number {
  if (!mask) return 1;
  let valid = 0;
  for (let n = 0; n < N; n++) if (mask[n] !== 0) valid++;
  return valid === 0 ? 0 : N / valid;
}
