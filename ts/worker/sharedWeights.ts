import type { FloatArray } from '../core/numericArray.ts';
import { canShareMemory, type SharedAllocation } from '../core/sharedMemory.ts';
import type { NamedArray } from '../model/modelState.ts';

/**
 * Copies arrays to shared memory, if the runtime has it and there is room, so that several workers
 * read one copy. Otherwise each message has a copy of its own.
 */
export function inSharedMemory(arrays: readonly NamedArray[], memory: SharedAllocation): readonly NamedArray[] {
  if (!canShareMemory()) return arrays;
  // Multiples of 8 bytes, at which every array of floats may begin.
  const lengths = arrays.map(({ data }) => Math.ceil(data.byteLength / 8) * 8);
  let block: SharedArrayBuffer;
  try {
    block = memory.allocate(lengths.reduce((sum, length) => sum + length, 0));
  } catch {
    return arrays;
  }
  let next = 0;
  return arrays.map((array, index) => {
    const ArrayType = array.data.constructor as new (buffer: SharedArrayBuffer, start: number, length: number) => FloatArray;
    const data = new ArrayType(block, next, array.data.length);
    data.set(array.data);
    next += lengths[index] as number;
    return { ...array, data };
  });
}
