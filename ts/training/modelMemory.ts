import type { Backend } from '../backend/backend.ts';
import { InternalError } from '../core/errors.ts';
import type { SeedWords } from '../core/seed.ts';
import { sizeOf } from '../core/shape.ts';
import type { NumericArray } from '../core/tensor.ts';
import type { Weight } from '../layers/weight.ts';
import type { Graph } from '../model/graph.ts';
import type { Structure } from '../model/structure.ts';
import type { Compiled } from './compilation.ts';
import { Engine } from './engine.ts';
import type { NamedArray } from './modelState.ts';
import type { Replica } from './replica.ts';
import { requireArray, slotPath } from './savedArrays.ts';

/** Memory of models that nobody holds any more goes back to the backend. */
const abandoned = new FinalizationRegistry<() => void>((dispose) => dispose());

/** Every write to weights from outside counts here, so that models which share them all notice. */
let writes = 0;
const lastWrites = new WeakMap<Weight, number>();

/**
 * What a model computes with: an engine once it has run, whose programs use the weights, and the optimizer's slots, which are in plain
 * arrays while there is no engine (new layers, another optimizer, training elsewhere).
 */
export class ModelMemory {
  readonly #structure: Structure;
  #engine: Engine | null = null;
  #slots: readonly NamedArray[] = [];

  constructor(structure: Structure) {
    this.#structure = structure;
  }

  /**
   * The engine, made on this backend when there is none: weights without values get their first ones.
   * @param compiled how it trains, null when it only predicts; the optimizer's slots are filled when there are values for them
   * @param replica when several train together
   * @throws {OutOfMemoryError}; {StateError} when a weight is in use on another backend
   */
  open(backend: Backend, seed: SeedWords, compiled: Compiled | null, replica: Replica | null = null): Engine {
    if (this.#engine) return this.#engine;
    const engine = new Engine(backend, this.#graph, seed, compiled?.trainable ?? new Set(this.#graph.allLayers), replica);
    try {
      if (compiled) this.#fillSlots(engine, compiled.optimizer.slotNames);
    } catch (error) {
      engine.dispose();
      engine.parameters.dispose(true);
      throw error;
    }
    this.#slots = [];
    this.#engine = engine;
    abandoned.register(this, engine.dispose, this);
    return engine;
  }

  /** The engine; null while there is none. */
  get engine(): Engine | null {
    return this.#engine;
  }

  /** Gives the engine's memory back; weights keep their values, the optimizer's slots are forgotten. */
  close(): void {
    this.#slots = [];
    if (this.#engine) this.#drop(this.#engine, true);
  }

  /** Gives the engine's memory back, with the values of weights that no other model uses. */
  dispose(): void {
    this.#slots = [];
    if (this.#engine) this.#drop(this.#engine, false);
  }

  /** A copy of a weight's values. */
  read(weight: Weight): Float32Array | Float64Array {
    const values = weight.read();
    if (!values) throw new InternalError(`weight ${weight.path} has no values yet`);
    return values;
  }

  /** Goes up when a weight is written, by whichever model. */
  get version(): number {
    return this.#structure.graph?.weights.reduce((last, weight) => Math.max(last, lastWrites.get(weight) ?? 0), 0) ?? 0;
  }

  write(weight: Weight, values: NumericArray): void {
    lastWrites.set(weight, ++writes);
    weight.write(values);
  }

  /** Copies of the slots of a model's optimizer, weight by weight; empty when it has done no step. */
  readSlots({ optimizer: { slotNames }, trainable }: Compiled): readonly NamedArray[] {
    const parameters = this.#engine?.parameters;
    if (parameters ? !parameters.trains : this.#slots.length === 0) return [];
    const known = new Map(this.#slots.map((slot) => [slot.name, slot.data]));
    return this.#graph.weightsOf(trainable).flatMap((weight) =>
      slotNames.map((slot, index) => {
        const name = slotPath(this.#graph, weight, slot);
        const values = parameters ? parameters.readSlot(index, weight) : known.get(name)?.slice();
        return { name, shape: weight.shape, data: values ?? new Float32Array(sizeOf(weight.shape)) };
      }),
    );
  }

  /** Copies of the weights that have values. Those that have none get them when an engine is opened. */
  readKnown(): NamedArray[] {
    return this.#graph.weights
      .filter((weight) => weight.known)
      .map((weight) => ({ name: this.#graph.pathOf(weight), shape: weight.shape, data: this.read(weight) }));
  }

  /** Takes over, without copying where it can, what the model has become elsewhere. */
  replace(weights: readonly NamedArray[], slots: readonly NamedArray[], slotNames: readonly string[]): void {
    const byName = new Map(weights.map((array) => [array.name, array]));
    for (const weight of this.#graph.weights) {
      const { data } = requireArray(byName, this.#graph.pathOf(weight), weight);
      if (weight.place) weight.place.write(weight, data);
      else weight.values = data;
    }
    this.#slots = slots;
    if (!this.#engine) return;
    this.#fillSlots(this.#engine, slotNames);
    this.#slots = [];
  }

  /** Values for the optimizer's slots, for the next engine. */
  setSlots(slots: readonly NamedArray[]): void {
    this.#slots = slots;
  }

  get #graph(): Graph {
    const { graph } = this.#structure;
    if (!graph) throw new InternalError('a model that has an engine is built');
    return graph;
  }

  #fillSlots({ parameters, backend, graph }: Engine, slotNames: readonly string[]): void {
    if (this.#slots.length === 0) return;
    parameters.prepareTraining(slotNames.length);
    const stored = new Map(this.#slots.map((slot) => [slot.name, slot.data]));
    for (const weight of parameters.trainableWeights) {
      for (const [index, name] of slotNames.entries()) {
        const values = stored.get(slotPath(graph, weight, name));
        if (values) backend.floats(parameters.slotOf(index, weight)).set(values);
      }
    }
  }

  #drop(engine: Engine, keep: boolean): void {
    abandoned.unregister(this);
    engine.dispose();
    engine.parameters.dispose(keep);
    this.#engine = null;
  }
}
