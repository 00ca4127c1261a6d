import type { Backend } from '../backend/backend.ts';
import type { EvictableMemory } from '../backend/evictableMemory.ts';
import { allFiniteInTurns } from '../control/finiteInTurns.ts';
import { OutOfMemoryError } from '../core/errors.ts';
import { invariant } from '../core/invariant.ts';
import type { FloatArray } from '../core/numericArray.ts';
import type { SeedWords } from '../core/seed.ts';
import { sizeOf } from '../core/shape.ts';
import type { NumericArray } from '../core/tensor.ts';
import type { Graph } from '../graph/graph.ts';
import type { Structure } from '../graph/structure.ts';
import type { Layer } from '../layers/layer.ts';
import type { Weight } from '../layers/weight.ts';
import type { BatchStates } from '../program/batchStates.ts';
import type { Parameters } from '../program/parameters.ts';
import type { Engine } from '../run/engine.ts';
import type { Replica } from '../run/replica.ts';
import { type Compiled, trainableNow } from './compilation.ts';
import type { HeapSlots } from './engineMemory.ts';
import { requireEngines } from './enginesPart.ts';
import { type NamedArray, namedArray } from './modelState.ts';
import { requireArray, slotPath } from './savedArrays.ts';

/**
 * The number of writes to weights from outside of training. All models that share weights see it.
 */
let writes = 0;
const lastWrites = new WeakMap<Weight, number>();

/** The models that have a weight and were not disposed, whether they have run or not. */
const claims = new WeakMap<Weight, Set<WeakRef<object>>>();
const isClaimed = (weight: Weight) => [...(claims.get(weight) ?? [])].some((model) => model.deref());

/**
 * The memory of a model: an engine, after the model has run, whose programs use the weights; and
 * the optimizer's slots, which are in plain arrays while there is no engine (new layers, another
 * optimizer, training in workers) and after an eviction.
 */
export class ModelMemory {
  readonly #structure: Structure;
  readonly #heap: HeapSlots = { slots: [] };
  #states: BatchStates | null = null;
  /** The engine, also when its memory was evicted. */
  #engine: Engine | null = null;
  /** Of the engine's programs and slots. */
  #memory: EvictableMemory | null = null;
  /** The graph whose weights this model has claimed. */
  #claimed: Graph | null = null;
  readonly #reference = new WeakRef<object>(this);

  constructor(structure: Structure) {
    this.#structure = structure;
  }

  /** The states of stateful layers. @throws {StateError} before a backend is loaded */
  get states(): BatchStates {
    const { BatchStates } = requireEngines();
    this.#states ??= new BatchStates(() => this.#structure.graph?.nodes ?? []);
    return this.#states;
  }

  /** Forgets the states of stateful layers. */
  clearStates(): void {
    this.#states?.clear();
  }

