import { share } from '../core/options.ts';
import { layerSeed } from '../core/seed.ts';
import { ElementwiseLayer } from './elementwiseLayer.ts';
import { emitFunction } from './emit.ts';
import { emitNoise } from './emitMore.ts';
import { add, input as inputOf, multiply } from './expression.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';

export interface GaussianNoiseOptions extends LayerOptions {
  /**
   * The seed of the layer's noise, an integer of at most 53 bits. Default null: the model's seed.
   */
  seed?: number | null;
}

/**
 * In training, adds normal numbers to samples of any shape; otherwise returns the input. The
 * numbers depend only on the seed, the step and the position of the element.
 * https://keras.io/api/layers/regularization_layers/gaussian_noise/
 */
export class GaussianNoise extends ElementwiseLayer {
  readonly className = 'GaussianNoise';
  readonly stddev: number;
  readonly seed: number | null;

  /**
   * @param stddev standard deviation of the noise, 0 to 1
   * @throws {ArgumentError} for an unknown option or a deviation outside its range
   */
  constructor(stddev: number, options?: GaussianNoiseOptions) {
    super(options, ['seed'], 'GaussianNoise');
    this.stddev = share(stddev, 'GaussianNoise: stddev');
    this.seed = layerSeed(options?.seed, 'GaussianNoise: seed');
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    if (!scope.drops || this.stddev === 0) return [input];
    const noisy = add(inputOf(0), multiply(this.stddev, inputOf(1)));
    return [emitFunction(scope, noisy, [input, emitNoise(scope, input, this.seed)], input)];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), stddev: this.stddev, seed: this.seed };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ stddev, ...options }: LayerConfig): GaussianNoise {
    return new GaussianNoise(stddev as number, options as GaussianNoiseOptions);
  }
}
