import type { Backend } from '../backend/backend.ts';
import { InternalError } from '../core/errors.ts';
import { allFinite } from '../core/finite.ts';
import type { FloatArray } from '../core/numericArray.ts';
import type { SeedWords } from '../core/seed.ts';
import { sizeOf } from '../core/shape.ts';
import type { NumericArray } from '../core/tensor.ts';
import type { Weight } from '../layers/weight.ts';
import type { Graph } from '../model/graph.ts';
import type { Structure } from '../model/structure.ts';
import type { Compiled } from './compilation.ts';
import { Engine } from './engine.ts';
import { type NamedArray, namedArray } from './modelState.ts';
import type { Replica } from './replica.ts';
import { requireArray, slotPath } from './savedArrays.ts';

/** Frees the memory of models that were garbage collected. */
const abandoned = new FinalizationRegistry<() => void>((dispose) => dispose());

/** The number of writes to weights from outside of training. All models that share weights see it. */
let writes = 0;
const lastWrites = new WeakMap<Weight, number>();

/**
 * The memory of a model: an engine, after the model has run, whose programs use the weights; and the optimizer's slots, which are in plain
 * arrays while there is no engine (new layers, another optimizer, training in workers).
 */
export class ModelMemory {
  readonly #structure: Structure;
  #engine: Engine | null = null;
  #slots: readonly NamedArray[] = [];

  constructor(structure: Structure) {
    this.#structure = structure;
  }

  /**
   * The engine. If there is none, it is made on this backend, and weights without values get their start values.
   * @param compiled how the model is trained; null if it only predicts. Saved values of the optimizer's slots are restored
   * @param replica the replica, with several workers
   * @throws {OutOfMemoryError} when the weights do not fit in memory
   * @throws {StateError} when another backend uses a weight
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

  /** Frees the engine's memory. Weights keep their values; the optimizer's slots are lost. */
  close(): void {
    this.#slots = [];
    if (this.#engine) this.#drop(this.#engine, true);
  }

  /** Frees the engine's memory and the values of weights that no other model uses. */
  dispose(): void {
    this.#slots = [];
    if (this.#engine) this.#drop(this.#engine, false);
  }

  /** Copies a weight's values. */
  read(weight: Weight): FloatArray {
    const values = weight.read();
    if (!values) throw new InternalError(`weight ${weight.path} has no values yet`);
    return values;
  }

  /** `weight dense/kernel`: a weight, or values that the optimizer keeps for one, which are not all finite; null when all are. */
  firstNotFinite(compiled: Compiled | null): string | null {
    const { graph } = this.#structure;
    if (!graph) return null;
    for (const weight of graph.weights) {
      const values = weight.read();
      if (values && !allFinite(values)) return `weight ${graph.pathOf(weight)}`;
    }
    const parameters = this.#engine?.parameters;
    if (!compiled || (parameters ? !parameters.trains : this.#slots.length === 0)) return null;
    const known = new Map(this.#slots.map((slot) => [slot.name, slot.data]));
    for (const trained of graph.weightsOf(compiled.trainable)) {
      for (const [index, slot] of compiled.optimizer.slotNames.entries()) {
        const values = parameters
          ? parameters.backend.floats(parameters.slotOf(index, trained))
          : known.get(slotPath(graph, trained, slot));
        if (values && !allFinite(values)) return `what ${compiled.optimizer.className} keeps for weight ${graph.pathOf(trained)} (${slot})`;
      }
    }
    return null;
  }

  /** Increases whenever a model's weight is written. */
  get version(): number {
    return this.#structure.graph?.weights.reduce((last, weight) => Math.max(last, lastWrites.get(weight) ?? 0), 0) ?? 0;
  }

  write(weight: Weight, values: NumericArray): void {
    lastWrites.set(weight, ++writes);
    weight.write(values);
  }

  /** Copies the slots of the optimizer, weight by weight; empty before its first step. */
  readSlots({ optimizer: { slotNames }, trainable }: Compiled): readonly NamedArray[] {
    const parameters = this.#engine?.parameters;
    if (parameters ? !parameters.trains : this.#slots.length === 0) return [];
    const known = new Map(this.#slots.map((slot) => [slot.name, slot.data]));
    return this.#graph.weightsOf(trainable).flatMap((weight) =>
      slotNames.map((slot, index) => {
        const name = slotPath(this.#graph, weight, slot);
        const values = parameters ? parameters.readSlot(index, weight) : known.get(name)?.slice();
        return namedArray(name, weight.shape, values ?? new Float32Array(sizeOf(weight.shape)));
      }),
    );
  }

  /** Copies the weights that have values. Other weights get values when an engine is made. */
  readKnown(): NamedArray[] {
    return this.#graph.weights
      .filter((weight) => weight.known)
      .map((weight) => namedArray(this.#graph.pathOf(weight), weight.shape, this.read(weight)));
  }

  /** Takes over the weights and slots that were trained in workers, without copies if possible. */
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

  /** Sets the values of the optimizer's slots for the next engine. */
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
