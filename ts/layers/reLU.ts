import { numberInRange } from '../core/options.ts';
import { ELEMENTWISE, relu } from './elementwise.ts';
import { ElementwiseLayer } from './elementwiseLayer.ts';
import { type Expression, less, minimum, multiply, subtract, where } from './expression.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';

export interface ReLUOptions extends LayerOptions {
  /** The largest output, at least 0. Default null: no limit. */
  maxValue?: number | null;
  /** The slope at and below the threshold, at least 0. Default 0. */
  negativeSlope?: number;
  /** The number above which x is the output, at least 0. Default 0. */
  threshold?: number;
}

/**
 * `x` above the threshold, but at most `maxValue`; else `negativeSlope * (x - threshold)`; samples
 * of any shape. https://keras.io/api/layers/activation_layers/relu/
 */
export class ReLU extends ElementwiseLayer {
  readonly className = 'ReLU';
  readonly maxValue: number | null;
  readonly negativeSlope: number;
  readonly threshold: number;

  /** @throws {ArgumentError} for an unknown option or a number below 0 */
  constructor(options?: ReLUOptions) {
    super(options, ['maxValue', 'negativeSlope', 'threshold'], 'ReLU');
    const atLeast0 = (value: unknown, name: string) => numberInRange(value, 0, Number.POSITIVE_INFINITY, `ReLU: ${name}`);
    this.maxValue = (options?.maxValue ?? null) === null ? null : atLeast0(options?.maxValue, 'maxValue');
    this.negativeSlope = atLeast0(options?.negativeSlope ?? 0, 'negativeSlope');
    this.threshold = atLeast0(options?.threshold ?? 0, 'threshold');
  }

  override formula(x: Expression): Expression {
    const { maxValue, negativeSlope, threshold } = this;
    if (maxValue === null && threshold === 0) return where(less(0, x), x, multiply(negativeSlope, x));
    // Where pieces meet, the slopes are those of Keras: 0 at the threshold, and 1 at the limit, but
    // 0 at a limit of 6, for which it takes relu6.
    const limited = () => (maxValue === 6 && threshold === 0 ? ELEMENTWISE.relu6(x) : minimum(x, maxValue as number));
    const above = maxValue === null ? x : limited();
    return where(less(threshold, x), above, multiply(-negativeSlope, relu(subtract(threshold, x))));
  }

  override getConfig(): LayerConfig {
    const { maxValue, negativeSlope, threshold } = this;
    return { ...super.getConfig(), maxValue, negativeSlope, threshold };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): ReLU {
    return new ReLU(config as ReLUOptions);
  }
}
