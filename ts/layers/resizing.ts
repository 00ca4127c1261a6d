import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { oneOf } from '../core/options.ts';
import { formatShape, nonNegativeInteger, type Shape } from '../core/shape.ts';
import { emitParts } from './emitMore.ts';
import type { Part } from './emitParts.ts';
import { Layer, type LayerConfig, type LayerOptions, requireAxes } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape } from './spec.ts';
import { type Strides, stridesOf } from './strides.ts';
import type { Value } from './value.ts';
import { sizesConfig, sizesOption } from './windows.ts';

/**
 * The base of layers that give a sequence another number of steps, or an image another height and
 * width. They take no mask on.
 */
abstract class Resizing extends Layer {
  /** The number of axes that they resize. */
  protected abstract readonly axes: 1 | 2;

  override get supportsMasking(): boolean {
    return false;
  }

  protected override checkInputShape(inputShape: SampleShape): number {
    const [axes, expected] = this.axes === 1 ? [2, 'sequences [steps, features]'] : [3, 'images [height, width, channels]'];
    requireAxes(this, inputShape, [axes as number], expected as string);
    this.outputShape(inputShape);
    return 0;
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    return inputShape.map((size, axis) => {
      if (size === null || axis === this.axes) return size;
      const left = this.sizeOf(size, axis);
      if (left > 0) return left;
      throw new ShapeError(
        `${this.title} leaves ${this.axes === 1 ? 'no step' : 'nothing'} of samples of shape ${formatShape(inputShape)}`,
      );
    });
  }

  /** The size of the output along an axis. */
  protected abstract sizeOf(size: number, axis: number): number;

  /** The parts of the samples and their positions. */
  protected abstract partsOf(shape: Shape, from: Strides, to: Strides): readonly Part[];

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const shape = this.outputShape(input.shape) as Shape;
    return [emitParts(scope, input, shape, this.partsOf(input.shape, stridesOf(input.shape, input.rows), stridesOf(shape, input.rows)))];
  }
}

/** Numbers of steps at both ends: one for both, or one for each. */
export type StepsAtEnds = number | readonly [before: number, after: number];

/**
 * Places at the ends of height and width: one number for all four, one for both ends of each axis,
 * or two for each axis.
 */
export type PlacesAtEnds = number | readonly [height: StepsAtEnds, width: StepsAtEnds];

type Ends = readonly [before: number, after: number];

/** @throws {ArgumentError} when it is neither an integer nor two of them */
function endsOption(value: unknown, where: string): Ends {
  const both = Array.isArray(value) ? value : [value, value];
  if (both.length !== 2) throw new ArgumentError(`${where} must be an integer, or an array of two of them, got ${describe(value)}`);
  return [nonNegativeInteger(both[0], where), nonNegativeInteger(both[1], where)];
}

/** The ends of each axis. @throws {ArgumentError} */
function endsOfAxes(value: unknown, axes: 1 | 2, where: string): readonly Ends[] {
  if (axes === 1) return [endsOption(value, where)];
  const both = Array.isArray(value) ? value : [value, value];
  if (both.length !== 2)
    throw new ArgumentError(`${where} must be an integer, or an array of two for height and width, got ${describe(value)}`);
  return both.map((ends) => endsOption(ends, where));
}

/** Where an element lies that is so many places behind the first along each axis. */
function behind(strides: Strides, places: readonly number[]): Strides {
  return { ...strides, start: places.reduce((sum, count, axis) => sum + count * (strides.axes[axis] as number), 0) };
}

/** The base of layers that add or remove places at the ends of axes. */
abstract class EndsLayer extends Resizing {
  protected readonly axes: 1 | 2;
  protected readonly ends: readonly Ends[];

  protected constructor(axes: 1 | 2, className: string, option: string, ends: unknown, options: LayerOptions | undefined) {
    super(options, [], className);
    this.axes = axes;
    this.ends = endsOfAxes(ends, axes, `${className}: ${option}`);
  }

  /** The places at the ends, as a configuration holds them. */
  protected get given(): Ends | readonly Ends[] {
    return this.axes === 1 ? (this.ends[0] as Ends) : this.ends;
  }
}

abstract class ZeroPadding extends EndsLayer {
  protected override sizeOf(size: number, axis: number): number {
    const [before, after] = this.ends[axis] as Ends;
    return before + size + after;
  }

  protected override partsOf(shape: Shape, from: Strides, to: Strides): readonly Part[] {
    return [
      {
        shape,
        from,
        to: behind(
          to,
          this.ends.map(([before]) => before),
        ),
      },
    ];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), padding: this.given };
  }
}

/**
 * Adds steps of zeros before and after a sequence: `[T, D]` becomes `[before + T + after, D]`.
 * https://keras.io/api/layers/reshaping_layers/zero_padding1d/
 */
export class ZeroPadding1D extends ZeroPadding {
  readonly className = 'ZeroPadding1D';

  /**
   * @param padding steps at each end, or `[before, after]`. Default 1
   * @throws {ArgumentError} for an unknown option or a number that is none
   */
  constructor(padding: StepsAtEnds = 1, options?: LayerOptions) {
    super(1, 'ZeroPadding1D', 'padding', padding, options);
  }

  get padding(): Ends {
    return this.ends[0] as Ends;
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ padding, ...options }: LayerConfig): ZeroPadding1D {
    return new ZeroPadding1D(padding as unknown as StepsAtEnds, options as LayerOptions);
  }
}

/**
 * Adds zeros around images: `[H, W, C]` becomes `[top + H + bottom, left + W + right, C]`.
 * https://keras.io/api/layers/reshaping_layers/zero_padding2d/
 */
