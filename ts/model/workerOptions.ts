import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { isNode } from '../core/nodeModule.ts';
import { isURL, tagOf } from '../core/tags.ts';

/** The number of workers: 0 is this thread, 1 is one other thread, more split every batch. */
export type Workers = number | 'auto';

/**
 * More than any machine has cores. A mistyped number must not start threads until the process
 * crashes.
 */
const MOST_WORKERS = 1024;

/** A `TrustedScriptURL` of a policy of the page, which TypeScript's own types do not have. */
export interface TrustedScriptUrl {
  toJSON(): string;
}

let kept = 0;

/** How many workers wait for the next call: they need not be started. */
export function keptWorkers(): number {
  return kept;
}

/** Notes how many workers wait. */
export function noteKeptWorkers(count: number): void {
  kept = count;
}

let workerUrl: URL | string | TrustedScriptUrl | null = null;

/**
 * Sets the address of the worker's file, `dist/worker/worker.js`, for bundlers and servers that do
 * not find it.
 * @param url the address; null sets the default again. Under `require-trusted-types-for 'script'`
 *   it is a `TrustedScriptURL` of the page's own policy: Backtime's policy allows only the default
 * @throws {ArgumentError} for any other value
 */
export function setWorkerUrl(url: URL | string | TrustedScriptUrl | null): void {
  if (url !== null && typeof url !== 'string' && !isURL(url) && !isTrustedScriptUrl(url))
    throw new ArgumentError(`setWorkerUrl takes an address or null, got ${describe(url)}`);
  workerUrl = url;
}

/** A worker of a page, or one of Node's `worker_threads`. */
export interface WorkerLike {
  // biome-ignore lint/suspicious/noExplicitAny: the two have different types of what is transferred
  postMessage(message: any, transfer?: any): void;
  terminate(): unknown;
}

let makeWorker: (() => WorkerLike) | null = null;

/**
 * Sets the function that starts a worker of your own: its file imports `backtime/worker` and
 * registers your classes and functions.
 *
 *     setWorker(() => new Worker(new URL('./my-worker.js', import.meta.url), { type: 'module' }));
 *
 * Write the address inside of `new Worker(…)`: bundlers look for it there. In Node `Worker` comes
 * from `node:worker_threads`. docs/own-training.md
 * @param make the function; null sets Backtime's own worker again
 * @throws {ArgumentError} for any other value
 */
export function setWorker(make: (() => WorkerLike) | null): void {
  if (make !== null && typeof make !== 'function') throw new ArgumentError(`setWorker takes a function or null, got ${describe(make)}`);
  makeWorker = make;
}

/** The last argument of `setWorker`. */
export function getWorker(): (() => WorkerLike) | null {
  return makeWorker;
}

/** Whether a value is a `TrustedScriptURL`. */
export const isTrustedScriptUrl = (value: unknown): boolean => tagOf(value) === 'TrustedScriptURL';

/** The last argument of `setWorkerUrl`. */
export function getWorkerUrl(): URL | string | TrustedScriptUrl | null {
  return workerUrl;
}

/**
 * Resolves the option `workers` to a number.
 * @param auto gives the number for 'auto'
 * @throws {ArgumentError} for any other value
 */
export function workerCount(workers: unknown, auto: () => number, where: string): number {
  if (workers === undefined) return workersByDefault();
  if (workers === 'auto') return auto();
  if (typeof workers === 'number' && Number.isInteger(workers) && workers >= 0) {
    if (workers <= MOST_WORKERS) return workers;
    throw new ArgumentError(`${where}: workers must be at most ${MOST_WORKERS}, got ${workers}: each is a thread with a copy of the model`);
  }
  throw new ArgumentError(`${where}: workers must be an integer of at least 0 or 'auto', got ${describe(workers)}`);
}

/** The default of `workers`: 1 on the thread of a page, 0 elsewhere. */
export function workersByDefault(): number {
  return onMainThreadOfPage() ? 1 : 0;
}

/** Whether this is the main thread of a page, which training must not block. */
function onMainThreadOfPage(): boolean {
  return !isNode() && typeof document === 'object' && typeof Worker === 'function';
}
