// How the recurrent operators of ONNX hold what the layers hold.
// https://onnx.ai/onnx/operators/onnx__LSTM.html

/** A recurrent operator. */
export type RecurrentOperator = 'LSTM' | 'GRU' | 'RNN';

/**
 * For each gate of ONNX its place among those of the layers: ONNX has i, o, f, c and z, r, h, the
 * layers i, f, c, o and z, r, h.
 */
export const GATES = { LSTM: [0, 3, 1, 2], GRU: [0, 1, 2], RNN: [0] } as const;

/** An activation of an operator, and its numbers where it takes some. */
export interface OperatorActivation {
  readonly name: string;
  readonly alpha?: number;
  readonly beta?: number;
}

/** The activations of the layers that the operators have. */
export const ACTIVATIONS: Readonly<Record<string, OperatorActivation>> = {
  tanh: { name: 'Tanh' },
  sigmoid: { name: 'Sigmoid' },
  relu: { name: 'Relu' },
  linear: { name: 'Affine', alpha: 1, beta: 0 },
  leakyRelu: { name: 'LeakyRelu', alpha: 0.2 },
  hardSigmoid: { name: 'HardSigmoid', alpha: 1 / 6, beta: 0.5 },
  hardSigmoid02: { name: 'HardSigmoid', alpha: 0.2, beta: 0.5 },
  elu: { name: 'Elu', alpha: 1 },
  celu: { name: 'Elu', alpha: 1 },
  softsign: { name: 'Softsign' },
  softplus: { name: 'Softplus' },
};
