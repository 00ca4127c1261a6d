import { CELLS } from '../backend/kernels.generated.ts';
import { ShapeError } from '../core/errors.ts';
import { booleanOption, dropRate } from '../core/options.ts';
import { seedWords } from '../core/random.ts';
import { layerSeed, type SeedWords } from '../core/seed.ts';
import { formatShape, positiveInteger } from '../core/shape.ts';
import { type ActivationLike, activationConfig, type ResolvedActivation, resolveActivation } from './activationFunction.ts';
import type { ActivationName } from './activations.ts';
import { EMISSION } from './emissionPart.ts';
import { type InitializerLike, resolveInitializer, type StartValues } from './initializers.ts';
import { Layer, type LayerConfig, type LayerOptions, requireFeatures } from './layer.ts';
import type { Scope } from './scope.ts';
import type { TensorSpec } from './spec.ts';
import type { CallConfig } from './symbolicTensor.ts';
import type { Value } from './value.ts';
import type { Weight } from './weight.ts';
import { type ConstraintLike, type RegularizerLike, ruleOptions, WeightRules } from './weightRules.ts';

/** Options that every recurrent layer takes. https://keras.io/api/layers/recurrent_layers/ */
export interface RecurrentOptions extends LayerOptions {
  /**
   * The activation of the candidate and of the output: a name, or a custom function. Default
   * 'tanh'; null means 'linear', as in Keras. All but 'tanh', 'sigmoid', 'relu' and 'linear' take
   * more time, because each step is several kernel calls.
   */
  activation?: ActivationLike | null;
  /** Whether there is a bias. Default true. */
  useBias?: boolean;
  /** The initializer of the fused kernel `[D, G*H]`. Default 'glorotUniform'. */
  kernelInitializer?: InitializerLike;
  /** The initializer of the fused recurrent kernel `[H, G*H]`. Default 'orthogonal'. */
  recurrentInitializer?: InitializerLike;
  /** The initializer of the bias. Default 'zeros'. */
  biasInitializer?: InitializerLike;
  /** A penalty on the fused kernel, added to the loss. Default none. */
  kernelRegularizer?: RegularizerLike | null;
  /** A constraint on the fused kernel, applied after each update. Default none. */
  kernelConstraint?: ConstraintLike | null;
  /** A penalty on the fused recurrent kernel, added to the loss. Default none. */
  recurrentRegularizer?: RegularizerLike | null;
  /** A constraint on the fused recurrent kernel, applied after each update. Default none. */
  recurrentConstraint?: ConstraintLike | null;
  /** A penalty on the bias, added to the loss. Default none. */
  biasRegularizer?: RegularizerLike | null;
  /** A constraint on the bias, applied after each update. Default none. */
  biasConstraint?: ConstraintLike | null;
  /**
   * Fraction of the input's features to drop in training. The same features are dropped at every
   * step of a batch. Default 0.
   */
  dropout?: number;
  /**
   * Fraction of the state's units to drop before the product with the recurrent kernel, in
   * training. The same units are dropped at every step of a batch. Above 0, each gate has its own
   * masks for the state and for the input, as in Keras, and a training step takes more time and
   * memory. Default 0.
   */
  recurrentDropout?: number;
  /**
   * The seed of the layer's dropout, an integer of at most 53 bits. Default null: the model's seed.
   */
  seed?: number | null;
  /**
   * Return the outputs of all steps, `[T, H]`, instead of the last output, `[H]`. Default false.
   */
  returnSequences?: boolean;
  /** Also return the states after the last step, `[H]` each, after the output. Default false. */
  returnState?: boolean;
  /**
   * Process the steps from last to first. Returned sequences are in the order of processing.
   * Default false.
   */
  goBackwards?: boolean;
  /**
   * With a mask: outputs of skipped steps are zeros instead of the previous output. Default false.
   */
  zeroOutputForMask?: boolean;
  /**
   * Keep the states from batch to batch: sequence i of a batch continues sequence i of the previous
   * batch, until `resetStates()`. All batches have one size, and `fit` needs `shuffle: false`. No
   * gradient flows from one batch to the previous one. Default false.
   */
  stateful?: boolean;
  /** Accepted for compatibility with Keras. It has no effect. Default false. */
  unroll?: boolean;
  /**
   * Truncated back-propagation through time: the sequence is cut into chunks of this many steps,
   * counted from its end, and no gradient flows from one chunk to the one before. A loss on the
   * last output then trains on the last `truncate` steps only. Default null: the gradient flows
   * through the whole sequence. With `truncate` in every recurrent layer, training needs memory
   * for some hundred steps only (docs/training.md). (Not in Keras.)
   */
  truncate?: number | null;
}

