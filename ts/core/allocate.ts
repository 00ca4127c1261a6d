import { OutOfMemoryError } from './errors.ts';
import { formatShape, type Shape, sizeOf } from './shape.ts';

/** What to do about a program or parameters that need more memory than there is. */
export const MEMORY_ADVICE = 'A smaller batch, shorter sequences or a smaller model need less.';

/**
 * A typed array of zeros for an array of this shape.
 * @param what it is for, for the error message: `predict: the outputs`
 * @throws {OutOfMemoryError} when the JavaScript heap has no room for it
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
