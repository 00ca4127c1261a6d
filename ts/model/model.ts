import { getBackend, loadBackend } from '../backend/select.ts';
import { type CallbackOf, History, type Logs } from '../callbacks/callback.ts';
import { CallbackList } from '../callbacks/callbackList.ts';
import { displayOf, shown, type UnreadRun } from '../callbacks/progress.ts';
import { type Checkpoint, throwIfAborted } from '../control/checkpoint.ts';
import { turnIfDue } from '../control/turn.ts';
import { describe } from '../core/describe.ts';
import { disposeSymbol } from '../core/disposeSymbol.ts';
import { ArgumentError, FormatError, ShapeError, StateError } from '../core/errors.ts';
import { allFinite } from '../core/finite.ts';
import { withJSON } from '../core/jsonTensor.ts';
import type { FloatArray } from '../core/numericArray.ts';
import { checkOptions } from '../core/options.ts';
import { drawSeed, type SeedWords } from '../core/seed.ts';
import type { SharedLoan } from '../core/sharedMemory.ts';
import { isError } from '../core/tags.ts';
import { type Tensor, type TensorLike, tensorOf } from '../core/tensor.ts';
import { warn } from '../core/warnings.ts';
import { addTargets, checkInputs, type InputsLike, readInputs, type WeightsLike } from '../feed/checkData.ts';
import { DataReader } from '../feed/dataReader.ts';
import type { Dataset } from '../feed/dataset.ts';
import { Graph } from '../graph/graph.ts';
import { FixedStructure, type Structure } from '../graph/structure.ts';
import { summarize } from '../graph/summary.ts';
import type { Layer, WeightSource } from '../layers/layer.ts';
import type { SampleShape } from '../layers/spec.ts';
import { SymbolicTensor } from '../layers/symbolicTensor.ts';
import type { Weight } from '../layers/weight.ts';
import { checkWeightValues } from '../layers/weightValues.ts';
import type { Compilation } from '../objective/compilationTypes.ts';
import type { Loss } from '../objective/loss.ts';
import { modesOf } from '../objective/metrics.ts';
import { type Optimizer, type OptimizerConfig, rateless } from '../optimizers/optimizer.ts';
import { BatchStates } from '../program/batchStates.ts';
import { type Divergence, resultWarning, stepWarning, weightWarning } from '../run/divergence.ts';
import type { Engine } from '../run/engine.ts';
import { EngineTrainer } from '../run/engineTrainer.ts';
import { fitDataset } from '../run/fit.ts';
import { evaluateDataset, predictDataset, trainBatch } from '../run/run.ts';
import { batchEventsOf, type EpochProgress } from '../run/trainer.ts';
import {
  type Compiled,
  type CompileOptions,
  compilationOf,
  compiledFrom,
  compiledFromState,
  outputStates,
  withLayers,
} from './compilation.ts';
import { checkEvaluateOptions, type EvaluateOptions, ONE_BATCH } from './evaluateOptions.ts';
import { readFitData } from './fitData.ts';
import { checkFitOptions, type FitOptionsOf } from './fitOptions.ts';
import type { Metadata } from './metadata.ts';
import { ModelMemory } from './modelMemory.ts';
import { type ModelState, type ModelStateLike, type NamedArray, namedArray, readModelState } from './modelState.ts';
import { ModelStream, type StreamOptions, StreamSet } from './modelStream.ts';
import { graphState, structureOf } from './restoreStructure.ts';
import { checkSlots, requireWeights } from './savedArrays.ts';
import type { SaveOptions } from './saveOptions.ts';
import { requireBatches, requireOrder } from './statefulBatches.ts';
import { lockLayers, requireUntrained } from './trainingLock.ts';
import { warnOfData, warnOfFrozen, warnOfOptions, warnOfOutputs, warnOfTrainable } from './trainingWarnings.ts';
import type { WorkedModel, WorkerDoor } from './workerDoor.ts';
import type { Workers } from './workerOptions.ts';
import { Workplace } from './workplace.ts';

/** Options of `new Model`. */
export interface ModelOptions<Outputs extends TensorsLike = TensorsLike> {
  /**
   * The inputs: one tensor of `Input`, an array of them, or an object. The keys of an object are
   * the names by which data is given; otherwise these are the names of the inputs.
   */
  inputs: TensorsLike;
  /**
   * The outputs: one symbolic tensor, an array of them, or an object. The keys of an object are the
   * names of the outputs for targets, losses and the history; otherwise these are the names of
   * their layers. `predict` then returns an object with these keys.
   */
  outputs: Outputs;
  /** The model's name, for summaries, errors and files. Default 'model'. */
  name?: string;
}

