import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError, StateError } from '../core/errors.ts';
import { invariant } from '../core/invariant.ts';
import type { FloatArray } from '../core/numericArray.ts';
import { booleanOption, checkOptions, oneOf } from '../core/options.ts';
import { checkSampleShape, formatShape, MOST_AXES, type Shape } from '../core/shape.ts';
import { type Tensor, type TensorLike, tensorOf } from '../core/tensor.ts';
import { warn } from '../core/warnings.ts';
import { axisHint } from './axisHint.ts';
import type { StartValues } from './initializers.ts';
import type { LayerConfig } from './layerConfig.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { L1L2 } from './regularizers.ts';
import type { Scope } from './scope.ts';
import type { InputKind, SampleShape, TensorSpec } from './spec.ts';
import { type CallConfig, type Node, PLAIN_CALL, SymbolicTensor } from './symbolicTensor.ts';
import { isTracing } from './tracing.ts';
import type { Value } from './value.ts';
import { Weight } from './weight.ts';
import { type RegularizerLike, resolveRegularizer, ruleConfig, type WeightOptions, type WeightRule } from './weightRules.ts';
import { checkWeightValues } from './weightValues.ts';

export type { LayerConfig, LayerConfigValue } from './layerConfig.ts';

/** Options that every layer takes. */
export interface LayerOptions {
  /**
   * The layer's name in summaries, errors and files, without '/'. Default: the class name in
   * snake_case, numbered within the model.
   */
  name?: string;
  /** Whether training updates the layer's weights. Default true. */
  trainable?: boolean;
  /**
   * On the first layer of a model: the shape of one sample, without the batch axis and with null
   * for a free length. The model is then built when the layer is added.
   */
  inputShape?: SampleShape;
  /**
   * A penalty on the layer's outputs, which is added to the loss: the sum over all of their
   * elements, masked steps included, divided by the batch size. Default none.
   */
  activityRegularizer?: RegularizerLike | null;
}

/** Options of `apply`. */
export interface ApplyOptions {
  /**
   * The initial states of a recurrent layer, `[units]` each, in the order of its states. Default:
   * zeros.
   */
  initialState?: SymbolicTensor | readonly SymbolicTensor[];
  /**
   * The steps that count, `[steps]`: an input of dtype 'bool' or 'int32'. Default: the mask of the
   * input.
   */
  mask?: SymbolicTensor;
  /**
   * Whether dropout is active. Default: in training only. With true, each batch of `predict` and
   * `evaluate` draws a new mask; a stream drops the same elements at all of its steps.
   */
  training?: boolean;
}

/**
 * The result of `apply`: one tensor, the output and the states of a layer with `returnState: true`,
 * or the output and the scores of one with `returnAttentionScores: true`. For the type `Layer` it
 * may be any of them.
 */
export type Applied<L> = Layer extends L
  ? AnyOutput
  : L extends { readonly returnState: true; readonly stateCount: infer Count }
    ? WithStates<Count>
    : L extends { readonly returnState: true }
      ? [output: SymbolicTensor, ...states: SymbolicTensor[]]
      : L extends { readonly returnAttentionScores: true }
        ? [output: SymbolicTensor, scores: SymbolicTensor]
        : SymbolicTensor;

// biome-ignore lint/suspicious/noExplicitAny: every layer is a Layer, whatever its own `apply` gives
type AnyOutput = any;

type WithStates<Count> = Count extends 1
  ? [output: SymbolicTensor, h: SymbolicTensor]
  : Count extends 2
    ? [output: SymbolicTensor, h: SymbolicTensor, c: SymbolicTensor]
    : SymbolicTensor[];

/** How a layer uses one of its inputs. */
export interface InputUse {
  readonly kind: InputKind;
  /** The layer that limits the ids; null when no layer does. */
  readonly layer: Layer | null;
}

/** The model of a layer, as the layer sees it: it can initialize weights. */
export interface WeightSource {
  /** False when the model was disposed. */
  readonly alive: boolean;
  /** Gives all weights of the model their start values. @throws {StateError} when it cannot */
  open(): void;
}

/** The number of layers that were made. */
let created = 0;

/**
 * The base class of all layers. A layer declares its weights and its output shape, and emits its
 * forward and backward kernel calls. It owns no memory. One layer can be used several times, in one
 * model or in several, and all uses train the same weights. `clone` makes another layer.
 */
