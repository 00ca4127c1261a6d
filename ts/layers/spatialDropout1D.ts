import { dropRate } from '../core/options.ts';
import { layerSeed } from '../core/seed.ts';
import type { DropoutOptions } from './dropout.ts';
import { emitDropoutOf } from './emit.ts';
import { Layer, type LayerConfig, requireFeatures } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape } from './spec.ts';
import type { Value } from './value.ts';

/**
 * Dropout of whole features: in training, a fraction of the features of each sequence `[T, D]` is
 * zero at all of its steps, and the rest is scaled by `1 / (1 - rate)`.
 * https://keras.io/api/layers/regularization_layers/spatial_dropout1d/
 */
export class SpatialDropout1D extends Layer {
  readonly className = 'SpatialDropout1D';
  readonly rate: number;
  readonly seed: number | null;

  /**
   * @param rate fraction to drop, 0 <= rate < 1
   * @throws {ArgumentError} for an unknown option or a rate outside its range
   */
  constructor(rate: number, options?: DropoutOptions) {
    super(options, ['seed'], 'SpatialDropout1D');
    this.rate = dropRate(rate, 'SpatialDropout1D: rate');
    this.seed = layerSeed(options?.seed, 'SpatialDropout1D: seed');
  }

  override get needsSequences(): null {
    return null;
  }

  protected override checkInputShape(inputShape: SampleShape): number {
    return requireFeatures(this, inputShape, [2], 'sequences [steps, features]');
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

  /** The layer that `getConfig` describes. */
  static fromConfig({ rate, ...options }: LayerConfig): SpatialDropout1D {
    return new SpatialDropout1D(rate as number, options as DropoutOptions);
  }
}
