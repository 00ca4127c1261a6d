import type { SharedAllocation } from '../core/sharedMemory.ts';
import { typedArrayName } from '../core/tags.ts';
import type { InputsLike, WeightsLike } from './checkData.ts';
import type { Dataset } from './dataset.ts';
import { GivenDataset } from './givenDataset.ts';

/**
 * One batch of an iterable: the samples, their targets and their weights. `predict` needs only the
 * samples.
 */
export type BatchLike = readonly [x: InputsLike, y?: InputsLike | null, sampleWeight?: WeightsLike | null];

/**
 * Batches one after the other, for `fit`, `evaluate` and `predict`: an iterable or async iterable
 * that starts again for each epoch, or a function that makes one of the number of the epoch, which
 * counts from 0 in all runs of the model. (Arrays are data themselves: `() => array` gives the
 * batches of an array.)
 */
export type BatchesLike =
  | Iterable<BatchLike>
  | AsyncIterable<BatchLike>
  | ((epoch: number) => Iterable<BatchLike> | AsyncIterable<BatchLike> | Iterator<BatchLike> | AsyncIterator<BatchLike>);

/** Whether a value is an iterable of batches, and no array, tensor or data set. */
export function isBatches(value: unknown): value is BatchesLike {
  if (typeof value === 'function') return true;
  if (typeof value !== 'object' || value === null || value instanceof GivenDataset) return false;
  if (Array.isArray(value) || typedArrayName(value) !== undefined) return false;
  return Symbol.asyncIterator in value || Symbol.iterator in value;
}

/** The rows of a batch in a checked data set. */
export interface Batch {
  readonly dataset: Dataset;
  /** The rows `order[start]` to `order[start + rows - 1]`. */
  readonly order: Int32Array;
  readonly start: number;
  readonly rows: number;
  /** The shared memory of the arrays, if they are in memory of this batch alone. */
  readonly memory?: SharedAllocation | null;
}

/** The batches of an epoch. */
export interface Batches {
  /** The next batch; null after the last one. It holds until the next call. */
  next(): Batch | null | Promise<Batch | null>;
}

/** Batches that are read and checked while they are used. */
export interface BatchSource extends Batches {
  /** Begins an epoch, which counts in all runs of the model: the number is part of the seed. */
  begin(epoch: number): void;
  next(): Promise<Batch | null>;
  /**
   * Makes the batches from now on in shared memory, for several workers.
   * @param take gives the memory of one batch
   */
  shareMemory?(take: () => SharedAllocation): void;
}

/** The batches of a data set, in an order of its samples. */
export class DatasetBatches implements Batches {
  readonly #batch: { dataset: Dataset; order: Int32Array; start: number; rows: number };
  readonly #batchSize: number;

  constructor(dataset: Dataset, order: Int32Array, batchSize: number) {
    this.#batch = { dataset, order, start: -batchSize, rows: 0 };
    this.#batchSize = batchSize;
  }

  next(): Batch | null {
    const batch = this.#batch;
    batch.start += this.#batchSize;
    batch.rows = Math.min(this.#batchSize, batch.dataset.count - batch.start);
    return batch.rows > 0 ? batch : null;
  }
}
