import type { DenseBackwardArguments, DenseForwardArguments, QuantisedDenseForwardArguments } from '../kernels.generated.ts';
import { activateRows, differentiateRows } from './activation.ts';
import { addMatrixTimesVector, addOuterProduct, addRow, addVectorTimesMatrix, copyRow, wholeMatrix } from './matrix.ts';
import { addIntegerProduct, addIntegerRow, levelsOf } from './quantised.ts';

/**
 * `y[N, C] = activation(x[N, D] · kernel[D, C] + bias[C])`; with `ids`, row n of the product is
 * `kernel[ids[n]]`.
 */
export function denseForward(args: DenseForwardArguments<Float64Array, Int32Array>): void {
  const { rows: N, features: D, units: C, activation, x, ids, kernel, bias, y } = args;
  const matrix = wholeMatrix(kernel, D, C);
  for (let n = 0; n < N; n++) {
    if (bias) copyRow(bias, 0, C, y, n * C);
    else y.fill(0, n * C, (n + 1) * C);
    if (ids) addRow(kernel, ids[n] * C, C, y, n * C);
    else if (x) addVectorTimesMatrix(x, n * D, matrix, y, n * C);
    else throw new TypeError('the input is missing: expected x or ids');
  }
  activateRows(activation, N, C, y, y);
}

/** {@link denseForward} with a kernel of integers; the workspace `[D]` holds those of a row. */
export function quantisedDenseForward(args: QuantisedDenseForwardArguments<Float64Array, Int32Array>): void {
  const { rows: N, features: D, units: C, activation, packing, x, ids, kernel: words, kernelScales: scales, bias, y, workspace } = args;
  const matrix = { words, scales, rows: D, stride: C, first: 0, count: C };
  for (let n = 0; n < N; n++) {
    if (bias) copyRow(bias, 0, C, y, n * C);
    else y.fill(0, n * C, (n + 1) * C);
    if (ids) addIntegerRow(matrix, ids[n], y, n * C);
    else if (x) addIntegerProduct(x, n * D, matrix, levelsOf(packing), workspace, y, n * C);
    else throw new TypeError('the input is missing: expected x or ids');
  }
  activateRows(activation, N, C, y, y);
}

/** Gradients of {@link denseForward}; the workspace `[N, C]` holds those before the activation. */
export function denseBackward(args: DenseBackwardArguments<Float64Array, Int32Array>): void {
  const { rows: N, features: D, units: C, activation, x, ids, y, dY, dKernel, dBias, dX, workspace: dZ } = args;
  const kernel = wholeMatrix(args.kernel, D, C);
  const kernelGradient = wholeMatrix(dKernel, D, C);
  differentiateRows(activation, N, C, y, dY, dZ);

  dKernel.fill(0);
  dBias?.fill(0);
  dX?.fill(0);
  for (let n = 0; n < N; n++) {
    if (ids) addRow(dZ, n * C, C, dKernel, ids[n] * C);
    else if (x) addOuterProduct(x, n * D, dZ, n * C, kernelGradient);
    else throw new TypeError('the input is missing: expected x or ids');
    if (dBias) addRow(dZ, n * C, C, dBias, 0);
    if (dX) addMatrixTimesVector(kernel, dZ, n * C, dX, n * D);
  }
}
