import { type Remote, transfer } from 'comlink';
import { loadBackend } from '../backend/select.ts';
import { WasmBackend } from '../backend/wasm/wasmBackend.ts';
import { turn } from '../training/turn.ts';
import type { WorkedModel } from '../training/workerDoor.ts';
import type { Interruption, ModelSetup, ModelSizes, WorkerCommands } from './commands.ts';
import type { Outcome } from './outcome.ts';
import { WorkerThread } from './workerThread.ts';

/** The workers of one call, each with its copy of the model. They live and die together. */
export class WorkerGroup {
  readonly #threads: readonly WorkerThread[];
  #sizes: ModelSizes | null = null;

  private constructor(threads: readonly WorkerThread[]) {
    this.#threads = threads;
  }

  get size(): number {
    return this.#threads.length;
  }

  /** Of the model, the same in all. */
  get sizes(): ModelSizes {
    if (!this.#sizes) throw new Error('the group is not open');
    return this.#sizes;
  }

  /** Starts workers and gives each the model. @throws {WorkerError | OutOfMemoryError}; none is left running then */
  static async open(model: WorkedModel, count: number): Promise<WorkerGroup> {
    const backend = await loadBackend();
    const isWasm = backend instanceof WasmBackend;
    const setup: Omit<ModelSetup, 'replica'> = {
      backend: { name: backend.name, build: isWasm ? backend.build : null, module: isWasm ? backend.module : null },
      state: model.getState(),
    };
    const threads: WorkerThread[] = [];
    const group = new WorkerGroup(threads);
    try {
      for (let rank = 0; rank < count; rank++) {
        threads.push(await WorkerThread.start());
        // Starting one takes a page some time.
        await turn();
      }
      const { weights, compile } = setup.state;
      // They are copies: an only worker can have them.
      const given = count === 1 ? [...weights, ...(compile?.slots ?? [])].map(({ data }) => data.buffer as ArrayBuffer) : [];
      group.#sizes = await group.first((commands, rank) => commands.open(transfer({ ...setup, replica: { rank, size: count } }, given)));
      return group;
    } catch (error) {
      group.terminate();
      throw error;
    }
  }

  /** A command to all, in the order of their ranks. @throws the first error; all workers are ended then, since some may wait for others */
  async all<T>(command: (commands: Remote<WorkerCommands>, rank: number) => Promise<Outcome<T>>): Promise<T[]> {
    try {
      return await Promise.all(this.#threads.map((thread, rank) => thread.call((commands) => command(commands, rank))));
    } catch (error) {
      this.terminate();
      throw error;
    }
  }

  /** {@link all} for commands of which only the first worker's value counts. */
  async first<T>(command: (commands: Remote<WorkerCommands>, rank: number) => Promise<Outcome<T>>): Promise<T> {
    const [value] = await this.all(command);
    return value as T;
  }

  interrupt(interruption: Interruption): void {
    for (const thread of this.#threads) if (thread.alive) void thread.commands.interrupt(interruption);
  }

  /** Gives the workers back. */
  async close(): Promise<void> {
    if (this.#threads.every(({ alive }) => alive)) await this.all((commands) => commands.close()).catch(() => {});
    this.terminate();
  }

  terminate(): void {
    for (const thread of this.#threads) thread.terminate();
  }
}
