import { MEMORY_ADVICE } from '../../core/allocate.ts';
import { ArgumentError, OutOfMemoryError } from '../../core/errors.ts';
import type { MemoryBlock } from '../backend.ts';

const PAGE_BYTES = 65_536;
/** The bytes that 32-bit addresses can reach. */
const ADDRESS_SPACE_BYTES = 2 ** 32;
/**
 * The bytes of a cache line. Sizes are rounded up to a multiple of it, so every block starts at
 * one.
 */
const ALIGNMENT = 64;

/** A region of the linear memory. */
export class WasmBlock implements MemoryBlock {
  readonly bytes: number;
  /** Byte address, a multiple of 64. */
  readonly address: number;

  constructor(address: number, bytes: number) {
    this.address = address;
    this.bytes = bytes;
  }
}

/** Addresses `start <= a < end`. */
interface Region {
  start: number;
  end: number;
}

/**
 * Allocates the linear memory behind the module's own. First fit over a list of free regions in the
 * order of their addresses, with neighbours joined; the memory grows only when no region fits. The
 * allocator only uses memory that it grew itself, so other code may grow the memory too.
 */
export class MemoryAllocator {
  readonly #memory: WebAssembly.Memory;
  readonly #limit: number;
  readonly #blocks = new Set<WasmBlock>();
  #free: Region[] = [];
  /** The address from which on no memory was ever allocated, so that it is still zero. */
  #untouched = 0;
  #bytesInUse = 0;

  /**
   * @param limit largest size of the memory in bytes. Default 4 GiB, which is all that 32-bit
   *   addresses can reach
   */
  constructor(memory: WebAssembly.Memory, limit: number = ADDRESS_SPACE_BYTES) {
    this.#memory = memory;
    this.#limit = Math.min(limit, ADDRESS_SPACE_BYTES);
  }

  /** The allocated bytes, rounded up to whole cache lines. */
  get bytesInUse(): number {
    return this.#bytesInUse;
  }

  /**
   * Allocates zeroed memory.
   * @param purpose the memory's use, for the error message
   * @throws {OutOfMemoryError} when there is not enough memory
   */
  allocate(bytes: number, purpose: string): WasmBlock {
    if (!Number.isInteger(bytes) || bytes < 0) throw new ArgumentError(`Cannot allocate ${bytes} bytes for ${purpose}: not a size.`);
    const size = roundUp(Math.max(bytes, 1), ALIGNMENT);
    const region = this.#free.find(({ start, end }) => end - start >= size) ?? this.#grow(size, bytes, purpose);
    const start = region.start;
    region.start += size;
    if (region.start === region.end) this.#free.splice(this.#free.indexOf(region), 1);
    this.#clear(start, start + size);
    this.#bytesInUse += size;
    const block = new WasmBlock(start, bytes);
    this.#blocks.add(block);
    return block;
  }

  /** Frees a block. Freeing it twice, or a block of another allocator, has no effect. */
  free(block: MemoryBlock): void {
    if (!(block instanceof WasmBlock) || !this.#blocks.delete(block)) return;
    const size = roundUp(Math.max(block.bytes, 1), ALIGNMENT);
    this.#bytesInUse -= size;
    this.#release({ start: block.address, end: block.address + size });
  }

  #clear(start: number, end: number): void {
    const used = Math.min(end, this.#untouched);
    if (used > start) new Uint8Array(this.#memory.buffer, start, used - start).fill(0);
    this.#untouched = Math.max(end, this.#untouched);
  }

  /** Grows the memory until its last free region has `size` bytes. */
  #grow(size: number, bytes: number, purpose: string): Region {
    const end = this.#memory.buffer.byteLength;
    const last = this.#free.at(-1);
    const missing = size - (last?.end === end ? end - last.start : 0);
    const pages = Math.ceil(missing / PAGE_BYTES);
    const refused = () =>
      `Cannot allocate ${bytes} bytes for ${purpose}: the WebAssembly memory has ${end} bytes, ${this.#bytesInUse} of them in use, ` +
      `and would have to grow to ${end + pages * PAGE_BYTES}; `;
    if (end + pages * PAGE_BYTES > this.#limit)
      throw new OutOfMemoryError(`${refused()}the limit is ${this.#limit} bytes. ${MEMORY_ADVICE}`);
    try {
      const start = this.#memory.grow(pages) * PAGE_BYTES;
      return this.#release({ start, end: start + pages * PAGE_BYTES });
    } catch (cause) {
      throw new OutOfMemoryError(`${refused()}the runtime refused to grow it. ${MEMORY_ADVICE}`, { cause });
    }
  }

  /** Adds a region to the free ones and joins it with its neighbours. */
  #release(region: Region): Region {
    const free = this.#free;
    const index = lowerBound(free, region.start);
    const before = free[index - 1];
    const after = free[index];
    const joinsBefore = before?.end === region.start;
    const joinsAfter = after?.start === region.end;
    const joined = {
      start: joinsBefore ? before.start : region.start,
      end: joinsAfter ? after.end : region.end,
    };
    free.splice(joinsBefore ? index - 1 : index, Number(joinsBefore) + Number(joinsAfter), joined);
    return joined;
  }
}

/** Index of the first region that starts at `start` or later. */
function lowerBound(regions: readonly Region[], start: number): number {
  let low = 0;
  let high = regions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (regions[middle].start < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

const roundUp = (value: number, multiple: number) => Math.ceil(value / multiple) * multiple;