  /**
   * The engine. If there is none, it is made, and weights without values get their start values.
   * @param backend the backend it is made on, unless it was on another one before its memory was
   *   evicted
   * @param compiled how the model is trained; null if it only predicts. Saved values of the
   *   optimizer's slots are restored
   * @param replica the replica, with several workers
   * @throws {OutOfMemoryError} when the weights do not fit in memory
   * @throws {StateError} when another backend uses a weight
   */
  open(backend: Backend, seed: SeedWords, compiled: Compiled | null, replica: Replica | null = null): Engine {
    if (this.engine) return this.engine;
    const before = this.#engine;
    const home = before?.backend ?? backend;
    // Programs that use old addresses of weights.
    if (this.#memory?.present && !this.#memory.evict())
      throw new OutOfMemoryError("cannot allocate the optimizer's slots on the JavaScript heap");
    const graph = this.#graph;
    const { openEngine, engineMemory } = requireEngines();
    const slotNames = compiled?.optimizer.keptSlots ?? [];
    const trainable = compiled?.trainable ?? (graph.quantised ? new Set<Layer>() : trainableNow(graph.allLayers));
    const engine = openEngine(home, { graph, seed, trainable, replica, states: this.states }, slotNames, this.#heap.slots);
    before?.parameters.dispose(() => true);
    this.#heap.slots = [];
    this.#engine = engine;
    this.#memory = engineMemory(this, engine, slotNames, this.#heap, this.#memory);
    return engine;
  }

  /**
   * Notes that the weights belong to this model too, so that they keep their values when another
   * model is disposed.
   */
  claimWeights(): void {
    const { graph } = this.#structure;
    if (!graph || graph === this.#claimed) return;
    this.#giveUpClaims();
    this.#claimed = graph;
    for (const weight of graph.weights) {
      const models = claims.get(weight) ?? new Set();
      for (const model of models) if (!model.deref()) models.delete(model);
      claims.set(weight, models.add(this.#reference));
    }
  }

  #giveUpClaims(): void {
    for (const weight of this.#claimed?.weights ?? []) claims.get(weight)?.delete(this.#reference);
  }

  /** The engine; null while there is none, or when the memory that it uses was evicted. */
  get engine(): Engine | null {
    return this.#memory?.present && this.#engine?.parameters.inPlace ? this.#engine : null;
  }

  /**
   * Keeps the engine's memory in place while another model may run, until `unpin` was called as
   * often as `pin`.
   */
  pin(): void {
    if (this.#memory?.pin()) this.#engine?.startRun();
    this.#engine?.parameters.pin();
  }

  /** Takes back a call of `pin`. */
  unpin(): void {
    this.#memory?.unpin();
    this.#engine?.parameters.unpin();
  }

  /** Frees the engine's memory. Weights keep their values; the optimizer's slots are lost. */
  close(): void {
    this.#drop(() => true);
  }

  /** Frees the engine's memory and the values of weights that no other model has. */
  dispose(): void {
    this.#giveUpClaims();
    // A model that has not run yet starts with these values too.
    this.#drop(isClaimed);
  }

  /** Copies a weight's values. */
  read(weight: Weight): FloatArray {
    const values = weight.read();
    invariant(values, `weight ${weight.path} has no values yet`);
    return values;
  }

  /**
   * `weight dense/kernel`: a weight, or values that the optimizer keeps for one, which are not all
   * finite; null when all are. The thread is never held for long.
   */
  async firstNotFinite(compiled: Compiled | null): Promise<string | null> {
    const { graph } = this.#structure;
    if (!graph) return null;
    for (const weight of graph.weights) {
      if (!weight.quantised && !(await allFiniteInTurns(() => weight.view()))) return `weight ${graph.pathOf(weight)}`;
    }
    if (!compiled) return null;
    for (const trained of graph.weightsOf(compiled.trainable)) {
      for (const [index, slot] of compiled.optimizer.keptSlots.entries()) {
        if (!(await allFiniteInTurns(() => this.#slotView(graph, trained, slot, index))))
          return `what ${compiled.optimizer.className} keeps for weight ${graph.pathOf(trained)} (${slot})`;
      }
    }
    return null;
  }

  /** An optimizer's slot in place; null before its first step. */
  #slotView(graph: Graph, weight: Weight, slot: string, index: number): FloatArray | null {
    const parameters = this.#opened;
    if (parameters) return parameters.trains ? parameters.backend.floats(parameters.slotOf(index, weight)) : null;
    const name = slotPath(graph, weight, slot);
    return this.#heap.slots.find((each) => each.name === name)?.data ?? null;
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
  readSlots({ optimizer: { keptSlots: slotNames }, trainable }: Compiled): readonly NamedArray[] {
    const parameters = this.#opened;
    const { slots } = this.#heap;
    if (parameters ? !parameters.trains : slots.length === 0) return [];
    const known = new Map(slots.map((slot) => [slot.name, slot.data]));
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
      .filter(({ known, quantised }) => known && !quantised)
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
    this.#heap.slots = slots;
    const parameters = this.#opened;
    if (!parameters) return;
    requireEngines().fillSlots(parameters, this.#graph, slotNames, slots);
    this.#heap.slots = [];
  }

  /** Sets the values of the optimizer's slots for the next engine. */
  setSlots(slots: readonly NamedArray[]): void {
    this.#heap.slots = slots;
  }

  get #graph(): Graph {
    const { graph } = this.#structure;
    invariant(graph, 'a model that has an engine is built');
    return graph;
  }

  /** The memory of the optimizer's slots; null while they are on the heap. */
  get #opened(): Parameters | null {
    return this.#memory?.present ? (this.#engine?.parameters ?? null) : null;
  }

  #drop(keep: (weight: Weight) => boolean): void {
    this.#heap.slots = [];
    this.#memory?.dispose();
    this.#engine?.parameters.dispose(keep);
    this.#memory = null;
    this.#engine = null;
  }
}
