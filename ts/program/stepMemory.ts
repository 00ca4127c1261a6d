import type { Backend, MemoryBlock } from '../backend/backend.ts';
import { aligned } from './memoryPlan.ts';

/** A block that programs use within their steps. */
interface SharedBlock {
  readonly block: MemoryBlock;
  users: number;
}

/**
 * The factor by which a program that needs more than all before gets more than it needs. With
 * lengths that vary, later programs then seldom need a new block.
 */
const ROOM = 1.125;

/**
 * Memory for the buffers that programs use only within a step. Programs whose steps do not overlap
 * share it: a smaller batch computes in the block of a larger one. A program that needs more gets a
 * new block, which later programs share; the earlier block lives as long as its programs.
 */
export class StepMemory {
  readonly #backend: Backend;
  readonly #blocks = new Map<MemoryBlock, SharedBlock>();
  /** The last block that was allocated, which is the largest. */
  #largest: SharedBlock | null = null;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  get bytes(): number {
    let bytes = 0;
    for (const { bytes: size } of this.#blocks.keys()) bytes += size;
    return bytes;
  }

  /**
   * A block of at least so many bytes, until `release`.
   * @param purpose the purpose, for the error message
   * @throws {OutOfMemoryError} when there is not enough memory
   */
  take(bytes: number, purpose: string): MemoryBlock {
    if (!this.#largest || this.#largest.block.bytes < bytes) {
      const block = this.#backend.allocate(this.#largest ? aligned(bytes * ROOM) : bytes, purpose);
      this.#largest = { block, users: 0 };
      this.#blocks.set(block, this.#largest);
    }
    this.#largest.users++;
    return this.#largest.block;
  }

  /** Ends the use of a block by a program. A block that no program uses is freed. */
  release(block: MemoryBlock): void {
    const shared = this.#blocks.get(block);
    if (!shared || --shared.users > 0) return;
    this.#blocks.delete(block);
    if (this.#largest === shared) this.#largest = null;
    this.#backend.free(block);
  }
}
