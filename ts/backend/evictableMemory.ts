import { OutOfMemoryError } from '../core/errors.ts';
import type { Backend } from './backend.ts';

/**
 * Bytes of a backend's memory that idle models and streams may keep. Memory beyond it is copied to
 * the JavaScript heap, the longest unused first. There the garbage collector sees its size, and
 * frees it with the model.
 */
export const IDLE_BYTES = 256 * 2 ** 20;

/**
 * The contents of a backend's memory that can be moved to the heap. They must not refer to their
 * owner, which could then never be garbage collected.
 */
export interface EvictableContents {
  /** Bytes in the backend's memory. */
  readonly bytes: number;
  /** Copies the contents that must survive to the heap. If it throws, nothing has changed. */
  save(): void;
  /** Frees the memory. */
  dispose(): void;
}

/** Frees the memory of owners that were garbage collected. */
const abandoned = new FinalizationRegistry<EvictableMemory>((memory) => memory.dispose());

const pools = new WeakMap<Backend, Pool>();

/**
 * Memory of a backend that may be evicted while it is not pinned. Its owner then finds the contents
 * on the heap.
 */
export class EvictableMemory {
  readonly #pool: Pool;
  readonly #contents: EvictableContents;
  #pins = 0;
  #state: 'present' | 'evicted' | 'disposed' = 'present';
  #bytesEvicted = 0;

  /**
   * @param owner when it is garbage collected, the memory is freed
   * @param before the owner's earlier memory: if it was evicted, the limit rises by its bytes,
   *   because it was needed again
   */
  constructor(owner: object, backend: Backend, contents: EvictableContents, before: EvictableMemory | null) {
    this.#pool = poolOf(backend);
    this.#contents = contents;
    if (before) before.#pool.limit += before.#bytesEvicted;
    abandoned.register(owner, this, this);
    this.#pool.add(this, contents.bytes);
  }

  /** Whether the contents are in the backend's memory. */
  get present(): boolean {
    return this.#state === 'present';
  }

  /**
   * Keeps the contents in place until `unpin` was called as often as `pin`.
   * @returns whether they were not pinned before
   */
  pin(): boolean {
    if (this.#pins++ > 0) return false;
    this.#pool.remove(this);
    return true;
  }

  unpin(): void {
    if (--this.#pins === 0 && this.present) this.#pool.add(this, this.#contents.bytes);
  }

  /** Moves the contents to the heap. @returns whether there was room for them */
  evict(): boolean {
    try {
      this.#contents.save();
    } catch {
      // The heap is full. The contents stay in place, and nothing is lost.
      return false;
    }
    this.#bytesEvicted = this.#contents.bytes;
    this.#end('evicted');
    return true;
  }

  /** Frees the memory and the contents. */
  dispose(): void {
    if (this.present) this.#end('disposed');
  }

  #end(state: 'evicted' | 'disposed'): void {
    this.#state = state;
    abandoned.unregister(this);
    this.#pool.remove(this);
    this.#contents.dispose();
  }
}

/**
 * Allocates memory of a backend. Before that, idle memory is evicted down to the limit, and all of
 * it if the allocation fails.
 * @param allocate is called again in that case
 * @param release frees in that case what its caller does not need, and returns whether there was
 *   any
 * @throws {OutOfMemoryError} when there is no room even so
 */
export function withRoom<T>(backend: Backend, allocate: () => T, release: () => boolean = () => false): T {
  const pool = poolOf(backend);
  pool.evictTo(pool.limit);
  try {
    return allocate();
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error;
    const hasMore = [release(), pool.evictTo(0)].includes(true);
    if (!hasMore) throw error;
    return allocate();
  }
}

function poolOf(backend: Backend): Pool {
  let pool = pools.get(backend);
  if (!pool) {
    pool = new Pool();
    pools.set(backend, pool);
  }
  return pool;
}

/** The idle memory of one backend. */
class Pool {
  limit = IDLE_BYTES;
  /** With their bytes; the longest unused first. */
  readonly #idle = new Map<EvictableMemory, number>();
  #bytes = 0;

  add(memory: EvictableMemory, bytes: number): void {
    this.#idle.set(memory, bytes);
    this.#bytes += bytes;
  }

  remove(memory: EvictableMemory): void {
    this.#bytes -= this.#idle.get(memory) ?? 0;
    this.#idle.delete(memory);
  }

  /** Evicts until at most so many bytes are idle. @returns whether anything was evicted */
  evictTo(bytes: number): boolean {
    let evicted = false;
    for (const memory of this.#idle.keys()) {
      if (this.#bytes <= bytes || !memory.evict()) break;
      evicted = true;
    }
    return evicted;
  }
}
