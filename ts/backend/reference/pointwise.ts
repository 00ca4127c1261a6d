import { ACTIVATIONS } from '../kernels.generated.ts';

/**
 * An activation of one number, by its code from `ACTIVATIONS`.
 * @throws {RangeError} for softmax, which needs a whole row, and for unknown codes
 */
export function activate(activation: number, x: number): number {
  switch (activation) {
    case ACTIVATIONS.linear:
      return x;
    case ACTIVATIONS.tanh:
      return Math.tanh(x);
    case ACTIVATIONS.sigmoid:
      return sigmoid(x);
    case ACTIVATIONS.relu:
      return Math.max(x, 0);
    default:
      throw new RangeError(`activation code ${activation} is not a function of one number`);
  }
}

/** The derivative of {@link activate} where its value is `y`; relu has derivative 0 at 0. */
export function derivative(activation: number, y: number): number {
  switch (activation) {
    case ACTIVATIONS.linear:
      return 1;
    case ACTIVATIONS.tanh:
      return 1 - y * y;
    case ACTIVATIONS.sigmoid:
      return y * (1 - y);
    case ACTIVATIONS.relu:
      return y > 0 ? 1 : 0;
    default:
      throw new RangeError(`activation code ${activation} is not a function of one number`);
  }
}

/** `1 / (1 + exp(-x))`, without overflow. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}
