import type { Backend, MemoryBlock, Placement } from '../backend/backend.ts';
import { ShapeError } from '../core/errors.ts';
import type { SeedWords } from '../core/seed.ts';
import { formatShape, type Shape, sizeOf } from '../core/shape.ts';
import type { NumericArray } from '../core/tensor.ts';
import { type Initializer, initializerCall } from '../layers/initializers.ts';
import type { Layer } from '../layers/layer.ts';
import type { Weight } from '../layers/weight.ts';
import { requireBuffer } from './bufferLimit.ts';
import { ProgramBuilder } from './programBuilder.ts';

/** Floats in a vector: weights begin at multiples of it where they can. */
const LANES = 4;

/** The parts of a weight draw from random streams so far apart, past those of all weights. */
const PART_STREAMS = 2 ** 24;

/**
 * The memory of a model's weights: values, and while it trains their gradients and the optimizer's slots, each one flat
 * array. Trainable weights come first and lie without gaps, so an optimizer is one pass over them and the norm of all gradients
 * is that of nothing else; the ones of whole vectors come before the others, so that they are aligned.
 */
export class Parameters {
  readonly backend: Backend;
  /** Floats of the trainable weights. */
  readonly trainableCount: number;
  /** The weights that the optimizer moves, decided when this was made. */
  readonly trainableWeights: readonly Weight[];
  /** All weights, layer by layer. */
  readonly #weights: readonly Weight[];
  readonly #starts = new Map<Weight, number>();
  /** Floats of all weights, with the gap behind the trainable ones. */
  readonly #count: number;
  readonly #values: MemoryBlock;
  #training: { block: MemoryBlock; slots: number } | null = null;

  /**
   * @param trainable the layers whose weights the optimizer moves; default: those that say so now
   * @throws {OutOfMemoryError}
   */
  constructor(backend: Backend, layers: readonly Layer[], trainable: ReadonlySet<Layer> = trainableNow(layers)) {
    this.backend = backend;
    const place = (start: number, weights: readonly Weight[]) => {
      let next = start;
      const isWhole = (weight: Weight) => sizeOf(weight.shape) % LANES === 0;
      for (const weight of [...weights.filter(isWhole), ...weights.filter((other) => !isWhole(other))]) {
        this.#starts.set(weight, next);
        next += sizeOf(weight.shape);
      }
      return next;
    };
    this.trainableWeights = layers.filter((layer) => trainable.has(layer)).flatMap((layer) => layer.weights);
    const frozen = layers.filter((layer) => !trainable.has(layer)).flatMap((layer) => layer.weights);
    this.#weights = layers.flatMap((layer) => layer.weights);
    this.trainableCount = place(0, this.trainableWeights);
    this.#count = place(wholeVectors(this.trainableCount), frozen);
    requireBuffer(backend, this.trainableCount, 'float', 'parameters', `${this.trainableCount} parameters`);
    for (const { path, shape } of frozen) requireBuffer(backend, sizeOf(shape), 'float', path, `weight ${path}`);
    this.#values = backend.allocate(this.#count * backend.floatBytes, `${this.#count} parameters`);
  }

  /** Whether it holds a weight. */
  has(weight: Weight): boolean {
    return this.#starts.has(weight);
  }

  isTrainable(weight: Weight): boolean {
    return this.#start(weight) < this.trainableCount;
  }

  /** Where a weight's values lie. */
  value(weight: Weight): Placement {
    return this.#at(this.#values, 0, this.#start(weight), sizeOf(weight.shape));
  }

  /** Where a weight's gradient lies. `prepareTraining` comes first. */
  gradient(weight: Weight): Placement {
    return this.#at(this.#trainingBlock(), 0, this.#start(weight), sizeOf(weight.shape));
  }

  /** The trainable weights' values as one array `[P]`. */
  get trainableValues(): Placement {
    return this.#at(this.#values, 0, 0, this.trainableCount);
  }

  /** The trainable weights' gradients as one array `[P]`. */
  get trainableGradients(): Placement {
    return this.#at(this.#trainingBlock(), 0, 0, this.trainableCount);
  }

  /** One of the optimizer's slots `[P]`: 0 is the first. */
  slot(index: number): Placement {
    return this.#at(this.#trainingBlock(), this.#slotStart(index), 0, this.trainableCount);
  }

