import { OutOfMemoryError } from './errors.ts';
import { formatShape, type Shape, sizeOf } from './shape.ts';
import type { SharedAllocation } from './sharedMemory.ts';

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

/** A class of typed arrays. */
export interface TypedArrayClass<A extends ArrayBufferView> {
  new (length: number): A;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): A;
  readonly BYTES_PER_ELEMENT: number;
}

/**
 * Makes a typed array in shared memory, with any contents, or of zeros in the JavaScript heap.
 * @param memory where to take shared memory from; null for the heap
 * @param what the array's purpose, for the error message
 * @throws {OutOfMemoryError} when the array does not fit
 */
export function allocateIn<A extends ArrayBufferView>(
  memory: SharedAllocation | null,
  ArrayType: TypedArrayClass<A>,
  length: number,
  what: string,
): A {
  if (!memory) return allocateArray(ArrayType, [length], what);
  const bytes = length * ArrayType.BYTES_PER_ELEMENT;
  try {
    return new ArrayType(memory.allocate(bytes), 0, length);
  } catch (cause) {
    throw new OutOfMemoryError(`${what}, shape [${length}], need ${bytes} bytes of shared memory`, { cause });
  }
}