export abstract class Layer {
  /** The class name, such as `LSTM`. Saved models find the class by it. */
  abstract readonly className: string;
  /** The name by which files and workers find the class. */
  get savedAs(): string {
    return this.className;
  }
  /** The kind of its inputs. */
  readonly inputKind: InputKind = 'floats';
  /** For layers that take ids: the number that all ids must be below. */
  readonly idLimit: number | null = null;
  /**
   * Whether training updates the layer's weights. As in Keras, a change takes effect at the model's
   * next `compile`.
   */
  get trainable(): boolean {
    return this.#trainable;
  }
  /** @throws {ArgumentError} when it is neither true nor false */
  set trainable(value: boolean) {
    this.#trainable = oneOf(value, [true, false], `${this.className}: trainable`);
  }
  /** Layers that were made later have higher numbers. */
  readonly creationIndex = created++;
  /** The option `inputShape` of the constructor. */
  readonly inputShape: SampleShape | null;
  /** The option `activityRegularizer` of the constructor. */
  readonly activityRegularizer: L1L2 | null;
  /** The uses of the layer by `apply`, or all its uses in the last model that took it. */
  readonly inboundNodes: Node[] = [];
  readonly #weights: Weight[] = [];
  readonly #rules = new Map<Weight, WeightRule>();
  #trainable: boolean;
  #resets = 0;
  #name: string | null;
  #source: WeightSource | null = null;
  /** The models that took the layer before; held weakly, because they may be dropped. */
  #earlierSources: readonly WeakRef<WeightSource>[] = [];
  /** The number of features for which the weights were declared; null before. */
  #features: number | null = null;

  protected constructor(options: LayerOptions | undefined, known: readonly string[], className: string) {
    checkOptions(options, ['name', 'trainable', 'inputShape', 'activityRegularizer', ...known], className);
    this.#name = options?.name === undefined ? null : checkName(options.name, className);
    this.#trainable = booleanOption(options?.trainable, true, `${className}: trainable`);
    this.inputShape = options?.inputShape === undefined ? null : checkSampleShape(options.inputShape, `${className}: inputShape`);
    this.activityRegularizer = resolveRegularizer(options?.activityRegularizer, `${className}: activityRegularizer`);
  }

