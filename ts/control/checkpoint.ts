import { now } from '../core/clock.ts';
import { isError } from '../core/tags.ts';
import type { TrainingControl } from './trainingControl.ts';
import { TURN, turn } from './turn.ts';

/** The objects that can pause or end a loop. */
export interface LoopControls {
  readonly signal?: AbortSignal | null;
  readonly control?: TrainingControl | null;
}

/** Returns undefined when the loop may go on at once, which is the usual case. */
export type Checkpoint = () => Promise<void> | undefined;

/**
 * Makes the function that a loop calls between two steps:
 * `const pending = checkpoint(); if (pending) await pending;` lets the thread's other work run,
 * waits while the run is paused, and throws the signal's reason after an abort.
 */
export function makeCheckpoint({ signal = null, control = null }: LoopControls = {}): Checkpoint {
  let last = now();
  const pass = async () => {
    await turn();
    while (control?.paused && !signal?.aborted) await change(control, signal);
    last = now();
    throwIfAborted(signal);
  };
  return () => {
    throwIfAborted(signal);
    return control?.paused || now() - last >= TURN ? pass() : undefined;
  };
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

/** Throws the signal's reason when it was aborted. */
export function throwIfAborted(signal: AbortSignal | null): void {
  if (signal?.aborted) throw abortReason(signal);
}

/** The errors for signals whose reason is not an error. */
const abortErrors = new WeakMap<AbortSignal, Error>();

/**
 * The error that an aborted run throws: the signal's reason if it is an error, otherwise one
 * `AbortError` for each signal.
 */
export function abortReason(signal: AbortSignal): Error {
  const { reason } = signal;
  if (isError(reason)) return reason;
  const error = abortErrors.get(signal) ?? new DOMException('Training was stopped', 'AbortError');
  abortErrors.set(signal, error);
  return error;
}
