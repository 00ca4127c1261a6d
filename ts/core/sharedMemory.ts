import { tagOf } from './tags.ts';

/** Whether this thread and its workers can share memory: always in Node, in browsers only on cross-origin isolated pages. */
export function canShareMemory(): boolean {
  return typeof SharedArrayBuffer === 'function' && (globalThis.crossOriginIsolated ?? true);
}

/** Whether a buffer is shared memory. */
export function isShared(buffer: ArrayBufferLike): buffer is SharedArrayBuffer {
  return tagOf(buffer) === 'SharedArrayBuffer';
}
