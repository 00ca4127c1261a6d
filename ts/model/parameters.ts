import type { Backend, MemoryBlock, Placement } from '../backend/backend.ts';
import { InternalError, StateError } from '../core/errors.ts';
import type { SeedWords } from '../core/seed.ts';
import { sizeOf } from '../core/shape.ts';
import type { Weight } from '../layers/weight.ts';
import { requireBuffer } from './bufferLimit.ts';
import { drawStartValues } from './startValues.ts';
import { WeightStore } from './weightStore.ts';

/** Floats in a vector: weights begin at multiples of it where they can. */
const LANES = 4;

/** Trainable weights whose values lie one after the other, as their gradients do. */
export interface Run {
  /** Where its gradients begin among all, in floats. */
  readonly start: number;
  readonly values: Placement;
}

/**
 * The memory that a model needs of its weights: their values, which it may share with other models, and while it trains the gradients and
 * the optimizer's slots of the trainable ones, each one flat array `[P]` without gaps, so that the norm of all gradients is that of
 * nothing else. Weights that have no memory yet get it together, the trainable ones first and those of whole vectors before the
 * others, so that they are aligned and an optimizer is one pass over them.
 */
export class Parameters {
  readonly backend: Backend;
  /** P: floats of the trainable weights. */
  readonly trainableCount: number;
  /** The weights that the optimizer moves, in the order of their gradients. */
  readonly trainableWeights: readonly Weight[];
  /** All weights, in the model's order. */
  readonly #weights: readonly Weight[];
  readonly #starts = new Map<Weight, number>();
  readonly #stores = new Set<WeightStore>();
  /** By itself, so that what waits for an abandoned model can free it without holding the weights. */
  readonly #training: TrainingMemory;

  /**
   * @param trainable those of the weights that the optimizer moves
   * @param seed of the weights that have no values yet
   * @throws {OutOfMemoryError}; {StateError} when a weight is in use on another backend
   */
  constructor(backend: Backend, weights: readonly Weight[], trainable: readonly Weight[], seed: SeedWords) {
    this.backend = backend;
    this.#training = new TrainingMemory(backend);
    this.#weights = weights;
    const moved = wholeVectorsFirst(trainable);
    const isMoved = new Set(moved);
    const frozen = wholeVectorsFirst(weights.filter((weight) => !isMoved.has(weight)));
    this.trainableCount = count(moved);
    requireBuffer(backend, this.trainableCount, 'float', 'parameters', `${this.trainableCount} parameters`);
    for (const { path, shape } of frozen) requireBuffer(backend, sizeOf(shape), 'float', path, `weight ${path}`);
    const places = this.#shared(weights);
    const without = (some: readonly Weight[]) => some.filter((weight) => !places.has(weight));
    try {
      this.#takeMemory(without(moved), without(frozen), seed);
    } catch (error) {
      this.dispose(true);
      throw error;
    }
    // Weights of one store are next to each other here too, so that the optimizer passes over long runs.
    this.trainableWeights = places.size === 0 ? moved : groupedByStore(moved);
    let next = 0;
    for (const weight of this.trainableWeights) {
      this.#starts.set(weight, next);
      next += sizeOf(weight.shape);
    }
  }

  isTrainable(weight: Weight): boolean {
    return this.#starts.has(weight);
  }

  /** Where a weight's values lie. */
  value(weight: Weight): Placement {
    if (!(weight.place instanceof WeightStore)) throw new InternalError(`weight ${weight.path} has no memory`);
    return weight.place.placeOf(weight);
  }

  /** Where a trainable weight's gradient lies. `prepareTraining` comes first. */
  gradient(weight: Weight): Placement {
    return this.#at(0, this.#start(weight), sizeOf(weight.shape));
  }

  /** The trainable weights' values, in the order of their gradients: one run, unless some are shared with other models. */
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

  /** The trainable weights' values as one array `[P]`, where nothing else uses them. */
  get trainableValues(): Placement {
    const [run, ...others] = this.runs;
    if (!run || others.length > 0) throw new InternalError(`the trainable weights lie in ${others.length + 1} places, expected one`);
    return run.values;
  }

  /** The trainable weights' gradients as one array `[P]`. */
  get trainableGradients(): Placement {
    return this.#at(0, 0, this.trainableCount);
  }

  /** One of the optimizer's slots `[P]`: 0 is the first. */
  slot(index: number): Placement {
    return this.#at(this.#slotStart(index), 0, this.trainableCount);
  }

  /** A slot's part that belongs to a weight. */
  slotOf(index: number, weight: Weight): Placement {
    return this.#at(this.#slotStart(index), this.#start(weight), sizeOf(weight.shape));
  }

  /** A copy of a slot's part that belongs to a weight; null when the optimizer does not move it. */
  readSlot(index: number, weight: Weight): Float32Array | Float64Array | null {
    return this.isTrainable(weight) ? this.backend.floats(this.slotOf(index, weight)).slice() : null;
  }

  /** Whether there is memory for gradients and optimizer slots. */
  get trains(): boolean {
    return this.#training.current !== null;
  }

  /** Takes memory for gradients and zeroed optimizer slots, once. @throws {OutOfMemoryError} */
  prepareTraining(slots: number): void {
    if (this.#training.current?.slots === slots) return;
    this.#training.free();
    const bytes = this.#slotStart(slots) * this.backend.floatBytes;
    const block = this.backend.allocate(bytes, `gradients and ${slots} optimizer slots of ${this.trainableCount} parameters`);
    this.#training.current = { block, slots };
  }

  /** Gives the memory of gradients and slots back. The function does not hold the weights. */
  get releaseTraining(): () => void {
    const training = this.#training;
    return () => training.free();
  }

  /**
   * Gives the memory back, but for values that other models use.
   * @param keep whether weights keep their values
   */
  dispose(keep: boolean): void {
    this.releaseTraining();
    for (const store of this.#stores) store.release(this, keep);
    this.#stores.clear();
  }

  /** The weights that have memory already, which other models use, and are used by this one from now on. */
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
    for (const [stream, weight] of this.#weights.entries()) if (starts.has(weight) && !weight.values) drawn.set(weight, stream);
    const store = new WeightStore(this.backend, starts, next);
    this.#retain(store);
    drawStartValues(this.backend, store, drawn, seed);
  }

  #retain(store: WeightStore): void {
    this.#stores.add(store);
    store.retain(this);
  }

  #start(weight: Weight): number {
    const start = this.#starts.get(weight);
    if (start === undefined) throw new InternalError(`weight ${weight.path} is not trained by this model`);
    return start;
  }

  /** Where an optimizer's slot begins in the memory for training, in floats. */
  #slotStart(index: number): number {
    return (1 + index) * wholeVectors(this.trainableCount);
  }

  #at(base: number, start: number, length: number): Placement {
    const { current } = this.#training;
    if (!current) throw new InternalError('prepareTraining has not been called');
    return { block: current.block, byteOffset: (base + start) * this.backend.floatBytes, length };
  }
}

/** The memory of gradients and slots. */
class TrainingMemory {
  current: { readonly block: MemoryBlock; readonly slots: number } | null = null;
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  free(): void {
    if (this.current) this.#backend.free(this.current.block);
    this.current = null;
  }
}

function count(weights: readonly Weight[]): number {
  return weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

function wholeVectorsFirst(weights: readonly Weight[]): Weight[] {
  const isWhole = ({ shape }: Weight) => sizeOf(shape) % LANES === 0;
  return [...weights.filter(isWhole), ...weights.filter((weight) => !isWhole(weight))];
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