/** How the names of the options of each weight begin. */
const WEIGHTS = ['kernel', 'recurrent', 'bias'] as const;

export const RECURRENT_OPTIONS: readonly string[] = [
  'activation',
  'useBias',
  'kernelInitializer',
  'recurrentInitializer',
  'biasInitializer',
  ...ruleOptions(WEIGHTS),
  'dropout',
  'recurrentDropout',
  'seed',
  'returnSequences',
  'returnState',
  'goBackwards',
  'zeroOutputForMask',
  'stateful',
  'unroll',
  'truncate',
];

/**
 * The base class of SimpleRNN, LSTM and GRU: everything but the cell's name, its bias and its gate
 * activation.
 */
export abstract class Recurrent<ReturnState extends boolean = false> extends Layer {
  readonly units: number;
  readonly useBias: boolean;
  readonly dropout: number;
  readonly recurrentDropout: number;
  readonly seed: number | null;
  readonly unroll: boolean;
  readonly returnSequences: boolean;
  readonly returnState: ReturnState;
  readonly goBackwards: boolean;
  readonly zeroOutputForMask: boolean;
  readonly truncate: number | null;
  readonly #stateful: boolean;
  readonly #activation: ResolvedActivation;
  readonly #seedWords: SeedWords | undefined;
  readonly #kernelInitializer: StartValues;
  readonly #recurrentInitializer: StartValues;
  readonly #biasInitializer: StartValues;
  readonly #rules: WeightRules;

  /** @param biasAxes number of axes of the bias */
  protected constructor(
    units: number,
    options: RecurrentOptions | undefined,
    known: readonly string[],
    className: string,
    biasAxes: 1 | 2 = 1,
  ) {
    super(options, [...RECURRENT_OPTIONS, ...known], className);
    this.units = positiveInteger(units, `${className}: units`, `new ${className}(units, options)`);
    this.#activation = resolveCellActivation(options?.activation, 'tanh', `${className}: activation`);
    this.useBias = booleanOption(options?.useBias, true, `${className}: useBias`);
    this.dropout = dropRate(options?.dropout ?? 0, `${className}: dropout`);
    this.recurrentDropout = dropRate(options?.recurrentDropout ?? 0, `${className}: recurrentDropout`);
    this.seed = layerSeed(options?.seed, `${className}: seed`);
    this.#seedWords = this.seed === null ? undefined : seedWords(this.seed);
    this.unroll = booleanOption(options?.unroll, false, `${className}: unroll`);
    this.returnSequences = booleanOption(options?.returnSequences, false, `${className}: returnSequences`);
    this.returnState = booleanOption(options?.returnState, false, `${className}: returnState`) as ReturnState;
    this.goBackwards = booleanOption(options?.goBackwards, false, `${className}: goBackwards`);
    this.zeroOutputForMask = booleanOption(options?.zeroOutputForMask, false, `${className}: zeroOutputForMask`);
    this.#stateful = booleanOption(options?.stateful, false, `${className}: stateful`);
    this.truncate = options?.truncate == null ? null : positiveInteger(options.truncate, `${className}: truncate`);
    this.#kernelInitializer = resolveInitializer(options?.kernelInitializer ?? 'glorotUniform', 2, `${className}: kernelInitializer`);
    this.#recurrentInitializer = resolveInitializer(options?.recurrentInitializer ?? 'orthogonal', 2, `${className}: recurrentInitializer`);
    this.#biasInitializer = resolveInitializer(options?.biasInitializer ?? 'zeros', biasAxes, `${className}: biasInitializer`);
    this.#rules = new WeightRules(options, WEIGHTS, className);
  }

  /** The kernels' name of the cell that this layer runs. */
  protected abstract get cell(): keyof typeof CELLS;

  /** The activation of the candidate and of the output, as it was given. */
  get activation(): ActivationLike {
    return this.#activation.given;
  }

  /** The activation of the gates; a cell without gates has that of the output. */
  protected get gateActivation(): ResolvedActivation {
    return this.#activation;
  }

