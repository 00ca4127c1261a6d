import type { Backend, MemoryBlock, Placement } from '../backend/backend.ts';
import { StateError } from '../core/errors.ts';
import { invariant } from '../core/invariant.ts';
import type { FloatArray } from '../core/numericArray.ts';
import type { SeedWords } from '../core/seed.ts';
import { sizeOf } from '../core/shape.ts';
import type { Weight } from '../layers/weight.ts';
import { requireBuffer } from './bufferLimit.ts';
import { PACKED } from './packedPart.ts';
import type { PackedKernel, PackedWeights } from './packedWeights.ts';
import { drawStartValues } from './startValues.ts';
import { WeightStore } from './weightStore.ts';

/** Releases the stores of models that were garbage collected. */
const abandoned = new FinalizationRegistry<() => void>((release) => release());

/** Floats in a vector. Weights begin at multiples of it if possible. */
const LANES = 4;

/** Trainable weights whose values are one after the other, in the order of their gradients. */
export interface Run {
  /** The start of its gradients among all gradients, in floats. */
  readonly start: number;
  readonly values: Placement;
}

/**
 * The memory of a model's weights: their values, which it may share with other models, and in
 * training the gradients and the optimizer's slots of the trainable weights. Gradients and slots
 * are flat arrays `[P]` without gaps, so the norm of an array is the norm of all gradients. Weights
 * without memory get it together: trainable weights first, and among them those of whole vectors
 * first, so that they are aligned and an optimizer needs one pass.
 */
export class Parameters {
  readonly backend: Backend;
  /** P: the number of floats of the trainable weights. */
  readonly trainableCount: number;
  /** The weights that the optimizer updates, in the order of their gradients. */
  readonly trainableWeights: readonly Weight[];
  /** All weights, in the model's order. */
  readonly #weights: readonly Weight[];
  readonly #starts = new Map<Weight, number>();
  /**
   * Gradients and slots. A separate object, so that it can be freed and copied without holding the
   * weights.
   */
  readonly training: TrainingMemory;
  readonly #stores = new Set<WeightStore>();
  /** The weights that are integers and multiplied; null when there are none. */
  readonly #packed: PackedWeights | null;
  /** The blocks of the stores' values when programs were bound to them. */
  readonly #blocks: (MemoryBlock | null)[] = [];
  /**
   * Represents this model in stores. It has no references, so a store does not hold the other
   * weights of a model that is no longer used.
   */
  readonly #user = {};

