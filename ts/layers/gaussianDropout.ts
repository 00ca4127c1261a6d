import { dropRate } from '../core/options.ts';
import { layerSeed } from '../core/seed.ts';
import type { DropoutOptions } from './dropout.ts';
import { ElementwiseLayer } from './elementwiseLayer.ts';
import { emitFunction } from './emit.ts';
import { emitNoise } from './emitMore.ts';
import { add, input as inputOf, multiply } from './expression.ts';
import type { LayerConfig } from './layer.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';

/**
 * In training, multiplies samples of any shape by normal numbers of mean 1 and standard deviation
 * `sqrt(rate / (1 - rate))`; otherwise returns the input.
 * https://keras.io/api/layers/regularization_layers/gaussian_dropout/
 */
export class GaussianDropout extends ElementwiseLayer {
  readonly className = 'GaussianDropout';
  readonly rate: number;
  readonly seed: number | null;

  /**
   * @param rate as in `Dropout`, 0 <= rate < 1
   * @throws {ArgumentError} for an unknown option or a rate outside its range
   */
  constructor(rate: number, options?: DropoutOptions) {
    super(options, ['seed'], 'GaussianDropout');
    this.rate = dropRate(rate, 'GaussianDropout: rate');
    this.seed = layerSeed(options?.seed, 'GaussianDropout: seed');
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    if (!scope.drops || this.rate === 0) return [input];
    const factor = add(1, multiply(Math.sqrt(this.rate / (1 - this.rate)), inputOf(1)));
    return [emitFunction(scope, multiply(inputOf(0), factor), [input, emitNoise(scope, input, this.seed)], input)];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), rate: this.rate, seed: this.seed };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ rate, ...options }: LayerConfig): GaussianDropout {
    return new GaussianDropout(rate as number, options as DropoutOptions);
  }
}
