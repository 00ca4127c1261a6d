import { DataError } from './errors.ts';
import type { Shape } from './shape.ts';
import type { Tensor } from './tensor.ts';

/** Beyond it numbers become infinite in the memory of the kernels. */
export const LARGEST_FLOAT32 = 3.4028234663852886e38;

/** `x[3][2]`: where the flat index lies. */
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

/**
 * Checks values, or only those from flat index `start` up to `end`.
 * @throws {DataError} naming the first value that is not finite or becomes infinite in a float32
 */
export function checkFinite({ data, shape }: Tensor, argument: string, start = 0, end: number = data.length): void {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return;
  for (let index = start; index < end; index++) {
    if (!(Math.abs(data[index] as number) <= LARGEST_FLOAT32))
      throw new DataError(`${place(argument, shape, index)} is ${data[index]}: every value must be a number that a float32 can hold`);
  }
}
