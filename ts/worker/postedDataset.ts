import { allocateArray } from '../core/allocate.ts';
import { isShared } from '../core/sharedMemory.ts';
import type { NumericArray } from '../core/tensor.ts';
import type { Column, Dataset } from '../training/dataset.ts';
import { inPieces } from '../training/pieces.ts';

/** A data set whose arrays lie in shared memory, or are this message's own to give away. */
export interface PostedDataset extends Dataset {
  /** For `postMessage`. Empty when the arrays are shared. */
  readonly transfer: readonly ArrayBuffer[];
}

/**
 * A data set that was read for workers, for one of them. Where its arrays are not shared, the last worker has them and the others
 * have copies.
 * @throws {OutOfMemoryError}
 */
export async function postDataset(dataset: Dataset, last: boolean): Promise<PostedDataset> {
  const transfer = new Set<ArrayBuffer>();
  const place = async (column: Column | null) => {
    if (!column) return null;
    const { buffer } = column.data;
    if (isShared(buffer)) return column;
    const data = last ? column.data : await copyOf(column.data);
    transfer.add(data.buffer as ArrayBuffer);
    return { ...column, data };
  };
  const [x, y, weight] = [await place(dataset.x), await place(dataset.y), await place(dataset.weight)];
  return { ...dataset, x: x as Column, y, weight, transfer: [...transfer] };
}

async function copyOf(data: NumericArray): Promise<NumericArray> {
  const ArrayType = data.constructor as { new (length: number): NumericArray; readonly BYTES_PER_ELEMENT: number };
  const copy = allocateArray(ArrayType, [data.length], 'the data: copies for workers (workers: 0 needs none)');
  await inPieces(data.length, (start, end) => copy.set(data.subarray(start, end), start));
  return copy;
}
