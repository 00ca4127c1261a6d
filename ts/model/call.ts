import { ShownRun, type UnshownRun } from '../callbacks/progress.ts';
import type { UnreadInputs } from '../feed/checkData.ts';
import type { Layer } from '../layers/layer.ts';
import type { Engine } from '../run/engine.ts';
import type { Work } from './autoWorkers.ts';
import { loadBackend } from './loadBackend.ts';
import type { Session } from './session.ts';
import { lockLayers } from './trainingLock.ts';
import { WorkerAllocation } from './workerAllocation.ts';
import type { Workers } from './workerOptions.ts';

/** The resources of a running call of a model. `end` releases all of them. */
export class Call {
  readonly #session: Session;
  #allocation: WorkerAllocation | null = null;
  #pinned = false;
  #shown: ShownRun | null = null;
  #unlock: (() => void) | null = null;

  /** From now on the model must not change. */
  constructor(session: Session) {
    this.#session = session;
    session.enter();
  }

  /**
   * Marks layers as trained by this call.
   * @throws {StateError} naming a layer that another model trains
   */
  lock(layers: readonly Layer[]): void {
    this.#unlock = lockLayers(layers, this.#session);
  }

  /** @throws {ArgumentError} when `workers` is not a number of workers */
  chooseWorkers(
    chosen: Workers | undefined,
    inputs: Omit<UnreadInputs, 'x'>,
    work: Omit<Work, 'sampleShapes' | 'count'>,
    where: string,
    signal?: AbortSignal | null,
  ): WorkerAllocation {
    this.#allocation = new WorkerAllocation(chosen, inputs.graph, this.#session.compiled, { ...inputs, ...work }, where, signal);
    return this.#allocation;
  }

  /** The engine of this thread. Its memory stays in place until the call ends. */
  async engine(): Promise<Engine> {
    await loadBackend();
    const engine = this.#session.openEngine();
    this.#session.memory.pin();
    this.#pinned = true;
    return engine;
  }

  /** Shows the progress over so many samples. */
  async show(run: UnshownRun, samples: number): Promise<ShownRun> {
    this.#shown = await ShownRun.begin(run, samples);
    return this.#shown;
  }

  async end(): Promise<void> {
    this.#shown?.close();
    if (this.#pinned) this.#session.memory.unpin();
    this.#allocation?.close();
    this.#unlock?.();
    await this.#session.leave();
  }
}
