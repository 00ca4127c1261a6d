import { ArgumentError, ShapeError } from './errors.ts';
import { describe, type Shape, sizeOf } from './shape.ts';

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

/** Numbers nested in arrays; typed arrays may stand for the innermost level. */
export type NestedArray = readonly (number | boolean)[] | readonly NumericArray[] | readonly NestedArray[];

/** More than any data has; an array that holds itself has no end. */
const MOST_AXES = 32;

/** Whether it is a typed array of numbers, not of bigints. */
export function isNumericArray(value: unknown): value is NumericArray {
  return (
    ArrayBuffer.isView(value) && !(value instanceof DataView) && !(value instanceof BigInt64Array) && !(value instanceof BigUint64Array)
  );
}

/**
 * The shape that the first elements promise; {@link fillNested} holds every other element to it.
 * @throws {ShapeError} when it is too deep; {ArgumentError} when the first element is no number
 */
export function nestedShape(value: NestedArray, argument: string): number[] {
  const shape: number[] = [];
  let level: unknown = value;
  while (Array.isArray(level) || isNumericArray(level)) {
    if (shape.push(level.length) > MOST_AXES) throw new ShapeError(`${argument} is nested more than ${MOST_AXES} arrays deep`);
    level = level[0];
  }
  if (!shape.includes(0)) numberOf(level, argument, () => argument + '[0]'.repeat(shape.length));
  return shape;
}

/**
 * Copies the values from flat index `start` up to `end` of nested arrays to the same places of `data`.
 * @param shape what `nestedShape` found
 * @throws {ShapeError} when what it meets is ragged; {ArgumentError} when it is no number
 */
export function fillNested(value: NestedArray, shape: Shape, data: Float64Array, start: number, end: number, argument: string): void {
  const path: number[] = [];
  const place = (...more: number[]) => argument + [...path, ...more].map((index) => `[${index}]`).join('');
  const lastAxis = shape.length - 1;
  /** Elements of an array on an axis, of which the first has the flat index `base`. */
  const fill = (level: unknown, axis: number, base: number) => {
    requireLength(level, shape, axis, argument, place);
    // Arrays that hold nothing lie at no index: all are looked at.
    const size = sizeOf(shape.slice(axis + 1)) || 1;
    const isEmpty = data.length === 0;
    const first = isEmpty ? 0 : Math.max(0, Math.floor((start - base) / size));
    const last = isEmpty ? level.length : Math.min(level.length, Math.ceil((end - base) / size));
    for (let index = first; index < last; index++) {
      if (axis === lastAxis) {
        const element = level[index];
        data[base + index] = typeof element === 'number' ? element : numberOf(element, argument, () => place(index));
      } else {
        path.push(index);
        fill(level[index], axis + 1, base + index * size);
        path.pop();
      }
    }
  };
  fill(value, 0, 0);
}

const RAGGED_IDS = 'Sequences of ids of different lengths are padded with padSequences';
const RAGGED_SERIES = 'Series of different lengths are cut to one, given in groups of one length each, or step by step to a stream';

function requireLength(
  level: unknown,
  shape: Shape,
  axis: number,
  argument: string,
  place: () => string,
): asserts level is ArrayLike<unknown> {
  if (!Array.isArray(level) && !isNumericArray(level)) {
    throw new ShapeError(
      `${place()} must be an array of ${shape[axis]} like its neighbours, got ${describe(level)}: ${argument} is ragged`,
    );
  }
  if (level.length !== shape[axis]) {
    const hint = axis === 1 ? `. ${shape.length === 2 ? RAGGED_IDS : RAGGED_SERIES}` : '';
    throw new ShapeError(
      `${place()} has ${level.length} elements where ${argument}${'[0]'.repeat(axis)} has ${shape[axis]}: ${argument} is ragged${hint}`,
    );
  }
}

function numberOf(value: unknown, argument: string, place: () => string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (Array.isArray(value)) throw new ShapeError(`${place()} is ${describe(value)} where a number was expected: ${argument} is ragged`);
  throw new ArgumentError(`${place()} must be a number, got ${describe(value)}`);
}
