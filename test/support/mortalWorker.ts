import { BroadcastChannel, type Worker } from 'node:worker_threads';
import { getWorkerUrl } from '../../ts/model/workerOptions.ts';

const CHANNEL = 'backtime test: out of memory';
/** Of the old generation's limit: from here on its end is near. */
const NEARLY_FULL = 0.7;

/**
 * The worker's file, with an ear for {@link exhaustMemory}. Give it to `setWorkerUrl`; its workers
 * need a limit of their heap.
 */
export function mortalWorkerUrl(): URL {
  const script = `
    import { BroadcastChannel, resourceLimits, threadId } from 'node:worker_threads';
    import { getHeapStatistics } from 'node:v8';
    const channel = new BroadcastChannel('${CHANNEL}');
    const limit = resourceLimits.maxOldGenerationSizeMb * 2 ** 20;
    const isNearlyFull = () => getHeapStatistics().used_heap_size > ${NEARLY_FULL} * limit;
    channel.onmessage = ({ data }) => {
      if (data !== threadId) return;
      const kept = [];
      const fill = () => kept.push(new Array(10_000).fill(kept.length));
      while (!isNearlyFull()) fill();
      channel.postMessage({ nearlyFull: threadId });
      for (;;) fill();
    };
    channel.unref();
    await import('${getWorkerUrl()}');`;
  return new URL(`data:text/javascript,${encodeURIComponent(script)}`);
}

/**
 * Makes a worker of {@link mortalWorkerUrl} fill its heap, between two epochs, until there is no
 * more.
 * @param nearlyFull called when it is about to die
 */
export function exhaustMemory({ threadId }: Worker, nearlyFull: () => void): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: { data: unknown }) => {
    if (typeof data !== 'object' || (data as { nearlyFull: number }).nearlyFull !== threadId) return;
    nearlyFull();
    channel.close();
  };
  channel.postMessage(threadId);
}
