import type { Worker as NodeWorker } from 'node:worker_threads';
import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { isNode, nodeModule } from '../core/nodeModule.ts';
import { isError } from '../core/tags.ts';
import { getWorker, getWorkerUrl, isTrustedScriptUrl, type WorkerLike } from '../model/workerOptions.ts';
import { trustedUrl } from './trustedUrl.ts';

/** The function to call when a worker fails. */
export type OnFailure = (reason: string, cause?: unknown) => void;

/** A Web Worker or a thread of Node. */
export interface PlatformWorker {
  /** Posts the first message. From then on it listens for the worker's failure. */
  start(handshake: unknown, transfer: readonly MessagePort[], onFailure: OnFailure): void;
  /**
   * Sets whether the worker keeps a process of Node from ending. Default true. In a page it does
   * nothing.
   */
  hold(process: boolean): void;
  /** Ends it. @returns a promise for its end, where the runtime tells it */
  terminate(): Promise<unknown>;
}

/**
 * The address of the worker's file, which imports nothing. It is not written inside of
 * `new Worker(…)`, because some bundlers would bundle the file again there; here they copy it, for
 * Node and for browsers.
 */
const ownUrl = () => new URL('./worker.js', import.meta.url);

const TRUST =
  "Under Trusted Types, list the policy 'backtime' in the page's Content-Security-Policy (trusted-types), or give setWorkerUrl a TrustedScriptURL";
/** Browsers do not say why. */
const NOT_LOADED = "its file could not be loaded. It is missing, or the page's Content-Security-Policy forbids it (worker-src)";

/** Starts a worker. @throws the runtime's error when it refuses */
export async function startPlatformWorker(name: string): Promise<PlatformWorker> {
  const make = getWorker();
  if (make) return ofUser(make());
  if (isNode()) {
    const { Worker } = await nodeModule<typeof import('node:worker_threads')>('node:worker_threads');
    // Without the process's flags: the file needs no loader, because it imports nothing, and it
    // cannot start with --input-type.
    const url = (getWorkerUrl() as URL | string | null) ?? ownUrl();
    try {
      return ofNode(new Worker(url, { name, execArgv: [] }));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ERR_ACCESS_DENIED') throw cause;
      throw new Error("Node's permission model forbids workers: start node with --allow-worker", { cause });
    }
  }
  const url = getWorkerUrl() ?? trustedUrl(ownUrl());
  try {
    return ofBrowser(new Worker(url as URL, { type: 'module', name }));
  } catch (cause) {
    // A page that accepts only trusted addresses throws this; each browser has another message.
    if (!isError(cause) || cause.name !== 'TypeError' || isTrustedScriptUrl(url)) throw cause;
    throw new Error(`${cause.message.replace(/\.$/, '')}. ${TRUST}`, { cause });
  }
}

/** @throws {ArgumentError} when it is no worker */
function ofUser(worker: WorkerLike): PlatformWorker {
  const given: Partial<WorkerLike> | null | undefined = worker;
  if (typeof given?.postMessage !== 'function' || typeof given.terminate !== 'function')
    throw new ArgumentError(`the function of setWorker must return a Worker, got ${describe(worker)}`);
  return 'on' in given ? ofNode(given as NodeWorker, OWN_FILE) : ofBrowser(given as Worker);
}

/** The remedy for a worker of the user that ends at once in Node, or does not answer. */
export const OWN_FILE = ". A file of setWorker imports 'backtime/worker'";
/** The same for an address. */
export const OWN_ADDRESS = '. The address of setWorkerUrl is that of backtime/dist/worker/worker.js';

function ofNode(worker: NodeWorker, hint = ''): PlatformWorker {
  return {
    start(handshake, transfer, onFailure) {
      worker.on('error', (error) => onFailure(reasonOf(error), error));
      worker.on('messageerror', (error) => onFailure('one of its messages could not be read', error));
      worker.on('exit', (code) => onFailure(`it exited with code ${code}${hint}`));
      worker.postMessage(handshake, transfer as never);
    },
    hold(process) {
      if (process) worker.ref();
      else worker.unref();
    },
    async terminate() {
      worker.removeAllListeners();
      // Without a listener an error that comes later would be uncaught.
      worker.on('error', () => {});
      await worker.terminate();
    },
  };
}

function reasonOf(error: unknown): string {
  if (!isError(error)) return String(error);
  const { message, code } = error as NodeJS.ErrnoException;
  return code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? `${message}. Use less data, fewer workers or a smaller batchSize, or give more memory with node --max-old-space-size=…`
    : message;
}

function ofBrowser(worker: Worker): PlatformWorker {
  return {
    start(handshake, transfer, onFailure) {
      worker.onerror = (event) => {
        event.preventDefault();
        onFailure(event.message || NOT_LOADED, event.error ?? undefined);
      };
      worker.onmessageerror = () => onFailure('one of its messages could not be read');
      worker.postMessage(handshake, [...transfer]);
    },
    hold() {},
    async terminate() {
      worker.onerror = null;
      worker.onmessageerror = null;
      worker.terminate();
    },
  };
}
