import type { LayerConfig } from './layer.ts';
import { Recurrent, type RecurrentOptions } from './recurrent.ts';

export type SimpleRNNOptions = RecurrentOptions;

/**
 * `h' = activation(x · kernel + h · recurrentKernel + bias)`, over a sequence `[T, D]`.
 *
 * Weights: kernel `[D, units]`, recurrentKernel `[units, units]`, bias `[units]`.
 * Elman 1990. https://keras.io/api/layers/recurrent_layers/simple_rnn/
 */
export class SimpleRNN<ReturnState extends boolean = false> extends Recurrent<ReturnState> {
  readonly className = 'SimpleRNN';
  readonly stateCount = 1;

  /**
   * @param units size of the state and of the output
   * @throws {ArgumentError} for an unknown option or a value outside its range
   */
  constructor(units: number, options?: SimpleRNNOptions & { returnState?: ReturnState }) {
    super(units, options, [], 'SimpleRNN');
  }

  protected override get cell() {
    return 'simpleRnn' as const;
  }

  /** Makes a layer from the result of `getConfig`. */
  static fromConfig({ units, ...options }: LayerConfig): SimpleRNN<boolean> {
    return new SimpleRNN<boolean>(units as number, options as SimpleRNNOptions);
  }
}
