import type { Backend } from '../backend/backend.ts';
import { getBackend } from '../backend/select.ts';
import { turnIfDue } from '../control/turn.ts';
import { StateError } from '../core/errors.ts';
import type { FloatArray } from '../core/numericArray.ts';
import { ClassNotLoadedError } from '../core/registerClass.ts';
import { drawSeed, joinSeed, type SeedWords } from '../core/seed.ts';
import { warn } from '../core/warnings.ts';
import type { Dataset } from '../feed/dataset.ts';
import { type Graph, layerOf } from '../graph/graph.ts';
import { FixedStructure, type Structure } from '../graph/structure.ts';
import { hasEmission, loadEmission } from '../layers/emissionPart.ts';
import { InputLayer } from '../layers/input.ts';
import type { Layer, WeightSource } from '../layers/layer.ts';
import type { SymbolicTensor } from '../layers/symbolicTensor.ts';
import type { QuantisedType, Weight } from '../layers/weight.ts';
import type { Compilation } from '../objective/compilationTypes.ts';
import { AVERAGE, type Optimizer, type OptimizerConfig, ratelessConfig } from '../optimizers/optimizer.ts';
import { optimizerClassName } from '../optimizers/registry.ts';
import type { BatchStates } from '../program/batchStates.ts';
import type { Engine } from '../run/engine.ts';
import type { Replica } from '../run/replica.ts';
import type { EpochProgress } from '../run/trainer.ts';
import { loadAllClasses, MORE_CLASSES } from './allClasses.ts';
import { CALLS, type Calls } from './callsPart.ts';
import { type Compiled, compilationOf, compiledFromState, outputStates, withLayers } from './compilation.ts';
import { graphState } from './joinLayers.ts';
import type { Metadata } from './metadata.ts';
import { ModelMemory } from './modelMemory.ts';
import { type ModelState, type NamedArray, namedArray } from './modelState.ts';
import { structureOf } from './restoreStructure.ts';
import { checkSlots, requireWeights, slotPath } from './savedArrays.ts';
import { StreamSet } from './streamSet.ts';

/** The part of passes that a session needs. Their code loads when they are used. */
export interface Passes {
  /** Updates the weights from the gradients of the passes. */
  applyGradients(optimizer?: Optimizer): void;
  clearGradients(): void;
  /** Ends open passes and drops the gradients, before the weights change their memory. */
  end(): void;
}

/** The state with which a training is resumed. */
export interface TrainingState {
  readonly seed: SeedWords;
  readonly weights: readonly NamedArray[];
  /** The optimizer's; none before its first step. */
  readonly slots: readonly NamedArray[];
  readonly iteration: number;
  readonly epochsDone: number;
}

/**
 * The implementation of a model behind its public methods: the graph, the weights, how it is
 * trained and how far that has come, the engine and the streams. In a worker it is the whole model.
 */
export class Session {
  readonly name: string;
  readonly structure: Structure;
  /** The weights, the engine and the optimizer's slots. */
  readonly memory: ModelMemory;
  readonly streams = new StreamSet();
  readonly progress: EpochProgress = { stopTraining: false, iteration: 0, epochsDone: 0, batch: 0, sums: null };
  /** The metadata that was saved with the model. */
  metadata: Metadata = {};
  /** The steps of the samples that it was last trained with; null before, and without steps. */
  trainedSteps: number | null = null;
  /** Whether `fit` runs. */
  fitting = false;
  /** Number of batches that were evaluated and predicted. */
  #batches = 0;
  /** The backend in a worker; elsewhere that of the thread. */
  #backend: Backend | null = null;
  /** The passes of `forward`; null before the first. */
  passes: Passes | null = null;
  #seed: SeedWords = drawSeed();
  #compiled: Compiled | null = null;
  /** A `compile` that waits for the code of a class that it names. */
  #waiting: { readonly compile: () => Compiled; readonly reason: ClassNotLoadedError } | null = null;
  #compilation: Compilation | null = null;
  /** Gives the layers' weights their start values. */
  readonly #weightSource: WeightSource;
  /**
   * Number of running calls of fit, evaluate and predict, during which the engine must not change.
   */
  #running = 0;
  #disposed = false;

