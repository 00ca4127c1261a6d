import type { Backend } from '../backend/backend.ts';
import type { SeedWords } from '../core/seed.ts';
import { sizeOf } from '../core/shape.ts';
import { typedArrayName } from '../core/tags.ts';
import type { NumericArray } from '../core/tensor.ts';
import type { Weight } from '../layers/weight.ts';
import type { Graph } from '../model/graph.ts';
import type { Compiled } from './compilation.ts';
import { Engine } from './engine.ts';
import type { NamedArray } from './modelState.ts';
import type { Replica } from './replica.ts';
import { byName, requireArray, slotPath } from './savedArrays.ts';

/** Memory of models that nobody holds any more goes back to the backend. */
const abandoned = new FinalizationRegistry<() => void>((dispose) => dispose());

/**
 * Where a model's weights and optimizer slots are: in an engine once the model has run, in plain arrays before that and
 * whenever the engine had to go (new layers, another optimizer, training elsewhere).
 */
export class ModelMemory {
  readonly #graph: Graph;
  #engine: Engine | null = null;
  /** Weak, because it keeps the values of layers that were taken away for as long as somebody holds those. */
  #values = new WeakMap<Weight, Float32Array | Float64Array>();
  #slots: ReadonlyMap<string, NamedArray> = new Map();
  #version = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /**
   * The engine, made on this backend when there is none: weights without values get their first ones.
   * @param compiled how it trains, null when it only predicts; the optimizer's slots are filled when there are values for them
   * @param replica when several train together
   * @throws {OutOfMemoryError}
   */
  open(backend: Backend, seed: SeedWords, compiled: Compiled | null, replica: Replica | null = null): Engine {
    if (this.#engine) return this.#engine;
    const engine = new Engine(backend, this.#graph, seed, compiled?.trainable, replica);
    try {
      engine.parameters.initialize(seed, this.#values);
      if (compiled) this.#fillSlots(engine, compiled.optimizer.slotNames);
    } catch (error) {
      engine.dispose();
      throw error;
    }
    for (const weight of this.#graph.weights) this.#values.delete(weight);
    this.#slots = new Map();
    this.#engine = engine;
    abandoned.register(this, engine.dispose, this);
    return engine;
  }

  /** The engine; null while there is none. */
  get engine(): Engine | null {
    return this.#engine;
  }

  /** Gives the engine's memory back; the weights stay as plain arrays, the optimizer's slots are forgotten. */
  close(): void {
    this.#slots = new Map();
    if (!this.#engine) return;
    for (const weight of this.#graph.weights) this.#values.set(weight, this.#engine.parameters.read(weight));
    this.#drop(this.#engine);
  }

  dispose(): void {
    this.#values = new WeakMap();
    this.#slots = new Map();
    if (this.#engine) this.#drop(this.#engine);
  }

  /** Whether a weight can be read without an engine. */
  has(weight: Weight): boolean {
    return Boolean(this.#engine?.parameters.has(weight)) || this.#values.has(weight);
  }

  /** A copy of a weight's values. */
  read(weight: Weight): Float32Array | Float64Array {
    const values = this.#engine?.parameters.has(weight) ? this.#engine.parameters.read(weight) : this.#values.get(weight)?.slice();
    if (!values) throw new Error(`weight ${weight.path} has no values yet`);
    return values;
  }

  /** Goes up when a weight is written. */
  get version(): number {
    return this.#version;
  }

  write(weight: Weight, values: NumericArray): void {
    this.#version++;
    if (this.#engine?.parameters.has(weight)) this.#engine.parameters.write(weight, values);
    else this.#values.set(weight, typedArrayName(values) === 'Float32Array' ? new Float32Array(values) : new Float64Array(values));
  }

  /** Copies of the slots of a model's optimizer, weight by weight; empty when it has done no step. */
  readSlots({ optimizer: { slotNames }, trainable }: Compiled): readonly NamedArray[] {
    const parameters = this.#engine?.parameters;
    if (parameters ? !parameters.trains : this.#slots.size === 0) return [];
    return this.#graph.weightsOf(trainable).flatMap((weight) =>
      slotNames.map((slot, index) => {
        const name = slotPath(weight, slot);
        const values = parameters ? parameters.readSlot(index, weight) : this.#slots.get(name)?.data.slice();
        return { name, shape: weight.shape, data: values ?? new Float32Array(sizeOf(weight.shape)) };
      }),
    );
  }

  /** Copies of the weights that have values. Those that have none get them when an engine is opened. */
  readKnown(): NamedArray[] {
    return this.#graph.weights
      .filter((weight) => this.has(weight))
      .map((weight) => ({ name: weight.path, shape: weight.shape, data: this.read(weight) }));
  }

  /** Takes over, without copying where it can, what the model has become elsewhere. */
  replace(weights: readonly NamedArray[], slots: readonly NamedArray[], slotNames: readonly string[]): void {
    const named = byName(weights);
    for (const weight of this.#graph.weights) {
      const { data } = requireArray(named, weight.path, weight);
      if (this.#engine) this.#engine.parameters.write(weight, data);
      else this.#values.set(weight, data);
    }
    this.#slots = byName(slots);
    if (!this.#engine) return;
    this.#fillSlots(this.#engine, slotNames);
    this.#slots = new Map();
  }

  /** Values for the optimizer's slots, for the next engine. */
  setSlots(slots: readonly NamedArray[]): void {
    this.#slots = byName(slots);
  }

  #fillSlots(engine: Engine, slotNames: readonly string[]): void {
    if (this.#slots.size === 0) return;
    engine.parameters.prepareTraining(slotNames.length);
    for (const weight of engine.parameters.trainableWeights) {
      for (const [index, name] of slotNames.entries()) {
        const stored = this.#slots.get(slotPath(weight, name));
        if (stored) engine.backend.floats(engine.parameters.slotOf(index, weight)).set(stored.data);
      }
    }
  }

  #drop(engine: Engine): void {
    abandoned.unregister(this);
    engine.dispose();
    this.#engine = null;
  }
}
