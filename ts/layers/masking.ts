import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { LARGEST_FLOAT32 } from '../core/float32.ts';
import { Layer, type LayerConfig, type LayerOptions, requireAxes } from './layer.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import { featuresOf, lengthOf, matrixRows, type Value } from './value.ts';

export interface MaskingOptions extends LayerOptions {
  /** Steps in which every feature has this value are masked. Compared as float32s. Default 0. */
  maskValue?: number;
}

/**
 * Masks the steps of series `[T, D]` in which every feature is `maskValue`, as `padSequences` fills
 * them: recurrent layers skip such steps, losses and metrics do not count them. Masked steps become
 * zeros. For samples `[D]` it masks whole samples. https://keras.io/api/layers/core_layers/masking/
 */
export class Masking extends Layer {
  readonly className = 'Masking';
  readonly maskValue: number;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options?: MaskingOptions) {
    super(options, ['maskValue'], 'Masking');
    const maskValue: unknown = options?.maskValue ?? 0;
    if (typeof maskValue !== 'number' || !(Math.abs(maskValue) <= LARGEST_FLOAT32))
      throw new ArgumentError(`Masking: maskValue must be a finite float32, got ${describe(maskValue)}`);
    this.maskValue = maskValue;
  }

  override get needsSequences(): null {
    return null;
  }

  protected override checkInputShape(inputShape: readonly (number | null)[]): number {
    requireAxes(this, inputShape, [1, 2], 'samples [features] or [steps, features]');
    return 0;
  }

  override outputShape(inputShape: readonly (number | null)[]): readonly (number | null)[] {
    return inputShape;
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const rows = matrixRows(input);
    const features = featuresOf(input);
    const x = scope.floatsOf(input);
    const mask = scope.ints('mask', rows);
    scope.call('maskFromFloats', { rows, features, maskValue: this.maskValue, x, mask });
    const zeroMasked = (from: PlannedBuffer, to: PlannedBuffer) => scope.call('applyMask', { rows, features, x: from, mask, y: to });
    // Steps that are masked because they are zeros need not become zeros.
    let buffer = x;
    if (this.maskValue !== 0) {
      buffer = scope.floats('y', lengthOf(input));
      zeroMasked(x, buffer);
    }
    const output: Value = { ...input, form: { kind: 'floats', buffer }, mask };
    scope.backward([output], (gradients) => {
      const dY = gradients.of(output);
      const dX = dY && gradients.to(input);
      if (dY && dX) zeroMasked(dY, dX);
    });
    return [output];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), maskValue: this.maskValue };
  }

  /** Makes a layer from the result of `getConfig`. */
  static fromConfig(config: LayerConfig): Masking {
    return new Masking(config as MaskingOptions);
  }
}
