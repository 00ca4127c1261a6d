import { oneOf } from '../core/options.ts';
import type { Shape } from '../core/shape.ts';
import { emitPool } from './emitMore.ts';
import { Layer, type LayerConfig, type LayerOptions, requireAxes } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape } from './spec.ts';
import type { Value } from './value.ts';
import { type Padding, sizesConfig, sizesOption, type WindowOptions, windowCounts } from './windows.ts';

export interface PoolingOptions extends LayerOptions {
  /**
   * The stride of the windows: a number, or one for each axis. Default null: the size of a window.
   */
  strides?: number | readonly number[] | null;
  /**
   * 'valid', the default: windows lie inside the sample. 'same': `ceil(length / stride)` windows;
   * padding is ignored.
   */
  padding?: Padding;
}

/** The base of layers that reduce each window to one number. */
abstract class Pooling extends Layer {
  readonly poolSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: Padding;
  protected abstract readonly average: boolean;

  protected constructor(axes: 1 | 2, poolSize: unknown, options: PoolingOptions | undefined, className: string) {
    super(options, ['strides', 'padding'], className);
    this.poolSize = sizesOption(poolSize, axes, `${className}: poolSize`);
    this.strides = sizesOption(options?.strides ?? this.poolSize, axes, `${className}: strides`);
    this.padding = oneOf(options?.padding ?? 'valid', ['valid', 'same'], `${className}: padding`);
  }

  override get supportsMasking(): boolean {
    return false;
  }

  protected override checkInputShape(inputShape: SampleShape): number {
    this.outputShape(inputShape);
    return 0;
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    const [axes, expected] = this.poolSize.length === 1 ? [2, 'sequences [steps, features]'] : [3, 'images [height, width, channels]'];
    requireAxes(this, inputShape, [axes as number], expected as string);
    return [...windowCounts(this.title, inputShape, this.#windows), inputShape.at(-1) as number | null];
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const shape = this.outputShape(input.shape) as Shape;
    return [emitPool(scope, input, this.#windows, this.average, shape)];
  }

  get #windows(): readonly WindowOptions[] {
    const { padding } = this;
    return this.poolSize.map((size, axis) => ({ size, stride: this.strides[axis] as number, dilation: 1, padding }));
  }

  override getConfig(): LayerConfig {
    const { poolSize, strides, padding } = this;
    return { ...super.getConfig(), poolSize: sizesConfig(poolSize), strides: sizesConfig(strides), padding };
  }
}

/**
 * The maximum of each feature in windows of steps: `[T, D]` becomes `[T', D]`.
 * https://keras.io/api/layers/pooling_layers/max_pooling1d/
 */
export class MaxPooling1D extends Pooling {
  readonly className = 'MaxPooling1D';
  protected readonly average = false;

  /**
   * @param poolSize steps of a window. Default 2
   * @throws {ArgumentError} for an unknown option or a size that is none
   */
  constructor(poolSize: number | readonly number[] = 2, options?: PoolingOptions) {
    super(1, poolSize, options, 'MaxPooling1D');
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ poolSize, ...options }: LayerConfig): MaxPooling1D {
    return new MaxPooling1D(poolSize as number, options as PoolingOptions);
  }
}

/**
 * The mean of each feature in windows of steps: `[T, D]` becomes `[T', D]`.
 * https://keras.io/api/layers/pooling_layers/average_pooling1d/
 */
export class AveragePooling1D extends Pooling {
  readonly className = 'AveragePooling1D';
  protected readonly average = true;

  /**
   * @param poolSize steps of a window. Default 2
   * @throws {ArgumentError} for an unknown option or a size that is none
   */
  constructor(poolSize: number | readonly number[] = 2, options?: PoolingOptions) {
    super(1, poolSize, options, 'AveragePooling1D');
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ poolSize, ...options }: LayerConfig): AveragePooling1D {
    return new AveragePooling1D(poolSize as number, options as PoolingOptions);
  }
}

/**
 * The maximum of each channel in windows of an image: `[H, W, C]` becomes `[H', W', C]`.
 * https://keras.io/api/layers/pooling_layers/max_pooling2d/
 */
export class MaxPooling2D extends Pooling {
  readonly className = 'MaxPooling2D';
  protected readonly average = false;

  /**
   * @param poolSize height and width of a window, one number for both. Default 2
   * @throws {ArgumentError} for an unknown option or a size that is none
   */
  constructor(poolSize: number | readonly number[] = 2, options?: PoolingOptions) {
    super(2, poolSize, options, 'MaxPooling2D');
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ poolSize, ...options }: LayerConfig): MaxPooling2D {
    return new MaxPooling2D(poolSize as number, options as PoolingOptions);
  }
}

/**
 * The mean of each channel in windows of an image: `[H, W, C]` becomes `[H', W', C]`.
 * https://keras.io/api/layers/pooling_layers/average_pooling2d/
 */
export class AveragePooling2D extends Pooling {
  readonly className = 'AveragePooling2D';
  protected readonly average = true;

  /**
   * @param poolSize height and width of a window, one number for both. Default 2
   * @throws {ArgumentError} for an unknown option or a size that is none
   */
  constructor(poolSize: number | readonly number[] = 2, options?: PoolingOptions) {
    super(2, poolSize, options, 'AveragePooling2D');
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ poolSize, ...options }: LayerConfig): AveragePooling2D {
    return new AveragePooling2D(poolSize as number, options as PoolingOptions);
  }
}
