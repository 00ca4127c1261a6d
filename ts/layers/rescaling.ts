import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { ElementwiseLayer } from './elementwiseLayer.ts';
import { add, type Expression, multiply } from './expression.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';

/**
 * `scale * x + offset`, for samples of any shape.
 * https://keras.io/api/layers/preprocessing_layers/image_preprocessing/rescaling/
 */
export class Rescaling extends ElementwiseLayer {
  readonly className = 'Rescaling';
  readonly scale: number;
  readonly offset: number;

  /**
   * @param offset Default 0
   * @throws {ArgumentError} for an unknown option, and for a number that is not finite
   */
  constructor(scale: number, offset = 0, options?: LayerOptions) {
    super(options, [], 'Rescaling');
    this.scale = finite(scale, 'Rescaling: scale');
    this.offset = finite(offset, 'Rescaling: offset');
  }

  override formula(x: Expression): Expression {
    return add(multiply(x, this.scale), this.offset);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), scale: this.scale, offset: this.offset };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ scale, offset, ...options }: LayerConfig): Rescaling {
    return new Rescaling(scale as number, offset as number, options as LayerOptions);
  }
}

/** @throws {ArgumentError} when it is no finite number */
function finite(value: unknown, where: string): number {
  if (Number.isFinite(value)) return value as number;
  const hint = Array.isArray(value) ? ': Normalization, given mean and variance, has one for each feature' : '';
  throw new ArgumentError(`${where} must be a finite number, got ${describe(value)}${hint}`);
}
