import { ArgumentError } from './errors.ts';

/** Sizes of an array's axes, outermost first. */
export type Shape = readonly number[];

/** Number of elements of an array of this shape; 1 for the empty shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A shape as text: `[32, 100]`, with `?` for an unknown size (null). */
export function formatShape(shape: readonly (number | null)[]): string {
  return `[${shape.map((size) => size ?? '?').join(', ')}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/**
 * Checks a number that must be whole and at least 1.
 * @throws {ArgumentError} when it is not
 */
export function positiveInteger(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) {
    throw new ArgumentError(`${where} must be a whole number of at least 1, got ${describe(value)}`);
  }
  return value;
}

/**
 * Checks the shape of one sample: sizes of at least 1, null where the length is free.
 * @throws {ArgumentError} naming the wrong size
 */
export function checkSampleShape(value: unknown, where: string): readonly (number | null)[] {
  if (!Array.isArray(value)) throw new ArgumentError(`${where} must be an array of sizes, got ${describe(value)}`);
  for (const [axis, size] of value.entries()) if (size !== null) positiveInteger(size, `${where}[${axis}]`);
  return value;
}

/** A short description of any value for an error message. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 57)}...` : value}'`;
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  if (typeof value === 'object' && value !== null) return `an object (${value.constructor?.name ?? 'no class'})`;
  return String(value);
}
