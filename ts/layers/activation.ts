import { ACTIVATIONS } from '../backend/kernels.generated.ts';
import { oneOf } from '../core/options.ts';
import type { ActivationName } from './activations.ts';
import { ELEMENTWISE, type ElementwiseName } from './elementwise.ts';
import { emitFunction } from './emitPointwise.ts';
import { input as inputOf } from './expression.ts';
import { Layer, type LayerConfig, type LayerOptions } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape } from './spec.ts';
import { featuresOf, lengthOf, matrixRows, type Value } from './value.ts';

const COMPILED = Object.keys(ACTIVATIONS) as ActivationName[];
const NAMES = [...COMPILED, ...(Object.keys(ELEMENTWISE) as ElementwiseName[])];

/** An activation by itself, of samples of any shape. https://keras.io/api/layers/core_layers/activation/ */
export class Activation extends Layer {
  readonly className = 'Activation';
  readonly activation: ActivationName | ElementwiseName;

  /**
   * @param activation its name
   * @throws {ArgumentError} for an unknown option or name
   */
  constructor(activation: ActivationName | ElementwiseName, options?: LayerOptions) {
    super(options, [], 'Activation');
    this.activation = oneOf(activation, NAMES, 'Activation: activation');
  }

  protected override checkInputShape(): number {
    return 0;
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    return inputShape;
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const { activation } = this;
    if (activation === 'linear') return [input];
    if (activation in ELEMENTWISE) {
      const formula = ELEMENTWISE[activation as ElementwiseName];
      return [emitFunction(scope, formula(inputOf(0)), [input], input)];
    }
    const compiled = activation as ActivationName;
    // A loss that takes the scores gets them; whoever else needs the output has the activation computed.
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
    return { ...super.getConfig(), activation: this.activation };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ activation, ...options }: LayerConfig): Activation {
    return new Activation(activation as ActivationName, options as LayerOptions);
  }
}
