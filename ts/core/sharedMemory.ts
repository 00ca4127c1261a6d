import { tagOf } from './tags.ts';

/**
 * Whether this thread and its workers can share memory: always in Node, in browsers only on
 * cross-origin isolated pages.
 */
export function canShareMemory(): boolean {
  return typeof SharedArrayBuffer === 'function' && (globalThis.crossOriginIsolated ?? true);
}

/** Whether a buffer is shared memory. */
export function isShared(buffer: ArrayBufferLike): buffer is SharedArrayBuffer {
  return tagOf(buffer) === 'SharedArrayBuffer';
}

/**
 * Bytes of the smallest block, so that small ones of different sizes can stand in for each other.
 */
const SMALLEST = 4096;

/**
 * Released blocks, for the next runs. They are held weakly: a collection frees those that nobody
 * uses, as it would without this list.
 */
const released = new Set<WeakRef<SharedArrayBuffer>>();

/**
 * The shared memory of one run. The garbage collector does not see how large shared memory is, so
 * the memory of many short runs adds up until it runs for another reason. A run therefore reuses
 * the memory that an earlier run released.
 */
export class SharedAllocation {
  #blocks: SharedArrayBuffer[] = [];
  /** Number of blocks that are in use; the others are there since before the last `rewind`. */
  #used = 0;

  /**
   * A block for this run, with any contents, up to twice as long as asked.
   * @throws {RangeError} when there is not enough memory
   */
  allocate(bytes: number): SharedArrayBuffer {
    const own = this.#blocks[this.#used];
    const block = own && fits(own, bytes) ? own : (takeReleased(bytes) ?? new SharedArrayBuffer(Math.max(bytes, SMALLEST)));
    if (own && own !== block) released.add(new WeakRef(own));
    this.#blocks[this.#used++] = block;
    return block;
  }

  /** Lets the next calls of `allocate` give the same blocks, where they fit, in the same order. */
  rewind(): void {
    this.#used = 0;
  }

  /** Releases all blocks. No thread may use them afterwards. */
  release(): void {
    for (const block of this.#blocks) released.add(new WeakRef(block));
    this.#blocks = [];
    this.#used = 0;
  }
}

function fits(block: SharedArrayBuffer, bytes: number): boolean {
  return block.byteLength >= bytes && block.byteLength <= 2 * Math.max(bytes, SMALLEST);
}

/** The smallest released block that fits; null when there is none. */
function takeReleased(bytes: number): SharedArrayBuffer | null {
  let best: WeakRef<SharedArrayBuffer> | undefined;
  for (const reference of released) {
    const block = reference.deref();
    if (!block) released.delete(reference);
    else if (fits(block, bytes) && block.byteLength < (best?.deref()?.byteLength ?? Number.POSITIVE_INFINITY)) best = reference;
  }
  if (!best) return null;
  released.delete(best);
  // It is there: memory that was looked at stays until the thread's next task.
  return best.deref() ?? null;
}
