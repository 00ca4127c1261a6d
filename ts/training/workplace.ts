import { DataReader } from './dataReader.ts';
import { openWorkerDoor, type WorkerDoor } from './workerDoor.ts';
import type { Workers } from './workerOptions.ts';

/** Where a call computes: on this thread or in workers. */
export class Workplace {
  /** Reads the call's data to where it will be needed. */
  readonly reader: DataReader;
  readonly #chosen: Workers | undefined;
  readonly #count: number;

  /**
   * @param chosen the call's option
   * @param count the workers that it means
   * @param signal ends the reading of data
   */
  constructor(chosen: Workers | undefined, count: number, signal: AbortSignal | null) {
    this.#chosen = chosen;
    this.#count = count;
    this.reader = new DataReader(count > 0, signal);
  }

  /** Runs a task in workers when there are to be some; where no number of them was asked for and none can start, on this thread. */
  async run<T>(here: () => Promise<T>, there: (door: WorkerDoor, count: number) => Promise<T>): Promise<T> {
    if (this.#count === 0) return here();
    const door = await openWorkerDoor();
    return typeof this.#chosen === 'number' || (await door.canStartWorkers()) ? there(door, this.#count) : here();
  }
}
