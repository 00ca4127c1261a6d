import { positiveInteger, type Shape } from '../core/shape.ts';
import { AnyConvolution, filtersOption, type SharedOptions } from './convolution.ts';
import { emitConvolution } from './emitMore.ts';
import type { InitializerLike } from './initializers.ts';
import type { LayerConfig } from './layer.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';
import type { Weight } from './weight.ts';
import type { ConstraintLike, RegularizerLike } from './weightRules.ts';
import type { Padding } from './windows.ts';

// C channels, M depthMultiplier.

/** The options of {@link DepthwiseConv1D} and {@link DepthwiseConv2D}. */
export interface DepthwiseConvolutionOptions extends SharedOptions {
  /**
   * 'valid', the default: windows lie inside the sample. 'same': as many windows as the sample has
   * strides, with zeros around it.
   */
  padding?: Padding;
  /** Filters of each channel, M. Default 1. */
  depthMultiplier?: number;
  /** The initializer of the depthwise kernel. Default 'glorotUniform'. */
  depthwiseInitializer?: InitializerLike;
  /** A penalty on the depthwise kernel, added to the loss. Default none. */
  depthwiseRegularizer?: RegularizerLike | null;
  /** A constraint on the depthwise kernel, applied after each update. Default none. */
  depthwiseConstraint?: ConstraintLike | null;
}

/** The options of {@link SeparableConv1D} and {@link SeparableConv2D}. */
export interface SeparableConvolutionOptions extends DepthwiseConvolutionOptions {
  /** The initializer of the pointwise kernel. Default 'glorotUniform'. */
  pointwiseInitializer?: InitializerLike;
  /** A penalty on the pointwise kernel, added to the loss. Default none. */
  pointwiseRegularizer?: RegularizerLike | null;
  /** A constraint on the pointwise kernel, applied after each update. Default none. */
  pointwiseConstraint?: ConstraintLike | null;
}

/** The base of convolutions whose filters each see one channel. */
abstract class AnyDepthwise extends AnyConvolution {
  readonly depthMultiplier: number;

  protected constructor(
    axes: 1 | 2,
    className: string,
    kernels: readonly string[],
    kernelSize: unknown,
    options: DepthwiseConvolutionOptions | undefined,
  ) {
    super({ className, axes, paddings: ['valid', 'same'], kernels, options: ['depthMultiplier'] }, kernelSize, options);
    this.depthMultiplier = positiveInteger(options?.depthMultiplier ?? 1, `${className}: depthMultiplier`);
  }

  /** Emits what the filters of each channel give: a group of its own is a channel. */
  protected emitDepthwise(scope: Scope, input: Value, shape: Shape, kernel: Weight, bias: Weight | null): Value {
    return emitConvolution(scope, input, this.windows, { kernel, bias, groups: input.shape[input.shape.length - 1] as number, shape });
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), depthMultiplier: this.depthMultiplier };
  }
}

abstract class Depthwise extends AnyDepthwise {
  protected override channelsOf(channels: number): number {
    return channels * this.depthMultiplier;
  }

  protected override declareWeights(channels: number): void {
    this.addKernel('kernel', [...this.kernelSize, channels, this.depthMultiplier], 'depthwise');
    this.addBias(this.channelsOf(channels));
  }

  protected override emitScores(scope: Scope, input: Value, shape: Shape): Value {
    const [kernel, bias = null] = this.weights as [Weight, Weight?];
    return this.emitDepthwise(scope, input, shape, kernel, bias);
  }
}

/**
 * A convolution over the steps of sequences, separately for each channel: `[T, C]` becomes `[T', C
 * * M]`.
 *
 * Weights: kernel `[kernelSize, C, M]`, bias `[C * M]`.
 * https://keras.io/api/layers/convolution_layers/depthwise_convolution1d/
 */
export class DepthwiseConv1D extends Depthwise {
  readonly className = 'DepthwiseConv1D';

