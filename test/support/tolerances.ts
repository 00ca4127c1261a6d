import type { Backend } from '../../ts/backend/backend.ts';
import type { Tolerance } from './differences.ts';

/** Reference against Keras, both in float64: they differ by the order of sums. */
export const GOLDEN_FLOAT64: Tolerance = { relative: 1e-12 };

/**
 * A kernel in float32 against Keras in float64, over the few steps and units of the golden cases.
 */
export const GOLDEN_FLOAT32: Tolerance = { relative: 2e-6 };

/** How far a kernel on this backend may be from Keras' golden values. */
export function goldenTolerance(backend: Backend): Tolerance {
  return backend.floatBytes === 8 ? GOLDEN_FLOAT64 : GOLDEN_FLOAT32;
}

/**
 * Losses and weights over up to twelve training steps in float32 against Keras in float64: each
 * step starts from the rounding of the last.
 */
export const GOLDEN_TRAINING_FLOAT32: Tolerance = { relative: 5e-6 };

/** How far training on this backend may be from Keras' golden values. */
export function goldenTrainingTolerance(backend: Backend): Tolerance {
  return backend.floatBytes === 8 ? GOLDEN_FLOAT64 : GOLDEN_TRAINING_FLOAT32;
}

/**
 * Kernels in float32 against the reference, relative to the largest element; about four times the
 * largest difference over some hundred random cases. One rounding of a float32 is 6e-8; the vector
 * functions are within a few of those.
 */
export const PARITY = {
  /** One operation an element: the last bit may differ. */
  rounding: { relative: 1.2e-7 },
  /** Functions of one element: activations, one optimizer step. */
  pointwise: { relative: 1e-6 },
  /**
   * Derivatives from outputs of order one, such as `1 - y²`: what is left near 0 has the rounding
   * of what cancelled.
   */
  derivative: { absolute: 1.2e-7, relative: 1e-6 },
  /** Sums over a few hundred products of order one. */
  sums: { relative: 1.5e-6 },
  /**
   * Losses and their gradients, which are differences of probabilities and targets: those cancel.
   */
  losses: { absolute: 1.2e-7, relative: 1.5e-6 },
  /**
   * Recurrent sequences, forward: rounding goes around with the state. Measured: 5e-7 over 1,500
   * steps, 9e-7 of 600 features.
   */
  sequence: { relative: 4e-6 },
  /** Their gradients, which are sums over all steps and sequences. */
  sequenceGradients: { relative: 6e-6 },
  /**
   * Orthogonal matrices: the last columns of a normal matrix are nearly dependent on the others.
   */
  orthogonal: { relative: 8e-6 },
} as const satisfies Record<string, Tolerance>;

/**
 * Gradients read from a step of the reference against central differences of its loss, which is of
 * order one.
 */
export const GRADIENT_FLOAT64: Tolerance = { absolute: 1e-9, relative: 1e-9 };

/**
 * Loss, weights and predictions after one whole training step in float32 against the same step in
 * float64.
 */
export const TRAIN_STEP_FLOAT32: Tolerance = { relative: 3e-6 };

/**
 * Outputs of a model given step by step against `predict` of the whole sequence, in float32: the
 * products are of other sizes.
 */
export const STREAM_FLOAT32: Tolerance = { relative: 4e-6 };

/**
 * How far a stream that ran on these backends may be from `predict`; in float64 sums have the same
 * order, so not by a bit.
 */
export function streamTolerance(...backends: readonly Backend[]): Tolerance {
  return backends.every(({ floatBytes }) => floatBytes === 8) ? { relative: 0 } : STREAM_FLOAT32;
}

/**
 * Training split over workers against training on one: the same sums of gradients in another order,
 * over a few steps.
 */
export const WORKERS_FLOAT32: Tolerance = { relative: 5e-6 };
export const WORKERS_FLOAT64: Tolerance = { relative: 1e-12 };

/**
 * Sequences of quantised models on two backends: a state that lies between two integers, but for
 * the rounding of a float32, becomes the one here and the other there.
 */
export const QUANTISED_SEQUENCES = { int16: { relative: 5e-4 }, int8: { relative: 1e-2 } } as const;
