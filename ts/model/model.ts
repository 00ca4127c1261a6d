import type { CallbackOf, History, Logs } from '../callbacks/callback.ts';
import { describe } from '../core/describe.ts';
import { disposeSymbol } from '../core/disposeSymbol.ts';
import { ArgumentError, StateError } from '../core/errors.ts';
import { withJSON } from '../core/jsonTensor.ts';
import type { FloatArray } from '../core/numericArray.ts';
import { checkOptions } from '../core/options.ts';
import { type Tensor, type TensorLike, tensorOf } from '../core/tensor.ts';
import type { BatchesLike } from '../feed/batches.ts';
import type { InputsLike, WeightsLike } from '../feed/checkData.ts';
import type { GivenDataset } from '../feed/givenDataset.ts';
import { Graph } from '../graph/graph.ts';
import { byName, FixedStructure, type Structure } from '../graph/structure.ts';
import { summarize } from '../graph/summary.ts';
import type { InputLayer } from '../layers/input.ts';
import type { ApplyOptions, Layer } from '../layers/layer.ts';
import type { SampleShape } from '../layers/spec.ts';
import { SymbolicTensor } from '../layers/symbolicTensor.ts';
import type { QuantisedType, Weight } from '../layers/weight.ts';
import { checkWeightValues } from '../layers/weightValues.ts';
import type { Loss } from '../objective/loss.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { readState } from './allClasses.ts';
import { type CompileOptions, compiledFrom, trainableNow, withLayers } from './compilation.ts';
import { requireEngines } from './enginesPart.ts';
import type { EvaluateOptions, PredictOptions } from './evaluateOptions.ts';
import type { FitOptionsOf } from './fitOptions.ts';
import type { ForwardOptions, ForwardPass } from './forwardPass.ts';
import type { Metadata } from './metadata.ts';
import { ModelLayer } from './modelLayer.ts';
import type { ModelState, ModelStateLike } from './modelState.ts';
import type { ModelStream, StreamOptions } from './modelStream.ts';
import { OWN_STEPS } from './ownStepsPart.ts';
import { restored, structureOf } from './restoreStructure.ts';
import { SAVED_FILES, stateToSave } from './savedFilesPart.ts';
import type { SaveOptions } from './saveOptions.ts';
import { Session } from './session.ts';
import type { LoadedWeights, LoadWeightsOptions, SaveWeightsOptions, WeightsSource } from './weightFileOptions.ts';

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

/**
 * A callback: functions that `fit` calls during training, in order; it awaits each one. All are
 * optional. Epochs and batches count from 0. Each function gets the model, and may `save` it,
 * `evaluate` it, or set its `stopTraining` to true, which ends training after the current batch.
 * `fit` refuses an object that has none of these functions, or another function whose name begins
 * with `on`. https://keras.io/api/callbacks/base_callback/
 */
export type Callback = CallbackOf<Model>;

/** Options of `fit`. https://keras.io/api/models/model_training_apis/ */
export type FitOptions = FitOptionsOf<Model>;

/**
 * The result of `predict`: a tensor for one output, otherwise an array or an object of tensors, as
 * the outputs were given to `new Model`. For the type `Model` it may be any of these.
 */
export type Predicted<Outputs extends TensorsLike> = TensorsLike extends Outputs
  ? AnyPrediction
  : Outputs extends SymbolicTensor | readonly [SymbolicTensor]
    ? Tensor<FloatArray>
    : { -readonly [Name in keyof Outputs]: Tensor<FloatArray> };

/**
 * The result of a step of a stream: the outputs of the step, in the form in which `predict` returns
 * outputs.
 */
export type Stepped<Outputs extends TensorsLike> = TensorsLike extends Outputs
  ? AnyPrediction
  : Outputs extends SymbolicTensor | readonly [SymbolicTensor]
    ? FloatArray
    : { -readonly [Name in keyof Outputs]: FloatArray };

