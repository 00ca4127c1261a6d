import type { ElementwiseName } from './activations.ts';
import {
  abs,
  add,
  divide,
  type Expression,
  exp,
  less,
  log,
  maximum,
  minimum,
  multiply,
  negative,
  sigmoid,
  sqrt,
  square,
  subtract,
  tanh,
  where,
} from './expression.ts';
import { gelu } from './gelu.ts';

type Elementwise = (x: Expression) => Expression;

const relu: Elementwise = (x) => maximum(x, 0);
const silu: Elementwise = (x) => multiply(x, sigmoid(x));
/** `log(1 + exp(x))`, without overflow for large x. */
const softplus: Elementwise = (x) => add(maximum(x, 0), log(add(1, exp(negative(abs(x))))));
const elu: Elementwise = (x) => where(less(0, x), x, subtract(exp(minimum(x, 0)), 1));
const geluTanh: Elementwise = (x) =>
  // Hendrycks & Gimpel 2016, the form with tanh.
  multiply(multiply(0.5, x), add(1, tanh(multiply(Math.sqrt(2 / Math.PI), add(x, multiply(0.044715, multiply(x, square(x))))))));

/** Keras 3's: `relu6(x + 3) / 6`. */
const hardSigmoid: Elementwise = (x) => divide(minimum(maximum(add(x, 3), 0), 6), 6);
const hardSilu: Elementwise = (x) => multiply(x, hardSigmoid(x));

/** Keras's constants: they keep means of 0 and variances of 1. */
const [SELU_ALPHA, SELU_SCALE] = [1.6732632423543772, 1.0507009873554805];

/** Elementwise activations as functions of their input. https://keras.io/api/layers/activations/ */
export const ELEMENTWISE = {
  celu: elu,
  elu,
  exponential: exp as Elementwise,
  gelu,
  geluTanh,
  /** 0 from -0.5 to 0.5. */
  hardShrink: (x) => where(less(0.5, abs(x)), x, 0),
  hardSigmoid,
  /** Keras 2's and TF.js's: `0.2 x + 0.5`, between 0 and 1. */
  hardSigmoid02: (x) => minimum(maximum(add(multiply(0.2, x), 0.5), 0), 1),
  hardSilu,
  hardSwish: hardSilu,
  hardTanh: (x) => minimum(maximum(x, -1), 1),
  leakyRelu: (x) => where(less(0, x), x, multiply(0.2, x)),
  logSigmoid: (x) => negative(softplus(negative(x))),
  mish: (x) => multiply(x, tanh(softplus(x))),
  relu6: (x) => minimum(relu(x), 6),
  selu: (x) => multiply(SELU_SCALE, where(less(0, x), x, multiply(SELU_ALPHA, subtract(exp(minimum(x, 0)), 1)))),
  silu,
  /** Nearer to 0 by 0.5, and 0 from -0.5 to 0.5. */
  softShrink: (x) => where(less(0.5, x), subtract(x, 0.5), where(less(x, -0.5), add(x, 0.5), 0)),
  softplus,
  softsign: (x) => divide(x, add(abs(x), 1)),
  sparsePlus: (x) => where(less(x, 1), multiply(0.25, square(maximum(add(x, 1), 0))), x),
  sparseSigmoid: (x) => multiply(0.5, minimum(maximum(add(x, 1), 0), 2)),
  squareplus: (x) => multiply(0.5, add(x, sqrt(add(square(x), 4)))),
  swish: silu,
  tanhShrink: (x) => subtract(x, tanh(x)),
} satisfies Record<ElementwiseName, Elementwise>;
