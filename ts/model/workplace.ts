import { SharedLoan } from '../core/sharedMemory.ts';
import { DataReader } from '../feed/dataReader.ts';
import type { Graph } from '../graph/graph.ts';
import { autoWorkers, type Work } from './autoWorkers.ts';
import { openWorkerDoor, type WorkerDoor } from './workerDoor.ts';
import { type Workers, workerCount } from './workerOptions.ts';

/** The place where a call computes: this thread or workers. */
export class Workplace {
  readonly #reader: DataReader;
  readonly #memory = new SharedLoan();
  readonly #chosen: Workers | undefined;
  readonly #count: number;

  /**
   * @param chosen the option `workers` of the call
   * @param where the call's name, for error messages
   * @param signal ends the reading of data
   * @throws {ArgumentError} when `workers` is not a number of workers
   */
  static choose(chosen: Workers | undefined, graph: Graph, work: Work, where: string, signal: AbortSignal | null = null): Workplace {
    const auto = () => autoWorkers(graph, work);
    const count = workerCount(chosen, auto, where);
    // Outside of training the states of stateful layers stay on this thread, and each batch needs
    // those of the batch before.
    return new Workplace(chosen, work.epochs === null && graph.statefulLayers.length > 0 ? 0 : count, signal);
  }

  private constructor(chosen: Workers | undefined, count: number, signal: AbortSignal | null) {
    this.#chosen = chosen;
    this.#count = count;
    this.#reader = new DataReader(count, this.#memory, signal);
  }

  /** Reads the call's data for that place. */
  async read<T>(task: (reader: DataReader) => Promise<T>): Promise<T> {
    try {
      return await task(this.#reader);
    } catch (error) {
      this.#memory.giveBack();
      throw error;
    }
  }

  /**
   * Runs a task in the chosen workers. If none can start and the user gave no number, it runs the
   * task on this thread.
   * @param there gives the memory back when no worker uses it any more
   */
  async run<T>(here: () => Promise<T>, there: (door: WorkerDoor, count: number, memory: SharedLoan) => Promise<T>): Promise<T> {
    if (this.#count === 0) return here();
    const door = await openWorkerDoor();
    if (typeof this.#chosen === 'number' || (await door.canStartWorkers())) return there(door, this.#count, this.#memory);
    try {
      return await here();
    } finally {
      this.#memory.giveBack();
    }
  }
}
