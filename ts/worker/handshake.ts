import { expose } from 'comlink';
import { isNode, nodeModule } from '../core/nodeModule.ts';
import { CommandServer } from './commandServer.ts';
import { endpointOf } from './endpoint.ts';

/**
 * The first message to a worker: the port for commands, and the name of the lock that the worker
 * holds as long as it lives.
 */
interface Handshake {
  readonly port: MessagePort;
  readonly lock: string | null;
}

/** Other messages are those of a user's own worker, which has this code for `releaseWorkers`. */
function isHandshake(data: unknown): data is Handshake {
  if (typeof data !== 'object' || data === null) return false;
  const { port, lock } = data as Partial<Handshake>;
  return typeof port?.postMessage === 'function' && (lock === null || typeof lock === 'string');
}

/** Takes commands from the port of a handshake. */
async function acceptHandshake({ port, lock }: Handshake): Promise<void> {
  // Before the first answer, because the caller then requests the lock too.
  if (lock !== null) await hold(lock);
  expose(new CommandServer(), endpointOf(port));
}

/** Takes a lock and never releases it. */
function hold(lock: string): Promise<void> {
  return new Promise((taken) => {
    void navigator.locks.request(lock, () => {
      taken();
      return new Promise(() => {});
    });
  });
}

/** In a worker, waits for the handshake of the thread that started it. */
export function awaitHandshake(): void {
  if (isNode()) {
    // No top-level await: bundlers turn workers into classic scripts.
    void nodeModule<typeof import('node:worker_threads')>('node:worker_threads').then(({ parentPort }) => {
      const take = (data: unknown) => {
        if (!isHandshake(data)) return;
        parentPort?.off('message', take);
        void acceptHandshake(data);
      };
      parentPort?.on('message', take);
    });
  } else if (typeof document === 'undefined') {
    // Not in a page, which has this code for `releaseWorkers`: any window may send it messages.
    const take = ({ data }: MessageEvent<unknown>) => {
      if (!isHandshake(data)) return;
      removeEventListener('message', take);
      void acceptHandshake(data);
    };
    addEventListener('message', take);
  }
}
