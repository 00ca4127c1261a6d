import { AxesNormalization, type AxesOptions } from './axesNormalization.ts';
import { emitByNorm } from './emitMore.ts';
import { divide, maximum, sqrt } from './expression.ts';
import type { LayerConfig } from './layer.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';

/** The square of the least norm that is divided by, Keras's 1e-12. */
const LEAST_SQUARE = 1e-24;

/**
 * Divides each step of each sample by the Euclidean norm of its features; zeros stay zeros. The
 * output has the mask of the input.
 * https://keras.io/api/layers/normalization_layers/unit_normalization/
 */
export class UnitNormalization extends AxesNormalization {
  readonly className = 'UnitNormalization';

  /** @throws {ArgumentError} for an unknown option or an axis that is none */
  constructor(options?: AxesOptions) {
    super(options, [], 'UnitNormalization');
  }

  protected override get hasWeights(): boolean {
    return false;
  }

  protected override emitRows(scope: Scope, input: Value): Value {
    return emitByNorm(scope, input, (x, squares) => divide(x, sqrt(maximum(squares, LEAST_SQUARE))));
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): UnitNormalization {
    return new UnitNormalization(config as AxesOptions);
  }
}