  constructor(structure: Structure, name: string) {
    this.name = name;
    this.structure = structure;
    this.memory = new ModelMemory(structure);
    const isAlive = () => !this.#disposed;
    this.#weightSource = {
      get alive() {
        return isAlive();
      },
      open: () => void this.openEngine(),
    };
    this.giveWeights();
  }

  /**
   * Makes a model from a state, ready to run, as a worker has it.
   * @param state the state; weights that are missing are drawn from its seed
   * @throws {FormatError} for a layer or an optimizer without a registered class
   * @throws {OutOfMemoryError} when the model does not fit in memory
   */
  static restore(state: ModelState, backend: Backend, replica: Replica | null = null): Session {
    const session = new Session(structureOf(state), state.name);
    session.#take(state, state.compile && compiledFromState(state.compile, session.builtGraph('restore')));
    session.#backend = backend;
    session.memory.open(backend, session.#seed, session.#compiled, replica);
    session.memory.pin();
    return session;
  }

  /** How the model is trained; null before `compile`. */
  get compiled(): Compiled | null {
    return this.#compiled;
  }

  /** The same, applied to the graph; null before `compile`. */
  get compilation(): Compilation | null {
    return this.#compiled && this.requireCompilation();
  }

  /** The engine, made when there is none. @throws {StateError} when the model was disposed */
  get engine(): Engine {
    return this.openEngine();
  }

  /** All layers, including the layers inside of other layers. */
  get allLayers(): readonly Layer[] {
    const all = (layer: Layer): Layer[] => [layer, ...layer.sublayers.flatMap(all)];
    return this.structure.layers.flatMap(all);
  }

  /** The seed of everything random in the model. */
  get seed(): bigint {
    return joinSeed(this.#seed);
  }

  /** Changes whenever weights are set. */
  get version(): number {
    return this.memory.version;
  }

  /** The states of stateful layers. */
  get states(): BatchStates {
    return this.memory.states;
  }

  /** Whether a layer is stateful. @throws {StateError} before the model is built */
  get stateful(): boolean {
    return this.builtGraph('fit').statefulLayers.length > 0;
  }

  /**
   * Takes over how the model is trained. If a class has to load first, the next call of the model
   * loads it.
   * @throws {ShapeError} when a loss cannot take its output
   */
  compile(compile: () => Compiled): void {
    let compiled: Compiled;
    try {
      compiled = compile();
    } catch (reason) {
      if (!(reason instanceof ClassNotLoadedError)) throw reason;
      this.#train(null);
      this.#waiting = { compile, reason };
      return;
    }
    const { graph } = this.structure;
    const compilation = graph && compilationOf(compiled, graph);
    this.#train(compiled);
    this.#waiting = null;
    this.#compilation = compilation;
  }

  /**
   * Changes the layers. The weights move out of the engine, and the programs and the optimizer's
   * slots are lost.
   */
  changeLayers<T>(change: () => T): T {
    this.requireIdle('add and pop');
    const before = this.allLayers;
    this.#train(this.#compiled);
    const result = change();
    this.memory.clearStates();
    if (this.#compiled) this.#compiled = withLayers(this.#compiled, before, this.allLayers);
    this.giveWeights();
    return result;
  }

  /** Sets how the model is trained, and starts again with step 0. */
  #train(compiled: Compiled | null): void {
    this.passes?.end();
    this.memory.close();
    this.#compiled = compiled;
    this.#compilation = null;
    this.progress.iteration = 0;
  }

  /** @throws {StateError} after `dispose` */
  requireAlive(): void {
    if (this.#disposed) throw new StateError(`model ${this.name} was disposed`);
  }

  /** @throws {StateError} after `dispose` and while a call runs */
  requireIdle(method: string): void {
    this.requireAlive();
    if (this.#running > 0) throw new StateError(`${method}: model ${this.name} is running fit, evaluate or predict: await it first`);
  }

  /** @throws {StateError} while `fit` runs */
  requireNoFit(method: string): void {
    if (this.fitting) throw new StateError(`model ${this.name} is in fit: await it before ${method}`);
  }

  /** Notes that `fit` runs. @throws {StateError} before `compile`, and while another one runs */
  beginFit(): void {
    this.requireCompileCalled('fit');
    if (this.fitting) throw new StateError(`model ${this.name} is already in fit: await the first one`);
    this.fitting = true;
  }

  /** The type of the integers of a quantised model; null for others. */
  get quantised(): QuantisedType | null {
    return this.structure.graph?.quantised ?? null;
  }

  /** @throws {StateError} for a quantised model, which only predicts */
  requireFloats(method: string): void {
    if (this.quantised)
      throw new StateError(
        `${method}: model ${this.name} is ${this.quantised}, and only predicts: train the model that quantize was called on, then quantize that`,
      );
  }

  /** @throws {StateError} before `compile`, and for a quantised model */
  requireCompileCalled(method: string): void {
    this.requireFloats(method);
    if (!this.#waiting) this.requireCompiled(method);
  }

  /** @throws {StateError} before `compile`, and before the classes that it names have loaded */
  requireCompiled(method: string): Compiled {
    this.requireAlive();
    if (this.#waiting) throw this.#waiting.reason;
    if (!this.#compiled) throw new StateError(`${method}: model ${this.name} is not compiled: call compile({ optimizer, loss }) first`);
    return this.#compiled;
  }

  /** @throws {StateError} before `compile` and before the model is built */
  requireCompilation(): Compilation {
    this.#compilation ??= compilationOf(this.requireCompiled('compile'), this.builtGraph('compile'));
    return this.#compilation;
  }

  /**
   * Checks that loss and metrics fit the output, before any target is read.
   * @param graph what the inputs were checked for
   */
  checkCompiled(graph: Graph): void {
    if (!this.#compilation) compilationOf(this.requireCompiled('compile'), graph);
  }

  /** @throws {StateError} before the model is built */
  builtGraph(method: string): Graph {
    const { graph } = this.structure;
    if (!graph)
      throw new StateError(
        `${method}: the model is not built: fit or predict it with data, or call build with the shape of a batch, such as [null, null, 3] or, for ids, [null, null]`,
      );
    return graph;
  }

  /**
   * Builds the model, if it is not built, after all data was checked.
   * @param graph the graph that the data was checked for
   */
  buildFor(graph: Graph): void {
    const { structure } = this;
    // This is the case in every step but the first.
    if (structure.graph === graph) return;
    // Another call may have built it while this call read its data.
    if (structure.graph) structure.graph.outputShapesFor(graph.inputs.map(({ shape }) => shape));
    else structure.adopt(graph);
    this.giveWeights();
  }

  /** Lets layers without values get them from this model. */
  giveWeights(): void {
    this.memory.claimWeights();
    const { layers, nodes } = this.structure.graph ?? { layers: [], nodes: [] };
    for (const layer of layers) {
      layer.inboundNodes.length = 0;
      layer.setWeightSource(this.#weightSource);
    }
    for (const node of nodes) layerOf(node).inboundNodes.push(node);
  }

  /**
   * Runs a call: at once if its code has loaded. The model must not change meanwhile.
   * @throws {FileError} when the code cannot be loaded
   */
  async run<T>(call: (calls: Calls) => Promise<T>): Promise<T> {
    if (!CALLS.code || !hasEmission() || this.#waiting) {
      this.enter();
      try {
        await Promise.all([CALLS.load(), loadEmission(), this.#waiting && loadAllClasses()]);
      } finally {
        // The call enters by itself, at once.
        this.#running--;
      }
      // Another call may have done it meanwhile.
      if (this.#waiting) this.compile(this.#waiting.compile);
    }
    return call(CALLS.loaded);
  }

  /** The seed of the random numbers of the model. */
  get seedWords(): SeedWords {
    return this.#seed;
  }

  /** Number of running calls of fit, evaluate and predict. */
  get running(): number {
    return this.#running;
  }

  /** Begins a call, during which the model must not change. */
  enter(): void {
    this.#running++;
  }

  /** Ends a call. It lets waiting events run, if that is due. */
  async leave(): Promise<void> {
    this.#running--;
    const pending = turnIfDue();
    if (pending) await pending;
  }

  /** The engine, made when there is none. @throws {StateError} when the model was disposed */
  openEngine(): Engine {
    this.requireAlive();
    return this.memory.open(this.#backend ?? getBackend(), this.#seed, this.#compiled);
  }

  /** Numbers the batches of data that is evaluated or predicted. */
  numbered(dataset: Dataset, batchSize: number): Dataset {
    const firstBatch = this.#batches;
    this.#batches += Math.ceil(dataset.count / batchSize);
    return { ...dataset, firstBatch };
  }

  /** Warns once for each `compile`. */
  warnOfDivergence(message: string): void {
    warn('DIVERGED', message, this.#compiled ?? this);
  }

  /** The weights, for reading or setting them. @throws {StateError} before the model is built */
  weights(method: string): Weight[] {
    this.requireAlive();
    const { graph } = this.structure;
    if (!graph) throw new StateError(`${method}: model ${this.name} has no weights yet: build it, or fit or predict with data`);
    return graph.weights;
  }

  /** Copies a weight's values. */
  readWeight(weight: Weight): FloatArray {
    if (!weight.known) this.openEngine();
    return this.memory.read(weight);
  }

  /** Copies of all weights, in the model's order. */
  readWeights(): NamedArray[] {
    return this.memory.readKnown();
  }

  /** Copies of the optimizer's slots; none before its first step. */
  readSlots(): readonly NamedArray[] {
    return this.#compiled ? this.memory.readSlots(this.#compiled) : [];
  }

  /** Sets all weights, in the model's order. */
  writeWeights(weights: readonly NamedArray[]): void {
    for (const [index, weight] of this.builtGraph('writeWeights').weights.entries())
      this.memory.write(weight, (weights[index] as NamedArray).data);
  }

  /** Takes over the weights and slots that workers have trained. */
  takeTrained(weights: readonly NamedArray[], slots: readonly NamedArray[]): void {
    this.memory.replace(weights, slots, this.#compiled?.optimizer.keptSlots ?? []);
  }

  /** Gives the trained weights their averages, if the optimizer keeps them. */
  takeAverages(): void {
    const compiled = this.#compiled;
    if (!compiled?.optimizer.useEma) return;
    const graph = this.builtGraph('fit');
    const slots = new Map(this.readSlots().map(({ name, data }) => [name, data]));
    for (const weight of graph.weightsOf(compiled.trainable)) {
      const average = slots.get(slotPath(graph, weight, AVERAGE));
      if (average) this.memory.write(weight, average);
    }
  }

  /** The state, as `getState` of a model gives it. */
  getState(includeOptimizer: boolean): ModelState {
    const own = this.weights('save');
    const graph = this.builtGraph('save');
    const floats = own.filter(({ quantised }) => !quantised);
    const weights = floats.map((weight) => namedArray(graph.pathOf(weight), weight.shape, this.readWeight(weight)));
    const compiled = includeOptimizer && (this.#compiled || this.#waiting) ? this.requireCompiled('save') : null;
    const config = compiled?.optimizer.getConfig(Math.max(this.progress.iteration - 1, 0));
    return { ...this.#stateWith(weights, compiled, config), metadata: this.metadata };
  }

  /** The state for workers: without weights that have no values and without the learning rate. */
  workersState(): ModelState {
    const compiled = this.#compiled;
    return this.#stateWith(this.readWeights(), compiled, compiled ? ratelessConfig(compiled.optimizer) : {});
  }

  /**
   * Takes over a state. The model must already have the layers of the state.
   * @throws {FormatError} when the weights do not fit the model; nothing has changed then
   */
  setState(state: ModelState): void {
    const graph = this.builtGraph('setState');
    requireWeights(state, graph);
    const compiled = state.compile && compiledFromState(state.compile, graph);
    if (state.compile && compiled) checkSlots(state.compile, compiled.optimizer, graph, graph.weightsOf(compiled.trainable));
    this.#take(state, compiled);
  }

  /** Frees the memory. @throws {StateError} while a call runs */
  dispose(): void {
    if (this.#disposed) return;
    this.requireIdle('dispose');
    this.#disposed = true;
    this.streams.dispose();
    this.passes?.end();
    this.memory.dispose();
  }

  /** Takes over a state that was checked. */
  #take(state: ModelState, compiled: Compiled | null): void {
    const { compile } = state;
    if (compile && compiled) {
      this.#compiled = compiled;
      this.#waiting = null;
    }
    this.metadata = state.metadata ?? {};
    this.trainedSteps = state.trainedSteps ?? null;
    if (state.quantised) MORE_CLASSES.loaded.takeIntegers(this.builtGraph('setState'), state.quantised);
    const { seed, weights } = state;
    this.continueTraining(compile && compiled ? { ...compile, seed, weights } : { seed, weights });
  }

  /** Takes over weights that were checked, and the progress of a training if there is one. */
  continueTraining({
    seed,
    weights,
    slots,
    iteration,
    epochsDone,
  }: Pick<TrainingState, 'seed' | 'weights'> & Partial<TrainingState>): void {
    if (slots) {
      this.#train(this.#compiled);
      this.memory.setSlots(slots);
      Object.assign(this.progress, { iteration, epochsDone });
    }
    this.#seed = seed;
    const graph = this.builtGraph('setState');
    const values = new Map(weights.map(({ name, data }) => [name, data]));
    for (const weight of graph.weights) {
      const data = values.get(graph.pathOf(weight));
      if (data) this.memory.write(weight, data);
    }
  }

  #stateWith(weights: readonly NamedArray[], compiled: Compiled | null, optimizerConfig: OptimizerConfig = {}): ModelState {
    const graph = this.builtGraph('save');
    const { structure } = this;
    return {
      name: this.name,
      seed: this.#seed,
      layers: structure.layers.map((layer) => ({ className: layer.savedAs, config: layer.getConfig() })),
      inputShape: (graph.inputs[0] as SymbolicTensor).shape,
      ...(structure instanceof FixedStructure ? { graph: graphState(graph, structure.layers) } : batchSizeOf(graph)),
      weights,
      ...(this.quantised && {
        quantised: graph.weights.flatMap((weight) => (weight.quantised ? { name: graph.pathOf(weight), ...weight.quantised.values } : [])),
      }),
      ...(this.trainedSteps === null ? {} : { trainedSteps: this.trainedSteps }),
      compile: compiled && {
        ...outputStates(compiled),
        optimizer: { className: optimizerClassName(compiled.optimizer), config: optimizerConfig },
        trainable: [...graph.layersByPath].flatMap(([path, layer]) => (compiled.trainable.has(layer) ? [path] : [])),
        iteration: this.progress.iteration,
        epochsDone: this.progress.epochsDone,
        slots: this.memory.readSlots(compiled),
      },
    };
  }
}

/** The option `batchSize` of the `Input` of layers one after the other, as a state holds it. */
function batchSizeOf({ inputs }: Graph): { batchSize?: number } {
  const layer = inputs[0]?.node.layer;
  return layer instanceof InputLayer && layer.batchSize !== null ? { batchSize: layer.batchSize } : {};
}