/** Symbolic tensors: one, an array, or an object of them. */
export type TensorsLike = SymbolicTensor | readonly SymbolicTensor[] | Readonly<Record<string, SymbolicTensor>>;

/** A callback of users: its functions get the whole model. See {@link CallbackOf}. */
export type Callback = CallbackOf<Model>;

/** Options of `fit`. https://keras.io/api/models/model_training_apis/ */
export type FitOptions = FitOptionsOf<Model>;

/**
 * What `predict` returns: a tensor for one output, otherwise an array or an object of tensors, as
 * the outputs were given to `new Model`. For the type `Model` it may be any of these.
 */
export type Predicted<Outputs extends TensorsLike> = TensorsLike extends Outputs
  ? AnyPrediction
  : Outputs extends SymbolicTensor | readonly [SymbolicTensor]
    ? Tensor<FloatArray>
    : { -readonly [Name in keyof Outputs]: Tensor<FloatArray> };

/**
 * What a step of a stream returns: the outputs of a step, as `predict` returns those of samples.
 */
export type Stepped<Outputs extends TensorsLike> = TensorsLike extends Outputs
  ? AnyPrediction
  : Outputs extends SymbolicTensor | readonly [SymbolicTensor]
    ? FloatArray
    : { -readonly [Name in keyof Outputs]: FloatArray };

// biome-ignore lint/suspicious/noExplicitAny: every model is a Model, whatever its own `predict` gives
type AnyPrediction = any;

/**
 * A model from inputs to outputs. It is also the base class of all models.
 * https://keras.io/api/models/
 *
 *     const question = Input({ shape: [null, 8] });
 *     const state = new LSTM(16).apply(question);
 *     const model = new Model({ inputs: question, outputs: new Dense(1).apply(state) });
 */
export class Model<const Outputs extends TensorsLike = TensorsLike> {
  readonly name: string;
  /** Set it to true in a callback to end `fit` after the current batch. */
  get stopTraining(): boolean {
    return this.#progress.stopTraining;
  }
  set stopTraining(value: boolean) {
    this.#progress.stopTraining = value;
  }
  protected readonly structure: Structure;
  #seed: SeedWords = drawSeed();
  #compiled: Compiled | null = null;
  #compilation: Compilation | null = null;
  readonly #memory: ModelMemory;
  /** Gives the layers' weights their start values. */
  readonly #weightSource: WeightSource = { open: () => void this.#openEngine() };
  readonly #streams = new StreamSet();
  readonly #progress: EpochProgress = { stopTraining: false, iteration: 0, epochsDone: 0 };
  #metadata: Metadata = {};
  #fitting = false;
  /**
   * Number of running calls of fit, evaluate and predict, during which the engine must not change.
   */
  #running = 0;
  #disposed = false;

  /**
   * @throws {ArgumentError} for an unknown option, for values that are not symbolic tensors, when
   *   no output depends on an input or an output depends on an input that is missing, and when two
   *   layers have the same name
   */
  constructor(options: ModelOptions<Outputs>);
  /** Called by subclasses. */
  constructor(structure: Structure, name: string);
  constructor(made: ModelOptions<Outputs> | Structure, name?: string) {
    if (name === undefined) {
      const options = (made ?? {}) as ModelOptions;
      checkOptions(options, ['inputs', 'outputs', 'name'], 'Model');
      this.name = modelName(options.name ?? 'model', 'Model');
      const [inputs, outputs] = [tensorsOf(options.inputs, 'inputs'), tensorsOf(options.outputs, 'outputs')];
      const names = { inputs: namesOf(options.inputs), outputs: namesOf(options.outputs) };
      this.structure = new FixedStructure(Graph.of(inputs, outputs, names));
    } else {
      this.name = name;
      this.structure = made as Structure;
    }
    this.#memory = new ModelMemory(this.structure);
    this.giveWeights();
  }

  /** The layers, first to last. The array is a read-only copy; `add` and `pop` change the model. */
  get layers(): readonly Layer[] {
    return Object.freeze([...this.structure.layers]);
  }

  /**
   * The names and shapes of the weights, in the order of `getWeights`; empty before the model is
   * built.
   */
  get weights(): readonly Weight[] {
    return Object.freeze(this.structure.graph?.weights ?? []);
  }

