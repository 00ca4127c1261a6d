import { type Shape, sizeOf } from '../core/shape.ts';
import { emitParts, type Part } from './emitParts.ts';
import { emitProduct } from './emitProduct.ts';
import { emitScaleAndShift } from './emitRowNormalization.ts';
import { emitWeight } from './emitWeight.ts';
import type { Scope } from './scope.ts';
import { type Strides, stridesOf } from './strides.ts';
import { featuresOf, matrixRows, type Value } from './value.ts';
import type { Weight } from './weight.ts';
import type { WindowOptions } from './windows.ts';

// C channels, F filters.

/** The weights of a transposed convolution, and what it gives. */
export interface TransposedConvolutionPlan {
  /** `[taps, F, C]` */
  readonly kernel: Weight;
  /** `[F]` */
  readonly bias: Weight | null;
  /** Along each axis, the places of the first window that lie before the output. */
  readonly before: readonly number[];
  /** The shape of a sample of the output. */
  readonly shape: Shape;
}

/**
 * Emits a transposed convolution over the first one or two axes of samples: one product gives what
 * each place of the input adds to all places of its window, `[taps, F]`, and each tap is moved to
 * where it lies.
 */
export function emitTransposedConvolution(
  scope: Scope,
  input: Value,
  windows: readonly WindowOptions[],
  { kernel, bias, before, shape }: TransposedConvolutionPlan,
): Value {
  const [C, F] = [featuresOf(input), shape[shape.length - 1] as number];
  const taps = sizeOf(windows.map(({ size }) => size));
  const { rows } = input;
  const within: Shape = [...input.shape.slice(0, -1), taps * F];
  const places = (rowStride: number) => ({ strides: [0, 0] as [number, number], rowStride });
  const products = emitProduct(scope, {
    counts: [1, 1],
    rows: matrixRows(input),
    depth: C,
    columns: taps * F,
    left: { value: input, ...places(C) },
    right: { value: emitWeight(scope, kernel, [taps * F, C]), ...places(C), transposed: true },
    places: places(taps * F),
    output: { shape: within, rows, mask: null },
  });
  const [own, whole] = [stridesOf(within, rows), stridesOf(shape, rows)];
  const parts: Part[] = [];
  for (let tap = 0; tap < taps; tap++) {
    let rest = tap;
    // For each axis the places of the input whose tap lies in the output.
    const axes = windows.map(({ stride, dilation }, axis) => {
      const after = sizeOf(windows.slice(axis + 1).map(({ size }) => size));
      const offset = Math.floor(rest / after) * dilation - (before[axis] as number);
      rest %= after;
      const first = Math.max(Math.ceil(-offset / stride), 0);
      const last = Math.min(Math.floor(((shape[axis] as number) - 1 - offset) / stride), (input.shape[axis] as number) - 1);
      return { first, count: last - first + 1, to: first * stride + offset, stride };
    });
    if (axes.some(({ count }) => count <= 0)) continue;
    const startOf = (strides: Strides, place: 'first' | 'to') =>
      axes.reduce((sum, each, axis) => sum + each[place] * (strides.axes[axis] as number), 0);
    parts.push({
      shape: [...axes.map(({ count }) => count), F],
      from: { ...own, start: startOf(own, 'first') + tap * F },
      to: {
        rows: whole.rows,
        axes: [...axes.map(({ stride }, axis) => stride * (whole.axes[axis] as number)), 1],
        start: startOf(whole, 'to'),
      },
    });
  }
  return emitScaleAndShift(scope, emitParts(scope, products, shape, parts, true), null, bias);
}
