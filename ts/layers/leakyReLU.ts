import { numberInRange } from '../core/options.ts';
import { ElementwiseLayer } from './elementwiseLayer.ts';
import { type Expression, less, multiply, where } from './expression.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';

/**
 * `x` where it is above 0, else `negativeSlope * x`; samples of any shape.
 * https://keras.io/api/layers/activation_layers/leaky_relu/
 */
export class LeakyReLU extends ElementwiseLayer {
  readonly className = 'LeakyReLU';
  readonly negativeSlope: number;

  /**
   * @param negativeSlope the slope below 0, at least 0. Default 0.3
   * @throws {ArgumentError} for an unknown option or a slope below 0
   */
  constructor(negativeSlope = 0.3, options?: LayerOptions) {
    super(options, [], 'LeakyReLU');
    this.negativeSlope = numberInRange(negativeSlope, 0, Number.POSITIVE_INFINITY, 'LeakyReLU: negativeSlope');
  }

  override formula(x: Expression): Expression {
    return where(less(0, x), x, multiply(this.negativeSlope, x));
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), negativeSlope: this.negativeSlope };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ negativeSlope, ...options }: LayerConfig): LeakyReLU {
    return new LeakyReLU(negativeSlope as number, options as LayerOptions);
  }
}
