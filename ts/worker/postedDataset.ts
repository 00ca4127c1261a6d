import { OutOfMemoryError } from '../core/errors.ts';
import type { NumericArray } from '../core/tensor.ts';
import { makeCheckpoint } from '../training/checkpoint.ts';
import type { Column, Dataset } from '../training/dataset.ts';

/** A data set whose arrays lie in shared memory, or are this message's own to give away. */
export interface PostedDataset extends Dataset {
  /** For `postMessage`. Empty when the arrays are shared. */
  readonly transfer: readonly ArrayBuffer[];
}

/** Bytes copied between two looks at the clock. */
const PIECE_BYTES = 2 ** 20;

/** Whether workers and this thread can have memory in common: always in Node, in browsers only on isolated pages. */
export function canShareMemory(): boolean {
  return typeof SharedArrayBuffer === 'function' && (globalThis.crossOriginIsolated ?? true);
}

/**
 * Copies data sets to where workers can read them: once into shared memory, else for each worker. Sets that are parts of the
 * same arrays share a copy. Long copies give the thread's other work its turns.
 * @param shared whether there is shared memory
 */
export class DatasetPoster {
  readonly #shared: boolean;
  readonly #copies = new Map<ArrayBufferLike, Promise<ArrayBufferLike>>();

  constructor(shared: boolean) {
    this.#shared = shared;
  }

  /** @throws {OutOfMemoryError} */
  async post(dataset: Dataset): Promise<PostedDataset> {
    const transfer: ArrayBuffer[] = [];
    const place = async (column: Column | null) => {
      if (!column) return null;
      const data = this.#shared ? await this.#share(column.data) : await copy(column.data);
      if (!this.#shared) transfer.push(data.buffer as ArrayBuffer);
      return { ...column, data };
    };
    const [x, y, weight] = [await place(dataset.x), await place(dataset.y), await place(dataset.weight)];
    return { ...dataset, x: x as Column, y, weight, transfer };
  }

  /** The same values in shared memory: parts of one buffer become parts of one copy. */
  async #share(data: NumericArray): Promise<NumericArray> {
    const { buffer } = data;
    if (buffer instanceof SharedArrayBuffer) return data;
    let copied = this.#copies.get(buffer);
    if (!copied) {
      copied = copyBytes(new Uint8Array(buffer), new Uint8Array(allocate(SharedArrayBuffer, buffer.byteLength)));
      this.#copies.set(buffer, copied);
    }
    return viewLike(data, await copied, data.byteOffset);
  }
}

async function copy(data: NumericArray): Promise<NumericArray> {
  const from = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return viewLike(data, await copyBytes(from, new Uint8Array(allocate(ArrayBuffer, data.byteLength))), 0);
}

function allocate<B extends ArrayBufferLike>(BufferType: new (bytes: number) => B, bytes: number): B {
  try {
    return new BufferType(bytes);
  } catch (cause) {
    throw new OutOfMemoryError(`workers: their copy of the data needs ${bytes} bytes. With workers: 0 there is no copy`, { cause });
  }
}

async function copyBytes(from: Uint8Array, to: Uint8Array): Promise<ArrayBufferLike> {
  const checkpoint = makeCheckpoint();
  for (let start = 0; start < from.length; start += PIECE_BYTES) {
    to.set(from.subarray(start, start + PIECE_BYTES), start);
    const pending = checkpoint();
    if (pending) await pending;
  }
  return to.buffer;
}

function viewLike(data: NumericArray, buffer: ArrayBufferLike, byteOffset: number): NumericArray {
  return new (data.constructor as new (buffer: ArrayBufferLike, byteOffset: number, length: number) => NumericArray)(
    buffer,
    byteOffset,
    data.length,
  );
}
