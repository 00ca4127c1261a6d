import { ArgumentError, ShapeError } from './errors.ts';
import { describe, formatShape, sizeOf } from './shape.ts';

/** The typed arrays that data may come in. */
export type NumericArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray;

/** A shape and the values in row-major order: what Backtime returns, and one of the things it takes. */
export interface Tensor<A extends NumericArray = NumericArray> {
  readonly shape: readonly number[];
  readonly data: A;
}

/** Numbers nested in arrays; typed arrays may stand for the innermost level. */
export type NestedArray = readonly (number | boolean)[] | readonly NumericArray[] | readonly NestedArray[];

/** What stands for an array wherever Backtime takes data: a tensor, nested arrays, or a typed array (one axis). */
export type TensorLike = Tensor | NestedArray | NumericArray;

function isNumericArray(value: unknown): value is NumericArray {
  return (
    ArrayBuffer.isView(value) && !(value instanceof DataView) && !(value instanceof BigInt64Array) && !(value instanceof BigUint64Array)
  );
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === 'object' && value !== null && 'shape' in value && 'data' in value;
}

/**
 * Reads data into a tensor. Tensors and typed arrays are not copied; nested arrays become a `Float64Array`.
 * @param argument the argument's name, for error messages
 * @throws {ShapeError} when a nested array is ragged, or a tensor's data has another length than its shape says
 * @throws {ArgumentError} when it is not an array of numbers
 */
export function toTensor(value: TensorLike, argument: string): Tensor {
  if (isNumericArray(value)) return { shape: [value.length], data: value };
  if (isTensor(value)) return checkTensor(value, argument);
  if (!Array.isArray(value)) {
    throw new ArgumentError(`${argument} must be a tensor, a typed array or nested arrays of numbers, got ${describe(value)}`);
  }
  const shape = nestedShape(value, argument);
  const data = new Float64Array(sizeOf(shape));
  fillNested(value, shape, 0, data, 0, argument, []);
  return { shape, data };
}

function checkTensor(value: Tensor, argument: string): Tensor {
  const sizes: unknown = value.shape;
  if (!Array.isArray(sizes) || !sizes.every((size) => Number.isInteger(size) && size >= 0)) {
    throw new ShapeError(`${argument}.shape must be an array of sizes, got ${describe(sizes)}`);
  }
  if (!isNumericArray(value.data)) throw new ArgumentError(`${argument}.data must be a typed array, got ${describe(value.data)}`);
  if (value.data.length !== sizeOf(sizes)) {
    throw new ShapeError(
      `${argument} has shape ${formatShape(sizes)}, which is ${sizeOf(sizes)} values, but data holds ${value.data.length}`,
    );
  }
  return value;
}

/** More than any data has; an array that holds itself has no end. */
const MOST_AXES = 32;

/** The shape that the first elements promise; `fillNested` holds every other element to it. @throws {ShapeError} when it is too deep */
function nestedShape(value: unknown, argument: string): number[] {
  const shape: number[] = [];
  let level: unknown = value;
  while (Array.isArray(level) || isNumericArray(level)) {
    if (shape.push(level.length) > MOST_AXES) throw new ShapeError(`${argument} is nested more than ${MOST_AXES} arrays deep`);
    level = level[0];
  }
  return shape;
}

function fillNested(
  value: unknown,
  shape: number[],
  axis: number,
  data: Float64Array,
  start: number,
  argument: string,
  path: number[],
): number {
  const place = () => `${argument}${path.map((index) => `[${index}]`).join('')}`;
  if (axis === shape.length) {
    if (typeof value === 'boolean') data[start] = value ? 1 : 0;
    else if (typeof value === 'number') data[start] = value;
    else if (Array.isArray(value))
      throw new ShapeError(`${place()} is ${describe(value)} where a number was expected: ${argument} is ragged`);
    else throw new ArgumentError(`${place()} must be a number, got ${describe(value)}`);
    return start + 1;
  }
  if (!Array.isArray(value) && !isNumericArray(value)) {
    throw new ShapeError(
      `${place()} must be an array of ${shape[axis]} like its neighbours, got ${describe(value)}: ${argument} is ragged`,
    );
  }
  if (value.length !== shape[axis]) {
    throw new ShapeError(
      `${place()} has ${value.length} elements where ${argument}${path.map(() => '[0]').join('')} has ${shape[axis]}: ${argument} is ragged. ` +
        'Sequences of different lengths are padded with padSequences',
    );
  }
  let next = start;
  for (let index = 0; index < value.length; index++) {
    path.push(index);
    next = fillNested(value[index], shape, axis + 1, data, next, argument, path);
    path.pop();
  }
  return next;
}
