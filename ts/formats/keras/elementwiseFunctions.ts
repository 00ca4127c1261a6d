import type { ElementwiseOperation } from '../../layers/operations.ts';
import type { Plain } from './kerasObject.ts';

/** An elementwise function of Backtime as a class of `keras.ops`. */
export interface ElementwiseFunction {
  readonly operation: ElementwiseOperation;
  readonly module: 'keras.src.ops.math' | 'keras.src.ops.nn' | 'keras.src.ops.numpy';
  readonly className: string;
  /** The options of the class, with the values that Backtime computes with. */
  readonly options: Plain;
}

type Row = readonly [operation: ElementwiseOperation, className: string, options?: Plain];

/** Where a class is there twice, the first row has Keras's defaults. */
const OF_NN: readonly Row[] = [
  ['celu', 'Celu', { alpha: 1 }],
  ['elu', 'Elu', { alpha: 1 }],
  ['geluTanh', 'Gelu', { approximate: true }],
  ['gelu', 'Gelu', { approximate: false }],
  ['hardShrink', 'HardShrink', { threshold: 0.5 }],
  ['hardSigmoid', 'HardSigmoid'],
  ['hardSilu', 'HardSilu'],
  ['hardTanh', 'HardTanh'],
  ['leakyRelu', 'LeakyRelu', { negative_slope: 0.2 }],
  ['logSigmoid', 'LogSigmoid'],
  ['relu', 'Relu'],
  ['relu6', 'Relu6'],
  ['selu', 'Selu'],
  ['sigmoid', 'Sigmoid'],
  ['silu', 'Silu'],
  ['softShrink', 'SoftShrink', { threshold: 0.5 }],
  ['softplus', 'Softplus'],
  ['softsign', 'Softsign'],
  ['sparsePlus', 'SparsePlus'],
  ['sparseSigmoid', 'SparseSigmoid'],
  ['squareplus', 'Squareplus', { b: 4 }],
  ['tanhShrink', 'TanhShrink'],
];

/** Where an operation is there twice, it is written as the first class. */
const OF_NUMPY: readonly Row[] = [
  ['abs', 'Absolute'],
  ['abs', 'Abs'],
  ['add', 'Add'],
  ['divide', 'TrueDivide'],
  ['divide', 'Divide'],
  ['exp', 'Exp'],
  ['less', 'Less'],
  ['lessEqual', 'LessEqual'],
  ['log', 'Log'],
  ['maximum', 'Maximum'],
  ['minimum', 'Minimum'],
  ['multiply', 'Multiply'],
  ['negative', 'Negative'],
  ['power', 'Power'],
  ['reciprocal', 'Reciprocal'],
  ['sqrt', 'Sqrt'],
  ['square', 'Square'],
  ['subtract', 'Subtract'],
  ['tanh', 'Tanh'],
  ['where', 'Where'],
];

const OF_MATH: readonly Row[] = [['rsqrt', 'Rsqrt']];

const functionsOf = (module: ElementwiseFunction['module'], rows: readonly Row[]) =>
  rows.map(([operation, className, options = {}]): ElementwiseFunction => ({ operation, module, className, options }));

/** The elementwise functions that files of Keras may have between layers. */
export const ELEMENTWISE_FUNCTIONS: readonly ElementwiseFunction[] = [
  ...functionsOf('keras.src.ops.math', OF_MATH),
  ...functionsOf('keras.src.ops.nn', OF_NN),
  ...functionsOf('keras.src.ops.numpy', OF_NUMPY),
];
