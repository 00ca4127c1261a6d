import { OutOfMemoryError } from '../core/errors.ts';
import type { Backend } from './backend.ts';

/**
 * Bytes of a backend's memory that may stay with models and streams that nobody runs. What they
 * have beyond it is copied to the JavaScript heap, the longest unused first: the collector sees it
 * there, and takes it with a model that was dropped.
 */
export const IDLE_BYTES = 256 * 2 ** 20;

/**
 * What is in a backend's memory and can wait on the heap. It must not lead to its owner, which
 * could never be collected then.
 */
export interface EvictableContents {
  /** Bytes in the backend's memory. */
  readonly bytes: number;
  /** Copies what must outlive the memory to the heap. Nothing has changed when it throws. */
  save(): void;
  /** Gives the memory back. */
  dispose(): void;
}

/** Memory of owners that nobody holds any more goes back to the backend. */
const abandoned = new FinalizationRegistry<EvictableMemory>((memory) => memory.dispose());

const pools = new WeakMap<Backend, Pool>();

/**
 * Memory of a backend that its owner may lose whenever it is not pinned: it then finds the contents
 * on the heap.
 */
export class EvictableMemory {
  readonly #pool: Pool;
  readonly #contents: EvictableContents;
  #pins = 0;
  #state: 'present' | 'evicted' | 'disposed' = 'present';
  #bytesEvicted = 0;

  /**
   * @param owner when it is collected, the memory goes back to the backend
   * @param before what the owner had before: when that was evicted, it was missed, and as many
   *   bytes more may stay from now on
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
   * Keeps the contents where they are until as many calls of `unpin`.
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
      // The heap is full. They stay where they are, and nothing is lost.
      return false;
    }
    this.#bytesEvicted = this.#contents.bytes;
    this.#end('evicted');
    return true;
  }

  /** Gives the memory back, and the contents up. */
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
 * Takes memory of a backend. Before that, idle memory is evicted down to what may stay, and all of
 * it when there is no room.
 * @param allocate is called again in that case
 * @param release gives back in that case what its caller can do without, and says whether there was
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

/** The memory of one backend that nobody uses just now. */
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
