import { abortReason } from '../control/checkpoint.ts';
import { warn } from '../core/warnings.ts';
import type { CallbackEvents, CallbackOf } from './callback.ts';

/**
 * Milliseconds that `fit` waits for a callback after the signal has ended the run: enough for most
 * callbacks that save something.
 */
const GRACE = 1000;

/**
 * Waits until a function of a callback has ended. After the signal is aborted it waits for a grace
 * period only, so that a callback that never ends cannot block `fit`.
 * @param pending the promise that the function returned
 * @param event the function's name
 * @throws the function's rejection, or the signal's reason when `fit` goes on without the function
 */
export async function awaitCallback(
  pending: void | Promise<void>,
  signal: AbortSignal | null,
  callback: CallbackOf,
  event: keyof CallbackEvents,
): Promise<void> {
  if (!signal || typeof pending?.then !== 'function') return pending;
  let leave = () => {};
  const left = new Promise<'left'>((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const begin = () => {
      timer = setTimeout(() => resolve('left'), GRACE);
    };
    leave = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', begin);
    };
    if (signal.aborted) begin();
    else signal.addEventListener('abort', begin);
  });
  try {
    if ((await Promise.race([pending, left])) !== 'left') return;
  } finally {
    leave();
  }
  const seconds = GRACE / 1000;
  const what = `${event} of a callback had not ended ${seconds} s after the signal, so fit ended without it`;
  warn(
    'CALLBACK_LEFT',
    `fit: ${what}. A callback that waits for something should stop waiting when the signal is aborted.`,
    callback,
    event,
  );
  throw abortReason(signal);
}
