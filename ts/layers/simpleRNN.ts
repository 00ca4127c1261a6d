import type { LayerConfig } from './layer.ts';
import { Recurrent, type RecurrentOptions } from './recurrent.ts';

export type SimpleRNNOptions = RecurrentOptions;

/**
 * `h' = activation(x · kernel + h · recurrentKernel + bias)`, over a sequence `[T, D]`.
 *
 * Weights: kernel `[D, units]`, recurrentKernel `[units, units]`, bias `[units]`.
 * Elman 1990. https://keras.io/api/layers/recurrent_layers/simple_rnn/
 */
export class SimpleRNN extends Recurrent {
  readonly className = 'SimpleRNN';

  /**
   * @param units size of the state and of the output
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(units: number, options?: SimpleRNNOptions) {
    super(units, options, [], 'SimpleRNN');
  }

  protected override get cell() {
    return 'simpleRnn' as const;
  }

  /** Makes a layer from the result of `getConfig`. */
  static fromConfig({ units, ...options }: LayerConfig): SimpleRNN {
    return new SimpleRNN(units as number, options as SimpleRNNOptions);
  }
}