/** The result of a model as a layer: its outputs, as they were given to `new Model`. */
export type AppliedModel<Outputs extends TensorsLike> = TensorsLike extends Outputs
  ? AnyPrediction
  : Outputs extends SymbolicTensor | readonly [SymbolicTensor]
    ? SymbolicTensor
    : { -readonly [Name in keyof Outputs]: SymbolicTensor };

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
  readonly #session: Session;
  #layer: ModelLayer | null = null;

  /**
   * @throws {ArgumentError} for an unknown option, for values that are not symbolic tensors, when
   *   no output depends on an input or an output depends on an input that is missing, and when two
   *   layers have the same name
   */
  constructor(options: ModelOptions<Outputs>);
  /** @internal Called by subclasses. */
  constructor(structure: Structure, name: string);
  constructor(made: ModelOptions<Outputs> | Structure, name?: string) {
    if (isStructure(made)) this.#session = new Session(made, name as string);
    else {
      const options = (made ?? {}) as ModelOptions;
      const got = [made, name].filter((given) => given !== undefined).map(describe);
      if (name !== undefined || options instanceof SymbolicTensor || Array.isArray(options))
        throw new ArgumentError(`Model takes one object, new Model({ inputs, outputs }), got ${got.join(' and ')}`);
      checkOptions(options, ['inputs', 'outputs', 'name'], 'Model');
      const called = modelName(options.name ?? 'model', 'Model');
      const [inputs, outputs] = [tensorsOf(options.inputs, 'inputs'), tensorsOf(options.outputs, 'outputs')];
      const names = { inputs: namesOf(options.inputs), outputs: namesOf(options.outputs) };
      this.#session = new Session(new FixedStructure(Graph.of(inputs, outputs, names)), called);
    }
  }

  get name(): string {
    return this.#session.name;
  }

  /** Set it to true in a callback to end `fit` after the current batch. */
  get stopTraining(): boolean {
    return this.#session.progress.stopTraining;
  }
  set stopTraining(value: boolean) {
    this.#session.progress.stopTraining = value;
  }

  /** The layers, first to last. The array is a read-only copy; `add` and `pop` change the model. */
  get layers(): readonly Layer[] {
    const { layers, preprocessing } = this.#session.structure;
    return Object.freeze([...new Set([...preprocessing.flat(), ...layers])]);
  }

  /**
   * The names and shapes of the weights, in the order of `getWeights`; empty before the model is
   * built.
   */
  get weights(): readonly Weight[] {
    return Object.freeze(this.#session.structure.graph?.weights ?? []);
  }

  /**
   * The weights that training updates after the next `compile`, in the order of `weights`; empty
   * before the model is built. https://keras.io/api/models/model/
   */
  get trainableWeights(): readonly Weight[] {
    const trained = new Set(this.#session.structure.graph?.trainableWeights);
    return Object.freeze(this.weights.filter((weight) => trained.has(weight)));
  }

  /**
   * All other weights: those of frozen layers, and those that no optimizer updates, such as moving
   * averages.
   */
  get nonTrainableWeights(): readonly Weight[] {
    const trained = new Set(this.trainableWeights);
    return Object.freeze(this.weights.filter((weight) => !trained.has(weight)));
  }

  /**
   * The shape of the inputs, such as `[null, 100, 8]`: batch axis first, null where free. For a
   * model that takes texts it is `[null, 1]`.
   * @throws {StateError} before `build`
   */
  get inputShape(): SampleShape {
    const { shape, node } = this.#session.builtGraph('inputShape').inputs[0] as SymbolicTensor;
    const [first] = this.#session.structure.preprocessing[0] ?? [];
    return [null, ...((node.layer as InputLayer).origin?.shape ?? (first?.takesTexts ? [1] : shape))];
  }

  /**
   * The shape of the outputs, such as `[null, 1]`: batch axis first, null where free.
   * @throws {StateError} before `build`
   */
  get outputShape(): SampleShape {
    return [null, ...(this.#session.builtGraph('outputShape').outputs[0] as SymbolicTensor).shape];
  }

  get built(): boolean {
    return this.#session.structure.graph !== null;
  }

  /** The names of the inputs, in their order. @throws {StateError} before `build` */
  get inputNames(): readonly string[] {
    return this.#session.builtGraph('inputNames').inputNames;
  }

  /**
   * The tensors of the inputs.
   * @throws {StateError} before `build`, and of a Sequential that begins with layers which prepare
   *   data: other models would not have them
   */
  get inputs(): readonly SymbolicTensor[] {
    const { inputs } = this.#session.builtGraph('inputs');
    const [first] = this.#session.structure.preprocessing.flat();
    if (first && !((inputs[0] as SymbolicTensor).node.layer as InputLayer).preprocessing.length)
      throw new StateError(`inputs: begin the model with an Input before ${first.title}`);
    return inputs;
  }

  /**
   * The tensor of the input; an array if there are several.
   * @throws the errors of `inputs`
   */
  get input(): AnyPrediction {
    return onlyOne(this.inputs);
  }

  /**
   * The tensor of the output; an array if there are several.
   * @throws {StateError} before `build`
   */
  get output(): AnyPrediction {
    return onlyOne(this.outputs);
  }

  /**
   * The tensors of the outputs, from which other models can continue.
   * @throws {StateError} before `build`
   */
  get outputs(): readonly SymbolicTensor[] {
    return this.#session.builtGraph('outputs').outputs;
  }

  /**
   * The number of steps of the first input's samples in the last `fit` or `trainOnBatch`; for an
   * iterable, in its first batch. `forecast` gives the model windows of this length. Files that
   * `save` writes as .safetensors contain it. null before training.
   */
  get trainedSteps(): number | null {
    return this.#session.trainedSteps;
  }

  /**
   * The metadata that the model was saved with, by the option `metadata` of `save`; empty for a new
   * model. It is read-only: `save(file, { metadata: { ...model.metadata, note: 'more' } })` saves
   * more.
   */
  get metadata(): Metadata {
    return this.#session.metadata;
  }

  /**
   * Whether training updates the weights, also if the model is a layer of another one. Setting it
   * sets it for all layers. As in Keras, a change takes effect at the next `compile`.
   */
  get trainable(): boolean {
    return this.asLayer().trainable;
  }
  /** @throws {ArgumentError} when it is neither true nor false */
  set trainable(value: boolean) {
    this.asLayer().trainable = value;
    for (const layer of this.#session.allLayers) layer.trainable = value;
  }

  /**
   * The model as a layer, which `apply` and `Sequential` use. It is always the same layer, and it
   * has the model's weights.
   */
  asLayer(): ModelLayer {
    const { structure, name } = this.#session;
    // A model without a name of its own gets a numbered one in the model that it is used in.
    const named = name !== 'model' && name !== 'sequential';
    this.#layer ??= new ModelLayer(structure, named ? { name } : {});
    return this.#layer;
  }

  /**
   * Uses the model as a layer of another one. All uses train the same weights.
   *
   *     const scores = encoder.apply(Input({ shape: [null, 8] }));
   *
   * @param input one tensor, an array of them, or an object by the names of the inputs
   * @returns the output; for several outputs an array or an object, as they were given to the
   *   constructor
   * @throws {ShapeError} when the model cannot take the inputs
   * @throws {ArgumentError} for an input that is no symbolic tensor or has an unknown name, and for
   *   an unknown option
   */
  apply(input: TensorsLike, options?: Omit<ApplyOptions, 'initialState'>): AppliedModel<Outputs> {
    const { graph } = this.#session.structure;
    const isRecord = !(input instanceof SymbolicTensor) && !Array.isArray(input);
    const named = isRecord && graph ? byName<SymbolicTensor>(input, graph.inputNames, `${this.name}: apply: input`) : null;
    const outputs = this.asLayer().applyAll(named ? named.map(([, tensor]) => tensor) : (input as SymbolicTensor), options);
    this.#session.giveWeights();
    const names = graph?.names.outputs;
    const applied = names ? Object.fromEntries(names.map((name, index) => [name, outputs[index]])) : outputs;
    return (names || outputs.length > 1 ? applied : outputs[0]) as AppliedModel<Outputs>;
  }

  /** Number of optimizer steps so far. */
  get iterations(): number {
    return this.#session.progress.iteration;
  }

  /**
   * The optimizer. Its `learningRate` may be changed between steps.
   * @throws {StateError} before `compile`
   */
  get optimizer(): Optimizer {
    return this.#session.requireCompiled('optimizer').optimizer;
  }

  /** The loss of `compile`, of several outputs an array; null before `compile`. */
  get loss(): Loss | readonly Loss[] | null {
    const losses = this.#session.compiled?.outputs.map(({ loss }) => loss) ?? [];
    return losses[1] ? losses : (losses[0] ?? null);
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
    this.#session.requireAlive();
    if (!Array.isArray(inputShape) || inputShape.length < 2) {
      throw new ArgumentError(`build takes a shape with the batch axis first, such as [null, 100], got ${describe(inputShape)}`);
    }
    this.#session.structure.build(inputShape.slice(1));
    this.#session.giveWeights();
  }

  /** The number of parameters. @throws {StateError} before the model is built */
  countParams(): number {
    return this.#session.builtGraph('countParams').countParameters();
  }

  /**
   * Prints a table of the layers with their output shapes and parameters, by default to the
   * console.
   */
  summary(print: (text: string) => void = console.log): void {
    if (typeof print !== 'function') throw new ArgumentError(`summary: print must be a function, got ${describe(print)}`);
    print(summarize(this.#session.structure, this.name));
  }

  /**
   * Sets the optimizer, the loss and the metrics. The weights stay; the optimizer starts from its
   * initial state.
   * @throws {ArgumentError} for an unknown option or name
   * @throws {ShapeError} when the loss or a metric compares classes and the output of a built model
   *   has one; the model is as before then
   */
  compile(options: CompileOptions): void {
    const session = this.#session;
    session.requireIdle('compile');
    session.requireFloats('compile');
    const before = session.allLayers;
    const trainable = trainableNow(before);
    session.compile(() => {
      const compiled = compiledFrom(options, trainable, session.structure.graph?.outputNames ?? ['output']);
      return withLayers(compiled, before, session.allLayers);
    });
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
   * @throws {ShapeError} for data that does not fit the model, before any weight has changed
   * @throws {DataError} for a value that the model cannot take, before any weight has changed
   * @throws {ArgumentError} for an unknown option or a value outside its range
   * @throws {OutOfMemoryError} when a batch does not fit in memory, before any weight has changed
   * @throws {StateError} before `compile`, or while another `fit` runs
   */
  fit(x: InputsLike, y: InputsLike, options?: FitOptions): Promise<History>;
  /**
   * The same for a data set, which has the samples, the targets, the size of batches and whether
   * they are shuffled.
   */
  fit(dataset: GivenDataset, options?: FitOptions): Promise<History>;
  /**
   * The same for an iterable of batches `[x, y, sampleWeight?]`, each of which is checked before
   * its step: after an error the model has the weights of the step before. While a step runs, the
   * next batch is read. The iterable may use its arrays again for the next batch.
   */
  fit(batches: BatchesLike, options?: FitOptions): Promise<History>;
  async fit(x: InputsLike | GivenDataset | BatchesLike, y?: InputsLike | FitOptions, options?: FitOptions): Promise<History> {
    const session = this.#session;
    session.beginFit();
    try {
      if ('trainStep' in this || 'train_step' in this) (await OWN_STEPS.load()).warnOfUncalledStep(session, this);
      return await session.run((calls) => calls.fit(session, this, { x, y, options }));
    } finally {
      session.fitting = false;
    }
  }

  /**
   * Computes loss and metrics over a data set, without training.
   * @returns `{ loss, accuracy, … }`
   */
  evaluate(x: InputsLike, y: InputsLike, options?: EvaluateOptions): Promise<Logs>;
  /** The same for a data set, in its order, whether `fit` shuffles it or not. */
  evaluate(dataset: GivenDataset, options?: EvaluateOptions): Promise<Logs>;
  /** The same for an iterable of batches `[x, y, sampleWeight?]`. */
  evaluate(batches: BatchesLike, options?: EvaluateOptions): Promise<Logs>;
  async evaluate(x: InputsLike | GivenDataset | BatchesLike, y?: InputsLike | EvaluateOptions, options?: EvaluateOptions): Promise<Logs> {
    const session = this.#session;
    session.requireCompileCalled('evaluate');
    return session.run((calls) => calls.evaluate(session, { x, y, options }));
  }

  /**
   * Computes the outputs for every sample, `[N, …]`: of arrays, of a data set in its order, or of
   * an iterable of batches `[x]` or `[x, y]`.
   * @returns the tensor of the output; for a model with several outputs an array or an object of
   *   tensors, as the outputs were given
   */
  async predict(x: InputsLike | GivenDataset | BatchesLike, options: PredictOptions = {}): Promise<Predicted<Outputs>> {
    const session = this.#session;
    session.requireAlive();
    return this.#predicted(await session.run((calls) => calls.predict(session, x, options)));
  }

  /** The outputs as one tensor, an array or an object, as they were given to the constructor. */
  #predicted(outputs: Tensor<FloatArray>[]): Predicted<Outputs> {
    for (const output of outputs) withJSON(output);
    const names = this.#session.structure.graph?.names.outputs;
    const predicted = names ? Object.fromEntries(names.map((name, index) => [name, outputs[index]])) : outputs;
    return (names || outputs.length > 1 ? predicted : outputs[0]) as Predicted<Outputs>;
  }

  /**
   * Sets the states of layers with `stateful: true` to zeros: the next batch begins new sequences.
   * It may have another number of sequences, unless `Input` sets one. During `fit`, a callback may
   * call it, for example in `onEpochBegin`.
   */
  resetStates(): void {
    for (const layer of this.#session.structure.layers) layer.resetStates();
  }

  /**
   * Trains one step on one batch. A loop that awaits it lets timers, input and signals run at least
   * every 16 ms, if a step takes at most 8 ms.
   * @returns the loss and the metrics before the update
   * @throws {StateError} while `fit` runs, also if it began while this call read its data
   */
  async trainOnBatch(x: InputsLike, y: InputsLike, sampleWeight: WeightsLike | null = null): Promise<Logs> {
    const session = this.#session;
    session.requireCompileCalled('trainOnBatch');
    session.requireNoFit('trainOnBatch');
    return session.run((calls) => calls.trainOnBatch(session, x, y, sampleWeight));
  }

  /**
   * Runs a forward pass on one batch, for a training step of your own: its `backward` takes the
   * gradients of the outputs, gives those of the inputs, and adds those of the weights to the
   * gradients that {@link applyGradients} applies. Several passes may be open. Each keeps its
   * values in memory until its `backward` or `dispose`, or until `compile`. (In Keras: a
   * `GradientTape` around a call of the model.)
   *
   *     const pass = await model.forward(x, { training: true });
   *     pass.backward(lossGradient(pass.outputs));
   *     model.applyGradients();
   *
   * @param x the samples, as for `predict`
   * @throws {ShapeError} for data that does not fit the model, before anything has changed
   * @throws {DataError} for a value that the model cannot take, before anything has changed
   * @throws {ArgumentError} for data of another kind, before anything has changed
   * @throws {OutOfMemoryError} when the batch does not fit in memory, before anything has changed
   * @throws {StateError} when the model was disposed
   */
  async forward(x: InputsLike, options?: ForwardOptions): Promise<ForwardPass<Predicted<Outputs>>> {
    const { OwnSteps } = await OWN_STEPS.load();
    return OwnSteps.of(this.#session).forward(x, options, (outputs) => this.#predicted(outputs));
  }

  /**
   * Updates the trainable weights from the sum of the gradients of all backward passes since the
   * last update, which is a step of the optimizer. Clipping counts for the sum. The gradients are
   * cleared. Constraints hold afterwards. Penalties of regularizers are not part of the gradients:
   * your loss decides what is.
   * @param optimizer the optimizer. Default: that of `compile`. Another one keeps its own values
   *   and counts its own steps for this model as long as it exists; they are not saved
   * @throws {StateError} without gradients, without an optimizer, and while `fit` runs
   * @throws {ArgumentError} for something that is no optimizer
   */
  applyGradients(optimizer?: Optimizer): void {
    this.#session.requireAlive();
    const { passes, name } = this.#session;
    if (!passes) throw new StateError(`applyGradients: model ${name} has no gradients: run the backward pass of a model.forward first`);
    passes.applyGradients(optimizer);
  }

  /** Drops the gradients of the backward passes since the last update. */
  clearGradients(): void {
    this.#session.passes?.clearGradients();
  }

  /** Computes loss and metrics of one batch, without training. */
  async testOnBatch(x: InputsLike, y: InputsLike, sampleWeight: WeightsLike | null = null): Promise<Logs> {
    const session = this.#session;
    session.requireCompileCalled('evaluate');
    return session.run((calls) => calls.testOnBatch(session, x, y, sampleWeight));
  }

  /** Computes the outputs for one batch. */
  async predictOnBatch(x: InputsLike): Promise<Predicted<Outputs>> {
    const session = this.#session;
    session.requireAlive();
    return this.#predicted(await session.run((calls) => calls.predictOnBatch(session, x)));
  }

  /**
   * Makes a stream, which runs the model one step at a time and keeps the states: see {@link
   * ModelStream}.
   *
   *     const stream = model.stream();
   *     for (const reading of readings) show(stream.step(reading));
   *
   * Inputs that stay the same, such as those of an encoder, are passed once: `model.stream({
   * context: { question } })`.
   *
   * @throws {StateError} before the model is built, and in a browser before `await loadBackend()`
   *   or a first `fit` or `predict`
   * @throws {ArgumentError} naming a layer that needs whole sequences, such as one with
   *   `goBackwards`
   * @throws {ShapeError} when samples are not sequences
   * @throws {OutOfMemoryError} when the stream does not fit in memory
   */
  stream(options?: StreamOptions): ModelStream<Stepped<Outputs>> {
    this.#session.requireAlive();
    const { ModelStream } = requireEngines();
    const stream = new ModelStream<Stepped<Outputs>>(this.#session, options);
    this.#session.streams.add(stream);
    return stream;
  }

  /**
   * Copies all weights, layer by layer, in Keras' order.
   * @throws {StateError} before the model is built, and in a browser before `await loadBackend()`
   *   or a first `fit` or `predict`
   */
  getWeights(): Tensor<FloatArray>[] {
    return this.#session.weights('getWeights').map((weight) => tensorOf(weight.shape, this.#session.readWeight(weight)));
  }

  /**
   * Sets all weights, in the order of `getWeights`.
   * After an error no weight has changed.
   * @throws {ShapeError} when their number or a shape differs
   * @throws {DataError} for a value that is not finite. (`loadModel` accepts such values, so that
   *   no saved model is lost.)
   */
  setWeights(weights: readonly TensorLike[]): void {
    const own = this.#session.weights('setWeights');
    this.#session.requireFloats('setWeights');
    const tensors = checkWeightValues(own, weights, `model ${this.name}`);
    for (const [index, { data }] of tensors.entries()) this.#session.memory.write(own[index] as Weight, data);
  }

  /**
   * The model as plain data, for `structuredClone` and `JSON.stringify`.
   * @param includeOptimizer false leaves out how the model is compiled and trained
   * @throws {StateError} before it is built
   */
  getState(includeOptimizer = true): ModelState {
    return this.#session.getState(includeOptimizer);
  }

  /**
   * Called by `JSON.stringify`.
   * @throws {ArgumentError} always: what JSON would show of the object does not make the model
   */
  toJSON(): never {
    throw new ArgumentError(`JSON.stringify cannot write model ${this.name}: give it model.getState(), or use modelToBytes(model)`);
  }

  /**
   * Makes a model from a state.
   * @param state what `getState` returned, or what `JSON.parse` made of it
   * @throws {FormatError} when the state is invalid; in a page also when the code of saved models
   *   has not loaded: `import 'backtime/formats'` has it
   */
  static fromState(state: ModelStateLike): Model {
    return restored(() => {
      const read = readState(state);
      const model = new Model(structureOf(read), read.name);
      model.setState(read);
      return model;
    });
  }

  /**
   * Sets the model to a state. The model must already have the layers of the state.
   * @throws {FormatError} when the weights do not fit the model; nothing has changed then
   */
  protected setState(state: ModelState): void {
    this.#session.setState(state);
  }

  /**
   * Makes a model that only predicts, whose Dense, Embedding and recurrent layers have integer
   * weights. It is faster, and its files have half (int16) or a quarter (int8) of the size;
   * docs/quantised.md lists the losses of accuracy. This model does not change. The other layers
   * keep floats.
   *
   *     const small = await model.quantize('int8');
   *     await small.save('small.safetensors');
   *
   * @param type 'int16', which changes hardly any prediction and has the same products everywhere,
   *   or 'int8', which is smaller and, where the runtime has relaxed SIMD, faster
   * @throws {ArgumentError} for another type
   * @throws {StateError} before the model is built, and for a quantised model
   * @throws {DataError} for a weight with a value that is not finite
   */
  async quantize(type: QuantisedType): Promise<this> {
    const state = stateToSave(this, { includeOptimizer: false });
    return (await (await SAVED_FILES.load()).quantizeModel(this, type, state)) as this;
  }

  /** The type of the integers of a quantised model; null for a model of floats. */
  get quantised(): QuantisedType | null {
    return this.#session.quantised;
  }

  /**
   * Writes the architecture, the weights and the training progress to a file, which `loadModel`
   * reads: `.safetensors`, Backtime's own format, or `.keras` of Keras 3. If the learning rate is a
   * function, the file stores its value at the last step; set `optimizer.learningRate` to the
   * function again after loading.
   *
   * The file is replaced atomically: the bytes are written to a temporary file beside it and
   * flushed to the disk, and then the temporary file is renamed. Several saves to one file may
   * overlap, and the last one wins. The file contains the weights at the time of the call.
   * docs/files.md describes the files.
   * @param file the file's name or `file:` URL, ending in .safetensors or .keras
   * @throws {FileError} when the file cannot be written
   * @throws {StateError} before the model is built
   * @throws {ArgumentError} for another file name, an unknown option or a wrong value, and when the
   *   format cannot hold the model
   */
  async save(file: string | URL, options?: SaveOptions): Promise<void> {
    const state = stateToSave(this, options);
    await (await SAVED_FILES.load()).saveModel(this, file, options, state);
  }

  /**
   * Writes the weights alone to a safetensors file. The file is replaced atomically, as by `save`.
   * It contains the weights at the time of the call. docs/files.md describes the file.
   * @param file the file's name or `file:` URL, ending in .safetensors
   * @throws {FileError} when the file cannot be written
   * @throws {StateError} before the model is built
   * @throws {ArgumentError} for another file name, an unknown option or name, and a layer that the
   *   format cannot hold
   */
  async saveWeights(file: string | URL, options?: SaveWeightsOptions): Promise<void> {
    const state = stateToSave(this, { includeOptimizer: false });
    await (await SAVED_FILES.load()).saveWeights(this, file, options, state);
  }

  /**
   * Sets the weights from a file of `saveWeights`, `save` or PyTorch (docs/from-pytorch.md). The
   * model must be built and have the layers of the file. Its compilation and its training progress
   * do not change. After an error no weight has changed.
   *
   *     await model.loadWeights('tagger.pt', { names: { rnn: 'lstm', fc: 'dense' } });
   *
   * @param source a file name (in a browser an address), the bytes as a buffer or a `File`, or,
   *   with a `format`, an object of arrays by their names in the file
   * @returns the names of the weights that were set, of those that were not, and of the arrays of
   *   the file that were not used
   * @throws {FileError} when the source cannot be read
   * @throws {FormatError} when it is damaged or no such file, or does not fit the model
   * @throws {StateError} before the model is built
   * @throws {ArgumentError} for an unknown option, or a name that the file or the model lacks
   */
  async loadWeights(source: WeightsSource, options?: LoadWeightsOptions): Promise<LoadedWeights> {
    return (await SAVED_FILES.load()).loadWeights(this, this.#session, source, options);
  }

  /**
   * Frees the memory. The model cannot be used afterwards.
   * @throws {StateError} while fit, evaluate or predict run
   */
  dispose(): void {
    this.#session.dispose();
  }

  [disposeSymbol](): void {
    this.dispose();
  }

  /**
   * Changes the layers. The weights move out of the engine, and the programs and the optimizer's
   * slots are lost.
   */
  protected changeLayers<T>(change: () => T): T {
    if (this.#layer?.built)
      throw new StateError(`add and pop: model ${this.name} is a layer of another model, so its layers cannot change`);
    return this.#session.changeLayers(change);
  }
}

function onlyOne<T>(all: readonly T[]): T | readonly T[] {
  return all.length > 1 ? all : (all[0] as T);
}

/** Whether a subclass passed a structure; a user passes options. */
function isStructure(made: object | undefined): made is Structure {
  return made instanceof Object && 'graphFor' in made;
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