  /** The layer's name. @throws {StateError} before it has one */
  get name(): string {
    if (this.#name === null) throw new StateError(`this ${this.className} has no name yet: add it to a model first`);
    return this.#name;
  }

  /** The layer itself. A model has the same method, which makes it a layer of others. */
  asLayer(): Layer {
    return this;
  }

  get hasName(): boolean {
    return this.#name !== null;
  }

  /** Called by the layer's model. null removes the name. */
  setName(name: string | null): void {
    this.#name = name;
  }

  /** The layer's name in error messages: `layer lstm (LSTM)`. */
  get title(): string {
    return `layer ${this.#name ?? snakeCase(this.className)} (${this.className})`;
  }

  /** {@link title}, and which input it is where the layer has names for them. */
  inputTitle(_place: number): string {
    return this.title;
  }

  /** Layers inside this one, such as those of a wrapper. */
  get sublayers(): readonly Layer[] {
    return [];
  }

  /** Whether it is a preprocessing layer, which is not part of programs. */
  get preprocesses(): boolean {
    return false;
  }

  /** Whether the layer, or one inside it, keeps its states from batch to batch. */
  get stateful(): boolean {
    return this.sublayers.some((layer) => layer.stateful);
  }

  /**
   * Why the layer needs whole sequences, for error messages; null when each step of its output
   * depends on this step and earlier ones of its inputs only, so that it can run step by step.
   */
  get needsSequences(): string | null {
    return 'needs whole sequences';
  }

  /**
   * The number of steps after which gradients of a sequence end, counted from its end; null when
   * they flow through the whole sequence, 0 when none flows from one step to another.
   */
  get gradientSteps(): number | null {
    return 0;
  }

  /**
   * Whether the layer uses the masks of its inputs or passes them on. If not, its output has no
   * mask, and a warning says so once.
   */
  get supportsMasking(): boolean {
    return true;
  }

  /**
   * The most numbers that several workers sum at once while they compute the layer or one inside
   * it; 0 for layers that compute each sample by itself.
   */
  get replicaSums(): number {
    return Math.max(0, ...this.sublayers.map((layer) => layer.replicaSums));
  }

  /** How often the states of the layer, and of those inside it, were reset. */
  get resets(): number {
    return this.sublayers.reduce((sum, layer) => sum + layer.resets, this.#resets);
  }

  /**
   * Sets the states of a layer with `stateful: true` to zeros, in all models that have it: the next
   * batch begins new sequences. It may have another number of sequences, unless `Input` sets one.
   * Other layers have no states.
   */
  resetStates(): void {
    this.#resets++;
  }

  /**
   * The layer's own weights, then those of the layers inside it. Kernels come before biases, as in
   * Keras.
   */
  get weights(): readonly Weight[] {
    return [...this.#weights, ...this.sublayers.flatMap((layer) => layer.weights)];
  }

  /** The layer's own weights, without those of the layers inside it. */
  get ownWeights(): readonly Weight[] {
    return this.#weights;
  }

  /** The penalties and constraints of the layer's own weights. */
  get rules(): ReadonlyMap<Weight, WeightRule> {
    return this.#rules;
  }

  /** How the layer uses the input at a place. Initial states are floats. */
  usesOf(place: number): readonly InputUse[] {
    return [place === 0 ? { kind: this.inputKind, layer: this } : { kind: 'floats', layer: null }];
  }

  /**
   * The input of the layer in the graph of its model; an array if there are several. `new Model({
   * inputs: model.inputs, outputs: model.getLayer('lstm').output })` returns the output of an inner
   * layer. https://keras.io/api/layers/base_layer/
   * @throws {StateError} before the layer is used, and when it is used more than once
   */
  get input(): AnyOutput {
    return this.#onlyOnes('inputs');
  }

  /**
   * The output of the layer in the graph of its model; an array if there are several.
   * @throws {StateError} before the layer is used, and when it is used more than once
   */
  get output(): AnyOutput {
    return this.#onlyOnes('outputs');
  }

  #onlyOnes(of: 'inputs' | 'outputs'): AnyOutput {
    const [use, second] = this.inboundNodes;
    if (!use || second)
      throw new StateError(
        `${of.slice(0, -1)}: ${this.title} is ${use ? 'used more than once: keep what apply returns' : 'not used: build its model'}`,
      );
    const ones = use[of];
    return ones.length === 1 ? ones[0] : ones;
  }

  /** Called by the layer's model, which can give the weights values. */
  setWeightSource(source: WeightSource): void {
    if (source !== this.#source) {
      const earlier = this.#earlierSources.filter((reference) => reference.deref()?.alive && reference.deref() !== source);
      this.#earlierSources = this.#source?.alive ? [...earlier, new WeakRef(this.#source)] : earlier;
      this.#source = source;
    }
    for (const layer of this.sublayers) layer.setWeightSource(source);
  }

  /**
   * Lets a model give the weights their start values: the last one that took the layer and was not
   * disposed.
   * @throws {StateError} when all of them were disposed
   */
  #openSource(): void {
    const earlier = this.#earlierSources.map((reference) => reference.deref()).findLast((source) => source?.alive);
    (this.#source?.alive ? this.#source : (earlier ?? this.#source))?.open();
  }

  /**
   * Copies the layer's weights: kernels before biases, as in Keras.
   * @throws {StateError} before the model is built
   */
  getWeights(): Tensor<FloatArray>[] {
    return this.#builtWeights('getWeights').map((weight) => {
      if (!weight.known) this.#openSource();
      const data = weight.read();
      if (!data) throw this.#noWeights('getWeights');
      return tensorOf(weight.shape, data);
    });
  }

  /**
   * Sets the layer's weights, in the order of `getWeights`.
   * After an error no weight has changed.
   * @throws {ShapeError} when their number or a shape differs
   * @throws {DataError} for a value that is not finite
   * @throws {StateError} before the model is built
   */
  setWeights(weights: readonly TensorLike[]): void {
    const own = this.#builtWeights('setWeights');
    const values = checkWeightValues(own, weights, `layer ${this.name} (${this.className})`);
    for (const [index, { data }] of values.entries()) own[index]?.write(data);
  }

  /**
   * Makes an equal layer with copies of this layer's weights, if it has any. Training of one does
   * not change the other.
   * @param name the name of the new layer. Default: the name of this layer
   * @throws {StateError} before the layer has a name, or when its model was disposed
   */
  clone(name?: string): this {
    const copy = this.copyWithoutWeights(name);
    this.copyBuild(copy);
    return copy;
  }

