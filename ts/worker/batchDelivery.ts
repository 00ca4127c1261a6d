import type { Batch, BatchSource } from '../feed/batches.ts';
import { sliceDataset } from '../feed/dataset.ts';
import { partOf } from '../run/replica.ts';
import type { PostedBatch } from './commands.ts';
import { postDataset } from './postedDataset.ts';

/**
 * Sends the batches of an iterable to the workers that train on them, where they share no memory:
 * to each the rows of its part. It holds a batch until every worker has its part, and reads no
 * further than the workers ask.
 */
export class BatchDelivery {
  readonly #source: BatchSource;
  readonly #workers: number;
  readonly #batches: { readonly batch: Promise<Batch | null>; left: number }[] = [];
  /** The number in the epoch of the first batch that is held. */
  #first = 0;
  #failure: { readonly error: unknown } | null = null;

  constructor(source: BatchSource, workers: number) {
    this.#source = source;
    this.#workers = workers;
  }

  begin(epoch: number): void {
    this.#source.begin(epoch);
    this.#batches.length = 0;
    this.#first = 0;
  }

  /**
   * A worker's part of a batch; null after the last one, or when it could not be read.
   * @param index the number of the batch in the epoch; workers ask for one after the other
   */
  async part(rank: number, index: number): Promise<PostedBatch | null> {
    const at = index - this.#first;
    if (at === this.#batches.length) this.#batches.push({ batch: this.#read(), left: this.#workers });
    const held = this.#batches[at];
    const batch = (await held?.batch) ?? null;
    if (!held || batch === null) return null;
    const size = this.#workers;
    const { start, end } = partOf(batch.rows, { rank, size });
    const dataset = await postDataset(size === 1 ? batch.dataset : sliceDataset(batch.dataset, start, end), size === 1);
    held.left--;
    if (held.left === 0) {
      // The first that is held: workers get one after the other.
      this.#batches.shift();
      this.#first++;
    }
    return { dataset, rows: batch.rows, firstRow: start, rates: null };
  }

  /** Throws the error of a batch that could not be read. */
  throwFailure(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure) throw failure.error;
  }

  async #read(): Promise<Batch | null> {
    try {
      return await this.#source.next();
    } catch (error) {
      // Kept until the workers have trained on the batches before it.
      this.#failure = { error };
      return null;
    }
  }
}