  /** A slot's part that belongs to a weight. */
  slotOf(index: number, weight: Weight): Placement {
    return this.#at(this.#trainingBlock(), this.#slotStart(index), this.#start(weight), sizeOf(weight.shape));
  }

  /** Whether there is memory for gradients and optimizer slots. */
  get trains(): boolean {
    return this.#training !== null;
  }

  /** Takes memory for gradients and zeroed optimizer slots, once. @throws {OutOfMemoryError} */
  prepareTraining(slots: number): void {
    if (this.#training?.slots === slots) return;
    this.releaseTraining();
    const bytes = this.#slotStart(slots) * this.backend.floatBytes;
    const block = this.backend.allocate(bytes, `gradients and ${slots} optimizer slots of ${this.#count} parameters`);
    this.#training = { block, slots };
  }

  /** Gives the memory of gradients and slots back. */
  releaseTraining(): void {
    if (this.#training) this.backend.free(this.#training.block);
    this.#training = null;
  }

  /** A copy of a weight's values. */
  read(weight: Weight): Float32Array | Float64Array {
    return this.backend.floats(this.value(weight)).slice();
  }

  /** @throws {ShapeError} when there are not as many values as the weight has; nothing is written then */
  write(weight: Weight, values: NumericArray | readonly number[]): void {
    const expected = sizeOf(weight.shape);
    if (values.length !== expected) {
      throw new ShapeError(`weight ${weight.path} has shape ${formatShape(weight.shape)}, ${expected} values, got ${values.length}`);
    }
    this.backend.floats(this.value(weight)).set(values);
  }

  /** A copy of a slot's part that belongs to a weight; null when the optimizer does not move it. */
  readSlot(index: number, weight: Weight): Float32Array | Float64Array | null {
    return this.isTrainable(weight) ? this.backend.floats(this.slotOf(index, weight)).slice() : null;
  }

  /**
   * Gives every weight its first values: the known ones, else drawn. Weight number n of the model, layer by layer, draws from
   * random stream n of the seed, whichever weights are known or frozen.
   */
  initialize(seed: SeedWords, known: Pick<ReadonlyMap<Weight, NumericArray>, 'get'> = new Map()): void {
    const builder = new ProgramBuilder(this.backend, { batch: 1, seed });
    const start = (initializer: Initializer, place: Placement, shape: Shape, path: string, stream: number): void => {
      if (initializer.kind === 'constant') this.backend.floats(place).fill(initializer.value);
      else if (initializer.kind === 'kernel') {
        const { kernel, args } = initializerCall(initializer.name, shape, seed, stream);
        builder.call(kernel, { ...args, y: builder.external(path, place) } as never);
      } else {
        let { byteOffset } = place;
        for (const [number, { initializer: ofPart, length }] of initializer.parts.entries()) {
          start(ofPart, { ...place, byteOffset, length }, [length], path, stream + number * PART_STREAMS);
          byteOffset += length * this.backend.floatBytes;
        }
      }
    };
    for (const [stream, weight] of this.#weights.entries()) {
      const values = known.get(weight);
      if (values) this.write(weight, values);
      else start(weight.initializer, this.value(weight), weight.shape, weight.path, stream);
    }
    const program = builder.finish('initial weights');
    try {
      program.step();
    } finally {
      program.dispose();
    }
  }

  dispose(): void {
    this.releaseTraining();
    this.backend.free(this.#values);
  }

  #start(weight: Weight): number {
    const start = this.#starts.get(weight);
    if (start === undefined) throw new Error(`weight ${weight.path} does not belong to this model`);
    return start;
  }

  /** Where an optimizer's slot begins in the memory for training, in floats. */
  #slotStart(index: number): number {
    return wholeVectors(this.#count) + index * wholeVectors(this.trainableCount);
  }

  #trainingBlock(): MemoryBlock {
    if (!this.#training) throw new Error('prepareTraining has not been called');
    return this.#training.block;
  }

  #at(block: MemoryBlock, base: number, start: number, length: number): Placement {
    return { block, byteOffset: (base + start) * this.backend.floatBytes, length };
  }
}

/** The layers that say now that the optimizer moves their weights. */
export function trainableNow(layers: readonly Layer[]): Set<Layer> {
  return new Set(layers.filter((layer) => layer.trainable));
}

/** A number of floats, rounded up to whole vectors. */
function wholeVectors(count: number): number {
  return Math.ceil(count / LANES) * LANES;
}
