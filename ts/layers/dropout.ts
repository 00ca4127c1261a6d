import { numberInRange } from '../core/options.ts';
import { emitDropout } from './emitDropout.ts';
import type { Emitter } from './emitter.ts';
import { type Emitted, Layer, type LayerConfig, type LayerOptions, requireFeatures } from './layer.ts';
import { asFloats, type Value } from './value.ts';

/**
 * While training, sets a fraction of the input to zero and scales the rest by `1 / (1 - rate)`; else passes it on.
 * The elements dropped depend on the model's seed, the step and the element's place only.
 * Srivastava et al. 2014. https://keras.io/api/layers/regularization_layers/dropout/
 */
export class Dropout extends Layer {
  readonly className = 'Dropout';
  readonly rate: number;
  #stream = 0;

  /**
   * @param rate fraction to drop, 0 <= rate < 1
   * @throws {ArgumentError} for an unknown option or a rate outside its range
   */
  constructor(rate: number, options?: LayerOptions) {
    super(options, [], 'Dropout');
    this.rate = numberInRange(rate, 0, 1, 'Dropout: rate');
  }

  /** Called by the model: which of its random streams this layer draws from. */
  override setStream(stream: number): void {
    this.#stream = stream;
  }

  protected override checkInputShape(inputShape: readonly (number | null)[]): number {
    return requireFeatures(this, inputShape, [1, 2], 'samples [features] or [steps, features]');
  }

  override outputShape(inputShape: readonly (number | null)[]): readonly (number | null)[] {
    return inputShape;
  }

  override emit(emitter: Emitter, input: Value): Emitted {
    if (!emitter.training || this.rate === 0) return { output: input, backward: (gradient) => gradient };
    const plan = {
      name: this.name,
      steps: input.shape.length > 1 ? (input.shape[0] as number) : 1,
      features: input.shape[input.shape.length - 1] as number,
      rate: this.rate,
      stream: this.#stream,
      sharedOverSteps: false,
    };
    return {
      output: { ...input, content: { kind: 'floats', buffer: emitDropout(emitter, asFloats(emitter, input), plan) } },
      backward: (dY) => (dY && input.needsGradient ? emitDropout(emitter, dY, plan) : null),
    };
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), rate: this.rate };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ rate, ...options }: LayerConfig): Dropout {
    return new Dropout(rate as number, options as LayerOptions);
  }
}
