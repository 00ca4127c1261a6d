import { expose } from 'comlink';
import { isNode, nodeModule } from '../core/nodeModule.ts';
import { CommandServer } from './commandServer.ts';
import { endpointOf } from './endpoint.ts';

/** What a worker's first message holds: where commands come from, and the lock that it holds while it lives. */
interface Greeting {
  readonly port: MessagePort;
  readonly lock: string | null;
}

/** This file is the worker: it waits for a port and takes commands from it. */
async function greet({ port, lock }: Greeting): Promise<void> {
  // Before the first answer, after which the caller asks for the lock too.
  if (lock !== null) await hold(lock);
  expose(new CommandServer(), endpointOf(port));
}

/** Takes a lock and keeps it. */
function hold(lock: string): Promise<void> {
  return new Promise((taken) => {
    void navigator.locks.request(lock, () => {
      taken();
      return new Promise(() => {});
    });
  });
}

if (isNode()) {
  // Not awaited at the top: bundlers make classic scripts of workers.
  void nodeModule<typeof import('node:worker_threads')>('node:worker_threads').then(({ parentPort }) => parentPort?.once('message', greet));
} else {
  addEventListener('message', ({ data }: MessageEvent<Greeting>) => greet(data), { once: true });
}
