import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { booleanOption, oneOf } from '../core/options.ts';
import { formatShape, positiveInteger, type Shape, sizeOf } from '../core/shape.ts';
import { type ActivationLike, activationConfig, type ResolvedActivation, resolveActivation } from './activationFunction.ts';
import { emitActivation } from './emit.ts';
import { emitConvolution } from './emitMore.ts';
import { type InitializerLike, resolveInitializer, type StartValues } from './initializers.ts';
import { Layer, type LayerConfig, type LayerOptions, requireFeatures } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape } from './spec.ts';
import type { Value } from './value.ts';
import type { Weight } from './weight.ts';
import { type ConstraintLike, type RegularizerLike, ruleOptions, WeightRules } from './weightRules.ts';
import { type Padding, sizesConfig, sizesOption, type WindowOptions, windowCounts } from './windows.ts';

/** The options of all convolutions. */
export interface SharedOptions extends LayerOptions {
  /** The stride of the windows: a number, or one for each axis. Default 1. */
  strides?: number | readonly number[];
  /** The padding. Default 'valid'. */
  padding?: Padding | 'causal';
  /**
   * The dilation, the distance between the elements of a window: a number, or one for each axis.
   * Above 1 only with strides of 1. Default 1.
   */
  dilationRate?: number | readonly number[];
  /**
   * The activation of the output: a name, or a custom function. Default 'linear', which null
   * means too.
   */
  activation?: ActivationLike | null;
  /** Whether there is a bias. Default true. */
  useBias?: boolean;
  /** The initializer of the bias. Default 'zeros'. */
  biasInitializer?: InitializerLike;
  /** A penalty on the bias, added to the loss. Default none. */
  biasRegularizer?: RegularizerLike | null;
  /** A constraint on the bias, applied after each update. Default none. */
  biasConstraint?: ConstraintLike | null;
}

/** The options of convolutions with one kernel. */
export interface KernelOptions extends SharedOptions {
  /**
   * 'valid', the default: windows lie inside the sample. 'same': as many windows as the sample has
   * strides, with zeros around it.
   */
  padding?: Padding;
  /** The initializer of the kernel. Default 'glorotUniform'. */
  kernelInitializer?: InitializerLike;
  /** A penalty on the kernel, added to the loss. Default none. */
  kernelRegularizer?: RegularizerLike | null;
  /** A constraint on the kernel, applied after each update. Default none. */
  kernelConstraint?: ConstraintLike | null;
}

/** The options of {@link Conv2D}. */
export interface ConvolutionOptions extends KernelOptions {
  /**
   * The number of groups into which the channels and the filters are split; each filter uses the
   * channels of its group. Default 1.
   */
  groups?: number;
}

/** The options of {@link Conv1D}. */
export interface Conv1DOptions extends Omit<ConvolutionOptions, 'padding'> {
  /**
   * 'valid', the default: windows lie inside the sequence. 'same': as many windows as the sequence
   * has strides, with zeros around it. 'causal': as 'same', but no step depends on later ones, so
   * that streams work.
   */
  padding?: Padding | 'causal';
}

/** The properties in which the convolutions differ. */
interface ConvolutionKind {
  readonly className: string;
  /** The number of axes that windows pass over. */
  readonly axes: 1 | 2;
  /** The paddings that it has. */
  readonly paddings: readonly (Padding | 'causal')[];
  /** How the names of the options of its kernels begin. */
  readonly kernels: readonly string[];
  /** The names of the options of its own. */
  readonly options: readonly string[];
}

/**
 * The base of convolutions over one or two axes of samples whose last axis holds the channels:
 * their windows, bias and activation.
 */
export abstract class AnyConvolution extends Layer {
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: Padding | 'causal';
  readonly dilationRate: readonly number[];
  readonly useBias: boolean;
  readonly #activation: ResolvedActivation;
  readonly #initializers: Readonly<Record<string, StartValues>>;
  readonly #rules: WeightRules;

