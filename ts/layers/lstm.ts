import { booleanOption } from '../core/options.ts';
import { type ActivationLike, activationConfig, type ResolvedActivation } from './activationFunction.ts';
import { ones, type StartValues } from './initializers.ts';
import type { LayerConfig } from './layer.ts';
import { Recurrent, type RecurrentOptions, resolveCellActivation } from './recurrent.ts';

export interface LSTMOptions extends RecurrentOptions {
  /**
   * The activation of the gates: a name, or a custom function. Default 'sigmoid'; files of
   * Keras 2 and TF.js mean 'hardSigmoid02' by `hard_sigmoid`.
   */
  recurrentActivation?: ActivationLike | null;
  /**
   * Initialize the forget gate's bias with ones, so that the cell state is kept at first; this
   * overrides `biasInitializer`. Default true.
   */
  unitForgetBias?: boolean;
}

/**
 * Long short-term memory over a sequence `[T, D]`. Every weight has the gates in the order i, f, c,
 * o:
 *
 *     z = x · kernel + h · recurrentKernel + bias
 *     i = σ(z_i)   f = σ(z_f)   g = tanh(z_c)   o = σ(z_o)
 *     c' = f * c + i * g        h' = o * tanh(c')
 *
 * Weights: kernel `[D, 4*units]`, recurrentKernel `[units, 4*units]`, bias `[4*units]`. Hochreiter
 * & Schmidhuber 1997, Gers et al. 2000. https://keras.io/api/layers/recurrent_layers/lstm/
 */
export class LSTM<ReturnState extends boolean = false> extends Recurrent<ReturnState> {
  readonly className = 'LSTM';
  readonly stateCount = 2;
  readonly unitForgetBias: boolean;
  readonly #recurrentActivation: ResolvedActivation;

  /**
   * @param units size of the two states and of the output
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(units: number, options?: LSTMOptions & { returnState?: ReturnState }) {
    super(units, options, ['recurrentActivation', 'unitForgetBias'], 'LSTM');
    this.#recurrentActivation = resolveCellActivation(options?.recurrentActivation, 'sigmoid', 'LSTM: recurrentActivation');
    this.unitForgetBias = booleanOption(options?.unitForgetBias, true, 'LSTM: unitForgetBias');
  }

  protected override get cell() {
    return 'lstm' as const;
  }

  /** The activation of the gates, as it was given. */
  get recurrentActivation(): ActivationLike {
    return this.#recurrentActivation.given;
  }

  protected override get gateActivation(): ResolvedActivation {
    return this.#recurrentActivation;
  }

  protected override biasStart(initial: StartValues): StartValues {
    if (!this.unitForgetBias) return initial;
    const { units } = this;
    const parts = [
      { length: units, initializer: initial },
      { length: units, initializer: ones },
      { length: 2 * units, initializer: initial },
    ];
    return { parts, saved: initial.saved };
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      recurrentActivation: activationConfig(this.#recurrentActivation, `${this.name}: recurrentActivation`),
      unitForgetBias: this.unitForgetBias,
    };
  }

  /** Makes a layer from the result of `getConfig`. */
  static fromConfig({ units, ...options }: LayerConfig): LSTM<boolean> {
    return new LSTM<boolean>(units as number, options as LSTMOptions);
  }
}
