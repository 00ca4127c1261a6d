import type { Engine } from '../run/engine.ts';
import type { PassProgram } from '../run/passProgram.ts';
import type { ModelMemory } from './modelMemory.ts';

/** Why a pass is over. */
export type PassEnd = 'backward' | 'dispose' | 'compile';

/** The program of an open pass. While it is open, the model's memory stays in place. */
export class PassLease {
  readonly engine: Engine;
  readonly passProgram: PassProgram;
  readonly #memory: ModelMemory;
  readonly #open: Set<PassLease>;
  #end: PassEnd | null = null;

  /** @param open the open passes of the model */
  constructor(engine: Engine, passProgram: PassProgram, memory: ModelMemory, open: Set<PassLease>) {
    this.engine = engine;
    this.passProgram = passProgram;
    this.#memory = memory;
    this.#open = open;
    memory.pin();
    open.add(this);
  }

  /** Why it is over; null while it is open. */
  get end(): PassEnd | null {
    return this.#end;
  }

  /** Gives the program back, once. */
  release(end: PassEnd): void {
    if (this.#end !== null) return;
    this.#end = end;
    this.#open.delete(this);
    this.engine.memory.pool.release(this.passProgram);
    this.#memory.unpin();
  }
}