  /**
   * @param kernelSize steps of a window
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(kernelSize: number | readonly number[], options?: DepthwiseConvolutionOptions) {
    super(1, 'DepthwiseConv1D', ['depthwise'], kernelSize, options);
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ kernelSize, ...options }: LayerConfig): DepthwiseConv1D {
    return new DepthwiseConv1D(kernelSize as number, options as DepthwiseConvolutionOptions);
  }
}

/**
 * A convolution over the height and width of images, separately for each channel: `[H, W, C]`
 * becomes `[H', W', C * M]`.
 *
 * Weights: kernel `[height, width, C, M]`, bias `[C * M]`.
 * https://keras.io/api/layers/convolution_layers/depthwise_convolution2d/
 */
export class DepthwiseConv2D extends Depthwise {
  readonly className = 'DepthwiseConv2D';

  /**
   * @param kernelSize height and width of a window, one number for both
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(kernelSize: number | readonly number[], options?: DepthwiseConvolutionOptions) {
    super(2, 'DepthwiseConv2D', ['depthwise'], kernelSize, options);
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ kernelSize, ...options }: LayerConfig): DepthwiseConv2D {
    return new DepthwiseConv2D(kernelSize as number, options as DepthwiseConvolutionOptions);
  }
}

abstract class Separable extends AnyDepthwise {
  readonly filters: number;

  protected constructor(
    axes: 1 | 2,
    className: string,
    filters: number,
    kernelSize: unknown,
    options: SeparableConvolutionOptions | undefined,
  ) {
    super(axes, className, ['depthwise', 'pointwise'], kernelSize, options);
    this.filters = filtersOption(filters, className);
  }

  protected override channelsOf(): number {
    return this.filters;
  }

  protected override declareWeights(channels: number): void {
    const { depthMultiplier, kernelSize, filters } = this;
    this.addKernel('depthwiseKernel', [...kernelSize, channels, depthMultiplier], 'depthwise');
    this.addKernel('pointwiseKernel', [...kernelSize.map(() => 1), channels * depthMultiplier, filters], 'pointwise');
    this.addBias(filters);
  }

  protected override emitScores(scope: Scope, input: Value, shape: Shape): Value {
    const [depthwise, pointwise, bias = null] = this.weights as [Weight, Weight, Weight?];
    const channels = (input.shape[input.shape.length - 1] as number) * this.depthMultiplier;
    const each = this.emitDepthwise(scope, input, [...shape.slice(0, -1), channels], depthwise, null);
    const single = this.kernelSize.map(() => ({ size: 1, stride: 1, dilation: 1, padding: 'valid' as const }));
    return emitConvolution(scope, each, single, { kernel: pointwise, bias, groups: 1, shape });
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), filters: this.filters };
  }
}

/**
 * A convolution over the steps of sequences, separately for each channel, followed by a product
 * over all channels of each step: `[T, C]` becomes `[T', filters]`. The bias and the activation
 * come after the product.
 *
 * Weights: depthwiseKernel `[kernelSize, C, M]`, pointwiseKernel `[1, C * M, filters]`, bias
 * `[filters]`. https://keras.io/api/layers/convolution_layers/separable_convolution1d/
 */
export class SeparableConv1D extends Separable {
  readonly className = 'SeparableConv1D';

  /**
   * @param filters channels of the output
   * @param kernelSize steps of a window
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(filters: number, kernelSize: number | readonly number[], options?: SeparableConvolutionOptions) {
    super(1, 'SeparableConv1D', filters, kernelSize, options);
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ filters, kernelSize, ...options }: LayerConfig): SeparableConv1D {
    return new SeparableConv1D(filters as number, kernelSize as number, options as SeparableConvolutionOptions);
  }
}

/**
 * A convolution over the height and width of images, separately for each channel, followed by a
 * product over all channels of each pixel: `[H, W, C]` becomes `[H', W', filters]`.
 *
 * Weights: depthwiseKernel `[height, width, C, M]`, pointwiseKernel `[1, 1, C * M, filters]`, bias
 * `[filters]`. https://keras.io/api/layers/convolution_layers/separable_convolution2d/
 */
export class SeparableConv2D extends Separable {
  readonly className = 'SeparableConv2D';

  /**
   * @param filters channels of the output
   * @param kernelSize height and width of a window, one number for both
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(filters: number, kernelSize: number | readonly number[], options?: SeparableConvolutionOptions) {
    super(2, 'SeparableConv2D', filters, kernelSize, options);
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ filters, kernelSize, ...options }: LayerConfig): SeparableConv2D {
    return new SeparableConv2D(filters as number, kernelSize as number, options as SeparableConvolutionOptions);
  }
}
