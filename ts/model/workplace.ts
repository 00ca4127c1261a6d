import { SharedLoan } from '../core/sharedMemory.ts';
import { DataReader } from '../feed/dataReader.ts';
import type { Graph } from '../graph/graph.ts';
import { autoWorkers, type Work } from './autoWorkers.ts';
import { openWorkerDoor, type WorkerDoor } from './workerDoor.ts';
import { type Workers, workerCount } from './workerOptions.ts';

/** Workers that a call may use. */
export interface HiredWorkers {
  readonly door: WorkerDoor;
  readonly count: number;
  /** The memory of the data. The door gives it back when no worker uses it any more. */
  readonly memory: SharedLoan;
}

/** The place where a call computes: this thread or workers. */
export class Workplace {
  /** Reads the call's data for that place. */
  readonly reader: DataReader;
  readonly #memory = new SharedLoan();
  readonly #chosen: Workers | undefined;
  readonly #count: number;
  #hired = false;

  /**
   * @param chosen the option `workers` of the call
   * @param where the call's name, for error messages
   * @param signal ends the reading of data
   * @throws {ArgumentError} when `workers` is not a number of workers
   */
  constructor(chosen: Workers | undefined, graph: Graph, work: Work, where: string, signal: AbortSignal | null = null) {
    this.#chosen = chosen;
    const count = workerCount(chosen, () => autoWorkers(graph, work), where);
    // Outside of training the states of stateful layers stay on this thread, and each batch needs
    // those of the batch before.
    this.#count = work.epochs === null && graph.statefulLayers.length > 0 ? 0 : count;
    this.reader = new DataReader(this.#count, this.#memory, signal);
  }

  /**
   * The workers; null when this thread computes: by choice, or because no worker can start and the
   * user gave no number.
   */
  async hire(): Promise<HiredWorkers | null> {
    if (this.#count === 0) return null;
    const door = await openWorkerDoor();
    this.#hired = typeof this.#chosen === 'number' || (await door.canStartWorkers());
    return this.#hired ? { door, count: this.#count, memory: this.#memory } : null;
  }

  /** Gives the memory of the data back, unless workers have it. */
  close(): void {
    if (!this.#hired) this.#memory.giveBack();
  }
}
