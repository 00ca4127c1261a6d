import type { Program } from '../program/program.ts';

/** What holds a program. */
interface Held {
  readonly program: Program;
}

/** Number of programs that wait to be taken again. */
const WAITING = 8;

/**
 * Programs of which several with one purpose may be in use. An open pass has one for itself,
 * because it holds the pass's values; afterwards the next pass of the same shapes takes it.
 */
export class SparePrograms {
  readonly #keys = new Map<Held, unknown>();
  readonly #waiting = new Set<Held>();

  get size(): number {
    return this.#keys.size;
  }

  get bytes(): number {
    let bytes = 0;
    for (const { program } of this.#keys.keys()) bytes += program.bytes;
    return bytes;
  }

  /**
   * A program that nobody has. A new one is compiled.
   * @param key its purpose: programs with one key have one type
   */
  take<P extends Held>(key: unknown, compile: () => P): P {
    for (const waiting of this.#waiting) {
      if (this.#keys.get(waiting) !== key) continue;
      this.#waiting.delete(waiting);
      return waiting as P;
    }
    const compiled = compile();
    this.#keys.set(compiled, key);
    return compiled;
  }

  /** Takes a program back; programs that were disposed meanwhile are left alone. */
  giveBack(held: Held): void {
    if (!this.#keys.has(held)) return;
    this.#waiting.add(held);
    this.trim(WAITING);
  }

  /** Gives up programs that wait, the longest unused first, until so many are left. */
  trim(count: number): void {
    for (const waiting of this.#waiting) {
      if (this.#waiting.size <= count) break;
      this.#waiting.delete(waiting);
      this.#keys.delete(waiting);
      waiting.program.dispose();
    }
  }

  /** Gives up all programs, also those that are in use. */
  dispose(): void {
    for (const { program } of this.#keys.keys()) program.dispose();
    this.#keys.clear();
    this.#waiting.clear();
  }
}