  protected constructor(kind: ConvolutionKind, kernelSize: unknown, options: SharedOptions | undefined) {
    const { className, axes } = kind;
    const weights = [...kind.kernels, 'bias'];
    const initializers = weights.map((weight) => `${weight}Initializer`);
    const known = ['strides', 'padding', 'dilationRate', ...kind.options, 'activation', 'useBias', ...initializers];
    super(options, [...known, ...ruleOptions(weights)], className);
    this.kernelSize = sizesOption(kernelSize, axes, `${className}: kernelSize`);
    this.strides = sizesOption(options?.strides ?? 1, axes, `${className}: strides`);
    this.padding = oneOf(options?.padding ?? 'valid', kind.paddings, `${className}: padding`);
    this.dilationRate = sizesOption(options?.dilationRate ?? 1, axes, `${className}: dilationRate`);
    if (Math.max(...this.strides) > 1 && Math.max(...this.dilationRate) > 1)
      throw new ArgumentError(
        `${className}: strides and dilationRate cannot both be above 1, got ${formatShape(this.strides)} and ${formatShape(this.dilationRate)}`,
      );
    this.useBias = booleanOption(options?.useBias, true, `${className}: useBias`);
    this.#activation = resolveActivation(options?.activation ?? 'linear', `${className}: activation`);
    const given = (options ?? {}) as Readonly<Record<string, unknown>>;
    this.#initializers = Object.fromEntries(
      initializers.map((name) => {
        const [byDefault, sizes] = name === 'biasInitializer' ? (['zeros', 1] as const) : (['glorotUniform', 2] as const);
        return [name, resolveInitializer(given[name] ?? byDefault, sizes, `${className}: ${name}`)];
      }),
    );
    this.#rules = new WeightRules(options, weights, className);
  }

  /** The activation, as it was given. */
  get activation(): ActivationLike {
    return this.#activation.given;
  }

  override get supportsMasking(): boolean {
    return false;
  }

  protected override checkInputShape(inputShape: SampleShape): number {
    const [axes, expected] = this.kernelSize.length === 1 ? [2, 'sequences [steps, channels]'] : [3, 'images [height, width, channels]'];
    const channels = requireFeatures(this, inputShape, [axes as number], expected as string);
    this.counts(inputShape);
    return channels;
  }

  /** Channels of the output for so many channels of the input. */
  protected abstract channelsOf(channels: number): number;

  /** The sizes of the output along the axes that windows pass over. @throws {ShapeError} */
  protected counts(inputShape: SampleShape): (number | null)[] {
    return windowCounts(this.title, inputShape, this.windows);
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    return [...this.counts(inputShape), this.channelsOf(inputShape[inputShape.length - 1] as number)];
  }

  /** Declares a kernel, with the options that begin with a name. */
  protected addKernel(name: string, shape: Shape, options = name): void {
    this.addWeight(name, shape, this.#initializers[`${options}Initializer`] as StartValues, this.#rules.of(options));
  }

  /** Declares the bias, if there is one. */
  protected addBias(channels: number): void {
    if (this.useBias) this.addKernel('bias', [channels]);
  }

  protected get windows(): readonly WindowOptions[] {
    const { padding } = this;
    return this.kernelSize.map((size, axis) => ({
      size,
      stride: this.strides[axis] as number,
      dilation: this.dilationRate[axis] as number,
      padding,
    }));
  }

  /** Emits the scores, the input of the activation. */
  protected abstract emitScores(scope: Scope, input: Value, shape: Shape): Value;

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const scores = this.emitScores(scope, input, this.outputShape(input.shape) as Shape);
    const { kernelName } = this.#activation;
    // A loss may take the scores.
    if (kernelName !== null && kernelName !== 'linear' && scope.scoresWanted === kernelName)
      return [{ ...scores, form: { kind: 'activation', activation: kernelName, scores } }];
    return [emitActivation(scope, this.#activation, scores)];
  }

  override getConfig(): LayerConfig {
    const { kernelSize, strides, padding, dilationRate, useBias } = this;
    return {
      ...super.getConfig(),
      kernelSize: sizesConfig(kernelSize),
      strides: sizesConfig(strides),
      padding,
      dilationRate: sizesConfig(dilationRate),
      activation: activationConfig(this.#activation, `${this.name}: activation`),
      useBias,
      ...Object.fromEntries(Object.entries(this.#initializers).map(([name, { saved }]) => [name, saved])),
      ...this.#rules.getConfig(),
    };
  }
}

/** Convolutions whose filters each use all channels of their group. */
abstract class Convolution extends AnyConvolution {
  readonly filters: number;
  readonly groups: number;

  protected constructor(
    axes: 1 | 2,
    className: string,
    filters: number,
    kernelSize: unknown,
    options: ConvolutionOptions | Conv1DOptions | undefined,
  ) {
    const paddings = axes === 1 ? (['valid', 'same', 'causal'] as const) : (['valid', 'same'] as const);
    super({ className, axes, paddings, kernels: ['kernel'], options: ['groups'] }, kernelSize, options);
    this.filters = filtersOption(filters, className);
    this.groups = positiveInteger(options?.groups ?? 1, `${className}: groups`);
    if (this.filters % this.groups !== 0)
      throw new ArgumentError(`${className}: filters must be a multiple of groups, ${this.groups}, got ${describe(filters)}`);
  }

  protected override checkInputShape(inputShape: SampleShape): number {
    const channels = super.checkInputShape(inputShape);
    if (channels % this.groups !== 0)
      throw new ShapeError(
        `${this.title} takes samples whose channels are a multiple of groups, ${this.groups}, got samples of shape ${formatShape(inputShape)}`,
      );
    return channels;
  }

  protected override channelsOf(): number {
    return this.filters;
  }

  protected override declareWeights(channels: number): void {
    this.addKernel('kernel', [...this.kernelSize, channels / this.groups, this.filters]);
    this.addBias(this.filters);
  }

  protected override emitScores(scope: Scope, input: Value, shape: Shape): Value {
    const [kernel, bias = null] = this.weights as [Weight, Weight?];
    return emitConvolution(scope, input, this.windows, { kernel, bias, groups: this.groups, shape });
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), filters: this.filters, groups: this.groups };
  }
}

/** @throws {ArgumentError} when it is no number of filters */
export function filtersOption(filters: unknown, className: string): number {
  return positiveInteger(filters, `${className}: filters`, `new ${className}(filters, kernelSize, options)`);
}

/**
 * A convolution over the steps of sequences: `[T, C]` becomes `[T', filters]`. Each output is a
 * product with the steps of a window, plus the bias.
 *
 * Weights: kernel `[kernelSize, C / groups, filters]`, bias `[filters]`.
 * https://keras.io/api/layers/convolution_layers/convolution1d/
 */
export class Conv1D extends Convolution {
  readonly className = 'Conv1D';

  /**
   * @param filters channels of the output
   * @param kernelSize steps of a window
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(filters: number, kernelSize: number | readonly number[], options?: Conv1DOptions) {
    super(1, 'Conv1D', filters, kernelSize, options);
  }

  override get needsSequences(): string | null {
    if (this.strides[0] === 1 && (this.padding === 'causal' || this.kernelSize[0] === 1)) return null;
    return this.padding === 'causal' ? `with strides ${this.strides[0]} needs whole sequences` : `needs padding: 'causal' for streams`;
  }

  /** Null, because its gradients cross steps; 0 for windows of one step. */
  override get gradientSteps(): number | null {
    return sizeOf(this.kernelSize) === 1 ? 0 : null;
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ filters, kernelSize, ...options }: LayerConfig): Conv1D {
    return new Conv1D(filters as number, kernelSize as number, options as Conv1DOptions);
  }
}

/**
 * A convolution over the height and width of images: `[H, W, C]` becomes `[H', W', filters]`.
 *
 * Weights: kernel `[height, width, C / groups, filters]`, bias `[filters]`.
 * https://keras.io/api/layers/convolution_layers/convolution2d/
 */
export class Conv2D extends Convolution {
  readonly className = 'Conv2D';

  /**
   * @param filters channels of the output
   * @param kernelSize height and width of a window, one number for both
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(filters: number, kernelSize: number | readonly number[], options?: ConvolutionOptions) {
    super(2, 'Conv2D', filters, kernelSize, options);
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ filters, kernelSize, ...options }: LayerConfig): Conv2D {
    return new Conv2D(filters as number, kernelSize as number, options as ConvolutionOptions);
  }
}
