import { now } from '../core/clock.ts';

/**
 * Milliseconds that a call may block its thread before it lets timers, input and signals run. A
 * step of up to 8 ms that begins within them still ends within the 16 ms of a frame.
 */
export const TURN = 8;

/** When the waiting events were last handled, whichever call waited for them. */
let last = now();

/** Resolves after the waiting events have been handled: timers, input, messages, signals. */
export async function turn(): Promise<void> {
  await new Promise<void>(schedule);
  last = now();
}

/**
 * Asynchronous functions wait for it before they return, since a loop that awaits short calls would
 * never let any event be handled: settled promises go first. Undefined when the last turn was not
 * long ago.
 */
export function turnIfDue(): Promise<void> | undefined {
  return now() - last >= TURN ? turn() : undefined;
}

function schedule(proceed: () => void): void {
  if (typeof setImmediate === 'function') setImmediate(proceed);
  else if (typeof MessageChannel === 'function') {
    // A nested setTimeout is delayed by 4 ms, a message is not.
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      proceed();
    };
    channel.port2.postMessage(null);
  } else setTimeout(proceed, 0);
}
