import { turn } from '../control/turn.ts';
import { cores } from '../core/cores.ts';
import { noteKeptWorkers } from '../model/workerOptions.ts';
import { WorkerThread, workerSource } from './workerThread.ts';

/** Milliseconds after which a worker that nobody uses ends. */
export const IDLE_MILLISECONDS = 30_000;

/** Workers that no call uses, the most recently used last. */
const idle: WorkerThread[] = [];

/**
 * Takes workers that no other call uses: idle ones if there are any, which have the code and the
 * kernels and may have the model; otherwise new ones.
 * @throws {WorkerError} when the runtime refuses to start one
 */
export async function takeWorkers(count: number): Promise<WorkerThread[]> {
  const source = workerSource();
  const threads: WorkerThread[] = [];
  while (threads.length < count) {
    const thread = idle.pop();
    if (!thread) break;
    if (!thread.alive) continue;
    if (thread.source === source) {
      thread.markBusy();
      threads.push(thread);
    } else void thread.terminate();
  }
  noteKeptWorkers(idle.length);
  try {
    while (threads.length < count) {
      threads.push(await WorkerThread.start());
      // A page needs some time to start a worker.
      await turn();
    }
  } catch (error) {
    leaveWorkers(threads);
    throw error;
  }
  return threads;
}

/**
 * Keeps workers for the next call. They end after half a minute without a call. Workers beyond one
 * for each core, or beyond the number of a call, end at once.
 */
export function leaveWorkers(threads: readonly WorkerThread[]): void {
  for (const thread of threads) {
    if (!thread.alive) continue;
    thread.markIdle(IDLE_MILLISECONDS, () => {
      idle.splice(idle.indexOf(thread), 1);
      noteKeptWorkers(idle.length);
      void thread.terminate();
    });
    idle.push(thread);
  }
  const most = Math.max(cores(), threads.length);
  while (idle.length > most) void idle.shift()?.terminate();
  noteKeptWorkers(idle.length);
}

/**
 * Ends the workers that `fit`, `evaluate` and `predict` keep for the next call, instead of half a
 * minute after the last one, and frees their memory. Workers of calls that run are not ended,
 * and a later call starts new ones.
 * @returns when they have ended; a browser does not tell, so there at once
 */
export async function releaseWorkers(): Promise<void> {
  const threads = idle.splice(0);
  noteKeptWorkers(0);
  await Promise.all(threads.map((thread) => thread.terminate()));
}
