import { ACTIVATIONS } from '../backend/kernels.generated.ts';
import { type ActivationLike, activationConfig, type ResolvedActivation, resolveActivation } from './activationFunction.ts';
import { emitFunction } from './emitPointwise.ts';
import { Layer, type LayerConfig, type LayerOptions } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape } from './spec.ts';
import { featuresOf, lengthOf, matrixRows, type Value } from './value.ts';

/**
 * An activation by itself, of samples of any shape.
 * https://keras.io/api/layers/core_layers/activation/
 */
export class Activation extends Layer {
  readonly className = 'Activation';
  readonly #activation: ResolvedActivation;

  /**
   * @param activation its name, or a function of one's own
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
    const { compiled, formula } = this.#activation;
    if (formula) return [emitFunction(scope, formula, [input], input)];
    if (compiled === null || compiled === 'linear') return [input];
    // A loss that takes the scores gets them; whoever else needs the output has the activation
    // computed.
    if (scope.scoresWanted === compiled) return [{ ...input, form: { kind: 'activation', activation: compiled, scores: input } }];
    const shared = { rows: matrixRows(input), units: featuresOf(input), activation: ACTIVATIONS[compiled] };
    const y = scope.floats('y', lengthOf(input));
    scope.call('activationForward', { ...shared, x: scope.floatsOf(input), y });
    const output: Value = { ...input, form: { kind: 'floats', buffer: y } };
    scope.backward([output], (gradients) => {
      const dY = gradients.of(output);
      const dX = dY && gradients.to(input);
      if (dY && dX) scope.call('activationBackward', { ...shared, y, dY, dX });
    });
    return [output];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), activation: activationConfig(this.#activation, `${this.name}: activation`) };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ activation, ...options }: LayerConfig): Activation {
    return new Activation(activation as ActivationLike, options as LayerOptions);
  }
}