  /** Makes an equal layer that has no weights yet. */
  copyWithoutWeights(name?: string): this {
    const layerClass = this.constructor as unknown as { fromConfig?(config: object): Layer; new (config: object): Layer };
    const inputShape = this.inputShape === null ? {} : { inputShape: this.inputShape };
    const config = { ...this.getConfig(), ...inputShape, ...(name === undefined ? {} : { name }) };
    return (layerClass.fromConfig ? layerClass.fromConfig(config) : new layerClass(config)) as this;
  }

  /** Declares the weights of a copy of this layer, with copies of the values. */
  protected copyBuild(copy: Layer): void {
    if (this.#features === null) return;
    if (copy.#features === null) {
      copy.#features = this.#features;
      copy.declareWeights(this.#features);
    }
    if (this.#weights.some((weight) => !weight.known)) this.#openSource();
    for (const [index, weight] of this.#weights.entries()) (copy.#weights[index] as Weight).values = weight.read();
    for (const [index, layer] of this.sublayers.entries()) layer.copyBuild(copy.sublayers[index] as Layer);
  }

  #builtWeights(method: string): readonly Weight[] {
    if (!this.built) throw this.#noWeights(method);
    return this.weights;
  }

  #noWeights(method: string): StateError {
    return new StateError(`${method}: layer ${this.#name ?? this.className} has no weights yet: add it to a model and build that`);
  }

  /** Whether the weights are declared. */
  get built(): boolean {
    return this.#features !== null;
  }

  /**
   * Checks the inputs and returns the outputs' specifications. Changes nothing.
   * @param inputs the inputs of the layer, then the initial states
   * @throws {ShapeError} when the layer cannot take the inputs
   */
  infer(inputs: readonly TensorSpec[], call: CallConfig): readonly TensorSpec[] {
    this.checkInputs(inputs, call);
    return [{ shape: this.outputShape((inputs[0] as TensorSpec).shape), kind: 'floats' }];
  }

  /**
   * Checks the number of the inputs, and the shape of the one input of a simple layer.
   * @throws {ShapeError}
   */
  protected checkInputs(inputs: readonly TensorSpec[], _call: CallConfig): void {
    if (inputs.length !== 1) throw new ShapeError(`${this.title} takes one input, got ${inputs.length}`);
    const [{ shape }] = inputs as readonly [TensorSpec];
    const features = this.checkInputShape(shape);
    // A layer without weights may have other features in every use, as in Keras.
    const hasWeights = this.declareWeights !== Layer.prototype.declareWeights;
    if (hasWeights && this.#features !== null && this.#features !== features)
      throw new ShapeError(`${this.title} was built for inputs with ${this.#features} features, got ${formatShape(shape)}`);
  }

  /**
   * Declares the weights for these inputs, after `infer` has checked them. A second call changes
   * nothing.
   */
  declare(inputs: readonly TensorSpec[]): void {
    if (this.built) return;
    this.#features = this.featuresOf(inputs);
    this.declareWeights(this.#features);
  }

  /**
   * The number of features that the weights depend on: the size of the last axis of the first input
   * (for ids: the limit).
   */
  protected featuresOf([first]: readonly TensorSpec[]): number {
    return this.checkInputShape((first as TensorSpec).shape);
  }

  /**
   * Checks a sample's shape.
   * @returns the size of the last axis (for ids: the id limit)
   */
  protected abstract checkInputShape(inputShape: SampleShape): number;

  protected declareWeights(_features: number): void {}

  protected addWeight(name: string, shape: Shape, initializer: StartValues, options: WeightOptions = {}): Weight {
    const { trainable = true, regularizer = null, constraint = null } = options;
    const weight = new Weight(this, name, shape, initializer, trainable);
    constraint?.check(weight.shape, `${this.title}: the constraint of ${name}`);
    this.#weights.push(weight);
    if (regularizer || constraint) this.#rules.set(weight, { regularizer, constraint });
    return weight;
  }

  /** Forgets the weights that a check of inputs has made. */
  protected clearWeights(): void {
    this.#weights.length = 0;
    this.#rules.clear();
  }

  /** One sample's output shape for one sample's input shape; null where the length is free. */
  abstract outputShape(inputShape: SampleShape): SampleShape;

  /**
   * Uses the layer. The first use declares the weights; every use trains the same weights.
   * @param input one tensor or, for layers with several inputs, an array of tensors
   * @returns the output; for a recurrent layer with `returnState: true` an array of the output and
   *   the states
   * @throws {ShapeError} when the layer cannot take the inputs
   * @throws {ArgumentError} for an input that is not a symbolic tensor, and for an unknown option
   */
  apply(input: SymbolicTensor | readonly SymbolicTensor[], options?: ApplyOptions): Applied<this> {
    const outputs = this.applyAll(input, options);
    return (outputs.length === 1 ? outputs[0] : outputs) as Applied<this>;
  }

  /**
   * Like {@link apply}, but always returns an array: the output and, for a recurrent layer with
   * `returnState`, the states.
   */
  applyAll(input: SymbolicTensor | readonly SymbolicTensor[], options: ApplyOptions = {}): readonly SymbolicTensor[] {
    if ([options].flat()[0] instanceof SymbolicTensor)
      throw new ArgumentError(`${this.title}: apply takes several inputs in one array, apply([first, second]), got tensors side by side`);
    checkOptions(options, ['initialState', 'mask', 'training'], `${this.className}: apply`);
    const tensors = (value: unknown, what: string): SymbolicTensor[] =>
      [value].flat().map((tensor) => {
        if (tensor instanceof SymbolicTensor) return tensor;
        throw new ArgumentError(
          `${this.title}: ${what} must be a symbolic tensor, which Input and apply give, or an array of them, got ${describe(tensor)}`,
        );
      });
    const states = options.initialState === undefined ? [] : tensors(options.initialState, 'initialState');
    const mask = options.mask === undefined ? [] : tensors(options.mask, 'mask');
    if (mask.length > 1) throw new ArgumentError(`${this.title}: mask must be one tensor, got ${mask.length}`);
    const training = options.training === undefined ? null : oneOf(options.training, [true, false], `${this.title}: training`);
    const inputs = [...tensors(input, 'input'), ...states, ...mask];
    const node = this.use(inputs, { states: states.length, mask: mask.length > 0, training });
    if (!isTracing()) {
      this.declare(mask.length > 0 ? inputs.slice(0, -1) : inputs);
      // Two are as ambiguous as more.
      if (this.inboundNodes.length < 2) this.inboundNodes.push(node);
    }
    return node.outputs;
  }

  /**
   * Like {@link infer}, for a use whose last input may be a mask.
   * @throws {ShapeError} when a mask does not have the input's steps
   */
  inferUse(inputs: readonly TensorSpec[], call: CallConfig): readonly TensorSpec[] {
    if (!call.mask) return this.infer(inputs, call);
    const [{ shape }, mask] = [inputs[0] as TensorSpec, inputs[inputs.length - 1] as TensorSpec];
    const [steps, own] = [shape[0] ?? null, mask.shape[0] ?? null];
    if (shape.length === 1 && inputs[0]?.kind === 'floats')
      throw new ShapeError(`${this.title}: mask says which steps count, but its input of shape ${formatShape(shape)} has no steps`);
    if (mask.kind === 'floats')
      throw new ArgumentError(`${this.title}: mask is an input of dtype 'float32', but a mask needs dtype 'bool' or 'int32'`);
    if (mask.shape.length !== 1 || (steps !== null && own !== null && steps !== own))
      throw new ShapeError(`${this.title}: mask must have shape [${steps ?? 'steps'}], got ${formatShape(mask.shape)}`);
    return this.infer(inputs.slice(0, -1), call);
  }

  /**
   * Makes a use of the layer without declaring the weights.
   * @throws {ShapeError} when the layer cannot take the inputs
   */
  use(inputs: readonly SymbolicTensor[], call: CallConfig = PLAIN_CALL): Node {
    const outputs: SymbolicTensor[] = [];
    const node: Node = { layer: this, inputs, call, outputs };
    const maker = inputs[inputs.length - 1]?.node.layer as Layer | undefined;
    if (call.mask && maker && maker.className !== 'InputLayer')
      throw new ArgumentError(
        `${this.title}: mask is an output of ${maker.title}, but a mask must be an input: Input({ shape: [null], dtype: 'bool' })`,
      );
    for (const [port, spec] of this.inferUse(inputs, call).entries()) outputs.push(new SymbolicTensor(spec, node, port));
    return node;
  }

  /**
   * Appends the layer's forward calls to a program, and registers its backward calls with
   * `scope.backward`.
   * @param inputs the inputs, with any free lengths, then the initial states
   */
  abstract emit(scope: Scope, inputs: readonly Value[], call: CallConfig): readonly Value[];

  /** {@link emit}, with the penalty on the outputs. Every use of a layer calls this. */
  emitUse(scope: Scope, inputs: readonly Value[], call: CallConfig): readonly Value[] {
    if (!this.supportsMasking && inputs.some(({ mask }) => mask !== null))
      warn(
        'MASK_ENDS',
        `${this.title} does not support masks, so the mask of its input ends there: layers after it, the loss and metrics count padding too.`,
        this,
      );
    const outputs = this.emit(scope, inputs, call);
    if (this.activityRegularizer) scope.penalize(this.activityRegularizer, outputs);
    return outputs;
  }

  /** The constructor's arguments as plain data. */
  getConfig(): LayerConfig {
    const { name, trainable, activityRegularizer } = this;
    return { name, trainable, ...(activityRegularizer && { activityRegularizer: ruleConfig(activityRegularizer) }) };
  }
}

/** A class name in Keras's snake_case, with which the names of its layers begin: `simple_rnn`. */
export function snakeCase(className: string): string {
  return className
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/**
 * Checks a layer's name. It has no slash, because weights are called `layer/weight`, also in files.
 * @throws {ArgumentError}
 */
function checkName(name: unknown, className: string): string {
  if (typeof name !== 'string' || name === '' || name.includes('/')) {
    throw new ArgumentError(`${className}: name must be a string that is not empty and has no '/', got ${describe(name)}`);
  }
  return name;
}

/**
 * Checks the number of axes of an input, and returns its number of features.
 * @param axes the possible numbers of axes; null for any
 * @param expected the same in words, for the error message
 * @throws {ShapeError} naming the layer, the expected and the actual shape
 */
export function requireFeatures(
  layer: Layer,
  inputShape: readonly (number | null)[],
  axes: readonly number[] | null,
  expected: string,
): number {
  const features = inputShape[inputShape.length - 1];
  if (typeof features === 'number') requireAxes(layer, inputShape, axes, expected);
  else refuseShape(layer, inputShape, axes, expected);
  return features as number;
}

/**
 * Checks the number of axes of an input, of whose features the number may be free.
 * @throws {ShapeError} naming the layer, the expected and the actual shape
 */
export function requireAxes(layer: Layer, inputShape: readonly (number | null)[], axes: readonly number[] | null, expected: string): void {
  if (axes?.includes(inputShape.length) === false) refuseShape(layer, inputShape, axes, expected);
}

function refuseShape(layer: Layer, inputShape: readonly (number | null)[], axes: readonly number[] | null, expected: string): never {
  const [least, most] = axes ? [Math.min(...axes), Math.max(...axes)] : [1, MOST_AXES];
  const hasFreeFeatures = axes?.includes(inputShape.length) !== false && inputShape.at(-1) === null;
  const sizesHint = hasFreeFeatures ? ': give all sizes of the samples' : '';
  const hint = batchHint(layer, inputShape, most) || sizesHint || axisHint(inputShape, new Array<null>(least).fill(null));
  throw new ShapeError(`${layer.title} takes ${expected}, got samples of shape ${formatShape(inputShape)}${hint}`);
}

/**
 * The remedy for the option `inputShape` with a batch axis; empty for shapes from elsewhere.
 */
function batchHint({ inputShape: option }: Layer, inputShape: readonly (number | null)[], most: number): string {
  if (option?.[0] !== null || option.length !== most + 1 || inputShape.length !== most + 1) return '';
  return `: leave out the batch axis, inputShape: ${JSON.stringify(option.slice(1))}`;
}

/** Checks that samples are ids with one axis. @throws {ShapeError} when they are not */
export function requireIds(layer: Layer, inputShape: readonly (number | null)[]): void {
  if (inputShape.length !== 1) {
    const hint = batchHint(layer, inputShape, 1) || axisHint(inputShape, [null]);
    throw new ShapeError(`${layer.title} takes samples of ids [steps], got samples of shape ${formatShape(inputShape)}${hint}`);
  }
}

/**
 * The ids of a value.
 * @throws {InternalError} when it has none; the check of the graph excludes this
 */
export function idsOf({ title }: Layer, { form }: Value): PlannedBuffer {
  invariant(form.kind === 'input' && form.ids !== null, `${title} takes ids, got ${form.kind}`);
  return form.ids;
}

/** The error of a value that is no layer. @param expected what was expected */
export function noLayer(expected: string, value: unknown): ArgumentError {
  const what = describe(value);
  return new ArgumentError(`${expected}, got ${what}${/Cells?\)$/.test(what) ? ': RNN makes a layer of a cell' : ''}`);
}
