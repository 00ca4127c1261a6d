import type { Program } from '../program/program.ts';

/** An object that holds a program. */
interface Held {
  readonly program: Program;
}

/** Number of idle programs that are kept for reuse. */
const MOST_IDLE = 8;

/**
 * Programs of which several with one purpose may be in use. An open pass has one for itself,
 * because it holds the pass's values; afterwards the next pass of the same shapes takes it.
 */
export class ProgramPool {
  readonly #keys = new Map<Held, unknown>();
  readonly #idle = new Set<Held>();

  get size(): number {
    return this.#keys.size;
  }

  get bytes(): number {
    let bytes = 0;
    for (const { program } of this.#keys.keys()) bytes += program.bytes;
    return bytes;
  }

  /**
   * A program that is not in use. A new one is built.
   * @param key its purpose: programs with one key have one type
   */
  take<P extends Held>(key: unknown, build: () => P): P {
    for (const idle of this.#idle) {
      if (this.#keys.get(idle) !== key) continue;
      this.#idle.delete(idle);
      return idle as P;
    }
    const built = build();
    this.#keys.set(built, key);
    return built;
  }

  /** Takes a program back; programs that were disposed meanwhile are left alone. */
  release(held: Held): void {
    if (!this.#keys.has(held)) return;
    this.#idle.add(held);
    this.trim(MOST_IDLE);
  }

  /** Disposes of idle programs, the longest unused first, until so many are left. */
  trim(count: number): void {
    for (const idle of this.#idle) {
      if (this.#idle.size <= count) break;
      this.#idle.delete(idle);
      this.#keys.delete(idle);
      idle.program.dispose();
    }
  }

  /** Gives up all programs, also those that are in use. */
  dispose(): void {
    for (const { program } of this.#keys.keys()) program.dispose();
    this.#keys.clear();
    this.#idle.clear();
  }
}
