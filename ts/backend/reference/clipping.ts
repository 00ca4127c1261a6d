import type { ClipByNormArguments, ClipByValueArguments } from '../kernels.generated.ts';

/**
 * Scales the gradients so that their Euclidean norm is at most `limit`; writes the norm before
 * clipping.
 */
export function clipByNorm({ count, limit, gradients, norm }: ClipByNormArguments<Float64Array>): void {
  let squares = 0;
  for (let i = 0; i < count; i++) squares += gradients[i] * gradients[i];
  norm[0] = Math.sqrt(squares);
  if (!Number.isFinite(norm[0])) gradients.fill(Number.NaN, 0, count);
  else if (norm[0] > limit) for (let i = 0; i < count; i++) gradients[i] *= limit / norm[0];
}

/** Limits each gradient to `-limit..limit`; NaN stays NaN. */
export function clipByValue({ count, limit, gradients }: ClipByValueArguments<Float64Array>): void {
  for (let i = 0; i < count; i++) gradients[i] = Math.min(Math.max(gradients[i], -limit), limit);
}
