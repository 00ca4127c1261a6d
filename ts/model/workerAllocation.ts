import { ArgumentError } from '../core/errors.ts';
import { SharedAllocation } from '../core/sharedMemory.ts';
import { warn } from '../core/warnings.ts';
import { DataReader, LARGEST_COPY } from '../feed/dataReader.ts';
import type { Graph } from '../graph/graph.ts';
import { autoWorkers, type Work } from './autoWorkers.ts';
import type { Compiled } from './compilation.ts';
import { ownCodeOf } from './ownCode.ts';
import { loadWorkerCode, type WorkerCode } from './workerCode.ts';
import { getWorker, type Workers, workerCount } from './workerOptions.ts';

/** Workers that a call may use. */
export interface AllocatedWorkers {
  readonly code: WorkerCode;
  readonly count: number;
  /** The memory of the data. `code` releases it when no worker uses it any more. */
  readonly memory: SharedAllocation;
}

/** The workers of a call, if any, and the memory of the data that they share. */
export class WorkerAllocation {
  /** Reads the call's data, into shared memory if workers may use it. */
  readonly reader: DataReader;
  readonly #memory = new SharedAllocation();
  readonly #chosen: Workers | undefined;
  readonly #count: number;
  #allocated = false;

  /**
   * @param chosen the option `workers` of the call
   * @param compiled how the model is trained; null before `compile`
   * @param where the call's name, for error messages
   * @param signal ends the reading of data
   * @throws {ArgumentError} when `workers` is not a number of workers, or workers cannot run the
   *   model
   */
  constructor(
    chosen: Workers | undefined,
    graph: Graph,
    compiled: Compiled | null,
    work: Work,
    where: string,
    signal: AbortSignal | null = null,
  ) {
    this.#chosen = chosen;
    const wanted = workerCount(chosen, () => autoWorkers(graph, work), where);
    const count = usableWorkers(wanted, typeof chosen === 'number', graph, compiled, work, where);
    // Outside of training the states of stateful layers stay on this thread, and each batch needs
    // those of the batch before.
    this.#count = work.epochs === null && graph.statefulLayers.length > 0 ? 0 : count;
    this.reader = new DataReader(this.#count, this.#memory, signal, LARGEST_COPY);
  }

  /**
   * The workers; null when this thread computes: by choice, or because no worker can start and the
   * user gave no number.
   */
  async allocateWorkers(): Promise<AllocatedWorkers | null> {
    if (this.#count === 0) return null;
    const code = await loadWorkerCode();
    this.#allocated = typeof this.#chosen === 'number' || (await code.canStartWorkers());
    return this.#allocated ? { code, count: this.#count, memory: this.#memory } : null;
  }

  /** Releases the memory of the data, unless workers have it. */
  close(): void {
    if (!this.#allocated) this.#memory.release();
  }
}

/**
 * The number of workers that can run a model. Code of the user's own runs only in workers that have
 * it, and a loss that compares samples runs in at most one worker.
 * @param asked whether the user gave the number; then it is not changed in silence
 * @throws {ArgumentError} when the user asked for more
 */
function usableWorkers(count: number, asked: boolean, graph: Graph, compiled: Compiled | null, work: Work, where: string): number {
  if (count === 0) return 0;
  const own = getWorker() === null ? ownCodeOf(graph, compiled) : null;
  if (own !== null) {
    const what = `the model uses ${own}, which Backtime's own worker does not have`;
    const remedy = "Make a worker file that imports 'backtime/worker' and registers it, and give setWorker a function that starts it";
    if (asked) throw new ArgumentError(`${where}: workers: ${count}, but ${what}. ${remedy}; or use workers: 0`);
    warn('OWN_CODE', `${where}: this thread computes instead of workers: ${what}. ${remedy}. See docs/own-training.md.`, graph);
    return 0;
  }
  const comparing = work.epochs === null ? undefined : compiled?.outputs.find(({ loss }) => loss.comparesSamples)?.loss;
  if (count === 1 || !comparing) return count;
  if (asked)
    throw new ArgumentError(
      `${where}: workers: ${count}, but loss '${comparing.name}' compares the samples of a batch, which workers would divide: use workers: 1 or 0`,
    );
  return 1;
}
