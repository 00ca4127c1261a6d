import type { Worker as NodeWorker } from 'node:worker_threads';
import { isNode, nodeModule } from '../core/nodeModule.ts';
import { isError } from '../core/tags.ts';
import { getWorkerUrl } from '../training/workerOptions.ts';

/** What to call when a worker dies. */
export type OnDeath = (reason: string, cause?: unknown) => void;

/** A Web Worker or a thread of Node. */
export interface PlatformWorker {
  /** Posts the first message, and listens for the worker's death from then on. */
  start(greeting: unknown, transfer: readonly MessagePort[], onDeath: OnDeath): void;
  terminate(): void;
}

/**
 * The worker's file, which imports nothing. It stands apart from `new Worker`, so that bundlers copy it for Node and browsers alike; in
 * there, some of them would bundle it anew.
 */
const workerUrl = () => getWorkerUrl() ?? new URL('./worker.js', import.meta.url);

/** Starts a worker. @throws what the runtime throws when it refuses */
export async function startPlatformWorker(name: string): Promise<PlatformWorker> {
  if (isNode()) {
    const { Worker } = await nodeModule<typeof import('node:worker_threads')>('node:worker_threads');
    // The process's flags are not the thread's: the file imports nothing and needs no loader, and --input-type would keep it from starting.
    return ofNode(new Worker(workerUrl(), { name, execArgv: [] }));
  }
  return ofBrowser(new Worker(workerUrl(), { type: 'module', name }));
}

function ofNode(worker: NodeWorker): PlatformWorker {
  return {
    start(greeting, transfer, onDeath) {
      worker.on('error', (error) => onDeath(reasonOf(error), error));
      worker.on('messageerror', (error) => onDeath('a message of it could not be read', error));
      worker.on('exit', (code) => onDeath(`it exited with code ${code}`));
      worker.postMessage(greeting, transfer as never);
    },
    terminate() {
      worker.removeAllListeners();
      // An error that comes after all would be uncaught without a listener.
      worker.on('error', () => {});
      void worker.terminate();
    },
  };
}

function reasonOf(error: unknown): string {
  if (!isError(error)) return String(error);
  const { message, code } = error as NodeJS.ErrnoException;
  return code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? `${message}. Less data, fewer workers or a smaller batchSize need less; node --max-old-space-size=… gives more`
    : message;
}

function ofBrowser(worker: Worker): PlatformWorker {
  return {
    start(greeting, transfer, onDeath) {
      worker.onerror = (event) => {
        event.preventDefault();
        onDeath(event.message || 'its file could not be loaded', event.error ?? undefined);
      };
      worker.onmessageerror = () => onDeath('a message of it could not be read');
      worker.postMessage(greeting, [...transfer]);
    },
    terminate() {
      worker.onerror = null;
      worker.onmessageerror = null;
      worker.terminate();
    },
  };
}
