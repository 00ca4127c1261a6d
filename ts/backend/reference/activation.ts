import { ACTIVATIONS, type ActivationBackwardArguments, type ActivationForwardArguments } from '../kernels.generated.ts';
import { activate, derivative } from './pointwise.ts';

/** `y = activation(x)`, row by row. */
export function activationForward({ rows, units, activation, x, y }: ActivationForwardArguments<Float64Array>): void {
  activateRows(activation, rows, units, x, y);
}

/** `d_x` from the output `y` and its gradient. */
export function activationBackward({ rows, units, activation, y, dY, dX }: ActivationBackwardArguments<Float64Array>): void {
  differentiateRows(activation, rows, units, y, dY, dX);
}

/** `y[N, C] = activation(x[N, C])`; `x` and `y` may be the same array. */
export function activateRows(activation: number, N: number, C: number, x: Float64Array, y: Float64Array): void {
  if (activation === ACTIVATIONS.softmax) {
    for (let n = 0; n < N; n++) softmaxRow(x, y, n * C, C);
  } else {
    for (let i = 0; i < N * C; i++) y[i] = activate(activation, x[i]);
  }
}

/** `dX[N, C]` from `y` and `dY`; `dX` and `dY` may be the same array. */
export function differentiateRows(activation: number, N: number, C: number, y: Float64Array, dY: Float64Array, dX: Float64Array): void {
  if (activation === ACTIVATIONS.softmax) {
    for (let n = 0; n < N; n++) differentiateSoftmaxRow(y, dY, dX, n * C, C);
  } else {
    for (let i = 0; i < N * C; i++) dX[i] = dY[i] * derivative(activation, y[i]);
  }
}

/**
 * `y_j = exp(x_j) / sum exp(x)`, with the largest `x` subtracted from all so that nothing
 * overflows.
 */
function softmaxRow(x: Float64Array, y: Float64Array, start: number, C: number): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let j = start; j < start + C; j++) largest = Math.max(largest, x[j]);
  let sum = 0;
  for (let j = start; j < start + C; j++) {
    y[j] = Math.exp(x[j] - largest);
    sum += y[j];
  }
  for (let j = start; j < start + C; j++) y[j] /= sum;
}

/** `dx_j = y_j * (dy_j - sum over i of dy_i * y_i)` */
function differentiateSoftmaxRow(y: Float64Array, dY: Float64Array, dX: Float64Array, start: number, C: number): void {
  let mean = 0;
  for (let j = start; j < start + C; j++) mean += dY[j] * y[j];
  for (let j = start; j < start + C; j++) dX[j] = y[j] * (dY[j] - mean);
}
