import { AxesNormalization, type AxesOptions, epsilonOption } from './axesNormalization.ts';
import { emitByNorm, emitScaleAndShift } from './emitMore.ts';
import { add, divide, sqrt } from './expression.ts';
import { ones } from './initializers.ts';
import type { LayerConfig } from './layer.ts';
import type { Scope } from './scope.ts';
import { featuresOf, type Value } from './value.ts';
import type { Weight } from './weight.ts';

export interface RMSNormalizationOptions extends AxesOptions {
  /** Added to the mean of the squares, to avoid a division by 0. Default 1e-6. */
  epsilon?: number;
}

/**
 * Divides each step of each sample by the root mean square of its features, then scales it:
 *
 *     y = scale * x / sqrt(mean(x²) + epsilon)
 *
 * The output has no mask, as in Keras.
 *
 * Weights: scale, of the sizes of the normalized axes. Zhang & Sennrich 2019.
 * https://keras.io/api/layers/normalization_layers/rms_normalization/
 */
export class RMSNormalization extends AxesNormalization {
  readonly className = 'RMSNormalization';
  readonly epsilon: number;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: RMSNormalizationOptions) {
    super(options, ['epsilon'], 'RMSNormalization');
    this.epsilon = epsilonOption(options?.epsilon ?? 1e-6, 'RMSNormalization: epsilon');
  }

  override get supportsMasking(): boolean {
    return false;
  }

  protected override declareWeights(): void {
    this.addWeight('scale', this.sizes, ones);
  }

  protected override emitRows(scope: Scope, input: Value): Value {
    const size = featuresOf(input);
    const normal = emitByNorm(scope, input, (x, squares) => divide(x, sqrt(add(divide(squares, size), this.epsilon))));
    return emitScaleAndShift(scope, normal, this.ownWeights[0] as Weight, null);
  }

  override emit(scope: Scope, inputs: readonly [Value]): readonly Value[] {
    const [output] = super.emit(scope, inputs) as readonly [Value];
    return [scope.view(output, { shape: output.shape, rows: output.rows, mask: null })];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), epsilon: this.epsilon };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): RMSNormalization {
    return new RMSNormalization(config as RMSNormalizationOptions);
  }
}
