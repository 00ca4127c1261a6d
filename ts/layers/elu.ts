import { numberInRange } from '../core/options.ts';
import { ElementwiseLayer } from './elementwiseLayer.ts';
import { type Expression, exp, less, minimum, multiply, subtract, where } from './expression.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';

/**
 * `x` where it is above 0, else `alpha * (exp(x) - 1)`; samples of any shape.
 * https://keras.io/api/layers/activation_layers/elu/
 */
export class ELU extends ElementwiseLayer {
  readonly className = 'ELU';
  readonly alpha: number;

  /**
   * @param alpha minus the limit of the output for large negative x, at least 0. Default 1
   * @throws {ArgumentError} for an unknown option or a factor below 0
   */
  constructor(alpha = 1, options?: LayerOptions) {
    super(options, [], 'ELU');
    this.alpha = numberInRange(alpha, 0, Number.POSITIVE_INFINITY, 'ELU: alpha');
  }

  override formula(x: Expression): Expression {
    return where(less(0, x), x, multiply(this.alpha, subtract(exp(minimum(x, 0)), 1)));
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), alpha: this.alpha };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ alpha, ...options }: LayerConfig): ELU {
    return new ELU(alpha as number, options as LayerOptions);
  }
}
