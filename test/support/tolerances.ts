import type { Backend } from '../../ts/backend/backend.ts';
import type { Tolerance } from './differences.ts';

/** Reference against Keras, both in float64: they differ by the order of sums. */
export const GOLDEN_FLOAT64: Tolerance = { relative: 1e-11 };

/** A kernel in float32 against Keras in float64, over the few steps and units of the golden cases. */
export const GOLDEN_FLOAT32: Tolerance = { relative: 2e-6 };

/** How far a kernel on this backend may be from Keras' golden values. */
export function goldenTolerance(backend: Backend): Tolerance {
  return backend.floatBytes === 8 ? GOLDEN_FLOAT64 : GOLDEN_FLOAT32;
}
