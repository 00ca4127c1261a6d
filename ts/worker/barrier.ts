/** Looks at the counter before a thread is put to sleep: waking one costs more than most waits. */
const SPINS = 20_000;

const ARRIVED = 0;
const ROUND = 1;

/** Integers of shared memory that a barrier needs, zero at first. */
export const BARRIER_WORDS = 2;

/** Where threads wait for each other: `wait` returns when all have called it, and what each wrote before is visible to all. */
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