  /**
   * @param trainable the weights that the optimizer updates
   * @param seed the seed of the weights without values
   * @throws {OutOfMemoryError} when there is not enough memory
   * @throws {StateError} when another backend uses a weight
   */
  constructor(backend: Backend, weights: readonly Weight[], trainable: readonly Weight[], seed: SeedWords) {
    this.backend = backend;
    this.training = new TrainingMemory(backend);
    this.#weights = weights;
    const moved = wholeVectorsFirst(trainable);
    const isMoved = new Set(moved);
    const isPacked = (weight: Weight) => weight.quantised?.values.axis === 1;
    const frozen = wholeVectorsFirst(weights.filter((weight) => !isMoved.has(weight) && !isPacked(weight)));
    this.#packed = weights.some(isPacked) ? new PACKED.loaded.PackedWeights(backend) : null;
    this.trainableCount = count(moved);
    requireBuffer(backend, this.trainableCount, 'float', 'parameters', `${this.trainableCount} parameters`);
    for (const { path, shape } of frozen) requireBuffer(backend, sizeOf(shape), 'float', path, `weight ${path}`);
    let places: ReadonlySet<Weight>;
    try {
      places = this.#shared(weights);
      const without = (some: readonly Weight[]) => some.filter((weight) => !places.has(weight));
      this.#takeMemory(without(moved), without(frozen), seed);
    } catch (error) {
      this.dispose(() => true);
      throw error;
    }
    for (const store of this.#stores) this.#blocks.push(store.block);
    abandoned.register(this, leaving(this.#user, this.#stores), this);
    // Weights of one store are next to each other here too, so that the optimizer has few, long
    // runs.
    this.trainableWeights = places.size === 0 ? moved : groupedByStore(moved);
    let next = 0;
    for (const weight of this.trainableWeights) {
      this.#starts.set(weight, next);
      next += sizeOf(weight.shape);
    }
  }

  /**
   * Whether the values of all weights are still at their addresses, so that programs may use them.
   */
  get inPlace(): boolean {
    if (this.#packed?.present === false) return false;
    let index = 0;
    for (const { block } of this.#stores) if (block === null || block !== this.#blocks[index++]) return false;
    return true;
  }

  /** Keeps the values of all weights in place until `unpin` was called as often as `pin`. */
  pin(): void {
    this.#packed?.pin();
    for (const store of this.#stores) store.pin();
  }

  /** Takes back a call of `pin`. */
  unpin(): void {
    this.#packed?.unpin();
    for (const store of this.#stores) store.unpin();
  }

  isTrainable(weight: Weight): boolean {
    return this.#starts.has(weight);
  }

  /** The place of a weight's values. */
  value(weight: Weight): Placement {
    invariant(weight.place instanceof WeightStore, `weight ${weight.path} has no memory`);
    return weight.place.placeOf(weight);
  }

  /**
   * The place of a weight of integers `[K, gates*H]`, which is packed at the first call.
   * @throws {OutOfMemoryError} when there is not enough memory
   */
  packed(weight: Weight, gates: number): PackedKernel {
    invariant(this.#packed, `weight ${weight.path} has no integers`);
    return this.#packed.of(weight, gates);
  }

  /** The place of a trainable weight's gradient, after `prepareTraining`. */
  gradient(weight: Weight): Placement {
    return this.#at(0, this.#start(weight), sizeOf(weight.shape));
  }

  /**
   * The trainable weights' values, in the order of their gradients. It is one run, unless other
   * models share some weights.
   */
  get runs(): readonly Run[] {
    const runs: { start: number; values: Placement }[] = [];
    for (const weight of this.trainableWeights) {
      const place = this.value(weight);
      const last = runs[runs.length - 1];
      const end = last && last.values.byteOffset + last.values.length * this.backend.floatBytes;
      if (last && last.values.block === place.block && end === place.byteOffset) {
        last.values = { ...last.values, length: last.values.length + place.length };
      } else runs.push({ start: this.#start(weight), values: place });
    }
    return runs;
  }

  /** The trainable weights' values as one array `[P]`, if no other model shares them. */
  get trainableValues(): Placement {
    const [run, ...others] = this.runs;
    invariant(run && others.length === 0, `the trainable weights lie in ${this.runs.length} places, expected one`);
    return run.values;
  }

  /** The trainable weights' gradients as one array `[P]`. */
  get trainableGradients(): Placement {
    return this.#at(0, 0, this.trainableCount);
  }

  /** A slot `[P]` of the optimizer; 0 is the first. */
  slot(index: number): Placement {
    return this.#at(this.#slotStart(index), 0, this.trainableCount);
  }

  /** The part of a slot that belongs to a weight. */
  slotOf(index: number, weight: Weight): Placement {
    return this.training.at(this.slotPart(index, weight));
  }

  /** Which part of the memory for training {@link slotOf} is. */
  slotPart(index: number, weight: Weight): TrainingPart {
    return this.#part(this.#slotStart(index), this.#start(weight), sizeOf(weight.shape));
  }

  /**
   * Copies the part of a slot that belongs to a weight; null when the optimizer does not update the
   * weight.
   */
  readSlot(index: number, weight: Weight): FloatArray | null {
    return this.isTrainable(weight) ? this.backend.floats(this.slotOf(index, weight)).slice() : null;
  }

  /** Whether memory for gradients and optimizer slots is allocated. */
  get trains(): boolean {
    return this.training.current !== null;
  }

  /** Allocates gradients and zeroed optimizer slots, once. @throws {OutOfMemoryError} */
  prepareTraining(slots: number): void {
    if (this.training.current?.slots === slots) return;
    this.training.free();
    const bytes = this.#slotStart(slots) * this.backend.floatBytes;
    const block = this.backend.allocate(bytes, `gradients and ${slots} optimizer slots of ${this.trainableCount} parameters`);
    this.training.current = { block, slots };
  }

  /**
   * Frees the memory, except for values that other models use.
   * @param keep whether a weight keeps its values
   */
  dispose(keep: (weight: Weight) => boolean): void {
    this.training.free();
    this.#packed?.dispose();
    abandoned.unregister(this);
    for (const store of this.#stores) store.release(this.#user, keep);
    this.#stores.clear();
  }

  /**
   * The weights that already have memory of other models. This model uses that memory from now on.
   */
  #shared(weights: readonly Weight[]): Set<Weight> {
    const shared = new Set<Weight>();
    for (const weight of weights) {
      const { place } = weight;
      if (!(place instanceof WeightStore)) continue;
      if (place.backend !== this.backend)
        throw new StateError(
          `weight ${weight.path} is in use by a model on the ${place.backend.name} backend (${place.backend.build}): models that share layers run on one backend`,
        );
      shared.add(weight);
      this.#retain(place);
      place.bringBack();
    }
    return shared;
  }

  #takeMemory(moved: readonly Weight[], frozen: readonly Weight[], seed: SeedWords): void {
    if (moved.length + frozen.length === 0) return;
    const starts = new Map<Weight, number>();
    let next = 0;
    for (const [index, weight] of [...moved, ...frozen].entries()) {
      if (index === moved.length) next = wholeVectors(next);
      starts.set(weight, next);
      next += sizeOf(weight.shape);
    }
    const drawn = new Map<Weight, number>();
    for (const [subsequence, weight] of this.#weights.entries())
      if (starts.has(weight) && !weight.values && !weight.quantised) drawn.set(weight, subsequence);
    const store = new WeightStore(this.backend, starts, next);
    try {
      drawStartValues(this.backend, store, drawn, seed);
    } catch (error) {
      // A weight without start values must not keep the zeros of its memory.
      store.retain(this.#user);
      store.release(this.#user, (weight) => !drawn.has(weight));
      throw error;
    }
    this.#retain(store);
  }

  #retain(store: WeightStore): void {
    this.#stores.add(store);
    store.retain(this.#user);
  }

  #start(weight: Weight): number {
    const start = this.#starts.get(weight);
    invariant(start !== undefined, `weight ${weight.path} is not trained by this model`);
    return start;
  }

  /** The start of an optimizer's slot in the memory for training, in floats. */
  #slotStart(index: number): number {
    return (1 + index) * wholeVectors(this.trainableCount);
  }

  #at(base: number, start: number, length: number): Placement {
    return this.training.at(this.#part(base, start, length));
  }

  #part(base: number, start: number, length: number): TrainingPart {
    return { byteOffset: (base + start) * this.backend.floatBytes, length };
  }
}

/** Some of the floats in the memory of gradients and slots. */
export type TrainingPart = Omit<Placement, 'block'>;

/** The memory of gradients and slots. */
export class TrainingMemory {
  current: { readonly block: MemoryBlock; readonly slots: number } | null = null;
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  get bytes(): number {
    return this.current?.block.bytes ?? 0;
  }

  at(part: TrainingPart): Placement {
    invariant(this.current, 'prepareTraining has not been called');
    return { block: this.current.block, ...part };
  }

  /** A copy of some of it. */
  read(part: TrainingPart): Float32Array | Float64Array {
    return this.#backend.floats(this.at(part)).slice();
  }

  free(): void {
    if (this.current) this.#backend.free(this.current.block);
    this.current = null;
  }
}

/**
 * Makes the function that releases stores. A closure made elsewhere would hold the weights of its
 * scope, and the weights the model.
 */
function leaving(user: object, stores: ReadonlySet<WeightStore>): () => void {
  const references = Array.from(stores, (store) => new WeakRef(store));
  return () => {
    for (const store of references) store.deref()?.release(user, () => true);
  };
}

function count(weights: readonly Weight[]): number {
  return weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

function wholeVectorsFirst(weights: readonly Weight[]): Weight[] {
  const fillsVectors = ({ shape }: Weight) => sizeOf(shape) % LANES === 0;
  return [...weights.filter(fillsVectors), ...weights.filter((weight) => !fillsVectors(weight))];
}

function groupedByStore(weights: readonly Weight[]): Weight[] {
  const groups = new Map<unknown, Weight[]>();
  for (const weight of weights) groups.set(weight.place, [...(groups.get(weight.place) ?? []), weight]);
  return [...groups.values()].flat();
}

/** A number of floats, rounded up to whole vectors. */
function wholeVectors(floats: number): number {
  return Math.ceil(floats / LANES) * LANES;
}
