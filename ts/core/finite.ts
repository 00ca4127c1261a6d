import { DataError } from './errors.ts';
import { LARGEST_FLOAT32 } from './float32.ts';
import { type FloatArray, isFloatArray } from './numericArray.ts';
import type { Shape } from './shape.ts';
import type { Tensor } from './tensor.ts';

/** The place of a flat index, for error messages: `x[3][2]`. */
export function place(argument: string, shape: Shape, index: number): string {
  let rest = index;
  const indices = [...shape].reverse().map((size) => {
    const at = rest % size;
    rest = Math.floor(rest / size);
    return at;
  });
  return (
    argument +
    indices
      .reverse()
      .map((at) => `[${at}]`)
      .join('')
  );
}

/** Values to check. */
export interface CheckedTensor extends Tensor {
  /** The flat index of the first value in the user's array, for error messages. Default 0. */
  readonly firstIndex?: number;
}

/**
 * Checks that values are finite as float32, or only those from flat index `start` up to `end`.
 * @throws {DataError} naming the first value that is not
 */
export function checkFinite({ data, shape, firstIndex = 0 }: CheckedTensor, argument: string, start = 0, end: number = data.length): void {
  if (!isFloatArray(data)) return;
  for (let index = start; index < end; index++) {
    if (!(Math.abs(data[index] as number) <= LARGEST_FLOAT32))
      throw new DataError(`${place(argument, shape, firstIndex + index)} is ${data[index]}: every value must be a finite float32`);
  }
}

/** Whether all values are finite. */
export function allFinite(values: FloatArray): boolean {
  let zero = 0;
  // A product with 0 is NaN for NaN and the infinities. Branches would take longer.
  for (let index = 0; index < values.length; index++) zero += (values[index] as number) * 0;
  return zero === 0;
}
