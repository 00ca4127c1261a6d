import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { formatShape, positiveInteger } from '../core/shape.ts';

/** How windows treat the ends of an axis. */
export type Padding = 'valid' | 'same';

/** The windows that pass over one axis. */
export interface WindowOptions {
  /** Places of a window. */
  readonly size: number;
  /** Places from one window to the next. */
  readonly stride: number;
  /** Places from one tap of a window to the next. */
  readonly dilation: number;
  /**
   * 'valid': windows lie inside. 'same': there are `ceil(length / stride)`, with padding at both
   * ends. 'causal': as with 'same', but all padding is before the first place.
   */
  readonly padding: Padding | 'causal';
}

/** Places from the first tap of a window to behind the last. */
export const spanOf = ({ size, dilation }: WindowOptions) => (size - 1) * dilation + 1;

/** The number of windows on an axis of this length; null for a free one. */
export function windowCount(length: number | null, windows: WindowOptions): number | null {
  if (length === null) return null;
  const { stride, padding } = windows;
  return Math.ceil((padding === 'valid' ? length - spanOf(windows) + 1 : length) / stride);
}

/**
 * The number of windows on each axis but the last of a sample.
 * @param title the layer, for error messages
 * @throws {ShapeError} when none fits on an axis
 */
export function windowCounts(title: string, shape: readonly (number | null)[], windows: readonly WindowOptions[]): (number | null)[] {
  return windows.map((own, axis) => {
    const count = windowCount(shape[axis] as number | null, own);
    if (count === null || count > 0) return count;
    throw new ShapeError(
      `${title} has windows of ${spanOf(own)} places, which do not fit on axis ${axis + 1} of samples of shape ${formatShape(shape)}: ` +
        "give longer samples, or padding: 'same'",
    );
  });
}

/**
 * The places of the output of a transposed convolution along an axis, and how many places of the
 * first window lie before it.
 * @param length places of the input
 * @param extra places of the output beyond the least; null for the rule of the padding
 */
export function transposedPlaces(
  length: number,
  windows: WindowOptions,
  extra: number | null,
): { readonly count: number; readonly before: number } {
  const { stride, padding } = windows;
  const span = spanOf(windows);
  const behindLast = (length - 1) * stride;
  if (padding === 'valid') return { count: behindLast + span + (extra ?? Math.max(stride - span, 0)), before: 0 };
  // Keras's rule, with which all of its backends agree.
  const missing = extra === null ? stride + span - 2 : span + (span % 2) - 2 + extra;
  const count = extra === null ? length * stride : behindLast + (span % 2) + extra;
  return { count, before: Math.max(span - 1 - Math.ceil(missing / 2), 0) };
}

/** The fields of the kernels for the axes that windows pass over. */
export interface WindowFields {
  readonly input0: number;
  readonly output0: number;
  readonly window0: number;
  readonly stride0: number;
  readonly dilation0: number;
  readonly before0: number;
  readonly input1: number;
  readonly output1: number;
  readonly window1: number;
  readonly stride1: number;
  readonly dilation1: number;
  readonly before1: number;
}

const ONE: WindowOptions = { size: 1, stride: 1, dilation: 1, padding: 'valid' };

/** The fields for a sample of known sizes, whose first one or two axes the windows pass over. */
export function windowFields(shape: readonly number[], windows: readonly WindowOptions[]): WindowFields {
  const [inner, outer = ONE] = windows as readonly [WindowOptions, WindowOptions?];
  const axis = (length: number, own: WindowOptions) => {
    const output = windowCount(length, own) as number;
    const span = spanOf(own);
    const missing = Math.max((output - 1) * own.stride + span - length, 0);
    const before = { valid: 0, same: Math.floor(missing / 2), causal: span - 1 }[own.padding];
    return { output, before, ...own };
  };
  const lengths = [shape[0] as number, windows.length > 1 ? (shape[1] as number) : 1] as const;
  const [a, b] = [axis(lengths[0], inner), axis(lengths[1], outer)];
  return {
    input0: lengths[0],
    output0: a.output,
    window0: a.size,
    stride0: a.stride,
    dilation0: a.dilation,
    before0: a.before,
    input1: lengths[1],
    output1: b.output,
    window1: b.size,
    stride1: b.stride,
    dilation1: b.dilation,
    before1: b.before,
  };
}

/**
 * Checks a size for each axis: one number for all of them, or an array.
 * @throws {ArgumentError}
 */
export function sizesOption(value: unknown, axes: 1 | 2, where: string): readonly number[] {
  if (!Array.isArray(value)) return new Array<number>(axes).fill(positiveInteger(value, where));
  if (value.length !== axes) throw new ArgumentError(`${where} must be an integer, or an array of ${axes} of them, got ${describe(value)}`);
  return value.map((size, axis) => positiveInteger(size, `${where}[${axis}]`));
}

/** Sizes as a configuration holds them: one number for one axis. */
export function sizesConfig(sizes: readonly number[]): number | readonly number[] {
  return sizes.length === 1 ? (sizes[0] as number) : sizes;
}
