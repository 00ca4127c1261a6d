import { booleanOption } from '../core/options.ts';
import { positiveInteger } from '../core/shape.ts';
import { Activation } from './activation.ts';
import { type ActivationLike, activationConfig, type ResolvedActivation } from './activationFunction.ts';
import { type CellResult, CustomCell } from './customCell.ts';
import type { LayerConfig } from './layer.ts';
import * as ops from './ops.ts';
import { resolveCellActivation } from './recurrent.ts';
import type { SampleShape } from './spec.ts';
import type { SymbolicTensor } from './symbolicTensor.ts';
import type { Weight } from './weight.ts';

/** Options of {@link PeepholeLSTMCell}. */
export interface PeepholeLSTMCellOptions {
  /** Size of the two states and of the output. */
  units: number;
  /** The activation of the candidate and of the output. Default 'tanh'. */
  activation?: ActivationLike | null;
  /** The activation of the gates. Default 'sigmoid'. */
  recurrentActivation?: ActivationLike | null;
  /** Whether there is a bias. Default true. */
  useBias?: boolean;
  /** The cell's name in its RNN. Default: that of the class. */
  name?: string;
}

const OPTIONS = ['units', 'activation', 'recurrentActivation', 'useBias'] as const;

/**
 * The cell of an LSTM whose gates also see the state c, each unit its own. `RNN` runs it over
 * sequences, step by step:
 *
 *     z = x · kernel + h · recurrentKernel + bias
 *     i = σ(z_i + p_i * c)   f = σ(z_f + p_f * c)   c' = f * c + i * tanh(z_c)
 *     o = σ(z_o + p_o * c')  h' = o * tanh(c')
 *
 * Weights: kernel `[D, 4*units]`, recurrentKernel `[units, 4*units]`, bias `[4*units]`, with the
 * gates i, f, c, o; inputPeephole, forgetPeephole and outputPeephole `[units]`. Gers & Schmidhuber
 * 2000. https://www.tensorflow.org/api_docs/python/tf/keras/experimental/PeepholeLSTMCell
 */
export class PeepholeLSTMCell extends CustomCell {
  static readonly className = 'PeepholeLSTMCell';
  readonly units: number;
  readonly useBias: boolean;
  readonly stateSize: readonly number[];
  readonly #activation: ResolvedActivation;
  readonly #recurrentActivation: ResolvedActivation;

  /** @throws {ArgumentError} for an unknown option or a value outside its range */
  constructor(options: PeepholeLSTMCellOptions) {
    super(options, OPTIONS);
    this.units = positiveInteger(options?.units, 'PeepholeLSTMCell: units', 'new PeepholeLSTMCell({ units })');
    this.#activation = resolveCellActivation(options.activation, 'tanh', 'PeepholeLSTMCell: activation');
    this.#recurrentActivation = resolveCellActivation(options.recurrentActivation, 'sigmoid', 'PeepholeLSTMCell: recurrentActivation');
    this.useBias = booleanOption(options.useBias, true, 'PeepholeLSTMCell: useBias');
    this.stateSize = [this.units, this.units];
  }

  /** The activation of the candidate and of the output, as it was given. */
  get activation(): ActivationLike {
    return this.#activation.given;
  }

  /** The activation of the gates, as it was given. */
  get recurrentActivation(): ActivationLike {
    return this.#recurrentActivation.given;
  }

  override get savedAs(): string {
    return 'PeepholeLSTMCell';
  }

  override build([features]: SampleShape): void {
    const { units } = this;
    this.addWeight({ name: 'kernel', shape: [features as number, 4 * units] });
    this.addWeight({ name: 'recurrentKernel', shape: [units, 4 * units], initializer: 'orthogonal' });
    if (this.useBias) this.addWeight({ name: 'bias', shape: [4 * units] });
    for (const gate of ['input', 'forget', 'output'])
      this.addWeight({ name: `${gate}Peephole`, shape: [units], initializer: 'glorotUniform' });
  }

  override call(x: SymbolicTensor, [h, c]: readonly [SymbolicTensor, SymbolicTensor]): CellResult {
    const weights = new Map(this.ownWeights.map((weight) => [weight.name, weight]));
    const weight = (name: string) => weights.get(name) as Weight;
    const product = ops.add(ops.matmul(x, weight('kernel')), ops.matmul(h, weight('recurrentKernel')));
    const [ofInput, ofForget, ofCandidate, ofOutput] = ops.split(this.useBias ? ops.add(product, weight('bias')) : product, 4, -1) as [
      SymbolicTensor,
      SymbolicTensor,
      SymbolicTensor,
      SymbolicTensor,
    ];
    const activate = (value: SymbolicTensor) => new Activation(this.activation).apply(value);
    const gate = (scores: SymbolicTensor, name: string, state: SymbolicTensor) =>
      new Activation(this.recurrentActivation).apply(ops.add(scores, ops.multiply(state, weight(`${name}Peephole`))));
    const kept = ops.multiply(gate(ofForget, 'forget', c), c);
    const after = ops.add(kept, ops.multiply(gate(ofInput, 'input', c), activate(ofCandidate)));
    const output = ops.multiply(gate(ofOutput, 'output', after), activate(after));
    return [output, [output, after]];
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      units: this.units,
      activation: activationConfig(this.#activation, `${this.title}: activation`),
      recurrentActivation: activationConfig(this.#recurrentActivation, `${this.title}: recurrentActivation`),
      useBias: this.useBias,
    };
  }

  /** Makes a cell from the result of `getConfig`. */
  static fromConfig(config: LayerConfig): PeepholeLSTMCell {
    return new PeepholeLSTMCell(config as unknown as PeepholeLSTMCellOptions);
  }
}
