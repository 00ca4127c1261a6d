import { describe } from './describe.ts';
import { ArgumentError, ShapeError } from './errors.ts';
import { fromJSON, type JsonTensor, withJSON } from './jsonTensor.ts';
import { fillNested, type NestedArray, nestedShape } from './nestedArray.ts';
import { isNumericArray, type NumericArray, numberHint, requireAttached } from './numericArray.ts';
import { formatShape, sizeOf } from './shape.ts';

export type { JsonTensor } from './jsonTensor.ts';
export type { NestedArray } from './nestedArray.ts';
export type { FloatArray, NumericArray } from './numericArray.ts';

/**
 * A shape, and the values in row-major order. Backtime returns tensors, and takes them as data.
 * `JSON.stringify` turns a tensor that Backtime returned into a {@link JsonTensor}, which is
 * accepted like a tensor.
 */
export interface Tensor<A extends NumericArray = NumericArray> {
  readonly shape: readonly number[];
  readonly data: A;
}

/**
 * The forms in which Backtime takes data: a tensor, also as JSON has it, nested arrays, or a typed
 * array (one axis).
 */
export type TensorLike = Tensor | JsonTensor | NestedArray | NumericArray;

/** A tensor for the user. */
export function tensorOf<A extends NumericArray>(shape: readonly number[], data: A): Tensor<A> {
  return withJSON({ shape, data });
}

/** Data as the user gave it: a tensor, or nested arrays whose values have not been read yet. */
export interface Source {
  readonly shape: readonly number[];
  /** Values in row-major order, or nested arrays that may be ragged. */
  readonly data: NumericArray | NestedArray;
}

function isTensor(value: unknown): value is { readonly shape: unknown; readonly data: unknown } {
  return typeof value === 'object' && value !== null && 'shape' in value && 'data' in value;
}

/**
 * The shape and the values of data. Nested arrays may still turn out to be ragged.
 * @param argument the argument's name, for error messages
 * @throws {ShapeError} when the length of a tensor's data does not fit its shape
 * @throws {ArgumentError} when the value is not an array of numbers
 */
export function sourceOf(value: TensorLike, argument: string): Source {
  if (isNumericArray(value)) {
    requireAttached(value, argument);
    return { shape: [value.length], data: value };
  }
  if (isTensor(value)) return checkTensor(value, argument);
  if (!Array.isArray(value)) {
    throw new ArgumentError(
      `${argument} must be a tensor, a typed array or nested arrays of numbers, got ${describe(value)}${numberHint(value)}`,
    );
  }
  return { shape: nestedShape(value, argument), data: value };
}

/**
 * Reads data into a tensor. Tensors and typed arrays are not copied; nested arrays become a
 * `Float64Array`.
 * @param argument the argument's name, for error messages
 * @throws {ShapeError} when a nested array is ragged, or the length of a tensor's data does not fit
 *   its shape
 * @throws {ArgumentError} when the value is not an array of numbers
 */
export function toTensor(value: TensorLike, argument: string): Tensor {
  const source = sourceOf(value, argument);
  if (hasFlatData(source)) return source;
  const { shape, data: nested } = source;
  const data = new Float64Array(sizeOf(shape));
  fillNested(nested as NestedArray, shape, data, 0, data.length, argument);
  return { shape, data };
}

function hasFlatData(source: Source): source is Tensor {
  return isNumericArray(source.data);
}

/** Reads each property once, because a getter may return something else the second time. */
function checkTensor(value: { readonly shape: unknown; readonly data: unknown; readonly dtype?: unknown }, argument: string): Tensor {
  const { shape, data: given, dtype } = value;
  if (!Array.isArray(shape) || !shape.every((size) => Number.isInteger(size) && size >= 0)) {
    throw new ShapeError(`${argument}.shape must be an array of sizes, got ${describe(shape)}`);
  }
  const data = Array.isArray(given) ? fromJSON(given, dtype, argument) : given;
  if (!isNumericArray(data)) {
    const hint = isStringified(data) ? ', as JSON has a typed array: give JSON.stringify the numbers, Array.from(data)' : numberHint(data);
    throw new ArgumentError(`${argument}.data must be a typed array of numbers, got ${describe(data)}${hint}`);
  }
  requireAttached(data, `${argument}.data`);
  if (data.length !== sizeOf(shape)) {
    throw new ShapeError(`${argument} has shape ${formatShape(shape)}, which is ${sizeOf(shape)} values, but data holds ${data.length}`);
  }
  return { shape, data };
}

/** Whether it is the result of `JSON.stringify` for a typed array: `{ "0": 1, "1": 2 }`. */
function isStringified(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, '0');
}
