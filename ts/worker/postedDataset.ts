import { allocateArray } from '../core/allocate.ts';
import { isShared } from '../core/sharedMemory.ts';
import type { NumericArray } from '../core/tensor.ts';
import type { Column, Dataset } from '../feed/dataset.ts';
import { inPieces } from '../feed/pieces.ts';

/** A data set whose arrays are in shared memory or will be transferred. */
export interface PostedDataset extends Dataset {
  /** The buffers to transfer; empty for shared memory. */
  readonly transfer: readonly ArrayBuffer[];
}

/**
 * Prepares a data set for one of several workers. If its arrays are not in shared memory, the last
 * worker gets the arrays and the others get copies. Of the user's own arrays all get copies.
 * @throws {OutOfMemoryError} when a copy does not fit in memory
 */
export async function postDataset(dataset: Dataset, last: boolean): Promise<PostedDataset> {
  const transfer = new Set<ArrayBuffer>();
  const place = async (column: Column): Promise<Column> => {
    const { buffer } = column.data;
    if (isShared(buffer)) return column;
    // The user keeps an array that was not copied.
    const data = last && !column.isInPlace ? column.data : await copyOf(column.data);
    transfer.add(data.buffer as ArrayBuffer);
    return { ...column, data };
  };
  const x: Column[] = [];
  for (const column of dataset.x) x.push(await place(column));
  const y: Column[] = [];
  for (const column of dataset.y) y.push(await place(column));
  const weight: (Column | null)[] = [];
  for (const column of dataset.weight) weight.push(column && (await place(column)));
  return { ...dataset, x, y, weight, transfer: [...transfer] };
}

async function copyOf(data: NumericArray): Promise<NumericArray> {
  const ArrayType = data.constructor as { new (length: number): NumericArray; readonly BYTES_PER_ELEMENT: number };
  const copy = allocateArray(ArrayType, [data.length], 'the data: copies for workers (workers: 0 needs none)');
  await inPieces(data.length, (start, end) => copy.set(data.subarray(start, end), start));
  return copy;
}
