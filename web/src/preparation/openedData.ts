import { proxy, type Remote, wrap } from 'comlink';
import type { SaidKind } from '../data/columns.ts';
import type { DataOverview } from '../data/overview.ts';
import type { OnRead, ReadSettings } from '../data/source.ts';
import type { NewData } from '../tasks/newData.ts';
import type { PreparationRequest } from '../tasks/prepare.ts';
import type { TaskNotes } from '../tasks/taskNotes.ts';
import type { DataOrigin, DataServer, Preparation } from './dataServer.ts';
import { DataWorkerError } from './dataWorkerError.ts';
import { endOfHolder, hasLocks } from './lifeLock.ts';

/**
 * A {@link DataServer} in a worker of its own. Every call fails once the worker has died or was
 * closed, and none waits for ever.
 */
export class OpenedData {
  readonly #worker: Worker;
  readonly #server: Remote<DataServer>;
  readonly #ended: Promise<never>;
  readonly #gone = new AbortController();
  readonly #onDeath: (reason: DataWorkerError) => void;
  #end: (reason: Error) => void = () => {};

  /**
   * @param onDeath is called when the worker ends, but not by {@link OpenedData.close}
   * @throws {DataWorkerError} where the browser starts no worker
   */
  constructor(onDeath: (reason: DataWorkerError) => void) {
    this.#onDeath = onDeath;
    this.#worker = startWorker();
    this.#server = wrap(this.#worker);
    this.#ended = new Promise((_, reject) => {
      this.#end = reject;
    });
    // Whoever waits for a call is told; an end that no one waits for is no error.
    this.#ended.catch(() => {});
    this.#worker.addEventListener('error', ({ message }) => this.#die(message || 'its script did not load'));
    this.#worker.addEventListener('messageerror', () => this.#die('a message of it could not be read'));
    if (hasLocks()) void this.#watch();
  }

  open(origin: DataOrigin, onRead: OnRead): Promise<DataOverview> {
    return Promise.race([this.#server.open(origin, proxy(onRead)), this.#ended]);
  }

  reread(settings: ReadSettings, onRead: OnRead): Promise<DataOverview> {
    return Promise.race([this.#server.reread(settings, proxy(onRead)), this.#ended]);
  }

  setKind(index: number, kind: SaidKind): Promise<DataOverview> {
    return Promise.race([this.#server.setKind(index, kind), this.#ended]);
  }

  prepare(request: PreparationRequest): Promise<Preparation> {
    return Promise.race([this.#server.prepare(request), this.#ended]);
  }

  newDataFor(notes: TaskNotes): Promise<NewData> {
    return Promise.race([this.#server.newDataFor(notes), this.#ended]);
  }

  /** Gives the data back, and ends what is under way. */
  close(): void {
    this.#release(new Error('The data was closed.'));
  }

  #die(reason: string): void {
    if (this.#gone.signal.aborted) return;
    const error = new DataWorkerError(
      'ENDED',
      `The data is not there any more: the worker that reads it ended (${reason}). Choose it again, or a smaller file.`,
    );
    this.#release(error);
    this.#onDeath(error);
  }

  #release(reason: Error): void {
    this.#gone.abort();
    this.#worker.terminate();
    this.#end(reason);
  }

  async #watch(): Promise<void> {
    const lock = `backtime data ${crypto.randomUUID()}`;
    try {
      // Only after its answer does the worker hold the lock.
      await this.#server.holdForLife(lock);
      await endOfHolder(lock, this.#gone.signal);
      this.#die('the browser ended it');
    } catch {
      // Aborted: it ended otherwise.
    }
  }
}

function startWorker(): Worker {
  try {
    return new Worker(new URL('./dataWorker.ts', import.meta.url), { type: 'module', name: 'data' });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataWorkerError('NOT_STARTED', `Data cannot be read: the browser did not start the worker that reads it (${reason}).`, {
      cause,
    });
  }
}
