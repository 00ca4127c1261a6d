import type { Backend, MemoryBlock, Placement } from '../backend/backend.ts';
import { InternalError, ShapeError } from '../core/errors.ts';
import type { FloatArray } from '../core/numericArray.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import type { NumericArray } from '../core/tensor.ts';
import type { Weight, WeightPlace } from '../layers/weight.ts';

/** Frees the memory of weights that were garbage collected. */
const abandoned = new FinalizationRegistry<() => void>((free) => free());

/**
 * The values of weights that got their memory together, one after the other. Every model that has one of the weights uses the store, so
 * models that share layers train the same numbers.
 */
export class WeightStore implements WeightPlace {
  readonly backend: Backend;
  readonly #block: MemoryBlock;
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
    const block = backend.allocate(count * backend.floatBytes, `${count} parameters`);
    this.#block = block;
    abandoned.register(this, () => backend.free(block), this);
    for (const weight of starts.keys()) {
      const { values } = weight;
      if (values) this.write(weight, values);
      weight.values = null;
      weight.place = this;
    }
  }

  /** The place of a weight's values. */
  placeOf(weight: Weight): Placement {
    const start = this.#starts.get(weight);
    if (start === undefined) throw new InternalError(`weight ${weight.path} has no place in this store`);
    return { block: this.#block, byteOffset: start * this.backend.floatBytes, length: sizeOf(weight.shape) };
  }

  read(weight: Weight): FloatArray {
    return this.backend.floats(this.placeOf(weight)).slice();
  }

  /** Sets a weight's values. @throws {ShapeError} when their number does not fit; nothing is written then */
  write(weight: Weight, values: NumericArray): void {
    const place = this.placeOf(weight);
    if (values.length !== place.length)
      throw new ShapeError(`weight ${weight.path} has shape ${formatShape(weight.shape)}, ${place.length} values, got ${values.length}`);
    this.backend.floats(place).set(values);
  }

  /** Adds a user of the values. */
  retain(user: object): void {
    this.#users.add(user);
  }

  /** Whether there is no other user. */
  isOnlyUsedBy(user: object): boolean {
    return this.#users.size === 0 || (this.#users.size === 1 && this.#users.has(user));
  }

  /**
   * Removes a user. After the last one the values are copied to an array of each weight, and the memory is freed.
   * @param keep whether the values are kept; default true
   */
  release(user: object, keep = true): void {
    if (!this.#users.delete(user) || this.#users.size > 0) return;
    for (const weight of this.#starts.keys()) {
      weight.values = keep ? this.read(weight) : null;
      weight.place = null;
    }
    abandoned.unregister(this);
    this.backend.free(this.#block);
  }
}
