import { dropRate } from '../core/options.ts';
import { emitDropout } from './emitDropout.ts';
import { Layer, type LayerConfig, type LayerOptions, requireFeatures } from './layer.ts';
import type { Scope } from './scope.ts';
import { featuresOf, lengthOf, type Value } from './value.ts';

/**
 * In training, sets a fraction of the input to zero and scales the rest by `1 / (1 - rate)`;
 * otherwise returns the input. The dropped elements depend only on the model's seed, the step and
 * the place of the element. Srivastava et al. 2014.
 * https://keras.io/api/layers/regularization_layers/dropout/
 */
export class Dropout extends Layer {
  readonly className = 'Dropout';
  readonly rate: number;

  /**
   * @param rate fraction to drop, 0 <= rate < 1
   * @throws {ArgumentError} for an unknown option or a rate outside its range
   */
  constructor(rate: number, options?: LayerOptions) {
    super(options, [], 'Dropout');
    this.rate = dropRate(rate, 'Dropout: rate');
  }

  override get needsSequences(): null {
    return null;
  }

  protected override checkInputShape(inputShape: readonly (number | null)[]): number {
    return requireFeatures(this, inputShape, [1, 2], 'samples [features] or [steps, features]');
  }

  override outputShape(inputShape: readonly (number | null)[]): readonly (number | null)[] {
    return inputShape;
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    if (!scope.drops || this.rate === 0) return [input];
    const plan = { rows: input.rows, features: featuresOf(input), rate: this.rate, stream: scope.drawStream(), sharedOverSteps: false };
    const y = scope.floats('y', lengthOf(input));
    emitDropout(scope, scope.floatsOf(input), y, plan);
    const output: Value = { ...input, form: { kind: 'floats', buffer: y } };
    scope.backward([output], (gradients) => {
      const dY = gradients.of(output);
      const dX = dY && gradients.to(input);
      if (dY && dX) emitDropout(scope, dY, dX, plan);
    });
    return [output];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), rate: this.rate };
  }

  /** Makes a layer from the result of `getConfig`. */
  static fromConfig({ rate, ...options }: LayerConfig): Dropout {
    return new Dropout(rate as number, options as LayerOptions);
  }
}
