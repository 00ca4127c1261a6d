import type { Backend, MemoryBlock, Placement } from '../backend/backend.ts';
import { type EvictableContents, EvictableMemory } from '../backend/evictableMemory.ts';
import { ShapeError } from '../core/errors.ts';
import { invariant } from '../core/invariant.ts';
import type { FloatArray } from '../core/numericArray.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import type { NumericArray } from '../core/tensor.ts';
import type { Weight, WeightPlace } from '../layers/weight.ts';
import { noteArray, noteChange } from './weightChanges.ts';

/**
 * The values of weights whose memory was allocated together, one after the other. Every model that
 * has one of the weights uses the store, so models that share layers train the same numbers. While
 * none of these models runs, the values may be evicted to the heap.
 */
export class WeightStore implements WeightPlace {
  readonly backend: Backend;
  readonly #values: StoredValues;
  #memory: EvictableMemory;
  readonly #starts: ReadonlyMap<Weight, number>;
  /** The present users of the values. */
  readonly #users = new Set<object>();

  /**
   * Allocates memory for weights and copies their values, if they have any.
   * @param starts the start of each weight, in floats
   * @param count number of floats
   * @throws {OutOfMemoryError} when there is not enough memory
   */
  constructor(backend: Backend, starts: ReadonlyMap<Weight, number>, count: number) {
    this.backend = backend;
    this.#starts = starts;
    this.#values = new StoredValues(backend, count);
    this.#memory = new EvictableMemory(this, backend, this.#values, null);
    for (const weight of starts.keys()) {
      const values = weight.quantised ? weight.read() : weight.values;
      noteArray(weight);
      if (values) this.#set(weight, values);
      weight.values = null;
      weight.place = this;
    }
  }

  /** The memory that the values are in; null while they are on the heap. */
  get block(): MemoryBlock | null {
    return this.#values.block;
  }

  /** The place of a weight's values, while they are in memory. */
  placeOf(weight: Weight): Placement {
    const { block } = this;
    invariant(block, `weight ${weight.path} is on the heap`);
    const { start, length } = this.#part(weight);
    return { block, byteOffset: start * this.backend.floatBytes, length };
  }

  read(weight: Weight): FloatArray {
    return this.view(weight).slice();
  }

  view(weight: Weight): FloatArray {
    const { start, length } = this.#part(weight);
    return this.#values.view(start, length);
  }

  /**
   * Sets a weight's values.
   * @throws {ShapeError} when their number does not fit; nothing is written then
   */
  write(weight: Weight, values: NumericArray): void {
    this.#set(weight, values);
    noteChange(weight);
  }

  #set(weight: Weight, values: NumericArray): void {
    const { start, length } = this.#part(weight);
    if (values.length !== length)
      throw new ShapeError(`weight ${weight.path} has shape ${formatShape(weight.shape)}, ${length} values, got ${values.length}`);
    this.#values.view(start, length).set(values);
  }

  /**
   * Copies the values back to the backend's memory, perhaps to another address than before.
   * @throws {OutOfMemoryError}
   */
  bringBack(): void {
    if (this.block) return;
    this.#values.bringBack();
    this.#memory = new EvictableMemory(this, this.backend, this.#values, this.#memory);
  }

  /** Keeps the values in place until `unpin` was called as often as `pin`. */
  pin(): void {
    this.#memory.pin();
  }

  /** Takes back a call of `pin`. */
  unpin(): void {
    this.#memory.unpin();
  }

  /** Adds a user of the values. */
  retain(user: object): void {
    this.#users.add(user);
  }

  /**
   * Removes a user. After the last one the values are copied to an array of each weight, and the
   * memory is freed.
   * @param keep whether a weight's values are kept
   */
  release(user: object, keep: (weight: Weight) => boolean): void {
    if (!this.#users.delete(user) || this.#users.size > 0) return;
    for (const weight of this.#starts.keys()) {
      weight.values = keep(weight) && !weight.quantised ? this.read(weight) : null;
      weight.place = null;
    }
    this.#memory.dispose();
  }

  #part(weight: Weight): { start: number; length: number } {
    const start = this.#starts.get(weight);
    invariant(start !== undefined, `weight ${weight.path} has no place in this store`);
    return { start, length: sizeOf(weight.shape) };
  }
}

/**
 * The values of a store, in the backend's memory or on the heap. They hold no reference to the
 * weights, so those can be garbage collected.
 */
class StoredValues implements EvictableContents {
  readonly bytes: number;
  block: MemoryBlock | null;
  readonly #backend: Backend;
  readonly #count: number;
  #heap: FloatArray | null = null;

  /** @throws {OutOfMemoryError} */
  constructor(backend: Backend, count: number) {
    this.#backend = backend;
    this.#count = count;
    this.bytes = count * backend.floatBytes;
    this.block = this.#allocate();
  }

  /** A view of some values. Use it only within one function. */
  view(start: number, length: number): FloatArray {
    if (this.#heap) return this.#heap.subarray(start, start + length);
    invariant(this.block, 'the values of these weights were freed');
    return this.#backend.floats({ block: this.block, byteOffset: start * this.#backend.floatBytes, length });
  }

  save(): void {
    this.#heap = this.view(0, this.#count).slice();
  }

  bringBack(): void {
    const heap = this.#heap;
    this.block = this.#allocate();
    this.#heap = null;
    if (heap) this.view(0, this.#count).set(heap);
  }

  dispose(): void {
    if (this.block) this.#backend.free(this.block);
    this.block = null;
  }

  #allocate(): MemoryBlock {
    return this.#backend.allocate(this.bytes, `${this.#count} parameters`);
  }
}
