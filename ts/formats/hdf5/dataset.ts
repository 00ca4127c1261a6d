import { allocateArray } from '../../core/allocate.ts';
import type { FormatError } from '../../core/errors.ts';
import type { FloatArray } from '../../core/numericArray.ts';
import { sizeOf } from '../../core/shape.ts';
import type { Attributes } from './attributes.ts';
import { type Datatype, isNumeric, readDataspace, readDatatype } from './datatype.ts';
import { decodeNumbers } from './elements.ts';
import type { FileBytes } from './fileBytes.ts';
import { readFilters, unfilter } from './filters.ts';
import { MESSAGE, messageOf } from './objectHeader.ts';
import type { StoredObject } from './storedObjects.ts';

const COMPACT = 0;
const CONTIGUOUS = 1;
const CHUNKED = 2;

/** A dataset of an HDF5 file. Its values are read when they are asked for. */
export class HDF5Dataset {
  readonly #file: FileBytes;
  readonly #own: StoredObject;
  readonly shape: readonly number[];
  readonly type: Datatype;

  constructor(file: FileBytes, own: StoredObject) {
    const { messages } = own;
    this.#file = file;
    this.#own = own;
    this.type = readDatatype(file, messageOf(file, messages, 'datatype'));
    this.shape = readDataspace(file, messageOf(file, messages, 'dataspace')) ?? [0];
  }

  get attributes(): Attributes {
    return this.#own.attributes;
  }

  /**
   * The numbers, in row-major order.
   * @throws {FormatError} when the file is damaged, has texts there, was not written in full, or
   *   has more than four numbers for each byte in its datasets, and a million beside
   * @throws {OutOfMemoryError} when they do not fit in memory
   */
  read(): FloatArray {
    const { type } = this;
    if (!isNumeric(type)) throw this.#file.damaged('a dataset holds texts where numbers are expected');
    const count = sizeOf(this.shape);
    this.#file.countNumbers(count);
    return decodeNumbers(this.#file, type, this.#bytes(count * type.size), count);
  }

  #bytes(length: number): Uint8Array {
    const file = this.#file;
    const layout = messageOf(file, this.#own.messages, 'layout');
    const version = layout.uint(1);
    const kind = layout.uint(1);
    if (version !== 3 && !(version === 4 && kind < CHUNKED)) throw file.unsupported(`a data layout of version ${version}`);
    if (kind === COMPACT) return this.#checked(layout.bytes(layout.uint(2)), length);
    if (kind === CONTIGUOUS) {
      const address = layout.address();
      if (address === null && length > 0) throw this.#unwritten();
      return address === null ? new Uint8Array() : file.at(address).bytes(length);
    }
    if (kind !== CHUNKED) throw file.unsupported(`a data layout of class ${kind}`);
    const rank = layout.uint(1) - 1;
    const address = layout.address();
    const chunk = Array.from({ length: rank }, () => layout.uint(4));
    if (rank !== this.shape.length || layout.uint(4) !== this.type.size || chunk.includes(0))
      throw file.damaged(`chunks of [${chunk.join(', ')}] do not fit shape [${this.shape.join(', ')}]`);
    const chunks = this.shape.reduce((product, count, axis) => product * Math.ceil(count / (chunk[axis] as number)), 1);
    // Chunks may reach beyond the dataset, and several may lie at one place of the file.
    file.countNumbers(chunks * sizeOf(chunk));
    const bytes = allocateArray(Uint8Array, [length], `${file.source}: a dataset`);
    const read = address === null ? 0 : this.#readChunks(address, chunk, chunks, bytes);
    if (read < chunks) throw this.#unwritten();
    return bytes;
  }

  #checked(bytes: Uint8Array, length: number): Uint8Array {
    if (bytes.length !== length) throw this.#file.damaged(`a dataset has ${bytes.length} bytes, expected ${length}`);
    return bytes;
  }

  /** HDF5 fills in what nobody wrote, of any size. Programs that save weights write all of them. */
  #unwritten(): FormatError {
    return this.#file.damaged(`a dataset of shape [${this.shape.join(', ')}] was not written in full`);
  }

  /** Reads the chunks that a B-tree of version 1 lists. @returns how many there are */
  #readChunks(root: number, chunk: readonly number[], most: number, bytes: Uint8Array): number {
    const file = this.#file;
    const { size } = this.type;
    const message = this.#own.messages.find(({ kind }) => kind === MESSAGE.filters);
    const filters = message ? readFilters(file, file.at(message.start, message.length)) : [];
    const chunkLength = sizeOf(chunk) * size;
    const seen = new Set<string>();
    const nodes = [root];
    for (const address of nodes) {
      if (nodes.length > most + 64) throw file.damaged('the index of its chunks has too many nodes');
      const node = file.at(address);
      node.expect('TREE');
      if (node.uint(1) !== 1) throw file.damaged('an index of chunks is one of a group');
      const level = node.uint(1);
      const count = node.uint(2);
      node.skip(16);
      for (let entry = 0; entry < count; entry++) {
        const stored = node.uint(4);
        const mask = node.uint(4);
        const start = chunk.map(() => node.uint(8));
        node.skip(8);
        const child = node.uint(8);
        if (level > 0) {
          nodes.push(child);
          continue;
        }
        const place = start.join();
        if (seen.has(place) || start.some((at, axis) => at % (chunk[axis] as number) !== 0 || at >= (this.shape[axis] as number)))
          throw file.damaged(`a chunk at [${place}] is outside the dataset or there twice`);
        seen.add(place);
        this.#place(unfilter(file, file.at(child, stored).bytes(stored), filters, mask, chunkLength, size), chunk, start, bytes);
      }
    }
    return seen.size;
  }

  /** Copies the part of a chunk that is inside the dataset, row by row. */
  #place(values: Uint8Array, chunk: readonly number[], start: readonly number[], bytes: Uint8Array): void {
    const { size } = this.type;
    const inside = chunk.map((count, axis) => Math.min(count, (this.shape[axis] as number) - (start[axis] as number)));
    const row = (inside.at(-1) as number) * size;
    const rows = inside.slice(0, -1).reduce((product, count) => product * count, 1);
    for (let index = 0; index < rows; index++) {
      let [rest, from, to, fromStride, toStride] = [index, 0, 0, chunk.at(-1) as number, this.shape.at(-1) as number];
      to = start.at(-1) as number;
      for (let axis = chunk.length - 2; axis >= 0; axis--) {
        const at = rest % (inside[axis] as number);
        rest = Math.floor(rest / (inside[axis] as number));
        from += at * fromStride;
        to += (at + (start[axis] as number)) * toStride;
        fromStride *= chunk[axis] as number;
        toStride *= this.shape[axis] as number;
      }
      bytes.set(values.subarray(from * size, from * size + row), to * size);
    }
  }
}
