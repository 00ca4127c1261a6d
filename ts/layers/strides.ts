import { type Shape, sizeOf } from '../core/shape.ts';

/**
 * How far it is from one element to the next in a value's buffer: between rows, and along each axis
 * of a sample.
 */
export interface Strides {
  readonly rows: number;
  readonly axes: readonly number[];
  /** The place of the first element. Default 0. */
  readonly start?: number;
}

/**
 * The strides of a value in a program: the axes before the last in reverse order, then rows, then
 * the last axis.
 */
export function stridesOf(shape: Shape, rows: number): Strides {
  const features = shape[shape.length - 1] as number;
  const axes = shape.map((_, axis) => (axis === shape.length - 1 ? 1 : rows * features * sizeOf(shape.slice(0, axis))));
  return { rows: features, axes };
}

/** The strides of samples that lie one after the other, as flattened ones do. */
export function batchMajorStrides(shape: Shape): Strides {
  return { rows: sizeOf(shape), axes: shape.map((_, axis) => sizeOf(shape.slice(axis + 1))) };
}
