import { BroadcastChannel, type Worker } from 'node:worker_threads';
import { getWorkerUrl } from '../../ts/training/workerOptions.ts';

const CHANNEL = 'backtime test: out of memory';

/** The worker's file, with an ear for {@link exhaustMemory}. Give it to `setWorkerUrl`. */
export function mortalWorkerUrl(): URL {
  const script = `
    import { BroadcastChannel, threadId } from 'node:worker_threads';
    const channel = new BroadcastChannel('${CHANNEL}');
    channel.onmessage = ({ data }) => {
      if (data === threadId) for (const kept = []; ; ) kept.push(new Array(10_000).fill(kept.length));
    };
    channel.unref();
    await import('${getWorkerUrl()}');`;
  return new URL(`data:text/javascript,${encodeURIComponent(script)}`);
}

/** Makes a worker of {@link mortalWorkerUrl} fill its heap, between two epochs, until there is no more. */
export function exhaustMemory(worker: Worker): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(worker.threadId);
  channel.close();
}
