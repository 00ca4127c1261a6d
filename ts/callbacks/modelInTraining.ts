import type { FloatArray } from '../core/numericArray.ts';
import type { Tensor, TensorLike } from '../core/tensor.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';

/**
 * The part of the model in `fit` that the callbacks of this package need. Callbacks of users get
 * the whole model.
 */
export interface ModelInTraining {
  readonly name: string;
  /** Set to true, it ends `fit` after the current batch. */
  stopTraining: boolean;
  /** Number of steps so far. */
  readonly iterations: number;
  /** Its `learningRate` may be changed. */
  readonly optimizer: Optimizer;
  /** Copies all weights. */
  getWeights(): Tensor<FloatArray>[];
  /** Sets all weights, in the order of `getWeights`. */
  setWeights(weights: readonly TensorLike[]): void;
}
