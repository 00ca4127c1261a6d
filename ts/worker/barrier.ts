/**
 * Number of reads of the counter before a thread sleeps, a third of a millisecond. Waking a thread
 * takes longer than most waits. It is longer than the caller takes for a batch of an iterable on
 * the core of another thread: with 20,000, each batch put a thread to sleep.
 */
const SPINS = 50_000;

const ARRIVED = 0;
const ROUND = 1;

/** Number of shared integers that a barrier needs. They must be zero at first. */
export const BARRIER_WORDS = 2;

/**
 * Lets threads wait for each other: `wait` returns when all have called it, and then all threads
 * see all earlier writes.
 */
export class Barrier {
  readonly #words: Int32Array;
  readonly #threads: number;

  constructor(words: Int32Array, threads: number) {
    this.#words = words;
    this.#threads = threads;
  }

  wait(): void {
    const words = this.#words;
    const round = Atomics.load(words, ROUND);
    if (Atomics.add(words, ARRIVED, 1) === this.#threads - 1) {
      Atomics.store(words, ARRIVED, 0);
      Atomics.add(words, ROUND, 1);
      Atomics.notify(words, ROUND);
      return;
    }
    for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(words, ROUND) !== round) return;
    while (Atomics.load(words, ROUND) === round) Atomics.wait(words, ROUND, round);
  }
}