  /** The option `stateful`. */
  override get stateful(): boolean {
    return this.#stateful;
  }

  override get needsSequences(): string | null {
    return this.goBackwards ? 'has goBackwards: true, so it begins with the last step' : null;
  }

  override get gradientSteps(): number | null {
    return this.truncate;
  }

  protected biasShape(gates: number): readonly number[] {
    return [gates * this.units];
  }

  protected biasStart(initial: StartValues): StartValues {
    return initial;
  }

  protected override checkInputShape(inputShape: readonly (number | null)[]): number {
    return requireFeatures(this, inputShape, [2], 'sequences [steps, features]');
  }

  protected override declareWeights(features: number): void {
    const { gates } = CELLS[this.cell];
    const rules = this.#rules;
    this.addWeight('kernel', [features, gates * this.units], this.#kernelInitializer, rules.of('kernel'));
    this.addWeight('recurrentKernel', [this.units, gates * this.units], this.#recurrentInitializer, rules.of('recurrent'));
    if (this.useBias) this.addWeight('bias', this.biasShape(gates), this.biasStart(this.#biasInitializer), rules.of('bias'));
  }

  /** Number of states: SimpleRNN and GRU have h, LSTM has h and c. */
  abstract readonly stateCount: 1 | 2;

  override infer(inputs: readonly TensorSpec[], call: CallConfig): readonly TensorSpec[] {
    const [first, ...states] = inputs as readonly [TensorSpec, ...TensorSpec[]];
    this.checkInputs([first], call);
    if (states.length > 0 && states.length !== this.stateCount)
      throw new ShapeError(`${this.title}: initialState must be ${this.stateCount} tensors [${this.units}], got ${states.length}`);
    for (const [index, { shape }] of states.entries()) {
      if (shape.length !== 1 || shape[0] !== this.units)
        throw new ShapeError(`${this.title}: initialState[${index}] must have shape [${this.units}], got ${formatShape(shape)}`);
    }
    const state: TensorSpec = { shape: [this.units], kind: 'floats' };
    const output: TensorSpec = { shape: this.outputShape(first.shape), kind: 'floats' };
    return this.returnState ? [output, ...new Array<TensorSpec>(this.stateCount).fill(state)] : [output];
  }

  override outputShape(inputShape: readonly (number | null)[]): readonly (number | null)[] {
    return this.returnSequences ? [inputShape[0] as number | null, this.units] : [this.units];
  }

  /** See {@link emitRecurrent}. */
  override emit(scope: Scope, inputs: readonly [Value, ...Value[]]): readonly Value[] {
    const [kernel, recurrentKernel, bias] = this.weights as [Weight, Weight, Weight?];
    const { cell, units, dropout, recurrentDropout } = this;
    const { returnSequences, returnState, goBackwards, zeroOutputForMask, stateful, truncate } = this;
    return EMISSION.loaded.emitRecurrent(scope, inputs, {
      cell,
      units,
      kernel,
      recurrentKernel,
      bias,
      activation: this.#activation,
      recurrentActivation: this.gateActivation,
      dropout: scope.drops ? dropout : 0,
      recurrentDropout: scope.drops ? recurrentDropout : 0,
      seed: this.#seedWords,
      returnSequences,
      returnState,
      goBackwards,
      zeroOutputForMask,
      stateful,
      truncate,
    });
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      units: this.units,
      activation: activationConfig(this.#activation, `${this.name}: activation`),
      useBias: this.useBias,
      kernelInitializer: this.#kernelInitializer.saved,
      recurrentInitializer: this.#recurrentInitializer.saved,
      biasInitializer: this.#biasInitializer.saved,
      ...this.#rules.getConfig(),
      dropout: this.dropout,
      recurrentDropout: this.recurrentDropout,
      seed: this.seed,
      returnSequences: this.returnSequences,
      returnState: this.returnState,
      goBackwards: this.goBackwards,
      zeroOutputForMask: this.zeroOutputForMask,
      stateful: this.stateful,
      unroll: this.unroll,
      truncate: this.truncate,
    };
  }
}

/**
 * The activation of a cell; null is 'linear', as in Keras.
 * @throws {ArgumentError} as `resolveActivation`
 */
export function resolveCellActivation(value: unknown, byDefault: ActivationName, where: string): ResolvedActivation {
  return resolveActivation(value === undefined ? byDefault : (value ?? 'linear'), where);
}