export class ZeroPadding2D extends ZeroPadding {
  readonly className = 'ZeroPadding2D';

  /**
   * @param padding places on each side, `[height, width]`, or `[[top, bottom], [left, right]]`.
   *   Default 1
   * @throws {ArgumentError} for an unknown option or a number that is none
   */
  constructor(padding: PlacesAtEnds = 1, options?: LayerOptions) {
    super(2, 'ZeroPadding2D', 'padding', padding, options);
  }

  get padding(): readonly Ends[] {
    return this.ends;
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ padding, ...options }: LayerConfig): ZeroPadding2D {
    return new ZeroPadding2D(padding as unknown as PlacesAtEnds, options as LayerOptions);
  }
}

abstract class Cropping extends EndsLayer {
  protected override sizeOf(size: number, axis: number): number {
    const [before, after] = this.ends[axis] as Ends;
    return size - before - after;
  }

  protected override partsOf(shape: Shape, from: Strides, to: Strides): readonly Part[] {
    return [
      {
        shape: this.outputShape(shape) as Shape,
        from: behind(
          from,
          this.ends.map(([before]) => before),
        ),
        to,
      },
    ];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), cropping: this.given };
  }
}

/**
 * Removes the first and last steps of a sequence.
 * https://keras.io/api/layers/reshaping_layers/cropping1d/
 */
export class Cropping1D extends Cropping {
  readonly className = 'Cropping1D';

  /**
   * @param cropping steps to leave out at each end, or `[before, after]`. Default 1
   * @throws {ArgumentError} for an unknown option or a number that is none
   */
  constructor(cropping: StepsAtEnds = 1, options?: LayerOptions) {
    super(1, 'Cropping1D', 'cropping', cropping, options);
  }

  get cropping(): Ends {
    return this.ends[0] as Ends;
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ cropping, ...options }: LayerConfig): Cropping1D {
    return new Cropping1D(cropping as unknown as StepsAtEnds, options as LayerOptions);
  }
}

/** Removes the edges of images. https://keras.io/api/layers/reshaping_layers/cropping2d/ */
export class Cropping2D extends Cropping {
  readonly className = 'Cropping2D';

  /**
   * @param cropping places to leave out on each side, `[height, width]`, or
   *   `[[top, bottom], [left, right]]`. Default 0
   * @throws {ArgumentError} for an unknown option or a number that is none
   */
  constructor(cropping: PlacesAtEnds = 0, options?: LayerOptions) {
    super(2, 'Cropping2D', 'cropping', cropping, options);
  }

  get cropping(): readonly Ends[] {
    return this.ends;
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ cropping, ...options }: LayerConfig): Cropping2D {
    return new Cropping2D(cropping as unknown as PlacesAtEnds, options as LayerOptions);
  }
}

abstract class UpSampling extends Resizing {
  protected readonly axes: 1 | 2;
  protected readonly sizes: readonly number[];

  protected constructor(axes: 1 | 2, className: string, size: unknown, known: readonly string[], options: LayerOptions | undefined) {
    super(options, known, className);
    this.axes = axes;
    this.sizes = sizesOption(size, axes, `${className}: size`);
  }

  protected override sizeOf(size: number, axis: number): number {
    return size * (this.sizes[axis] as number);
  }

  protected override partsOf(shape: Shape, from: Strides, to: Strides): readonly Part[] {
    const apart = { rows: to.rows, axes: to.axes.map((stride, axis) => stride * (this.sizes[axis] ?? 1)) };
    const [outer, inner = 1] = this.sizes as readonly [number, number?];
    return Array.from({ length: outer * inner }, (_, copy) => {
      const { start } = behind(to, [Math.floor(copy / inner), ...(this.axes === 1 ? [] : [copy % inner])]);
      return { shape, from, to: { ...apart, start: start as number } };
    });
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), size: sizesConfig(this.sizes) };
  }
}

/**
 * Repeats each step: `[T, D]` becomes `[size * T, D]`.
 * https://keras.io/api/layers/reshaping_layers/up_sampling1d/
 */
export class UpSampling1D extends UpSampling {
  readonly className = 'UpSampling1D';

  /**
   * @param size the number of repetitions. Default 2
   * @throws {ArgumentError} for an unknown option or a number that is none
   */
  constructor(size = 2, options?: LayerOptions) {
    super(1, 'UpSampling1D', size, [], options);
  }

  get size(): number {
    return this.sizes[0] as number;
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ size, ...options }: LayerConfig): UpSampling1D {
    return new UpSampling1D(size as number, options as LayerOptions);
  }
}

export interface UpSampling2DOptions extends LayerOptions {
  /** 'nearest', the default and the only value: each pixel is repeated. */
  interpolation?: 'nearest';
}

/**
 * Repeats each pixel of images: `[H, W, C]` becomes `[height * H, width * W, C]`.
 * https://keras.io/api/layers/reshaping_layers/up_sampling2d/
 */
export class UpSampling2D extends UpSampling {
  readonly className = 'UpSampling2D';

  /**
   * @param size the number of repetitions: a number, or `[height, width]`. Default 2
   * @throws {ArgumentError} for an unknown option or a number that is none
   */
  constructor(size: number | readonly number[] = 2, options?: UpSampling2DOptions) {
    super(2, 'UpSampling2D', size, ['interpolation'], options);
    oneOf(options?.interpolation ?? 'nearest', ['nearest'], 'UpSampling2D: interpolation');
  }

  get size(): readonly number[] {
    return this.sizes;
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ size, ...options }: LayerConfig): UpSampling2D {
    return new UpSampling2D(size as number, options as UpSampling2DOptions);
  }
}
