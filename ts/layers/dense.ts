import { booleanOption } from '../core/options.ts';
import { positiveInteger } from '../core/shape.ts';
import { type ActivationLike, activationConfig, type ResolvedActivation, resolveActivation } from './activationFunction.ts';
import { EMISSION } from './emissionPart.ts';
import { type InitializerLike, resolveInitializer, type StartValues } from './initializers.ts';
import { Layer, type LayerConfig, type LayerOptions, requireFeatures } from './layer.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';
import type { Weight } from './weight.ts';
import { type ConstraintLike, type RegularizerLike, ruleOptions, WeightRules } from './weightRules.ts';

/** How the names of the options of each weight begin. */
const WEIGHTS = ['kernel', 'bias'] as const;

export interface DenseOptions extends LayerOptions {
  /**
   * The activation of the output: a name, or a custom function. Default 'linear', which null
   * means too, as in Keras.
   */
  activation?: ActivationLike | null;
  /** Whether there is a bias. Default true. */
  useBias?: boolean;
  /** The initializer of the kernel. Default 'glorotUniform'. */
  kernelInitializer?: InitializerLike;
  /** The initializer of the bias. Default 'zeros'. */
  biasInitializer?: InitializerLike;
  /** A penalty on the kernel, added to the loss. Default none. */
  kernelRegularizer?: RegularizerLike | null;
  /** A penalty on the bias. Default none. */
  biasRegularizer?: RegularizerLike | null;
  /** A constraint on the kernel, applied after each update. Default none. */
  kernelConstraint?: ConstraintLike | null;
  /** A constraint on the bias, applied after each update. Default none. */
  biasConstraint?: ConstraintLike | null;
}

/**
 * `activation(x · kernel + bias)` over the last axis of samples of any rank: `[D]`, or `[T, D]` with
 * the same weights at each step.
 *
 * Weights: kernel `[D, units]`, bias `[units]`. https://keras.io/api/layers/core_layers/dense/
 */
export class Dense extends Layer {
  readonly className = 'Dense';
  readonly units: number;
  readonly useBias: boolean;
  readonly #activation: ResolvedActivation;
  readonly #kernelInitializer: StartValues;
  readonly #biasInitializer: StartValues;
  readonly #rules: WeightRules;

  /**
   * @param units size of the output's last axis
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(units: number, options?: DenseOptions) {
    super(options, ['activation', 'useBias', 'kernelInitializer', 'biasInitializer', ...ruleOptions(WEIGHTS)], 'Dense');
    this.units = positiveInteger(units, 'Dense: units', 'new Dense(units, options)');
    this.#activation = resolveActivation(options?.activation ?? 'linear', 'Dense: activation');
    this.useBias = booleanOption(options?.useBias, true, 'Dense: useBias');
    this.#kernelInitializer = resolveInitializer(options?.kernelInitializer ?? 'glorotUniform', 2, 'Dense: kernelInitializer');
    this.#biasInitializer = resolveInitializer(options?.biasInitializer ?? 'zeros', 1, 'Dense: biasInitializer');
    this.#rules = new WeightRules(options, WEIGHTS, 'Dense');
  }

  /** The activation, as it was given. */
  get activation(): ActivationLike {
    return this.#activation.given;
  }

  override get needsSequences(): null {
    return null;
  }

  protected override checkInputShape(inputShape: readonly (number | null)[]): number {
    return requireFeatures(this, inputShape, null, 'samples [..., features]');
  }

  protected override declareWeights(features: number): void {
    this.addWeight('kernel', [features, this.units], this.#kernelInitializer, this.#rules.of('kernel'));
    if (this.useBias) this.addWeight('bias', [this.units], this.#biasInitializer, this.#rules.of('bias'));
  }

  override outputShape(inputShape: readonly (number | null)[]): readonly (number | null)[] {
    return [...inputShape.slice(0, -1), this.units];
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const [kernel, bias] = this.weights as [Weight, Weight?];
    return [EMISSION.loaded.emitDenseLayer(scope, input, kernel, bias, this.#activation)];
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      units: this.units,
      activation: activationConfig(this.#activation, `${this.name}: activation`),
      useBias: this.useBias,
      kernelInitializer: this.#kernelInitializer.saved,
      biasInitializer: this.#biasInitializer.saved,
      ...this.#rules.getConfig(),
    };
  }

  /** Makes a layer from the result of `getConfig`. */
  static fromConfig({ units, ...options }: LayerConfig): Dense {
    return new Dense(units as number, options as DenseOptions);
  }
}
