import { dropRate } from '../core/options.ts';
import { layerSeed } from '../core/seed.ts';
import type { DropoutOptions } from './dropout.ts';
import { ElementwiseLayer } from './elementwiseLayer.ts';
import { emitDropoutOf, emitFunction } from './emit.ts';
import { add, expression, input as inputOf, less, multiply, where } from './expression.ts';
import type { LayerConfig } from './layer.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';

/** The value of dropped elements: the limit of `selu` for large negative numbers. */
const DROPPED = -1.6732632423543772 * 1.0507009873554805;

/**
 * Dropout for networks with `selu`: in training, a fraction of the elements gets the limit of
 * `selu` for large negative numbers, and all elements are scaled and shifted so that the mean and
 * the variance do not change.
 *
 *     y = a * (kept ? x : d) + b        d = -1.758        b = -a * d * rate
 *     a = 1 / sqrt((1 - rate) * (1 + rate * d²))
 *
 * Klambauer et al. 2017. https://keras.io/api/layers/regularization_layers/alpha_dropout/
 */
export class AlphaDropout extends ElementwiseLayer {
  readonly className = 'AlphaDropout';
  readonly rate: number;
  readonly seed: number | null;

  /**
   * @param rate fraction to drop, 0 <= rate < 1
   * @throws {ArgumentError} for an unknown option or a rate outside its range
   */
  constructor(rate: number, options?: DropoutOptions) {
    super(options, ['seed'], 'AlphaDropout');
    this.rate = dropRate(rate, 'AlphaDropout: rate');
    this.seed = layerSeed(options?.seed, 'AlphaDropout: seed');
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const { rate } = this;
    if (!scope.drops || rate === 0) return [input];
    // Ones, of which dropout sets some to zero: the mask.
    const ones = { ...emitFunction(scope, expression(1), [input], input), needsGradient: false };
    const kept = emitDropoutOf(scope, ones, this, false);
    const a = 1 / Math.sqrt((1 - rate) * (1 + rate * DROPPED ** 2));
    const scaled = add(multiply(a, where(less(0, inputOf(1)), inputOf(0), DROPPED)), -a * DROPPED * rate);
    return [emitFunction(scope, scaled, [input, kept], input)];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), rate: this.rate, seed: this.seed };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ rate, ...options }: LayerConfig): AlphaDropout {
    return new AlphaDropout(rate as number, options as DropoutOptions);
  }
}
