import type { Backend, MemoryBlock, Placement } from '../backend/backend.ts';
import { type EvictableContents, EvictableMemory } from '../backend/evictableMemory.ts';
import { PACKINGS } from '../backend/kernels.generated.ts';
import { requireQuantisedKernels } from '../backend/wasm/quantisedKernels.ts';
import { invariant } from '../core/invariant.ts';
import type { QuantisedType, Weight } from '../layers/weight.ts';

export { loadQuantisedKernels } from '../backend/wasm/quantisedKernels.ts';

/** A kernel of integers in a backend's memory, as its products read it. */
export interface PackedKernel {
  /** Code from `PACKINGS`. */
  readonly packing: number;
  /** Integers of 32 bits, each of which has one to four elements. */
  readonly words: Placement;
  /** Floats: the scale of the integers of each column. */
  readonly scales: Placement;
}

/** Elements of the depth that crate/src/gemm/quantised.rs sums before it scales the sum. */
const DEPTH = 1024;
/** Columns that its products compute together. */
const PANEL = 8;
/** The offset that the kernels add to an int8 of the left side. */
const OFFSET = 64;

/**
 * The packed kernels of one model whose weights are integers. The weights keep their integers, so
 * the memory may be taken while no program uses it.
 */
export class PackedWeights {
  readonly #backend: Backend;
  readonly #kernels = new Map<Weight, PackedKernel>();
  readonly #contents: PackedContents;
  readonly #memory: EvictableMemory;

  /**
   * @throws {StateError} when the backend's kernels for it are not loaded, outside of Node
   * @throws {BackendError} when they cannot be loaded
   */
  constructor(backend: Backend) {
    requireQuantisedKernels(backend);
    this.#backend = backend;
    this.#contents = new PackedContents(backend);
    this.#memory = new EvictableMemory(this, backend, this.#contents, null);
  }

  /** Whether the packed kernels are still at their addresses. */
  get present(): boolean {
    return this.#memory.present;
  }

  /** Keeps the packed kernels in place until `unpin` was called as often as `pin`. */
  pin(): void {
    this.#memory.pin();
  }

  /** Takes back a call of `pin`. */
  unpin(): void {
    this.#memory.unpin();
  }

  /**
   * A weight `[K, gates*H]`, packed at the first call.
   * @throws {OutOfMemoryError} when there is not enough memory
   */
  of(weight: Weight, gates: number): PackedKernel {
    const known = this.#kernels.get(weight);
    if (known) return known;
    const { quantised } = weight;
    invariant(quantised, `weight ${weight.path} has no integers`);
    const backend = this.#backend;
    const [depth, columns] = weight.shape as readonly [number, number];
    const { type, integers, scales } = quantised.values;
    const { packing, words } = pack(backend, type, integers.data, [depth, columns], gates);
    // Floats begin at multiples of 8 bytes on the reference backend.
    const wordBytes = Math.ceil(words.byteLength / 16) * 16;
    const block = this.#contents.allocate(wordBytes + columns * backend.floatBytes, `the integers of ${weight.path}`);
    const kernel = {
      packing,
      words: { block, byteOffset: 0, length: words.length },
      scales: { block, byteOffset: wordBytes, length: columns },
    };
    backend.ints(kernel.words).set(words);
    backend.floats(kernel.scales).set(scales.data);
    this.#kernels.set(weight, kernel);
    return kernel;
  }

  dispose(): void {
    this.#memory.dispose();
  }
}

/** The packed kernels. They hold no reference to the weights, so those can be garbage collected. */
class PackedContents implements EvictableContents {
  readonly #backend: Backend;
  readonly #blocks: MemoryBlock[] = [];

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  get bytes(): number {
    return this.#blocks.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  allocate(bytes: number, purpose: string): MemoryBlock {
    const block = this.#backend.allocate(bytes, purpose);
    this.#blocks.push(block);
    return block;
  }

  save(): void {}

  dispose(): void {
    for (const block of this.#blocks) this.#backend.free(block);
    this.#blocks.length = 0;
  }
}

/** A kernel's integers as the backend's products read them. */
export function pack(
  { build }: Pick<Backend, 'build'>,
  type: QuantisedType,
  integers: ArrayLike<number>,
  [depth, columns]: readonly [number, number],
  gates: number,
): { readonly packing: number; readonly words: Int32Array } {
  // The reference reads one integer after the other.
  if (build === 'float64') return { packing: PACKINGS[type], words: Int32Array.from(integers) };
  if (type === 'int16') return { packing: PACKINGS.int16, words: packPanels(integers, depth, columns, gates, 2) };
  // simd128 has no product of int8.
  if (build === 'simd128') return { packing: PACKINGS.int8InPairs, words: packPanels(integers, depth, columns, gates, 2) };
  return { packing: PACKINGS.int8, words: packPanels(integers, depth, columns, gates, 4) };
}

/**
 * Gate after gate, in blocks of the depth, these in panels of columns, these in groups of as many
 * rows as a word has elements. With four of them a block begins with what the offset of the left
 * side adds to its columns.
 */
function packPanels(integers: ArrayLike<number>, depth: number, columns: number, gates: number, elements: 2 | 4): Int32Array {
  const units = columns / gates;
  const padded = Math.ceil(units / PANEL) * PANEL;
  const bits = 32 / elements;
  const mask = 2 ** bits - 1;
  const words: Int32Array[] = [];
  for (let gate = 0; gate < gates; gate++) {
    for (let start = 0; start < depth; start += DEPTH) {
      const end = Math.min(start + DEPTH, depth);
      const groups = Math.ceil((end - start) / elements);
      const header = elements === 4 ? padded : 0;
      const block = new Int32Array(header + padded * groups);
      for (let k = start; k < end; k++) {
        const [group, part] = [Math.floor((k - start) / elements), (k - start) % elements];
        for (let unit = 0; unit < units; unit++) {
          const integer = integers[k * columns + gate * units + unit] as number;
          const panel = Math.floor(unit / PANEL);
          const place = header + (panel * groups + group) * PANEL + (unit % PANEL);
          block[place] = (block[place] as number) | ((integer & mask) << (bits * part));
          if (header > 0) block[unit] = (block[unit] as number) - OFFSET * integer;
        }
      }
      words.push(block);
    }
  }
  const all = new Int32Array(words.reduce((sum, { length }) => sum + length, 0));
  let next = 0;
  for (const block of words) {
    all.set(block, next);
    next += block.length;
  }
  return all;
}
