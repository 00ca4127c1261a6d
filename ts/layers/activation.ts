import { type ActivationLike, activationConfig, type ResolvedActivation, resolveActivation } from './activationFunction.ts';
import { emitActivation } from './emit.ts';
import { Layer, type LayerConfig, type LayerOptions } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape } from './spec.ts';
import type { Value } from './value.ts';

/**
 * Applies an activation to samples of any shape.
 * https://keras.io/api/layers/core_layers/activation/
 */
export class Activation extends Layer {
  readonly className = 'Activation';
  readonly #activation: ResolvedActivation;

  /**
   * @param activation its name, or a custom function
   * @throws {ArgumentError} for an unknown option or name, and for a function that returns no
   *   expression
   */
  constructor(activation: ActivationLike, options?: LayerOptions) {
    super(options, [], 'Activation');
    this.#activation = resolveActivation(activation, 'Activation: activation');
  }

  /** The activation, as it was given. */
  get activation(): ActivationLike {
    return this.#activation.given;
  }

  override get needsSequences(): null {
    return null;
  }

  protected override checkInputShape(): number {
    return 0;
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    return inputShape;
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const { kernelName } = this.#activation;
    // A loss that takes the scores gets them; for every other use of the output the activation is
    // computed.
    if (kernelName !== null && kernelName !== 'linear' && scope.scoresWanted === kernelName)
      return [{ ...input, form: { kind: 'activation', activation: kernelName, scores: input } }];
    return [emitActivation(scope, this.#activation, input)];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), activation: activationConfig(this.#activation, `${this.name}: activation`) };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ activation, ...options }: LayerConfig): Activation {
    return new Activation(activation as ActivationLike, options as LayerOptions);
  }
}
