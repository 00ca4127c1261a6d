import type { Shape } from '../core/shape.ts';
import type { NumericArray, Source, Tensor } from '../core/tensor.ts';

/** The positions of the sequences of a series. */
export interface SequenceLayout {
  /** The shape of the whole series. */
  readonly shape: Shape;
  /** The flat index in the series of the first value that a sequence has. */
  readonly firstIndex: number;
  /** T */
  readonly steps: number;
  /** Rows from the first one of a sequence to that of the next. */
  readonly stride: number;
  /** Rows from a step to the next. */
  readonly rate: number;
}

/** The sequences of a series, as an array `[N, …]` that has no memory of its own. */
export abstract class Sequences implements Source {
  abstract readonly shape: Shape;
  abstract readonly data: NumericArray;
  abstract readonly layout: SequenceLayout;

  /** The name for error messages. @param argument the argument that the data set was given as */
  abstract calledIn(argument: string): string;

  /** The sequences of the series that a function makes of the series of these. */
  abstract prepared(process: (series: Tensor) => Tensor): Sequences;
}

/**
 * A data set that `fit`, `evaluate` and `predict` take: it has the samples, the targets, the size of
 * batches and whether they are shuffled.
 */
export abstract class GivenDataset {
  abstract readonly x: Sequences;
  abstract readonly y: Sequences | null;
  abstract readonly batchSize: number;
  abstract readonly shuffle: boolean;
  /** Null: the model's seed. */
  abstract readonly seed: number | bigint | null;
}
