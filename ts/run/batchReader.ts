import { abortReason } from '../control/checkpoint.ts';
import { describe } from '../core/describe.ts';
import { ArgumentError, DataError } from '../core/errors.ts';
import { RandomSequence } from '../core/random.ts';
import type { SharedAllocation } from '../core/sharedMemory.ts';
import { isError } from '../core/tags.ts';
import type { Batch, BatchesLike, BatchSource } from '../feed/batches.ts';

/** The first random subsequence of the orders of batches. The shuffles of samples have others. */
const SUBSEQUENCE = 0x62617463;

/** How an iterable is read. */
export interface BatchReaderOptions {
  /** The argument, for error messages: `fit: x`, `fit: validationData`. */
  readonly argument: string;
  /** Batches of an epoch; null for all. */
  readonly steps: number | null;
  /** The option that gives `steps`, for error messages. */
  readonly stepsOption: string;
  /** Size of the shuffle buffer in batches. 1 keeps the order. */
  readonly shuffleBuffer: number;
  /** Whether each epoch begins with the first batch, also when `steps` ended the one before. */
  readonly anew: boolean;
  readonly seed: number | bigint;
  /** The epoch that begins, which counts in all runs of the model. */
  readonly epoch: number;
  /** Its abort ends the wait for a batch. */
  readonly signal: AbortSignal | null;
}

/** An item of the iterable, and its number. */
interface Item {
  readonly value: unknown;
  readonly number: number;
}

type AnyIterator = Iterator<unknown> | AsyncIterator<unknown>;

/**
 * Reads the batches of an iterable. While a batch is used, the next one is read and checked, and no
 * more.
 */
export class BatchReader implements BatchSource {
  readonly #source: BatchesLike;
  readonly #options: BatchReaderOptions;
  readonly #read: (item: unknown, number: number, memory: SharedAllocation | null) => Promise<Batch>;
  #takeMemory: (() => SharedAllocation) | null = null;
  #iterator: AnyIterator | null = null;
  /** Whether the iterable can be iterated once only. */
  #oneShot = false;
  /** Number of items that the iterator gave. */
  #given = 0;
  #buffer: Item[] = [];
  #random: RandomSequence;
  /** The epoch that has begun, and the number that a function of epochs was given last. */
  #epoch: number;
  #opened = -1;
  /** Number of batches of the epoch that were begun to be read. */
  #taken = 0;
  #ahead: Promise<Batch | null> | null = null;
  #peeked = false;
  /** Whether the iterator has not answered yet. */
  #reading = false;

  /**
   * Begins to iterate.
   * @param read checks and reads a batch; it copies the data to the shared memory that it gets, if
   *   any
   * @throws {ArgumentError} when the function gives no iterable
   */
  constructor(
    source: BatchesLike,
    options: BatchReaderOptions,
    read: (item: unknown, number: number, memory: SharedAllocation | null) => Promise<Batch>,
  ) {
    this.#source = source;
    this.#options = options;
    this.#read = read;
    this.#random = new RandomSequence(options.seed, SUBSEQUENCE);
    this.#epoch = options.epoch;
    this.#open();
  }

