import { booleanOption } from '../core/options.ts';
import { type ActivationLike, activationConfig, type ResolvedActivation } from './activationFunction.ts';
import type { LayerConfig } from './layer.ts';
import { Recurrent, type RecurrentOptions, resolveCellActivation } from './recurrent.ts';

export interface GRUOptions extends RecurrentOptions {
  /**
   * The activation of the gates: a name, or a custom function. Default 'sigmoid'; files of
   * Keras 2 and TF.js mean 'hardSigmoid02' by `hard_sigmoid`.
   */
  recurrentActivation?: ActivationLike | null;
  /**
   * Apply the reset gate after the product with the recurrent kernel, with a second bias. Default
   * true, as in Keras 3.
   */
  resetAfter?: boolean;
}

/**
 * Gated recurrent unit over a sequence `[T, D]`. Every weight has the gates in the order z, r, h.
 * With `m_x = x · kernel + bias[0]` and `m_h = h · recurrentKernel + bias[1]`:
 *
 *     z = σ(m_x_z + m_h_z)   r = σ(m_x_r + m_h_r)
 *     resetAfter:  g = tanh(m_x_h + r * m_h_h)      else:  g = tanh(m_x_h + (r * h) · recurrentKernel_h)
 *     h' = z * h + (1 - z) * g
 *
 * Weights: kernel `[D, 3*units]`, recurrentKernel `[units, 3*units]`, bias `[2, 3*units]`, or
 * `[3*units]` without resetAfter. Cho et al. 2014.
 * https://keras.io/api/layers/recurrent_layers/gru/
 */
export class GRU<ReturnState extends boolean = false> extends Recurrent<ReturnState> {
  readonly className = 'GRU';
  readonly stateCount = 1;
  readonly resetAfter: boolean;
  readonly #recurrentActivation: ResolvedActivation;

  /**
   * @param units size of the state and of the output
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(units: number, options?: GRUOptions & { returnState?: ReturnState }) {
    super(units, options, ['recurrentActivation', 'resetAfter'], 'GRU', options?.resetAfter === false ? 1 : 2);
    this.#recurrentActivation = resolveCellActivation(options?.recurrentActivation, 'sigmoid', 'GRU: recurrentActivation');
    this.resetAfter = booleanOption(options?.resetAfter, true, 'GRU: resetAfter');
  }

  protected override get cell() {
    return this.resetAfter ? 'gru' : 'gruResetBefore';
  }

  /** The activation of the gates, as it was given. */
  get recurrentActivation(): ActivationLike {
    return this.#recurrentActivation.given;
  }

  protected override get gateActivation(): ResolvedActivation {
    return this.#recurrentActivation;
  }

  protected override biasShape(gates: number): readonly number[] {
    return this.resetAfter ? [2, gates * this.units] : [gates * this.units];
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      recurrentActivation: activationConfig(this.#recurrentActivation, `${this.name}: recurrentActivation`),
      resetAfter: this.resetAfter,
    };
  }

  /** Makes a layer from the result of `getConfig`. */
  static fromConfig({ units, ...options }: LayerConfig): GRU<boolean> {
    return new GRU<boolean>(units as number, options as GRUOptions);
  }
}
