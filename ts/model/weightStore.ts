import type { Backend, MemoryBlock, Placement } from '../backend/backend.ts';
import { InternalError, ShapeError } from '../core/errors.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import type { NumericArray } from '../core/tensor.ts';
import type { Weight, WeightPlace } from '../layers/weight.ts';

/** Memory of weights that nobody holds any more goes back to the backend. */
const abandoned = new FinalizationRegistry<() => void>((free) => free());

/**
 * The values of weights that were given memory together, one after the other. Every model that uses one of the weights uses the store, so
 * models that share layers train the same numbers.
 */
export class WeightStore implements WeightPlace {
  readonly backend: Backend;
  readonly #block: MemoryBlock;
  readonly #starts: ReadonlyMap<Weight, number>;
  /** Who uses the values now. */
  readonly #users = new Set<object>();

  /**
   * Takes memory for weights; those that have values bring them along.
   * @param starts where each begins, in floats
   * @param count floats of all
   * @throws {OutOfMemoryError}
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

  /** Where a weight's values lie. */
  placeOf(weight: Weight): Placement {
    const start = this.#starts.get(weight);
    if (start === undefined) throw new InternalError(`weight ${weight.path} has no place in this store`);
    return { block: this.#block, byteOffset: start * this.backend.floatBytes, length: sizeOf(weight.shape) };
  }

  read(weight: Weight): Float32Array | Float64Array {
    return this.backend.floats(this.placeOf(weight)).slice();
  }

  /** @throws {ShapeError} when there are not as many values as the weight has; nothing is written then */
  write(weight: Weight, values: NumericArray): void {
    const place = this.placeOf(weight);
    if (values.length !== place.length)
      throw new ShapeError(`weight ${weight.path} has shape ${formatShape(weight.shape)}, ${place.length} values, got ${values.length}`);
    this.backend.floats(place).set(values);
  }

  /** Says that somebody uses the values. */
  retain(user: object): void {
    this.#users.add(user);
  }

  /** Whether nobody else uses the values. */
  isOnlyUsedBy(user: object): boolean {
    return this.#users.size === 0 || (this.#users.size === 1 && this.#users.has(user));
  }

  /**
   * Says that somebody uses the values no more. After the last one, each weight has them in an array of its own, and the memory goes back.
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
