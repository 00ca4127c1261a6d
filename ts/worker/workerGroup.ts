import { type Remote, transfer } from 'comlink';
import type { Backend } from '../backend/backend.ts';
import type { WasmBackend } from '../backend/wasm/wasmBackend.ts';
import { WorkerError } from '../core/errors.ts';
import { invariant } from '../core/invariant.ts';
import { SharedAllocation } from '../core/sharedMemory.ts';
import { loadBackend } from '../model/loadBackend.ts';
import type { ModelState, NamedArray } from '../model/modelState.ts';
import type { Session } from '../model/session.ts';
import type { Interruption, ModelCopy, ModelSizes, PostedBackend, WorkerCommands } from './commands.ts';
import { copyKey, weightsVersion } from './modelCopies.ts';
import type { Outcome } from './outcome.ts';
import { inSharedMemory } from './sharedWeights.ts';
import { leaveWorkers, takeWorkers } from './workerPool.ts';
import type { WorkerThread } from './workerThread.ts';

/**
 * The purpose of a group: it trains a copy, which ends with the run, or only runs one, which the
 * workers keep for the next call.
 */
export type GroupPurpose = 'train' | 'run';

/** Gives several workers one copy of arrays, if possible. */
type Share = (arrays: readonly NamedArray[]) => readonly NamedArray[];

/** Number of models of which a worker keeps a copy. */
const KEPT_COPIES = 4;

/** The workers of one call, each with its copy of the model. If one fails, all are ended. */
export class WorkerGroup {
  readonly #threads: readonly WorkerThread[];
  readonly #purpose: GroupPurpose;
  #sizes: ModelSizes | null = null;

  private constructor(threads: readonly WorkerThread[], purpose: GroupPurpose) {
    this.#threads = threads;
    this.#purpose = purpose;
  }

  get size(): number {
    return this.#threads.length;
  }

  /** The sizes of the model, the same in all workers. */
  get sizes(): ModelSizes {
    invariant(this.#sizes, 'the group is not open');
    return this.#sizes;
  }

  /**
   * Takes workers and gives each the model, unless it has it.
   * @throws {WorkerError} when a worker cannot start or fails; all workers are ended then
   * @throws {OutOfMemoryError} when the model does not fit in its memory; all workers are ended then
   */
  static async open(model: Session, count: number, purpose: GroupPurpose): Promise<WorkerGroup> {
    const backend = await loadBackend();
    for (;;) {
      const threads = await takeWorkers(count);
      const group = new WorkerGroup(threads, purpose);
      const rested = threads.some((thread) => thread.wasIdle);
      try {
        await group.#give(model, backend);
        return group;
      } catch (error) {
        group.terminate();
        // An idle worker failed or hangs, which was not noticed before. The loop ends, because the
        // number of idle workers decreases.
        if (!rested || !(error instanceof WorkerError)) throw error;
      }
    }
  }

  async #give(model: Session, backend: Backend): Promise<void> {
    const wasm = backend.name === 'wasm' ? (backend as WasmBackend) : null;
    const posted: PostedBackend = {
      name: backend.name,
      build: wasm?.build ?? null,
      module: wasm?.module ?? null,
      quantised: wasm?.quantisedModule ?? null,
    };
    const memory = new SharedAllocation();
    const share = (arrays: readonly NamedArray[]) => (this.size > 1 ? inSharedMemory(arrays, memory) : arrays);
    const copyFor = this.#purpose === 'train' ? trainedCopies(model, this.size, share) : keptCopies(model, backend, this.#threads, share);
    this.#sizes = await this.first((commands, rank) => {
      const copy = copyFor(rank);
      // Arrays are copies, so a single worker can take them.
      const given = this.size === 1 ? arraysOf(copy).map(({ data }) => data.buffer as ArrayBuffer) : [];
      return commands.open(posted, transfer(copy, given));
    });
    // All workers have read it.
    memory.release();
    for (const thread of this.#threads) thread.noteAnswer();
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

  /**
   * Keeps the workers for the next call, or ends all of them if one failed.
   * @returns whether each had finished: no worker uses shared memory any more
   */
  async close(): Promise<boolean> {
    const alive = this.#threads.every((thread) => thread.alive);
    // Workers that only run the model have nothing to free, and each answer says that it finished.
    const finished = this.#purpose === 'run' && !this.#threads.some(({ busy }) => busy);
    const closed = () =>
      this.all((commands) => commands.close()).then(
        () => true,
        () => false,
      );
    const haveFinished = alive && (finished || (await closed()));
    if (haveFinished) leaveWorkers(this.#threads);
    else this.terminate();
    return haveFinished;
  }

  terminate(): void {
    for (const thread of this.#threads) void thread.terminate();
  }
}

/** Copies of the whole model with all that training needs, by rank. */
function trainedCopies(model: Session, size: number, share: Share): (rank: number) => ModelCopy {
  const state = withSharedWeights(model.workersState(), share);
  return (rank) => ({ key: null, state, weights: null, replica: { rank, size }, forget: [] });
}

/** The parts of a copy for `evaluate` and `predict` that each worker does not have, by rank. */
function keptCopies(model: Session, backend: Backend, threads: readonly WorkerThread[], share: Share): (rank: number) => ModelCopy {
  const key = copyKey(model, backend);
  const version = weightsVersion(model);
  const weightCount = model.builtGraph('predict').weights.length;
  let read: { readonly state: ModelState } | { readonly weights: readonly NamedArray[] } | null = null;
  const lacks = (thread: WorkerThread) => thread.copies.get(key) !== version;
  const hasOld = (thread: WorkerThread) => thread.copies.has(key);
  if (threads.some(lacks)) {
    const weights = threads.every(hasOld) ? model.readWeights() : null;
    read =
      weights?.length === weightCount
        ? { weights: share(weights) }
        : { state: withSharedWeights(withoutSlots(model.workersState()), share) };
  }
  return (rank) => {
    const thread = threads[rank] as WorkerThread;
    const isCurrent = !lacks(thread);
    thread.copies.delete(key);
    const forget = [...thread.copies.keys()].slice(0, Math.max(thread.copies.size - (KEPT_COPIES - 1), 0));
    for (const each of forget) thread.copies.delete(each);
    thread.copies.set(key, version);
    const sent = isCurrent ? null : read;
    return { key, state: null, weights: null, ...sent, replica: { rank: 0, size: 1 }, forget };
  };
}

function withSharedWeights(state: ModelState, share: Share): ModelState {
  const { weights, quantised } = state;
  if (!quantised) return { ...state, weights: share(weights) };
  const own = quantised.flatMap(({ integers, scales }) => [integers, scales]);
  const shared = share([...weights, ...(own as unknown as NamedArray[])]);
  const part = (index: number) => shared[weights.length + index];
  return {
    ...state,
    weights: shared.slice(0, weights.length),
    quantised: quantised.map((array, index) => ({ ...array, integers: part(2 * index), scales: part(2 * index + 1) })) as never,
  };
}

/** The slots of the optimizer are used only in training. */
function withoutSlots(state: ModelState): ModelState {
  return { ...state, compile: state.compile && { ...state.compile, slots: [] } };
}

function arraysOf({ state, weights }: ModelCopy): readonly NamedArray[] {
  return [...(state?.weights ?? []), ...(state?.compile?.slots ?? []), ...(weights ?? [])];
}
