import type { TrainingControl } from './trainingControl.ts';

/** Milliseconds that a loop may hold its thread before timers, input and signals get a turn. */
const TURN = 20;

/** What may hold a loop up or end it. */
export interface LoopControls {
  readonly signal?: AbortSignal | null;
  readonly control?: TrainingControl | null;
}

/** Undefined when the loop may go on at once, as most of the time. */
export type Checkpoint = () => Promise<void> | undefined;

/**
 * What a loop does between two steps: `const pending = checkpoint(); if (pending) await pending;` gives the thread's other
 * work its turn, waits while the run is paused, and throws the signal's reason when it was aborted.
 */
export function makeCheckpoint({ signal = null, control = null }: LoopControls = {}): Checkpoint {
  let last = performance.now();
  const pass = async () => {
    await turn();
    while (control?.paused && !signal?.aborted) await change(control, signal);
    last = performance.now();
    throwIfAborted(signal);
  };
  return () => {
    throwIfAborted(signal);
    return control?.paused || performance.now() - last >= TURN ? pass() : undefined;
  };
}

/** Resolves after the events that wait have been handled. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else {
      // Unlike setTimeout, a message is not delayed by 4 ms.
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        channel.port1.close();
        resolve();
      };
      channel.port2.postMessage(null);
    }
  });
}

/** Resolves when the run is resumed or aborted. */
function change(control: TrainingControl, signal: AbortSignal | null): Promise<void> {
  return new Promise((resolve) => {
    const proceed = () => {
      control.removeEventListener('resume', proceed);
      signal?.removeEventListener('abort', proceed);
      resolve();
    };
    control.addEventListener('resume', proceed);
    signal?.addEventListener('abort', proceed);
  });
}

function throwIfAborted(signal: AbortSignal | null): void {
  if (signal?.aborted) throw abortReason(signal);
}

/** What stands for a signal's reason that is no error. */
const abortErrors = new WeakMap<AbortSignal, Error>();

/** What an aborted run throws: the signal's reason when it is an error, else an `AbortError`, always the same. */
export function abortReason(signal: AbortSignal): Error {
  const { reason } = signal;
  if (reason instanceof Error) return reason;
  const error = abortErrors.get(signal) ?? new DOMException('Training was stopped', 'AbortError');
  abortErrors.set(signal, error);
  return error;
}
