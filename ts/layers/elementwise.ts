import type { ElementwiseName } from './activations.ts';
import {
  abs,
  add,
  divide,
  Expression,
  type ExpressionLike,
  exp,
  expression,
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

/** The larger of `a` and 0; at 0 the derivative is 0, which that of `maximum(a, 0)` is not. */
export function relu(a: ExpressionLike): Expression {
  const value = expression(a);
  return new Expression('maximum', 0, [value, expression(0)], [less(0, value), 0]);
}

/** `a` between two limits, with derivative 0 at the limits, too. */
function limited(a: ExpressionLike, low: number, high: number): Expression {
  const [value, below] = [expression(a), maximum(a, low)];
  const isInside = multiply(less(low, value), less(value, high));
  return new Expression('minimum', 0, [below, expression(high)], [isInside, 0]);
}

const silu: Elementwise = (x) => multiply(x, sigmoid(x));
/** `log(1 + exp(x))`, without overflow for large x; its derivative is `sigmoid(x)`, at 0 too. */
const softplus: Elementwise = (x) => {
  const above = new Expression('maximum', 0, [x, expression(0)], [sigmoid(x), 0]);
  return new Expression('add', 0, [above, log(add(1, exp(negative(abs(x)))))], [1, 0]);
};
const elu: Elementwise = (x) => where(less(0, x), x, subtract(exp(minimum(x, 0)), 1));
const geluTanh: Elementwise = (x) =>
  // Hendrycks & Gimpel 2016, the form with tanh.
  multiply(multiply(0.5, x), add(1, tanh(multiply(Math.sqrt(2 / Math.PI), add(x, multiply(0.044715, multiply(x, square(x))))))));

/** Keras 3's: `relu6(x + 3) / 6`. */
const hardSigmoid: Elementwise = (x) => divide(limited(add(x, 3), 0, 6), 6);
const hardSilu: Elementwise = (x) => multiply(x, hardSigmoid(x));

/** Keras's constants: they keep means of 0 and variances of 1. */
const [SELU_ALPHA, SELU_SCALE] = [1.6732632423543772, 1.0507009873554805];

/** Elementwise activations as functions of their input. https://keras.io/api/layers/activations/ */
export const ELEMENTWISE = {
  /** At 0 the derivative is 2, as in Keras, which adds a maximum and a minimum. */
  celu: (x) => add(maximum(x, 0), subtract(exp(minimum(x, 0)), 1)),
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
  relu6: (x) => limited(x, 0, 6),
  /** At 0 the derivative is that of numbers above. */
  selu: (x) => multiply(SELU_SCALE, where(less(x, 0), multiply(SELU_ALPHA, subtract(exp(minimum(x, 0)), 1)), x)),
  silu,
  /** Nearer to 0 by 0.5, and 0 from -0.5 to 0.5. */
  softShrink: (x) => where(less(0.5, x), subtract(x, 0.5), where(less(x, -0.5), add(x, 0.5), 0)),
  softplus,
  softsign: (x) => divide(x, add(abs(x), 1)),
  sparsePlus: (x) => where(less(x, 1), multiply(0.25, square(maximum(add(x, 1), 0))), x),
  sparseSigmoid: (x) => multiply(0.5, limited(add(x, 1), 0, 2)),
  squareplus: (x) => multiply(0.5, add(x, sqrt(add(square(x), 4)))),
  swish: silu,
  tanhShrink: (x) => subtract(x, tanh(x)),
} satisfies Record<ElementwiseName, Elementwise>;
