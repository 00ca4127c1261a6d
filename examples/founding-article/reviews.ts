import type { Tensor } from 'backtime';
import type { ReviewEncoder } from './reviewEncoder.ts';

/** Ids of the words of reviews and their labels, to learn from and to validate with. */
export interface Reviews {
  /** `[N, T]` */
  readonly x: Tensor<Int32Array>;
  /** `[N]`, 1 for a positive review. */
  readonly y: Int32Array;
  readonly xVal: Tensor<Int32Array>;
  readonly yVal: Int32Array;
  /** Ids are below it. */
  readonly vocabularySize: number;
}

/**
 * A data set as the article has it: few frequent words for one-hot input, more of them for an
 * embedding.
 */
export interface Experiment {
  readonly title: string;
  readonly oneHot: Reviews;
  readonly embedded: Reviews;
  /** Turns a new sentence into what a network that learnt from `embedded` takes. */
  readonly encoder: ReviewEncoder;
}
