import { ArgumentError } from '../core/errors.ts';
import { isNode } from '../core/nodeModule.ts';
import { describe } from '../core/shape.ts';

/** How many workers share the work: 0 is this thread, 1 one other, more split every batch. */
export type Workers = number | 'auto';

let workerUrl: URL | string | null = null;

/**
 * Where the worker's file is, for set-ups that do not find `dist/worker/worker.js` by themselves.
 * @param url null is the default again
 */
export function setWorkerUrl(url: URL | string | null): void {
  if (url !== null && typeof url !== 'string' && !(url instanceof URL))
    throw new ArgumentError(`setWorkerUrl takes an address or null, got ${describe(url)}`);
  workerUrl = url;
}

/** What `setWorkerUrl` was given last. */
export function getWorkerUrl(): URL | string | null {
  return workerUrl;
}

/**
 * The number of workers that an option means.
 * @param auto what 'auto' means for the run
 * @throws {ArgumentError}
 */
export function workerCount(workers: unknown, auto: () => number, where: string): number {
  if (workers === undefined) return workersByDefault();
  if (workers === 'auto') return auto();
  if (typeof workers === 'number' && Number.isInteger(workers) && workers >= 0) return workers;
  throw new ArgumentError(`${where}: workers must be a whole number of at least 0 or 'auto', got ${describe(workers)}`);
}

/** 1 on the thread of a page, 0 elsewhere. */
export function workersByDefault(): number {
  return onMainThreadOfPage() ? 1 : 0;
}

/** Whether this thread draws a page, which must not wait for training. */
function onMainThreadOfPage(): boolean {
  return !isNode() && typeof document === 'object' && typeof Worker === 'function';
}
