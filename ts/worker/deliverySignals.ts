import { allocateIn } from '../core/allocate.ts';
import type { SharedAllocation } from '../core/sharedMemory.ts';
import type { LearningRates } from './learningRates.ts';

/** The shared memory that tells which batches there are. */
export interface DeliveryRegions {
  /** At the places of `WORDS`. */
  readonly words: Int32Array;
  /** The learning rate of the step on each of the last two batches. */
  readonly rates: Float64Array;
}

/**
 * `given`: the number of batches of the epoch that were given. `batches`: for each of the last two,
 * its place, and how many messages about places were sent before. `taken`: for each worker, how
 * many batches it has taken.
 */
const WORDS = { given: 0, batches: 1, taken: 5 } as const;

/** The place of the batch after the last one. */
const NO_BATCH = -1;

/** No rate: the worker has it already. */
const NO_RATE = Number.NaN;
/** The user's function gave none. */
const RATELESS = -1;

/** What a worker must know of a batch to train on it. */
export interface GivenBatch {
  /** The number of the place at which its arrays are described. */
  readonly place: number;
  /** The number of messages about places that must have been read before. */
  readonly messages: number;
  /** The learning rates of the coming steps, where a function of the user gives them. */
  readonly rates: LearningRates | null;
}

/**
 * Tells workers in shared memory which batch comes next, and the caller how many all of them have
 * taken. The next batch is told when all have taken the one before: so memory for two is enough.
 */
export class DeliverySignals {
  readonly #words: Int32Array;
  readonly #rates: Float64Array;

  constructor({ words, rates }: DeliveryRegions) {
    this.#words = words;
    this.#rates = rates;
  }

  /** @throws {OutOfMemoryError} when there is not enough memory */
  static allocate(memory: SharedAllocation, workers: number): DeliveryRegions {
    const what = 'fit: the signals of batches for workers';
    return {
      words: allocateIn(memory, Int32Array, WORDS.taken + workers, what),
      rates: allocateIn(memory, Float64Array, 2, what),
    };
  }

  /** Begins an epoch. No worker may wait. */
  begin(): void {
    for (let word = 0; word < this.#words.length; word++) Atomics.store(this.#words, word, 0);
  }

  /** How many batches of the epoch all workers have taken. */
  get taken(): number {
    let least = Number.POSITIVE_INFINITY;
    for (let word = WORDS.taken; word < this.#words.length; word++) least = Math.min(least, Atomics.load(this.#words, word));
    return least;
  }

  /**
   * Says that a worker has taken the first `count` batches of the epoch.
   * @returns whether all workers have taken them: the last of them tells the caller
   */
  take(rank: number, count: number): boolean {
    Atomics.store(this.#words, WORDS.taken + rank, count);
    return this.taken >= count;
  }

  /** Gives the batch with this number in the epoch; null: the epoch has no more. */
  give(index: number, batch: GivenBatch | null): void {
    const slot = index % 2;
    const word = WORDS.batches + 2 * slot;
    this.#words[word] = batch?.place ?? NO_BATCH;
    this.#words[word + 1] = batch?.messages ?? 0;
    const rates = batch?.rates ?? NO_RATE;
    this.#rates[slot] = typeof rates === 'number' ? rates : (rates[0] ?? RATELESS);
    Atomics.store(this.#words, WORDS.given, index + 1);
    Atomics.notify(this.#words, WORDS.given);
  }

  /** Waits for the batch with this number in the epoch; null after the last one. */
  wait(index: number): GivenBatch | null {
    for (let given = this.#given; given <= index; given = this.#given) Atomics.wait(this.#words, WORDS.given, given);
    const slot = index % 2;
    const word = WORDS.batches + 2 * slot;
    const place = this.#words[word] as number;
    if (place === NO_BATCH) return null;
    const rate = this.#rates[slot] as number;
    const rates = Number.isNaN(rate) ? null : Float64Array.from(rate === RATELESS ? [] : [rate]);
    return { place, messages: this.#words[word + 1] as number, rates };
  }

  get #given(): number {
    return Atomics.load(this.#words, WORDS.given);
  }
}