  /**
   * Checks that the iterable gives enough for a number of epochs, as far as that is known before.
   * @throws {ArgumentError} for an iterator of one pass and several epochs without steps
   */
  requireEpochs(epochs: number): void {
    const { argument, stepsOption, steps } = this.#options;
    if (!this.#oneShot || epochs <= 1 || steps !== null) return;
    throw new ArgumentError(
      `${argument} is an iterator, which can be read once only, but there are ${epochs} epochs: give a function that makes one, ` +
        `such as () => batches(), or ${stepsOption}, the batches of an epoch`,
    );
  }

  /** The batch that comes next, for its shapes; the next `begin` begins with it. */
  async peek(): Promise<Batch> {
    this.#ahead ??= this.#produce();
    this.#peeked = true;
    // The first batch of an epoch: it is missing only with an error.
    return (await this.#unlessAborted(this.#ahead)) as Batch;
  }

  begin(epoch: number): void {
    const wasPeeked = this.#peeked;
    // A run that continues from a backup learns its epoch after the first batch was looked at.
    const isOther = wasPeeked && epoch !== this.#epoch && !this.#oneShot;
    this.#epoch = epoch;
    this.#peeked = false;
    if (wasPeeked && !isOther) return;
    if (isOther || (this.#options.anew && this.#taken > 0 && !this.#oneShot)) {
      void this.#iterator?.return?.();
      this.#iterator = null;
      this.#buffer = [];
    }
    this.#taken = 0;
    this.#ahead = null;
    this.#random = new RandomSequence(this.#options.seed, SUBSEQUENCE + epoch);
  }

  /**
   * The next batch of the epoch; null at its end.
   * @throws {DataError} when the iterable has no batches, or one that cannot start again ends early
   * @throws what the iterable or the reading of the batch throws, and the reason of an abort
   */
  async next(): Promise<Batch | null> {
    const pending = this.#ahead ?? this.#produce();
    this.#ahead = null;
    const batch = await this.#unlessAborted(pending);
    if (batch !== null) {
      this.#ahead = this.#produce();
      // Its error is that of the next call, if there is one.
      this.#ahead.catch(() => {});
    }
    return batch;
  }

  shareMemory(take: () => SharedAllocation): void {
    this.#takeMemory = take;
  }

  /** Lets the iterable free its resources. It does not wait for a batch that is being read. */
  async close(): Promise<void> {
    const iterator = this.#iterator;
    this.#iterator = null;
    this.#buffer = [];
    const closed = iterator?.return?.();
    if (this.#reading) void Promise.resolve(closed).catch(() => {});
    else await closed;
  }

  async #produce(): Promise<Batch | null> {
    const { steps, argument, stepsOption } = this.#options;
    if (this.#taken === steps) return null;
    let item = await this.#draw();
    if (item === null && (steps !== null || this.#taken === 0)) {
      if (this.#oneShot && this.#given > 0)
        throw new DataError(
          `${argument} ended after ${this.#given} batches, and an iterator cannot start again: give a function that makes one` +
            (steps === null ? '' : `, or a lower ${stepsOption}, which is ${steps}`),
        );
      this.#open();
      item = await this.#draw();
      if (item === null) throw new DataError(`${argument} gives no batches: an iterable must start again for each epoch`);
    }
    if (item === null) return null;
    this.#taken++;
    return this.#read(item.value, item.number, this.#takeMemory?.() ?? null);
  }

  /** The next item, drawn from the buffer; null when the iterable has ended. */
  async #draw(): Promise<Item | null> {
    const { shuffleBuffer } = this.#options;
    while (this.#iterator && this.#buffer.length < shuffleBuffer) {
      this.#reading = true;
      const result: unknown = await this.#iterator.next();
      this.#reading = false;
      if (typeof result !== 'object' || result === null || !('done' in result || 'value' in result))
        throw new ArgumentError(`${this.#options.argument}: the iterator's next() must give { value, done }, got ${describe(result)}`);
      const { done, value } = result as IteratorResult<unknown>;
      if (done) this.#iterator = null;
      else this.#buffer.push({ value, number: this.#given++ });
    }
    if (this.#buffer.length === 0) return null;
    // Without a buffer nothing is drawn.
    const index = this.#buffer.length === 1 ? 0 : Math.floor(this.#random.uniform() * this.#buffer.length);
    const last = this.#buffer.pop() as Item;
    if (index === this.#buffer.length) return last;
    const drawn = this.#buffer[index] as Item;
    this.#buffer[index] = last;
    return drawn;
  }

  #open(): void {
    // Where an epoch begins the iterable more than once, each pass has a number of its own.
    this.#opened = Math.max(this.#epoch, this.#opened + 1);
    const source: unknown = typeof this.#source === 'function' ? this.#call(this.#source as (epoch: number) => unknown) : this.#source;
    const made = (source ?? {}) as Partial<Iterable<unknown> & AsyncIterable<unknown> & AnyIterator>;
    const iterator = made[Symbol.asyncIterator]?.() ?? made[Symbol.iterator]?.() ?? (typeof made.next === 'function' ? made : null);
    if (iterator === null || typeof (iterator as AnyIterator).next !== 'function')
      throw new ArgumentError(
        `${this.#options.argument} must be data, an iterable of batches [x, y] or a function that makes one, got ` +
          `${describe(this.#source)}${typeof this.#source === 'function' ? ` that returns ${describe(source)}` : ''}`,
      );
    this.#iterator = iterator as AnyIterator;
    this.#oneShot = typeof this.#source !== 'function' && iterator === source;
    this.#given = 0;
  }

  #call(make: (epoch: number) => unknown): unknown {
    try {
      return make(this.#opened);
    } catch (cause) {
      const reason = isError(cause) ? cause.message : String(cause);
      throw new ArgumentError(`${this.#options.argument}: the function that makes the iterable of batches threw: ${reason}`, { cause });
    }
  }

  #unlessAborted<T>(pending: Promise<T>): Promise<T> {
    const { signal } = this.#options;
    if (!signal) return pending;
    return new Promise((resolve, reject) => {
      const abort = () => reject(abortReason(signal));
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      pending.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    });
  }
}
