import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { formatShape, nonNegativeInteger, type Shape } from '../core/shape.ts';
import { AnyConvolution, filtersOption, type KernelOptions } from './convolution.ts';
import { emitTransposedConvolution } from './emitMore.ts';
import type { LayerConfig } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape } from './spec.ts';
import type { Value } from './value.ts';
import type { Weight } from './weight.ts';
import { sizesConfig, transposedPlaces } from './windows.ts';

/** The options of {@link Conv1DTranspose} and {@link Conv2DTranspose}. */
export interface TransposedConvolutionOptions extends KernelOptions {
  /**
   * Elements that are added to the smallest output along each axis: a number, or one for each axis,
   * below the strides. Default null: with 'same' the output has `length * stride` elements, with
   * 'valid' all windows are whole.
   */
  outputPadding?: number | readonly number[] | null;
}

/** The base of convolutions whose windows lie in the output. */
abstract class TransposedConvolution extends AnyConvolution {
  readonly filters: number;
  readonly outputPadding: readonly number[] | null;

  protected constructor(
    axes: 1 | 2,
    className: string,
    filters: number,
    kernelSize: unknown,
    options: TransposedConvolutionOptions | undefined,
  ) {
    super({ className, axes, paddings: ['valid', 'same'], kernels: ['kernel'], options: ['outputPadding'] }, kernelSize, options);
    this.filters = filtersOption(filters, className);
    const given: unknown = options?.outputPadding ?? null;
    const all = given === null ? null : Array.isArray(given) ? given : this.strides.map(() => given);
    if (
      all &&
      (all.length !== axes ||
        all.some((size, axis) => !(nonNegativeInteger(size, `${className}: outputPadding`) < (this.strides[axis] as number))))
    )
      throw new ArgumentError(
        `${className}: outputPadding must be below the strides, ${formatShape(this.strides)}, along each axis, got ${describe(given)}`,
      );
    this.outputPadding = all;
  }

  protected override channelsOf(): number {
    return this.filters;
  }

  /** The places of the output along an axis, and how many of the first window's lie before it. */
  #placesOf(length: number, axis: number): ReturnType<typeof transposedPlaces> {
    return transposedPlaces(length, this.windows[axis] as (typeof this.windows)[number], this.outputPadding?.[axis] ?? null);
  }

  protected override counts(inputShape: SampleShape): (number | null)[] {
    return this.kernelSize.map((_, axis) => {
      const length = inputShape[axis] as number | null;
      const count = length === null ? null : this.#placesOf(length, axis).count;
      if (count === null || count > 0) return count;
      throw new ShapeError(`${this.title} leaves no place of samples of shape ${formatShape(inputShape)} along axis ${axis + 1}`);
    });
  }

  protected override declareWeights(channels: number): void {
    this.addKernel('kernel', [...this.kernelSize, this.filters, channels]);
    this.addBias(this.filters);
  }

  protected override emitScores(scope: Scope, input: Value, shape: Shape): Value {
    const [kernel, bias = null] = this.weights as [Weight, Weight?];
    const before = this.kernelSize.map((_, axis) => this.#placesOf(input.shape[axis] as number, axis).before);
    return emitTransposedConvolution(scope, input, this.windows, { kernel, bias, before, shape });
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      filters: this.filters,
      outputPadding: this.outputPadding && sizesConfig(this.outputPadding),
    };
  }
}

/**
 * The transpose of a convolution over the steps of sequences: `[T, C]` becomes `[T', filters]`,
 * with `strides` times the steps. Each step of the input adds its product with the kernel to the
 * steps of a window of the output.
 *
 * Weights: kernel `[kernelSize, filters, C]`, bias `[filters]`.
 * https://keras.io/api/layers/convolution_layers/convolution1d_transpose/
 */
export class Conv1DTranspose extends TransposedConvolution {
  readonly className = 'Conv1DTranspose';

  /**
   * @param filters channels of the output
   * @param kernelSize steps of a window
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(filters: number, kernelSize: number | readonly number[], options?: TransposedConvolutionOptions) {
    super(1, 'Conv1DTranspose', filters, kernelSize, options);
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ filters, kernelSize, ...options }: LayerConfig): Conv1DTranspose {
    return new Conv1DTranspose(filters as number, kernelSize as number, options as TransposedConvolutionOptions);
  }
}

/**
 * The transpose of a convolution over the height and width of images: `[H, W, C]` becomes
 * `[H', W', filters]`.
 *
 * Weights: kernel `[height, width, filters, C]`, bias `[filters]`.
 * https://keras.io/api/layers/convolution_layers/convolution2d_transpose/
 */
export class Conv2DTranspose extends TransposedConvolution {
  readonly className = 'Conv2DTranspose';

  /**
   * @param filters channels of the output
   * @param kernelSize height and width of a window, one number for both
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(filters: number, kernelSize: number | readonly number[], options?: TransposedConvolutionOptions) {
    super(2, 'Conv2DTranspose', filters, kernelSize, options);
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ filters, kernelSize, ...options }: LayerConfig): Conv2DTranspose {
    return new Conv2DTranspose(filters as number, kernelSize as number, options as TransposedConvolutionOptions);
  }
}
