import type { Backend } from '../../ts/backend/backend.ts';
import { withRoom } from '../../ts/backend/evictableMemory.ts';
import { OutOfMemoryError } from '../../ts/index.ts';

/** Evicts all that nobody runs on a backend, as an allocation does that finds no room. */
export function evictIdle(backend: Backend): void {
  let isFirst = true;
  const refuseOnce = () => {
    if (!isFirst) return;
    isFirst = false;
    throw new OutOfMemoryError('no room');
  };
  try {
    withRoom(backend, refuseOnce);
  } catch (error) {
    // Nothing was idle.
    if (!(error instanceof OutOfMemoryError)) throw error;
  }
}
