import {
  abs,
  add,
  divide,
  type Expression,
  type ExpressionLike,
  exp,
  expression,
  less,
  log,
  maximum,
  minimum,
  multiply,
  negative,
  square,
  subtract,
  where,
} from '../layers/expression.ts';
import type { LossFormulaName } from './formulaNames.ts';

/** A loss of one target t and one prediction p. */
type LossFormula = (t: Expression, p: Expression) => Expression;

/** Keras's `backend.epsilon()`. */
const EPSILON = 1e-7;

const clip = (value: ExpressionLike, low: number, high: number) => minimum(maximum(value, low), high);

/** Huber 1964: squared up to an error of delta, linear beyond. */
export function huber(t: Expression, p: Expression, delta = 1): Expression {
  const error = abs(subtract(p, t));
  return where(less(delta, error), multiply(delta, subtract(error, delta / 2)), multiply(0.5, square(error)));
}

/** `log(cosh(p - t))`, without overflow: `cosh x = exp|x| (1 + exp(-2|x|)) / 2`. */
export const logCosh: LossFormula = (t, p) => {
  const error = abs(subtract(p, t));
  return subtract(add(error, log(add(1, exp(multiply(-2, error))))), Math.LN2);
};

export const meanAbsolutePercentageError: LossFormula = (t, p) => multiply(100, abs(divide(subtract(t, p), maximum(abs(t), EPSILON))));

export const meanSquaredLogarithmicError: LossFormula = (t, p) =>
  square(subtract(log(add(maximum(p, EPSILON), 1)), log(add(maximum(t, EPSILON), 1))));

/** `p - t log p`, of counts t and the expected count p. */
export const poisson: LossFormula = (t, p) => subtract(p, multiply(t, log(add(p, EPSILON))));

/** `t log(t / p)`; its sum over the classes is the loss. */
export const klDivergence: LossFormula = (t, p) => {
  const target = clip(t, EPSILON, 1);
  return multiply(target, log(divide(target, clip(p, EPSILON, 1))));
};

/** Targets are -1 and 1, or 0 and 1. */
export const hinge: LossFormula = (t, p) => maximum(subtract(1, multiply(where(less(0, abs(t)), t, -1), p)), 0);

export const squaredHinge: LossFormula = (t, p) => square(hinge(t, p));

/** Lin et al. 2017: the cross-entropy times `(1 - p)^gamma` of the probability of what is true. */
export function binaryFocalCrossentropy(t: Expression, p: Expression, gamma = 2): Expression {
  const no = subtract(1, t);
  const wrong = add(multiply(t, subtract(1, p)), multiply(no, p));
  const clipped = clip(p, EPSILON, 1 - EPSILON);
  const crossentropy = add(multiply(t, log(clipped)), multiply(no, log(subtract(1, clipped))));
  return negative(multiply(powerOf(wrong, gamma), crossentropy));
}

/** `base^exponent` for a base of at least 0. */
function powerOf(base: Expression, exponent: number): Expression {
  // Products have derivatives at 0 too; the exponential of a logarithm has none.
  if (Number.isInteger(exponent) && exponent <= 4)
    return Array.from({ length: exponent }, () => base).reduce((product, factor) => multiply(product, factor), expression(1));
  return exp(multiply(exponent, log(maximum(base, EPSILON))));
}

/** The losses of one target and one prediction, with the defaults of their options. */
export const LOSS_FORMULAS = {
  binaryFocalCrossentropy,
  hinge,
  huber,
  klDivergence,
  logCosh,
  meanAbsolutePercentageError,
  meanSquaredLogarithmicError,
  poisson,
  squaredHinge,
} satisfies Readonly<Record<LossFormulaName, LossFormula>>;
