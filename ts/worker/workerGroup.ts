import { type Remote, transfer } from 'comlink';
import type { WasmBackend } from '../backend/wasm/wasmBackend.ts';
import { turn } from '../control/turn.ts';
import { loadBackend } from '../model/loadBackend.ts';
import type { Session } from '../model/session.ts';
import type { Interruption, ModelSetup, ModelSizes, WorkerCommands } from './commands.ts';
import type { Outcome } from './outcome.ts';
import { WorkerThread } from './workerThread.ts';

/** The workers of one call, each with its copy of the model. If one dies, all are ended. */
export class WorkerGroup {
  readonly #threads: readonly WorkerThread[];
  #sizes: ModelSizes | null = null;

  private constructor(threads: readonly WorkerThread[]) {
    this.#threads = threads;
  }

  get size(): number {
    return this.#threads.length;
  }

  /** The sizes of the model, the same in all workers. */
  get sizes(): ModelSizes {
    if (!this.#sizes) throw new Error('the group is not open');
    return this.#sizes;
  }

  /**
   * Starts workers and gives each the model.
   * @throws {WorkerError | OutOfMemoryError} after all workers were ended
   */
  static async open(model: Session, count: number): Promise<WorkerGroup> {
    const backend = await loadBackend();
    const wasm = backend.name === 'wasm' ? (backend as WasmBackend) : null;
    const setup: Omit<ModelSetup, 'replica'> = {
      backend: { name: backend.name, build: wasm?.build ?? null, module: wasm?.module ?? null },
      state: model.workersState(),
    };
    const threads: WorkerThread[] = [];
    const group = new WorkerGroup(threads);
    try {
      for (let rank = 0; rank < count; rank++) {
        threads.push(await WorkerThread.start());
        // A page needs some time to start a worker.
        await turn();
      }
      const { weights, compile } = setup.state;
      // The weights are copies, so a single worker can take them.
      const given = count === 1 ? [...weights, ...(compile?.slots ?? [])].map(({ data }) => data.buffer as ArrayBuffer) : [];
      group.#sizes = await group.first((commands, rank) => commands.open(transfer({ ...setup, replica: { rank, size: count } }, given)));
      return group;
    } catch (error) {
      group.terminate();
      throw error;
    }
  }

  /**
   * Sends a command to all workers.
   * @returns the values by rank
   * @throws the first error; all workers are ended then, as some may wait for others
   */
  async all<T>(command: (commands: Remote<WorkerCommands>, rank: number) => Promise<Outcome<T>>): Promise<T[]> {
    try {
      return await Promise.all(this.#threads.map((thread, rank) => thread.call((commands) => command(commands, rank))));
    } catch (error) {
      this.terminate();
      throw error;
    }
  }

  /** Like {@link all}, but returns only the first worker's value. */
  async first<T>(command: (commands: Remote<WorkerCommands>, rank: number) => Promise<Outcome<T>>): Promise<T> {
    const [value] = await this.all(command);
    return value as T;
  }

  /** Sends a command to one worker. @throws its error; all workers are ended then */
  async one<T>(rank: number, command: (commands: Remote<WorkerCommands>) => Promise<Outcome<T>>): Promise<T> {
    try {
      return await (this.#threads[rank] as WorkerThread).call(command);
    } catch (error) {
      this.terminate();
      throw error;
    }
  }

  interrupt(interruption: Interruption): void {
    for (const thread of this.#threads) if (thread.alive) void thread.commands.interrupt(interruption);
  }

  /** Ends the workers. @returns whether each had finished: no one uses shared memory any more */
  async close(): Promise<boolean> {
    const closed = () =>
      this.all((commands) => commands.close()).then(
        () => true,
        () => false,
      );
    const haveFinished = this.#threads.every(({ alive }) => alive) && (await closed());
    this.terminate();
    return haveFinished;
  }

  terminate(): void {
    for (const thread of this.#threads) thread.terminate();
  }
}
