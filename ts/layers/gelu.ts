import { abs, add, divide, Expression, exp, expression, less, multiply, negative, square, subtract, where } from './expression.ts';

/**
 * P, lowest power first: `erfc z = t exp(P(2 t - 1) - z²)` with `t = 2 / (2 + z)`, to 1e-14 of the
 * value. From scripts/fit-erfc-coefficients.py.
 */
const COEFFICIENTS = [
  -0.67179408405669, 0.672643223977822, 0.047343306841368, -0.046895610245802, -0.009872689341525, 0.008824938937441, 0.001758933093589,
  -0.00234581706124, -0.000146242343458, 0.000673709155267, -9.3761178743e-5, -0.000174426276571, 7.1497656362e-5, 3.206616065e-5,
  -3.0425429562e-5, -4.07043511e-7, 8.957858737e-6, -2.352461274e-6, -1.71672454e-6, 8.5474716e-7, 1.61381205e-7, -1.18147626e-7,
  5.00936e-10,
];

/**
 * `x` times the probability that a standard normal number is below x. Hendrycks & Gimpel 2016.
 * https://keras.io/api/layers/activations/#gelu-function
 */
export function gelu(x: Expression): Expression {
  const z = multiply(abs(x), Math.SQRT1_2);
  const t = divide(2, add(2, z));
  const u = subtract(multiply(2, t), 1);
  const power = COEFFICIENTS.reduceRight((sum, coefficient) => add(multiply(sum, u), coefficient), expression(0));
  // The probability of a normal number beyond |x| on one side.
  const beyond = multiply(multiply(0.5, t), exp(add(power, negative(square(z)))));
  const below = where(less(0, x), subtract(1, beyond), beyond);
  const density = multiply(1 / Math.sqrt(2 * Math.PI), exp(multiply(-0.5, square(x))));
  return new Expression('multiply', 0, [x, below], [add(below, multiply(x, density)), 0]);
}
