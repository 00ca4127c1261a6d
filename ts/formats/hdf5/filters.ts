import { unzlibSync } from 'fflate';
import type { Cursor, FileBytes } from './fileBytes.ts';

const DEFLATE = 1;
const SHUFFLE = 2;

/** The filters of a dataset's chunks, in the order in which they were applied. */
export function readFilters(file: FileBytes, cursor: Cursor): number[] {
  const version = cursor.uint(1);
  if (version !== 1 && version !== 2) throw file.unsupported(`a filter pipeline of version ${version}`);
  const count = cursor.uint(1);
  if (version === 1) cursor.skip(6);
  return Array.from({ length: count }, () => {
    const filter = cursor.uint(2);
    if (filter !== DEFLATE && filter !== SHUFFLE) throw file.unsupported(`chunks with the filter ${filter}`);
    const nameLength = version === 1 ? cursor.uint(2) : 0;
    cursor.skip(2);
    const values = cursor.uint(2);
    cursor.skip(Math.ceil(nameLength / 8) * 8 + 4 * values + (version === 1 && values % 2 === 1 ? 4 : 0));
    return filter;
  });
}

/**
 * Undoes the filters of a chunk.
 * @param mask bit i tells that filter i was not applied to this chunk
 * @param length the bytes that the chunk has without filters
 * @throws {FormatError} when it has others
 */
export function unfilter(
  file: FileBytes,
  chunk: Uint8Array,
  filters: readonly number[],
  mask: number,
  length: number,
  elementSize: number,
): Uint8Array {
  let bytes = chunk;
  for (let index = filters.length - 1; index >= 0; index--) {
    if (mask & (1 << index)) continue;
    bytes = filters[index] === DEFLATE ? inflate(file, bytes, length) : unshuffle(bytes, elementSize);
  }
  if (bytes.length !== length) throw file.damaged(`a chunk has ${bytes.length} bytes, expected ${length}`);
  return bytes;
}

function inflate(file: FileBytes, bytes: Uint8Array, length: number): Uint8Array {
  try {
    // Into an array of the right length, so that a chunk cannot unpack to more.
    return unzlibSync(bytes, { out: new Uint8Array(length) });
  } catch (cause) {
    throw file.damaged(`a chunk does not unpack: ${String(cause)}`);
  }
}

/** Bytes that are sorted by their place in the elements, in the order of the elements again. */
function unshuffle(bytes: Uint8Array, elementSize: number): Uint8Array {
  const result = bytes.slice();
  const count = Math.floor(bytes.length / elementSize);
  for (let place = 0; place < elementSize; place++) {
    for (let index = 0; index < count; index++) result[index * elementSize + place] = bytes[place * count + index] as number;
  }
  return result;
}
