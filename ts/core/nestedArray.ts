import { describe } from './describe.ts';
import { ArgumentError, ShapeError } from './errors.ts';
import { isNumericArray, type NumericArray, numberHint } from './numericArray.ts';
import { MOST_AXES, type Shape, sizeOf } from './shape.ts';

/** Numbers in nested arrays. The innermost arrays may be typed arrays. */
export type NestedArray = readonly (number | boolean)[] | readonly NumericArray[] | readonly NestedArray[];

/**
 * The shape of nested arrays according to the first element of each level. {@link fillNested}
 * checks the other elements.
 * @throws {ShapeError} when the arrays are nested too deep
 * @throws {ArgumentError} when the first element is not a number
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
 * Copies the values of nested arrays from flat index `start` up to `end` to the same indices of
 * `data`.
 * @param shape the result of `nestedShape`
 * @throws {ShapeError} when the arrays are ragged
 * @throws {ArgumentError} when an element is not a number
 */
export function fillNested(value: NestedArray, shape: Shape, data: Float64Array, start: number, end: number, argument: string): void {
  const path: number[] = [];
  const place = (...more: number[]) => argument + [...path, ...more].map((index) => `[${index}]`).join('');
  const lastAxis = shape.length - 1;
  /** Copies from an array on an axis. Its first element has the flat index `base`. */
  const fill = (level: unknown, axis: number, base: number) => {
    requireLength(level, shape, axis, argument, place);
    // Empty arrays have no flat index, so all of them are checked.
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

const RAGGED_IDS = 'padSequences pads sequences of ids to one length';
const RAGGED_SERIES =
  "padSequences with dtype 'float32' pads series to one length for a Masking layer; or give them in groups of one length each";

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
  throw new ArgumentError(`${place()} must be a number, got ${describe(value)}${numberHint(value)}`);
}
