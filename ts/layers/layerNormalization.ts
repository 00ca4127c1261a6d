import { AxesNormalization, type AxesOptions, epsilonOption } from './axesNormalization.ts';
import { emitNormalRows } from './emitMore.ts';
import type { LayerConfig } from './layer.ts';
import { SCALE_AND_SHIFT, ScaleAndShift, type ScaleAndShiftOptions } from './scaleAndShift.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';

export interface LayerNormalizationOptions extends AxesOptions, ScaleAndShiftOptions {}

/**
 * Normalizes each step of each sample to mean 0 and variance 1 over its features, then scales and
 * shifts it:
 *
 *     y = gamma * (x - mean) / sqrt(variance + epsilon) + beta
 *
 * The output has the mask of the input; masked steps are normalized too.
 *
 * Weights: gamma and beta, of the sizes of the normalized axes. Ba, Kiros & Hinton 2016.
 * https://keras.io/api/layers/normalization_layers/layer_normalization/
 */
export class LayerNormalization extends AxesNormalization {
  readonly className = 'LayerNormalization';
  readonly epsilon: number;
  readonly #weights: ScaleAndShift;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: LayerNormalizationOptions) {
    super(options, SCALE_AND_SHIFT, 'LayerNormalization');
    this.epsilon = epsilonOption(options?.epsilon ?? 0.001, 'LayerNormalization: epsilon');
    this.#weights = new ScaleAndShift(options, 'LayerNormalization');
  }

  get center(): boolean {
    return this.#weights.center;
  }

  get scale(): boolean {
    return this.#weights.scale;
  }

  protected override declareWeights(): void {
    this.#weights.declare(this.sizes, (...weight) => this.addWeight(...weight));
  }

  protected override emitRows(scope: Scope, input: Value): Value {
    return this.#weights.emit(scope, emitNormalRows(scope, input, this.epsilon), this.ownWeights);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), epsilon: this.epsilon, ...this.#weights.getConfig() };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): LayerNormalization {
    return new LayerNormalization(config as LayerNormalizationOptions);
  }
}
