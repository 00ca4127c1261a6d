import { ACTIVATIONS } from '../backend/kernels.generated.ts';
import { booleanOption } from '../core/options.ts';
import { positiveInteger } from '../core/shape.ts';
import { type ActivationName, activationName } from './activations.ts';
import type { Emitter } from './emitter.ts';
import { type Initializer, type InitializerName, initializer } from './initializers.ts';
import { type EmitRequest, type Emitted, Layer, type LayerConfig, type LayerOptions, requireFeatures } from './layer.ts';
import { asFloats, rowsOf, type Value } from './value.ts';
import type { Weight } from './weight.ts';

export interface DenseOptions extends LayerOptions {
  /** Default 'linear'. */
  activation?: ActivationName | null;
  /** Default true. */
  useBias?: boolean;
  /** Default 'glorotUniform'. */
  kernelInitializer?: InitializerName;
  /** Default 'zeros'. */
  biasInitializer?: InitializerName;
}

/**
 * `activation(x · kernel + bias)` over the last axis, for samples `[D]` or, step by step, `[T, D]`.
 *
 * Weights: kernel `[D, units]`, bias `[units]`. https://keras.io/api/layers/core_layers/dense/
 */
export class Dense extends Layer {
  readonly className = 'Dense';
  readonly units: number;
  readonly activation: ActivationName;
  readonly useBias: boolean;
  readonly #kernelInitializer: Initializer;
  readonly #biasInitializer: Initializer;

  /**
   * @param units size of the output's last axis
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(units: number, options?: DenseOptions) {
    super(options, ['activation', 'useBias', 'kernelInitializer', 'biasInitializer'], 'Dense');
    this.units = positiveInteger(units, 'Dense: units');
    this.activation = activationName(options?.activation, 'Dense: activation');
    this.useBias = booleanOption(options?.useBias, true, 'Dense: useBias');
    this.#kernelInitializer = initializer(options?.kernelInitializer ?? 'glorotUniform', 2, 'Dense: kernelInitializer');
    this.#biasInitializer = initializer(options?.biasInitializer ?? 'zeros', 1, 'Dense: biasInitializer');
  }

  protected override checkInputShape(inputShape: readonly (number | null)[]): number {
    return requireFeatures(this, inputShape, [1, 2], 'samples [features] or [steps, features]');
  }

  protected override declareWeights(features: number): void {
    this.addWeight('kernel', [features, this.units], this.#kernelInitializer);
    if (this.useBias) this.addWeight('bias', [this.units], this.#biasInitializer);
  }

  override outputShape(inputShape: readonly (number | null)[]): readonly (number | null)[] {
    return [...inputShape.slice(0, -1), this.units];
  }

  override emit(emitter: Emitter, input: Value, request: EmitRequest): Emitted {
    const rows = rowsOf(input, emitter.batch);
    const features = input.shape[input.shape.length - 1] as number;
    const [kernel, bias] = this.weights as [Weight, Weight?];
    const deferred = request.deferActivation && (this.activation === 'sigmoid' || this.activation === 'softmax');
    const ids = input.content.kind === 'oneHot' ? input.content.ids : null;
    const x = ids ? null : asFloats(emitter, input);
    const y = emitter.floats(`${this.name}.y`, rows * this.units);
    const shared = { rows, features, units: this.units, activation: ACTIVATIONS[deferred ? 'linear' : this.activation], x, ids };
    emitter.call('denseForward', { ...shared, kernel: emitter.weight(kernel), bias: bias && emitter.weight(bias), y });

    const output: Value = {
      shape: [...input.shape.slice(0, -1), this.units],
      content: deferred ? { kind: 'floats', buffer: y, deferredActivation: this.activation } : { kind: 'floats', buffer: y },
      mask: input.mask,
      needsGradient: input.needsGradient || emitter.isTrainable(kernel),
    };
    return {
      output,
      backward: (dY) => {
        if (!dY) return null;
        const dX = input.needsGradient ? emitter.floats(`${this.name}.dX`, rows * features) : null;
        emitter.call('denseBackward', {
          ...shared,
          kernel: emitter.weight(kernel),
          y,
          dY,
          dKernel: emitter.gradient(kernel),
          dBias: bias && emitter.gradient(bias),
          dX,
        });
        return dX;
      },
    };
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      units: this.units,
      activation: this.activation,
      useBias: this.useBias,
      kernelInitializer: this.#kernelInitializer.name,
      biasInitializer: this.#biasInitializer.name,
    };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ units, ...options }: LayerConfig): Dense {
    return new Dense(units as number, options as DenseOptions);
  }
}
