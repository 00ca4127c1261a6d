import { describe } from './describe.ts';
import { ArgumentError } from './errors.ts';
import { isDetached, typedArrayName } from './tags.ts';

/**
 * Methods that TypeScript's typed arrays declare in several forms, each with the array's own type:
 * of one of several arrays none of them could be called.
 */
interface SharedMethods {
  reduce(callback: (previous: number, current: number, index: number) => number): number;
  reduce<R>(callback: (previous: R, current: number, index: number) => R, initial: R): R;
  reduceRight(callback: (previous: number, current: number, index: number) => number): number;
  reduceRight<R>(callback: (previous: R, current: number, index: number) => R, initial: R): R;
}

/** {@link SharedMethods} that typed arrays have since ES2023, if the consumer's `lib` has them. */
type LaterSharedMethods = Float32Array extends { findLast: unknown }
  ? { findLast(predicate: (value: number, index: number) => unknown): number | undefined }
  : unknown;

/** Floats as backends store them: a `Float32Array` on wasm, a `Float64Array` on the reference. */
export type FloatArray = (Float32Array | Float64Array) & SharedMethods & LaterSharedMethods;

/** The typed arrays that data may be given as. */
export type NumericArray = (
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
) &
  SharedMethods &
  LaterSharedMethods;

/** Whether a value is a typed array of numbers (not of bigints). */
export function isNumericArray(value: unknown): value is NumericArray {
  const name = typedArrayName(value);
  return name !== undefined && name !== 'BigInt64Array' && name !== 'BigUint64Array';
}

/** Whether a value is a typed array of floats as backends store them. */
export function isFloatArray(value: unknown): value is FloatArray {
  const name = typedArrayName(value);
  return name === 'Float32Array' || name === 'Float64Array';
}

/**
 * The probable mistake behind a value that is neither a number nor an array of numbers, after `got
 * …` in a message.
 */
export function numberHint(value: unknown): string {
  if (typeof value === 'bigint') return ': Number(value) converts it';
  if (typedArrayName(value)?.startsWith('Big')) return ', which holds bigints: Float64Array.from(array, Number) converts them';
  return '';
}

/**
 * @throws {ArgumentError} when the memory of a typed array was transferred, so that it has no
 *   elements any more
 */
export function requireAttached(array: NumericArray, argument: string): void {
  if (array.length > 0 || !isDetached(array.buffer)) return;
  throw new ArgumentError(`${argument} is ${describe(array)}: its buffer was transferred, as to a worker: post a copy, array.slice()`);
}
