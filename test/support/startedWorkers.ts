import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Worker, WorkerOptions } from 'node:worker_threads';
import { releaseWorkers } from '../../ts/worker/workerPool.ts';

/** Every worker that Backtime has started since {@link trackWorkers}, and whether it still runs. */
export interface StartedWorkers {
  readonly all: readonly Worker[];
  readonly running: readonly Worker[];
  /** Resolves when as many run. */
  settle(running: number): Promise<void>;
  /** Ends those that wait for the next call, and resolves when none runs. */
  end(): Promise<void>;
  /** Empties the list of all: it holds memory of workers that have ended. */
  forget(): void;
  stop(): void;
}

/**
 * Keeps a list of the workers that are started from here on.
 * @param more options that each gets besides Backtime's
 */
export function trackWorkers(more: WorkerOptions = {}): StartedWorkers {
  const threads = createRequire(import.meta.url)('node:worker_threads') as { Worker: typeof Worker };
  const original = threads.Worker;
  const all: Worker[] = [];
  const running = new Set<Worker>();
  threads.Worker = class extends original {
    constructor(file: string | URL, options?: WorkerOptions) {
      super(file, { ...options, ...more });
      all.push(this);
      running.add(this);
      const ended = () => running.delete(this);
      super.on('exit', ended);
      const { removeAllListeners } = this;
      // The list outlives whatever its owner does to the listeners.
      this.removeAllListeners = (event) => {
        removeAllListeners.call(this, event);
        return event === undefined || event === 'exit' ? super.on('exit', ended) : this;
      };
    }
  };
  syncBuiltinESMExports();
  const settle = async (count: number) => {
    while (running.size !== count) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return {
    all,
    get running() {
      return [...running];
    },
    settle,
    async end() {
      await releaseWorkers();
      await settle(0);
    },
    forget() {
      all.length = 0;
    },
    stop() {
      threads.Worker = original;
      syncBuiltinESMExports();
    },
  };
}
