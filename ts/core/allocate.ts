import { OutOfMemoryError } from './errors.ts';
import { formatShape, type Shape, sizeOf } from './shape.ts';

/** The remedy that an error names when a program or the parameters do not fit in memory. */
export const MEMORY_ADVICE = 'A smaller batch, shorter sequences or a smaller model need less.';

/**
 * Makes a typed array of zeros with as many elements as the shape has.
 * @param what the array's purpose, for the error message: `predict: the outputs`
 * @throws {OutOfMemoryError} when the array does not fit in the JavaScript heap
 */
export function allocateArray<A extends ArrayBufferView>(
  ArrayType: { new (length: number): A; readonly BYTES_PER_ELEMENT: number },
  shape: Shape,
  what: string,
): A {
  const length = sizeOf(shape);
  try {
    return new ArrayType(length);
  } catch (cause) {
    const bytes = length * ArrayType.BYTES_PER_ELEMENT;
    throw new OutOfMemoryError(`${what}, shape ${formatShape(shape)}, need ${bytes} bytes of the JavaScript heap`, { cause });
  }
}
