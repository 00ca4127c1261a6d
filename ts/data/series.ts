import { ShapeError } from '../core/errors.ts';
import { checkFinite } from '../core/finite.ts';
import { formatShape } from '../core/shape.ts';
import { type Tensor, type TensorLike, tensorOf, toTensor } from '../core/tensor.ts';

/** A copy of a series of T steps of C channels, checked. */
export interface Series {
  readonly steps: number;
  readonly channels: number;
  /** `[T, C]` */
  readonly data: Float64Array;
  /** Whether it was given without the axis of channels, `[T]`. */
  readonly isFlat: boolean;
}

/**
 * Reads a series `[T]` or `[T, C]`.
 * @throws {ShapeError} for another number of axes, and without steps
 * @throws {DataError} for a value that is not finite
 */
export function seriesOf(value: TensorLike, argument: string): Series {
  const tensor = toTensor(value, argument);
  const [steps, channels = 1] = tensor.shape as readonly [number, number?];
  if (tensor.shape.length > 2 || !steps || channels === 0)
    throw new ShapeError(`${argument} must be a series of shape [steps] or [steps, channels], got ${formatShape(tensor.shape)}`);
  checkFinite(tensor, argument);
  return { steps, channels, data: Float64Array.from(tensor.data), isFlat: tensor.shape.length === 1 };
}

/** Steps of a series as a tensor of the form in which it was given. */
export function stepsAs({ channels, isFlat }: Pick<Series, 'channels' | 'isFlat'>, data: Float64Array): Tensor<Float64Array> {
  const steps = data.length / channels;
  return tensorOf(isFlat ? [steps] : [steps, channels], data);
}

/** The first steps of a series. */
export function firstSteps(series: Series, steps: number): Series {
  return { ...series, steps, data: series.data.subarray(0, steps * series.channels) };
}
