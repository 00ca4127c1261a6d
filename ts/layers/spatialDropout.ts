import { dropRate } from '../core/options.ts';
import { layerSeed } from '../core/seed.ts';
import type { DropoutOptions } from './dropout.ts';
import { emitDropoutOf } from './emit.ts';
import { Layer, type LayerConfig, requireAxes } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape } from './spec.ts';
import type { Value } from './value.ts';

/** The base of dropouts of whole features. */
abstract class SpatialDropout extends Layer {
  readonly rate: number;
  readonly seed: number | null;
  /** The axes of samples. */
  readonly #axes: readonly [count: number, expected: string];

  protected constructor(axes: readonly [number, string], className: string, rate: number, options: DropoutOptions | undefined) {
    super(options, ['seed'], className);
    this.#axes = axes;
    this.rate = dropRate(rate, `${className}: rate`);
    this.seed = layerSeed(options?.seed, `${className}: seed`);
  }

  protected override checkInputShape(inputShape: SampleShape): number {
    const [count, expected] = this.#axes;
    requireAxes(this, inputShape, [count], expected);
    return 0;
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    return inputShape;
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    return [emitDropoutOf(scope, input, this, true)];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), rate: this.rate, seed: this.seed };
  }
}

/**
 * Dropout of whole features: in training, a fraction of the features of each sequence `[T, D]` is
 * zero at all of its steps, and the rest is scaled by `1 / (1 - rate)`.
 * https://keras.io/api/layers/regularization_layers/spatial_dropout1d/
 */
export class SpatialDropout1D extends SpatialDropout {
  readonly className = 'SpatialDropout1D';

  /**
   * @param rate fraction to drop, 0 <= rate < 1
   * @throws {ArgumentError} for an unknown option or a rate outside its range
   */
  constructor(rate: number, options?: DropoutOptions) {
    super([2, 'sequences [steps, features]'], 'SpatialDropout1D', rate, options);
  }

  override get needsSequences(): null {
    return null;
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ rate, ...options }: LayerConfig): SpatialDropout1D {
    return new SpatialDropout1D(rate as number, options as DropoutOptions);
  }
}

/**
 * Dropout of whole channels: in training, a fraction of the channels of each image `[H, W, C]` is
 * zero everywhere, and the rest is scaled by `1 / (1 - rate)`.
 * https://keras.io/api/layers/regularization_layers/spatial_dropout2d/
 */
export class SpatialDropout2D extends SpatialDropout {
  readonly className = 'SpatialDropout2D';

  /**
   * @param rate fraction to drop, 0 <= rate < 1
   * @throws {ArgumentError} for an unknown option or a rate outside its range
   */
  constructor(rate: number, options?: DropoutOptions) {
    super([3, 'images [height, width, channels]'], 'SpatialDropout2D', rate, options);
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ rate, ...options }: LayerConfig): SpatialDropout2D {
    return new SpatialDropout2D(rate as number, options as DropoutOptions);
  }
}
