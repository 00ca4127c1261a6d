import { describe } from './describe.ts';
import { ArgumentError } from './errors.ts';

/** Sizes of an array's axes, outermost first. */
export type Shape = readonly number[];

/** Number of elements of an array of this shape; 1 for the empty shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The largest number of axes. Without a limit an array that contains itself would never end. */
export const MOST_AXES = 32;

/** A shape as text: `[32, 100]`, with `?` for an unknown size (null). */
export function formatShape(shape: readonly (number | null)[]): string {
  const sizes = shape.slice(0, MOST_AXES).map((size) => size ?? '?');
  return `[${sizes.join(', ')}${shape.length > MOST_AXES ? `, ... ${shape.length} sizes` : ''}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** The largest size or count: kernels count in 32 bits, with ids among signed numbers. */
export const LARGEST_COUNT = 2 ** 31 - 1;

function integerAtLeast(least: 0 | 1, value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least)
    throw new ArgumentError(`${where} must be an integer of at least ${least}, got ${describe(value)}`);
  if (value > LARGEST_COUNT) throw new ArgumentError(`${where} must be at most ${LARGEST_COUNT} (2^31 - 1), got ${value}`);
  return value;
}

/**
 * Checks a count that may be 0.
 * @throws {ArgumentError} when it is not an integer from 0 to 2^31 - 1
 */
export function nonNegativeInteger(value: unknown, where: string): number {
  return integerAtLeast(0, value, where);
}

/**
 * Checks a size or a count.
 * @param form how a constructor is called, for the error message: other libraries take one object
 * @throws {ArgumentError} when it is not an integer from 1 to 2^31 - 1
 */
export function positiveInteger(value: unknown, where: string, form?: string): number {
  if (form && typeof value === 'object' && value !== null)
    throw new ArgumentError(`${where} must be an integer of at least 1, got ${describe(value)}: write ${form}`);
  return integerAtLeast(1, value, where);
}

/**
 * Checks the shape of one sample: sizes of at least 1, null where the length is free.
 * @throws {ArgumentError} naming the wrong size
 */
export function checkSampleShape(value: unknown, where: string): readonly (number | null)[] {
  if (!Array.isArray(value)) throw new ArgumentError(`${where} must be an array of sizes, got ${describe(value)}`);
  for (const [axis, size] of value.entries()) if (size !== null) positiveInteger(size, `${where}[${axis}]`);
  return [...value];
}
