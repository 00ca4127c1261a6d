import type { Batch, BatchSource } from '../feed/batches.ts';
import type { PostedBatch, RunEvents } from './commands.ts';
import type { LearningRates } from './learningRates.ts';
import { ofOwnRealm } from './ownRealm.ts';

/**
 * A worker's parts of the batches that the caller reads. It asks for the next one while it trains
 * on one.
 */
export class RemoteBatches implements BatchSource {
  readonly #events: RunEvents;
  readonly #rank: number;
  readonly #onRates: (rates: LearningRates) => void;
  #asked = 0;
  #ahead: Promise<PostedBatch | null> | null = null;

  /** @param onRates gets the learning rates that come with a batch, when its step begins */
  constructor(events: RunEvents, rank: number, onRates: (rates: LearningRates) => void) {
    this.#events = events;
    this.#rank = rank;
    this.#onRates = onRates;
  }

  begin(): void {
    this.#asked = 0;
    this.#ahead = null;
  }

  async next(): Promise<Batch | null> {
    const posted = await (this.#ahead ?? this.#ask());
    this.#ahead = null;
    if (posted === null) return null;
    this.#ahead = this.#ask();
    const { dataset, rows, firstRow, rates } = ofOwnRealm(posted);
    if (rates !== null) this.#onRates(rates);
    const order = new Int32Array(rows);
    for (let row = 0; row < dataset.count; row++) order[firstRow + row] = row;
    return { dataset, order, start: 0, rows };
  }

  #ask(): Promise<PostedBatch | null> {
    return this.#events.nextBatch(this.#rank, this.#asked++);
  }
}
