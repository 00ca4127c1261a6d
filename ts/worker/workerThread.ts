import { type Remote, releaseProxy, wrap } from 'comlink';
import { WorkerError } from '../core/errors.ts';
import { openChannel } from '../core/nodeGlobals.ts';
import { isNode } from '../core/nodeModule.ts';
import { isError } from '../core/tags.ts';
import { getWorker, getWorkerUrl } from '../model/workerOptions.ts';
import type { WorkerCommands } from './commands.ts';
import { endpointOf } from './endpoint.ts';
import { type Outcome, unwrap } from './outcome.ts';
import { OWN_ADDRESS, OWN_FILE, type PlatformWorker, startPlatformWorker } from './platformWorker.ts';

let started = 0;

/** The source of a worker: the function or the address of the user, or the default. */
export function workerSource(): unknown {
  return getWorker() ?? String(getWorkerUrl() ?? 'default');
}

/**
 * Seconds in which a worker whose file the user names answers for the first time. Its file may come
 * over a slow network; a file that does not listen cannot be detected sooner.
 */
const SECONDS_TO_ANSWER = 60;

/**
 * Seconds in which a worker that was idle answers. It has nothing else to do, and a new one can
 * take its place.
 */
const SECONDS_OF_IDLE_WORKER = 2;

/**
 * The caller's side of a worker: its commands, and the failure of calls when the worker fails. A
 * failed worker answers no message, so its events fail the calls that wait.
 */
export class WorkerThread {
  readonly commands: Remote<WorkerCommands>;
  /**
   * The copies of models that it keeps, by their keys, with the version of their weights; the
   * longest unused first.
   */
  readonly copies = new Map<number, string>();
  /** The source of its file. */
  readonly source: unknown;
  readonly #worker: PlatformWorker;
  readonly #port: MessagePort;
  readonly #waiting = new Set<(error: WorkerError) => void>();
  readonly #released = new AbortController();
  #failure: WorkerError | null = null;
  #ended: Promise<unknown> | null = null;
  #idleTimer: ReturnType<typeof setTimeout> | null = null;
  #wasIdle = false;

  private constructor(worker: PlatformWorker, source: unknown) {
    const { port1, port2 } = openChannel();
    this.#worker = worker;
    this.source = source;
    this.#port = port1;
    // Browsers have no event for a worker that was terminated, but its locks become free.
    const lock = !isNode() && navigator.locks ? `backtime worker ${crypto.randomUUID()}` : null;
    const endpoint = endpointOf(port1);
    endpoint.addEventListener('messageerror', () => this.#fail('one of its messages could not be read'));
    this.commands = wrap<WorkerCommands>(endpoint);
    worker.start({ port: port2, lock }, [port2], (reason, cause) => this.#fail(reason, cause));
    const remedy = getWorker() !== null ? OWN_FILE : getWorkerUrl() !== null ? OWN_ADDRESS : null;
    if (lock === null && remedy === null) return;
    const answer = this.commands.ready();
    if (lock !== null) void this.#watch(lock, answer);
    if (remedy !== null) this.#expect(answer, SECONDS_TO_ANSWER, remedy);
  }

  /** Starts a worker. @throws {WorkerError} when the runtime refuses */
  static async start(): Promise<WorkerThread> {
    const number = ++started;
    const source = workerSource();
    let worker: PlatformWorker | undefined;
    try {
      worker = await startPlatformWorker(`backtime ${number}`);
      return new WorkerThread(worker, source);
    } catch (cause) {
      void worker?.terminate();
      const reason = isError(cause) ? cause.message : String(cause);
      throw new WorkerError(`a worker could not be started: ${reason}`, { cause });
    }
  }

  /** Whether it takes commands. */
  get alive(): boolean {
    return this.#failure === null;
  }

  /** Whether it was idle and has not answered since. */
  get wasIdle(): boolean {
    return this.#wasIdle;
  }

  /** Whether a call waits for it. */
  get busy(): boolean {
    return this.#waiting.size > 0;
  }

  /**
   * Leaves the worker idle: it does not keep the process from ending.
   * @param end called after so many milliseconds
   */
  markIdle(milliseconds: number, end: () => void): void {
    this.#wasIdle = true;
    this.#hold(false);
    this.#idleTimer = setTimeout(end, milliseconds);
    (this.#idleTimer as { unref?(): void }).unref?.();
  }

  /**
   * Ends the idle time. A worker that then gives no answer fails, and so do the calls that wait.
   */
  markBusy(): void {
    this.#endIdleTime();
    this.#hold(true);
    this.#expect(this.commands.ready(), SECONDS_OF_IDLE_WORKER, '');
  }

  /** Notes that it answered after its idle time. */
  noteAnswer(): void {
    this.#wasIdle = false;
  }

  /**
   * Runs a command and returns its value.
   * @throws the command's error
   * @throws {WorkerError} when the worker failed or fails
   */
  call<T>(command: (commands: Remote<WorkerCommands>) => Promise<Outcome<T>>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#failure) {
        reject(this.#failure);
        return;
      }
      this.#waiting.add(reject);
      command(this.commands)
        .then(unwrap)
        .then(resolve, reject)
        .finally(() => this.#waiting.delete(reject));
    });
  }

  /** Ends the worker at once. @returns a promise for its end, where the runtime tells it */
  async terminate(): Promise<void> {
    this.#fail('it was terminated');
    await this.#ended;
  }

  #hold(process: boolean): void {
    this.#worker.hold(process);
    const port = this.#port as { ref?(): void; unref?(): void };
    if (process) port.ref?.();
    else port.unref?.();
  }

  #endIdleTime(): void {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#idleTimer = null;
  }

  #fail(reason: string, cause?: unknown): void {
    if (this.#failure) return;
    this.#failure = new WorkerError(`a worker failed: ${reason}`, { cause });
    this.#endIdleTime();
    this.#released.abort();
    this.#ended = this.#worker.terminate();
    // Until the commands are released or collected, comlink holds the port and, through its
    // listeners, the run and its data.
    this.commands[releaseProxy]();
    this.#port.close();
    for (const reject of this.#waiting) reject(this.#failure);
    this.#waiting.clear();
  }

  /**
   * Ends the worker when it gives no answer. Ticks are counted instead of the time, because a
   * suspended page has none.
   */
  #expect(answer: Promise<void>, most: number, remedy: string): void {
    let seconds = 0;
    const timer = setInterval(() => {
      if (++seconds === most) this.#fail(`it gave no answer for ${seconds} seconds${remedy}`);
    }, 1000);
    const { signal } = this.#released;
    const stop = () => {
      clearInterval(timer);
      signal.removeEventListener('abort', stop);
    };
    answer.then(stop, stop);
    signal.addEventListener('abort', stop);
  }

  async #watch(lock: string, answer: Promise<void>): Promise<void> {
    const { signal } = this.#released;
    try {
      // The worker has requested its lock only after its first answer.
      await answer;
      await navigator.locks.request(lock, { signal }, () => this.#fail('it was ended from outside'));
    } catch {
      // Aborted: the worker ended otherwise.
    }
  }
}