  /**
   * The shape of the inputs, such as `[null, 100, 8]`: batch axis first, null where free.
   * @throws {StateError} before `build`
   */
  get inputShape(): SampleShape {
    return [null, ...(this.#builtGraph('inputShape').inputs[0] as SymbolicTensor).shape];
  }

  /**
   * The shape of the outputs, such as `[null, 1]`: batch axis first, null where free.
   * @throws {StateError} before `build`
   */
  get outputShape(): SampleShape {
    return [null, ...(this.#builtGraph('outputShape').outputs[0] as SymbolicTensor).shape];
  }

  get built(): boolean {
    return this.structure.graph !== null;
  }

  /** The tensors of the inputs. @throws {StateError} before `build` */
  get inputs(): readonly SymbolicTensor[] {
    return this.#builtGraph('inputs').inputs;
  }

  /**
   * The tensors of the outputs, from which other models can continue.
   * @throws {StateError} before `build`
   */
  get outputs(): readonly SymbolicTensor[] {
    return this.#builtGraph('outputs').outputs;
  }

  /**
   * What was saved with the model by the option `metadata` of `save`; empty for a new model. It
   * cannot be changed: `save(file, { metadata: { ...model.metadata, note: 'more' } })` saves more.
   */
  get metadata(): Metadata {
    return this.#metadata;
  }

  /** Number of optimizer steps so far. */
  get iterations(): number {
    return this.#progress.iteration;
  }

  /**
   * The optimizer. Its `learningRate` may be changed between steps.
   * @throws {StateError} before `compile`
   */
  get optimizer(): Optimizer {
    return this.#requireCompiled('optimizer').optimizer;
  }

  /** Finds a layer by its name or its index. @throws {ArgumentError} when there is no such layer */
  getLayer(nameOrIndex: string | number): Layer {
    const layer = typeof nameOrIndex === 'number' ? this.layers[nameOrIndex] : this.layers.find(({ name }) => name === nameOrIndex);
    if (!layer)
      throw new ArgumentError(
        `model ${this.name} has no layer ${describe(nameOrIndex)}; it has ${this.layers.map(({ name }) => name).join(', ')}`,
      );
    return layer;
  }

  /**
   * Declares the weights for inputs of a shape. `fit` and `predict` do this with the shape of their
   * data.
   * @param inputShape the shape, batch axis first: `[null, 100]` for ids, `[null, 100, 8]` for
   *   series; null where free
   * @throws {ShapeError} when a layer cannot take its input; nothing is built then
   */
  build(inputShape: SampleShape): void {
    this.#requireAlive();
    if (!Array.isArray(inputShape) || inputShape.length < 2) {
      throw new ArgumentError(`build takes a shape with the batch axis first, such as [null, 100], got ${describe(inputShape)}`);
    }
    this.structure.build(inputShape.slice(1));
    this.giveWeights();
  }

  /** The number of parameters. @throws {StateError} before the model is built */
  countParams(): number {
    return this.#builtGraph('countParams').countParameters();
  }

  /**
   * Prints a table of the layers with their output shapes and parameters, by default to the
   * console.
   */
  summary(print: (text: string) => void = console.log): void {
    if (typeof print !== 'function') throw new ArgumentError(`summary: print must be a function, got ${describe(print)}`);
    print(summarize(this.structure, this.name));
  }

  /**
   * Sets the optimizer, the loss and the metrics. The weights stay; the optimizer starts from its
   * initial state.
   * @throws {ArgumentError} for an unknown option or name
   * @throws {ShapeError} when the loss or a metric compares classes and the output of a built model
   *   has one; the model is as before then
   */
  compile(options: CompileOptions): void {
    this.#requireIdle('compile');
    const compiled = compiledFrom(options, this.#allLayers, this.structure.graph?.outputNames ?? ['output']);
    const { graph } = this.structure;
    if (graph) compilationOf(compiled, graph);
    this.#train(compiled);
    if (graph) this.#requireCompilation();
  }

  /** Sets how the model is trained, and starts again with step 0. */
  #train(compiled: Compiled | null): void {
    this.#memory.close();
    this.#compiled = compiled;
    this.#compilation = null;
    this.#progress.iteration = 0;
  }

  /**
   * Trains for a number of epochs. All data is checked before the first step. Typed arrays are read
   * during training, so they must not change before `fit` has ended. Workers get a copy, which is
   * made and checked when `fit` begins; data in shared memory is not copied.
   * @param x the samples, as the first layer takes them: `[N, T]` ids, or `[N, T, D]` or `[N, D]`
   *   floats
   * @param y the targets: arrays of the output's shape, or class indices for the sparse loss
   * @returns the history of the loss and the metrics; with validation data also `valLoss`,
   *   `valAccuracy`, …
   * @throws {ShapeError | DataError | ArgumentError | OutOfMemoryError} before any weight has
   *   changed
   * @throws {StateError} before `compile`, or while another `fit` runs
   */
  async fit(x: InputsLike, y: InputsLike, options: FitOptions = {}): Promise<History> {
    const compiled = this.#requireCompiled('fit');
    if (this.#fitting) throw new StateError(`model ${this.name} is already in fit: await the first one`);
    return this.#hold(async () => {
      this.#fitting = true;
      let unlock = () => {};
      try {
        const choices = checkFitOptions(options);
        const inputs = checkInputs(this.structure, x, 'x');
        unlock = lockLayers(inputs.graph.allLayers, this);
        this.#checkCompiled(inputs.graph);
        requireOrder(inputs.graph, choices.shuffle);
        const epochs = Math.max(choices.epochs - choices.initialEpoch, 0);
        const work = { ...inputs, batchSize: choices.batchSize, epochs };
        const { given } = choices;
        const workplace = Workplace.choose(given.workers, inputs.graph, work, 'fit', choices.signal);
        const data = await workplace.read((reader) =>
          readFitData(this.structure, compiled.outputs, inputs, y, given, choices.validationSplit, reader),
        );
        throwIfAborted(choices.signal);
        const { dataset, validation } = data;
        requireBatches(inputs.graph, dataset.count, choices.batchSize, this.#memory.states.rows, 'fit');
        if (validation) requireBatches(inputs.graph, validation.count, choices.validationBatchSize, null, 'fit: the validation data');
        this.#buildFor(inputs.graph);
        warnOfFrozen(compiled, this);
        warnOfTrainable(compiled, this.#allLayers);
        warnOfOptions(choices, this);
        warnOfData(inputs.graph, lossesOf(compiled), data.dataset, this);
        const history = new History();
        const display = displayOf(given.verbose ?? 'auto');
        const watch: CallbackOf = { onTestEnd: (logs) => this.#checkLoss('fit: the validation loss', logs) };
        const all: CallbackOf[] = [history, ...(display ? [display] : []), watch, ...choices.callbacks];
        const callbacks = new CallbackList(all, this, choices.signal);
        const diverged = (step: Divergence) => this.#warnOfDivergence(stepWarning('fit', step, compiled.optimizer));
        const metricModes = modesOf(this.#requireCompilation().metrics);
        const run = { ...choices, ...data, callbacks, diverged, metricModes };
        const fitHere = (engine: Engine) => {
          const trainer = new EngineTrainer(engine, this.#requireCompilation(), this.#progress, run, batchEventsOf(run));
          return fitDataset(trainer, this.#progress, run);
        };
        await workplace.run(
          () => this.#run(fitHere),
          (door, count, memory) => door.fitInWorkers(this.#worked(), run, count, memory),
        );
        const notFinite = this.#memory.firstNotFinite(compiled);
        if (notFinite !== null) this.#warnOfDivergence(weightWarning(notFinite, compiled.optimizer));
        return history;
      } finally {
        unlock();
        this.#fitting = false;
      }
    });
  }

  /**
   * Computes loss and metrics over a data set, without training.
   * @returns `{ loss, accuracy, … }`
   */
  async evaluate(x: InputsLike, y: InputsLike, options: EvaluateOptions = {}): Promise<Logs> {
    this.#requireCompiled('evaluate');
    const run = checkEvaluateOptions(options, 'evaluate');
    return this.#evaluate(x, y, options.sampleWeight ?? null, run, options.workers);
  }

  async #evaluate(x: InputsLike, y: InputsLike, weight: WeightsLike | null, run: UnreadRun, workers: Workers | undefined): Promise<Logs> {
    const { outputs } = this.#requireCompiled('evaluate');
    const logs = await this.#runShown(
      run,
      workers,
      x,
      (graph, inputs, reader) => addTargets(inputs, graph, outputs, y, weight, reader),
      (engine, dataset, checkpoint) =>
        evaluateDataset(engine, this.#requireCompilation(), dataset, run.batchSize, checkpoint, this.#keptStates(engine)),
      (door, dataset, count, memory) => door.evaluateInWorkers(this.#worked(), dataset, run.batchSize, count, memory),
      (results) => results,
    );
    this.#checkLoss('evaluate: the loss', logs);
    return logs;
  }

  /**
   * Computes the outputs for every sample, `[N, …]`.
   * @returns the tensor of the output; for a model with several outputs an array or an object of
   *   tensors, as the outputs were given
   */
  async predict(x: InputsLike, options: Omit<EvaluateOptions, 'sampleWeight'> = {}): Promise<Predicted<Outputs>> {
    this.#requireAlive();
    const run = checkEvaluateOptions(options, 'predict');
    return this.#predicted(await this.#predict(x, run, options.workers));
  }

  /** The outputs as one tensor, an array or an object, as they were given to the constructor. */
  #predicted(outputs: Tensor<FloatArray>[]): Predicted<Outputs> {
    for (const output of outputs) withJSON(output);
    const names = this.structure.graph?.names.outputs;
    const predicted = names ? Object.fromEntries(names.map((name, index) => [name, outputs[index]])) : outputs;
    return (names || outputs.length > 1 ? predicted : outputs[0]) as Predicted<Outputs>;
  }

  async #predict(x: InputsLike, run: UnreadRun, workers: Workers | undefined): Promise<Tensor<FloatArray>[]> {
    const outputs = await this.#runShown(
      run,
      workers,
      x,
      null,
      (engine, dataset, checkpoint) => predictDataset(engine, dataset, run.batchSize, checkpoint, this.#keptStates(engine)),
      (door, dataset, count, memory) => door.predictInWorkers(this.#worked(), dataset, run.batchSize, count, memory),
      () => ({}),
    );
    if (!outputs.every(({ data }) => allFinite(data)))
      this.#warnOfDivergence(resultWarning('predict: some outputs are not finite', this.#memory.firstNotFinite(null)));
    return outputs;
  }

  /**
   * Sets the states of layers with `stateful: true` to zeros: the next batch begins new sequences.
   * It may have another number of sequences, unless `Input` sets one. During `fit`, a callback may
   * call it, for example in `onEpochBegin`.
   */
  resetStates(): void {
    for (const layer of this.structure.layers) layer.resetStates();
  }

  /**
   * The states that a call continues. Calls during `fit` begin with zeros, so they do not disturb
   * the states of training.
   */
  #keptStates(engine: Engine): BatchStates {
    return this.#fitting ? new BatchStates() : engine.states;
  }

  /**
   * Trains one step on one batch. A loop that awaits it lets timers, input and signals run at least
   * every 16 ms, if a step takes at most 8 ms.
   * @returns the loss and the metrics before the update
   * @throws {StateError} while `fit` runs, also if it began while this call read its data
   */
  async trainOnBatch(x: InputsLike, y: InputsLike, sampleWeight: WeightsLike | null = null): Promise<Logs> {
    const compiled = this.#requireCompiled('trainOnBatch');
    this.#requireNoFit();
    return this.#hold(async () => {
      const reader = new DataReader();
      const unread = checkInputs(this.structure, x, 'x');
      this.#checkCompiled(unread.graph);
      requireBatches(unread.graph, unread.count, unread.count, this.#memory.states.rows, 'trainOnBatch');
      const dataset = await addTargets(await readInputs(unread, reader), unread.graph, compiled.outputs, y, sampleWeight, reader);
      this.#buildFor(unread.graph);
      warnOfFrozen(compiled, this);
      warnOfTrainable(compiled, this.structure.layers);
      if (this.#progress.iteration === 0) warnOfData(unread.graph, lossesOf(compiled), dataset, this);
      return this.#run(async (engine) => {
        // Checked again, because `fit` may have begun while long data was read.
        this.#requireNoFit();
        requireUntrained(unread.graph.allLayers, this, 'trainOnBatch');
        const logs = trainBatch(engine, this.#requireCompilation(), dataset, this.#progress.iteration);
        const iteration = this.#progress.iteration++;
        const { loss } = logs as { loss: number };
        if (!Number.isFinite(loss)) {
          const step = { loss, iteration, first: iteration === 0, changed: null, finiteWeights: engine.isFinite };
          this.#warnOfDivergence(stepWarning('trainOnBatch', step, compiled.optimizer));
        }
        return logs;
      });
    });
  }

  /** Computes loss and metrics of one batch, without training. */
  async testOnBatch(x: InputsLike, y: InputsLike, sampleWeight: WeightsLike | null = null): Promise<Logs> {
    return this.#evaluate(x, y, sampleWeight, { label: 'evaluate', ...ONE_BATCH }, 0);
  }

  /** Computes the outputs for one batch. */
  async predictOnBatch(x: InputsLike): Promise<Predicted<Outputs>> {
    this.#requireAlive();
    return this.#predicted(await this.#predict(x, { label: 'predict', ...ONE_BATCH }, 0));
  }

  /**
   * Makes a stream, which runs the model one step at a time and keeps the states: see
   * {@link ModelStream}.
   *
   *     const stream = model.stream();
   *     for (const reading of readings) show(stream.step(reading));
   *
   * @throws {StateError} before the model is built, and in a browser before `await loadBackend()`
   *   or a first `fit` or `predict`
   * @throws {ArgumentError} naming a layer that needs whole sequences, such as one with
   *   `goBackwards`
   * @throws {ShapeError} when samples are not sequences
   * @throws {OutOfMemoryError} when the stream does not fit in memory
   */
  stream(options?: StreamOptions): ModelStream<Stepped<Outputs>> {
    this.#requireAlive();
    const streamed = { name: this.name, structure: this.structure, memory: this.#memory, openEngine: () => this.#openEngine() };
    const stream = new ModelStream<Stepped<Outputs>>(streamed, options);
    this.#streams.add(stream);
    return stream;
  }

  /**
   * Copies all weights, layer by layer, in Keras' order.
   * @throws {StateError} before the model is built, and in a browser before `await loadBackend()`
   *   or a first `fit` or `predict`
   */
  getWeights(): Tensor<FloatArray>[] {
    return this.#weightsToRead('getWeights').map((weight) => tensorOf(weight.shape, this.#readWeight(weight)));
  }

  /**
   * Sets all weights, in the order of `getWeights`.
   * After an error no weight has changed.
   * @throws {ShapeError} when their number or a shape differs
   * @throws {DataError} for a value that is not finite. (`loadModel` accepts such values, so that
   *   no saved model is lost.)
   */
  setWeights(weights: readonly TensorLike[]): void {
    const own = this.#weightsToRead('setWeights');
    const tensors = checkWeightValues(own, weights, `model ${this.name}`);
    for (const [index, { data }] of tensors.entries()) this.#memory.write(own[index] as Weight, data);
  }

  /**
   * The model as plain data, which `structuredClone` copies and `JSON.stringify` writes.
   * @param includeOptimizer false leaves out how the model is compiled and trained
   * @throws {StateError} before it is built
   */
  getState(includeOptimizer = true): ModelState {
    const own = this.#weightsToRead('save');
    const graph = this.#builtGraph('save');
    const weights = own.map((weight) => namedArray(graph.pathOf(weight), weight.shape, this.#readWeight(weight)));
    const compiled = includeOptimizer ? this.#compiled : null;
    const config = compiled?.optimizer.getConfig(Math.max(this.#progress.iteration - 1, 0));
    return { ...this.#stateWith(weights, compiled, config), metadata: this.#metadata };
  }

  #stateWith(weights: readonly NamedArray[], compiled: Compiled | null, optimizerConfig: OptimizerConfig = {}): ModelState {
    const graph = this.#builtGraph('save');
    return {
      name: this.name,
      seed: this.#seed,
      layers: this.layers.map((layer) => ({ className: layer.className, config: layer.getConfig() })),
      inputShape: (graph.inputs[0] as SymbolicTensor).shape,
      ...(this.structure instanceof FixedStructure ? { graph: graphState(graph, this.layers) } : {}),
      weights,
      compile: compiled && {
        ...outputStates(compiled),
        optimizer: { className: compiled.optimizer.className, config: optimizerConfig },
        trainable: [...graph.layersByPath].flatMap(([path, layer]) => (compiled.trainable.has(layer) ? [path] : [])),
        iteration: this.#progress.iteration,
        epochsDone: this.#progress.epochsDone,
        slots: this.#memory.readSlots(compiled),
      },
    };
  }

  /**
   * Called by `JSON.stringify`.
   * @throws {ArgumentError} always: what JSON would show of the object does not make the model
   */
  toJSON(): never {
    throw new ArgumentError(
      `model ${this.name} does not become JSON by itself: modelToBytes(model) gives its bytes, and model.getState() what JSON can hold`,
    );
  }

  /**
   * Makes a model from a state.
   * @param state what `getState` returned, or what `JSON.parse` made of it
   * @throws {FormatError} when the state is invalid
   */
  static fromState(state: ModelStateLike): Model {
    return restored(() => {
      const read = readModelState(state);
      const model = new Model(structureOf(read), read.name);
      model.setState(read);
      return model;
    });
  }

  /**
   * Takes over a state. The model must already have the layers of the state.
   * @throws {FormatError} when the weights do not fit the model; nothing has changed then
   */
  protected setState(state: ModelState): void {
    const graph = this.#builtGraph('setState');
    const found = requireWeights(state.weights, graph);
    const { compile } = state;
    if (compile) {
      const compiled = compiledFromState(compile, graph);
      checkSlots(compile, compiled.optimizer, graph, graph.weightsOf(compiled.trainable));
      this.#train(compiled);
      this.#memory.setSlots(compile.slots);
      this.#progress.iteration = compile.iteration;
      this.#progress.epochsDone = compile.epochsDone;
    }
    this.#seed = state.seed;
    this.#metadata = state.metadata ?? {};
    for (const [index, weight] of graph.weights.entries()) this.#memory.write(weight, (found[index] as NamedArray).data);
  }

  /**
   * Writes the architecture, the weights and the training progress to a safetensors file;
   * `loadModel` reads it. If the learning rate is a function, the file stores its value at the last
   * step; set `optimizer.learningRate` to the function again after loading.
   *
   * The file is whole at any time: the bytes go to a temporary file beside it, to the disk, and
   * only then take its name. Several saves to one file may overlap, and the last one wins.
   * docs/files.md describes the file.
   * @param file the file's name or `file:` URL, ending in .safetensors
   * @throws {FileError} when the file cannot be written
   * @throws {StateError} before the model is built
   * @throws {ArgumentError} for another file name, an unknown option or a wrong value
   */
  async save(file: string | URL, options?: SaveOptions): Promise<void> {
    // biome-ignore lint/style/noRestrictedImports: the one lazy door: formats load when they are used, so the default import stays small
    const { saveModel } = await import('../formats/savedModel.ts');
    await saveModel(this, file, options);
  }

  /**
   * Frees the memory. The model cannot be used afterwards.
   * @throws {StateError} while fit, evaluate or predict run
   */
  dispose(): void {
    if (this.#disposed) return;
    this.#requireIdle('dispose');
    this.#disposed = true;
    this.#streams.dispose();
    this.#memory.dispose();
  }

  [disposeSymbol](): void {
    this.dispose();
  }

  /**
   * Changes the layers. The weights move out of the engine, and the programs and the optimizer's
   * slots are lost.
   */
  protected changeLayers<T>(change: () => T): T {
    this.#requireIdle('add and pop');
    const before = this.#allLayers;
    this.#train(this.#compiled);
    const result = change();
    this.#memory.states.clear();
    if (this.#compiled) this.#compiled = withLayers(this.#compiled, before, this.#allLayers);
    this.giveWeights();
    return result;
  }

  #requireAlive(): void {
    if (this.#disposed) throw new StateError(`model ${this.name} was disposed`);
  }

  #requireIdle(method: string): void {
    this.#requireAlive();
    if (this.#running > 0) throw new StateError(`${method}: model ${this.name} is running fit, evaluate or predict: await it first`);
  }

  #requireCompiled(method: string): Compiled {
    this.#requireAlive();
    if (!this.#compiled) throw new StateError(`${method}: model ${this.name} is not compiled: call compile({ optimizer, loss }) first`);
    return this.#compiled;
  }

  #requireCompilation(): Compilation {
    const compiled = this.#requireCompiled('compile');
    if (!this.#compilation) {
      const graph = this.#builtGraph('compile');
      const compilation = compilationOf(compiled, graph);
      warnOfOutputs(
        graph,
        compilation.outputs.map(({ loss }) => loss),
        this,
      );
      this.#compilation = compilation;
    }
    return this.#compilation;
  }

  /**
   * Checks that loss and metrics fit the output, before any target is read.
   * @param graph what the inputs were checked for
   */
  #checkCompiled(graph: Graph): void {
    if (!this.#compilation) compilationOf(this.#requireCompiled('compile'), graph);
  }

  /** Warns when a loss is not finite. @param what `evaluate: the loss` */
  #checkLoss(what: string, { loss }: Logs): void {
    if (!Number.isFinite(loss)) this.#warnOfDivergence(resultWarning(`${what} is ${loss}`, this.#memory.firstNotFinite(null)));
  }

  /** Warns once for each `compile`. */
  #warnOfDivergence(message: string): void {
    warn('DIVERGED', message, this.#compiled ?? this);
  }

  /**
   * Builds the model, if it is not built, after all data was checked.
   * @param graph the graph that the data was checked for
   */
  #buildFor(graph: Graph): void {
    const { structure } = this;
    // Another call may have built it while this call read its data.
    if (structure.graph) structure.graph.outputShapesFor(graph.inputs.map(({ shape }) => shape));
    else structure.adopt(graph);
    this.giveWeights();
  }

  /** All layers, including the layers inside of other layers. */
  get #allLayers(): readonly Layer[] {
    const all = (layer: Layer): Layer[] => [layer, ...layer.sublayers.flatMap(all)];
    return this.structure.layers.flatMap(all);
  }

  #builtGraph(method: string): Graph {
    const { graph } = this.structure;
    if (!graph)
      throw new StateError(
        `${method}: the model is not built: fit or predict it with data, or call build with the shape of a batch, such as [null, null, 3] or, for ids, [null, null]`,
      );
    return graph;
  }

  /** Lets layers without values get them from this model. */
  protected giveWeights(): void {
    this.#memory.claimWeights();
    for (const layer of this.structure.graph?.layers ?? []) layer.setWeightSource(this.#weightSource);
  }

  #requireNoFit(): void {
    if (this.#fitting) throw new StateError(`model ${this.name} is in fit: trainOnBatch would train beside it`);
  }

  /**
   * Runs a task, during which the model must not change. Afterwards it lets waiting events run, if
   * that is due.
   */
  async #hold<T>(task: () => Promise<T>): Promise<T> {
    this.#running++;
    try {
      return await task();
    } finally {
      this.#running--;
      const pending = turnIfDue();
      if (pending) await pending;
    }
  }

  async #run<T>(task: (engine: Engine) => Promise<T>): Promise<T> {
    await loadBackend();
    const engine = this.#openEngine();
    this.#memory.pin();
    try {
      return await task(engine);
    } finally {
      this.#memory.unpin();
    }
  }

  /**
   * Reads data, runs a task on it and shows its progress.
   * @param complete reads the targets and weights of the inputs
   * @param logsOf the numbers that are shown at the end
   */
  #runShown<T>(
    run: UnreadRun,
    chosen: Workers | undefined,
    x: InputsLike,
    complete: ((graph: Graph, inputs: Dataset, reader: DataReader) => Promise<Dataset>) | null,
    here: (engine: Engine, dataset: Dataset, checkpoint: Checkpoint) => Promise<T>,
    there: (door: WorkerDoor, dataset: Dataset, count: number, memory: SharedLoan) => Promise<T>,
    logsOf: (result: T) => Logs,
  ): Promise<T> {
    return this.#hold(async () => {
      const unread = checkInputs(this.structure, x, 'x');
      if (complete) this.#checkCompiled(unread.graph);
      requireBatches(unread.graph, unread.count, run.batchSize, this.#fitting ? null : this.#memory.states.rows, run.label);
      const workplace = Workplace.choose(chosen, unread.graph, { ...unread, batchSize: run.batchSize, epochs: null }, run.label);
      const dataset = await workplace.read(async (reader) => {
        const inputs = await readInputs(unread, reader);
        return complete ? complete(unread.graph, inputs, reader) : inputs;
      });
      this.#buildFor(unread.graph);
      const shownRun = { ...run, samples: dataset.count };
      return workplace.run(
        () => this.#run((engine) => shown(shownRun, (checkpoint) => here(engine, dataset, checkpoint), logsOf)),
        (door, count, memory) => shown(shownRun, () => there(door, dataset, count, memory), logsOf),
      );
    });
  }

  /** The model, as workers see it. */
  #worked(): WorkedModel {
    const memory = this.#memory;
    return {
      compilation: this.#compiled && this.#requireCompilation(),
      progress: this.#progress,
      states: memory.states,
      stateful: this.#builtGraph('fit').statefulLayers.length > 0,
      get version() {
        return memory.version;
      },
      getState: () => {
        const compiled = this.#compiled;
        return this.#stateWith(memory.readKnown(), compiled, compiled ? rateless(compiled.optimizer).getConfig() : {});
      },
      update: (weights, slots) => memory.replace(weights, slots, this.#compiled?.optimizer.slotNames ?? []),
    };
  }

  #openEngine(): Engine {
    this.#requireAlive();
    return this.#memory.open(getBackend(), this.#seed, this.#compiled);
  }

  #weightsToRead(method: string): Weight[] {
    this.#requireAlive();
    const { graph } = this.structure;
    if (!graph) throw new StateError(`${method}: model ${this.name} has no weights yet: build it, or fit or predict with data`);
    return graph.weights;
  }

  #readWeight(weight: Weight): FloatArray {
    if (!weight.known) this.#openEngine();
    return this.#memory.read(weight);
  }
}

/** Checks a model's name. @throws {ArgumentError} */
export function modelName(name: unknown, className: string): string {
  if (typeof name !== 'string' || name === '') throw new ArgumentError(`${className}: name must be a string, got ${describe(name)}`);
  return name;
}

function tensorsOf(given: unknown, what: string): readonly SymbolicTensor[] {
  if (given instanceof SymbolicTensor) return [given];
  if (Array.isArray(given)) return given;
  if (typeof given === 'object' && given !== null) return Object.values(given);
  throw new ArgumentError(
    `Model: ${what} must be a symbolic tensor, which Input and apply give, an array or an object of them, got ${describe(given)}`,
  );
}

/** The keys of an object of tensors, null for others. */
function namesOf(given: TensorsLike): readonly string[] | null {
  return given instanceof SymbolicTensor || Array.isArray(given) ? null : Object.keys(given);
}

/**
 * Makes a model from a state, and turns every error of a wrong description into a `FormatError`.
 * @throws {FormatError} when the description is wrong
 */
export function restored<M extends Model>(make: () => M): M {
  try {
    return make();
  } catch (error) {
    // An ArgumentError of a layer, the TypeError of a missing field.
    const isWrong = error instanceof ArgumentError || error instanceof ShapeError || error instanceof StateError;
    if (isWrong || (isError(error) && error.name === 'TypeError'))
      throw new FormatError(`the saved model cannot be made from its description: ${error.message}`, { cause: error });
    throw error;
  }
}

function lossesOf({ outputs }: Compiled): readonly Loss[] {
  return outputs.map(({ loss }) => loss);
}
