import type { ConvolutionBackwardArguments, ConvolutionForwardArguments } from '../kernels.generated.ts';
import { addMatrixTimesVector, addOuterProduct, addRow, addVectorTimesMatrix, type Columns, copyRow } from './matrix.ts';
import { forEachTap } from './windows.ts';

/** The matrix `[D, F]` of a tap and a group in a kernel `[taps, D, G, F]`. */
function kernelOf(data: Float64Array, { depth: D, groups: G, filters: F }: { depth: number; groups: number; filters: number }) {
  return (tap: number, group: number): Columns => ({
    data: data.subarray(tap * D * G * F, (tap + 1) * D * G * F),
    rows: D,
    stride: G * F,
    first: group * F,
    count: F,
  });
}

/**
 * `y[place, b, g] = bias[g] + sum over taps of x[input, b, g] · kernel[tap, g]`: `x[.., B, G, D]`,
 * `y[.., B, G, F]`.
 */
export function convolutionForward(args: ConvolutionForwardArguments<Float64Array>): void {
  const { rows: B, groups: G, depth: D, filters: F, x, bias, y } = args;
  const kernel = kernelOf(args.kernel, args);
  y.fill(0);
  if (bias) for (let at = 0; at < y.length; at += G * F) copyRow(bias, 0, G * F, y, at);
  forEachTap(args, (output, input, tap) => {
    for (let g = 0; g < G; g++) {
      const matrix = kernel(tap, g);
      for (let b = 0; b < B; b++) addVectorTimesMatrix(x, ((input * B + b) * G + g) * D, matrix, y, ((output * B + b) * G + g) * F);
    }
  });
}

/** Gradients of {@link convolutionForward}. */
export function convolutionBackward(args: ConvolutionBackwardArguments<Float64Array>): void {
  const { rows: B, groups: G, depth: D, filters: F, x, dY, dKernel, dBias, dX } = args;
  const [kernel, kernelGradient] = [kernelOf(args.kernel, args), kernelOf(dKernel, args)];
  for (const gradient of [dKernel, dBias, dX]) gradient?.fill(0);
  if (dBias) for (let at = 0; at < dY.length; at += G * F) addRow(dY, at, G * F, dBias, 0);
  forEachTap(args, (output, input, tap) => {
    for (let g = 0; g < G; g++) {
      for (let b = 0; b < B; b++) {
        const [from, to] = [((input * B + b) * G + g) * D, ((output * B + b) * G + g) * F];
        addOuterProduct(x, from, dY, to, kernelGradient(tap, g));
        if (dX) addMatrixTimesVector(kernel(tap, g), dY, to, dX, from);
      }
    }
  });
}
