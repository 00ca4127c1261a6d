import { expose } from 'comlink';
import { isNode, nodeModule } from '../core/nodeModule.ts';
import { CommandServer } from './commandServer.ts';

/** What a worker's first message holds: where commands come from, and the lock that it holds while it lives. */
interface Greeting {
  readonly port: MessagePort;
  readonly lock: string | null;
}

/** This file is the worker: it waits for a port and takes commands from it. */
function greet({ port, lock }: Greeting): void {
  if (lock !== null) void navigator.locks.request(lock, () => new Promise(() => {}));
  expose(new CommandServer(), port);
}

if (isNode()) {
  const { parentPort } = await nodeModule<typeof import('node:worker_threads')>('node:worker_threads');
  parentPort?.once('message', greet);
} else {
  addEventListener('message', ({ data }: MessageEvent<Greeting>) => greet(data), { once: true });
}
