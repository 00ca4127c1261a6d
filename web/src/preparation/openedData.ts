import { type Remote, wrap } from 'comlink';
import type { DataOverview } from '../data/overview.ts';
import type { PreparationRequest } from '../tasks/prepare.ts';
import type { DataOrigin, DataServer, Preparation } from './dataServer.ts';

/** A {@link DataServer} in a worker of its own. Every call fails once the worker has died or was closed, and none waits for ever. */
export class OpenedData {
  readonly #worker = new Worker(new URL('./dataWorker.ts', import.meta.url), { type: 'module', name: 'data' });
  readonly #server: Remote<DataServer> = wrap(this.#worker);
  readonly #ended: Promise<never>;
  #end: (reason: Error) => void = () => {};

  constructor() {
    this.#ended = new Promise((_, reject) => {
      this.#end = reject;
    });
    // Whoever waits for a call is told; an end that no one waits for is no error.
    this.#ended.catch(() => {});
    this.#worker.addEventListener('error', ({ message }) =>
      this.#end(
        new Error(
          `The data could not be read: the worker that reads it ended (${message || 'its script did not load'}). Choose it again, or a smaller file.`,
        ),
      ),
    );
  }

  open(origin: DataOrigin): Promise<DataOverview> {
    return Promise.race([this.#server.open(origin), this.#ended]);
  }

  setHeader(hasHeader: boolean): Promise<DataOverview> {
    return Promise.race([this.#server.setHeader(hasHeader), this.#ended]);
  }

  prepare(request: PreparationRequest): Promise<Preparation> {
    return Promise.race([this.#server.prepare(request), this.#ended]);
  }

  /** Gives the data back, and ends what is under way. */
  close(): void {
    this.#worker.terminate();
    this.#end(new Error('The data was closed.'));
  }
}
