import { canShareMemory, type SharedAllocation } from '../core/sharedMemory.ts';
import type { Batch, BatchSource } from '../feed/batches.ts';
import { sliceDataset } from '../feed/dataset.ts';
import { partOf } from '../run/replica.ts';
import type { PostedBatch } from './commands.ts';
import { postDataset } from './postedDataset.ts';

/**
 * Gives the batches of an iterable to the workers that train on them: to each the rows of its part.
 * It holds a batch until every worker has its part, and reads no further than the workers ask.
 */
export class BatchDelivery {
  readonly #source: BatchSource;
  readonly #workers: number;
  readonly #batches: { readonly batch: Promise<Batch | null>; left: number }[] = [];
  /** The number in the epoch of the first batch that is held. */
  #first = 0;
  #failure: { readonly error: unknown } | null = null;
  /** The shared memory of batches that every worker has, of which they may use the last two. */
  readonly #used: (SharedAllocation | null)[] = [];

  constructor(source: BatchSource, workers: number) {
    this.#source = source;
    this.#workers = workers;
    if (workers > 1 && canShareMemory()) source.shareMemory?.();
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
    if (held.left === 0) this.#end(batch);
    return { dataset, rows: batch.rows, firstRow: start, rates: null };
  }

  /** Throws the error of a batch that could not be read. */
  throwFailure(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure) throw failure.error;
  }

  /** Ends the delivery of the first batch that is held, which every worker has. */
  #end({ memory }: Batch): void {
    this.#batches.shift();
    this.#first++;
    this.#used.push(memory ?? null);
    // Who asks for a batch trains on the one before, and has trained on those before that.
    if (this.#used.length > 2) this.#used.shift()?.release();
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
