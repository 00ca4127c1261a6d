import { FormatError } from '../core/errors.ts';
import type { NumericArray } from '../core/numericArray.ts';
import { checkOptions } from '../core/options.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import { AT_HAND, type AtHand, USE_MEMORY } from './atHand.ts';
import type { DataSource, ReadOptions } from './dataSource.ts';
import { openRandomAccess, type RandomAccessFile } from './randomAccess.ts';
import { GZIP } from './readBytes.ts';
import { headerOf, type NpyHeader, valuesOf } from './readNpy.ts';
import type { RowMemory } from './rowMemory.ts';

const NAME = 'readNpyRows';
/** Bytes that hold every header of an array of numbers. */
const HEADER = 2 ** 16;
/**
 * Bytes of a part, if a row is not larger. Smaller parts take longer: each is a turn of the event
 * loop.
 */
const PART = 2 ** 22;
/** Rows of a part: a system reads into as many arrays at once. */
const ROWS = 1024;

/** See `readNpyRows` of lazyReaders.ts. */
export function readNpyRows(source: DataSource, options: ReadOptions = {}): AsyncGenerator<NumericArray> & AtHand<NumericArray> {
  let part: Iterator<NumericArray> | null = null;
  let memory: RowMemory | null = null;
  const begin = (rows: Iterator<NumericArray>) => {
    part = rows;
  };
  const rows = rowsOfFile(source, options, begin, () => memory);
  return Object.assign(rows, {
    [AT_HAND]: () => part,
    [USE_MEMORY](given: RowMemory) {
      memory = given;
    },
  });
}

/**
 * @param begin gets the rows of the part that was read
 * @param memoryOf gives the memory for rows; null: each part has its own
 */
async function* rowsOfFile(
  source: DataSource,
  options: ReadOptions,
  begin: (rows: Iterator<NumericArray>) => void,
  memoryOf: () => RowMemory | null,
): AsyncGenerator<NumericArray> {
  checkOptions(options, ['maxBytes'], NAME);
  const { name, file, close } = await openRandomAccess(source, NAME, options);
  try {
    const rows = await Rows.open(file, `${NAME}: ${name}`);
    const memory = memoryOf();
    for (let first = 0; first < rows.count; first += rows.most) {
      const part = (await (memory ? rows.readInto(memory, first) : null)) ?? (await rows.read(first));
      begin(part);
      yield* part;
    }
  } finally {
    await close();
  }
}

/** The rows of an array in a file. */
class Rows {
  readonly count: number;
  /** Rows of a part. */
  readonly most: number;
  readonly #file: RandomAccessFile;
  readonly #where: string;
  readonly #header: NpyHeader;
  /** Values of a row. */
  readonly #values: number;
  readonly #bytes: number;

  /** @throws {FormatError} */
  constructor(file: RandomAccessFile, where: string, header: NpyHeader) {
    const [count, ...row] = header.shape;
    this.#values = sizeOf(row);
    if (count === undefined || this.#values === 0)
      throw new FormatError(`${where} has shape ${formatShape(header.shape)}, which has no rows of values`);
    this.count = count;
    this.#bytes = this.#values * header.OfType.BYTES_PER_ELEMENT;
    this.most = Math.min(Math.max(1, Math.floor(PART / this.#bytes)), ROWS);
    this.#file = file;
    this.#where = where;
    this.#header = header;
  }

  /** @throws {FormatError} */
  static async open(file: RandomAccessFile, where: string): Promise<Rows> {
    const bytes = new Uint8Array(await file.slice(0, HEADER));
    if (GZIP.every((byte, index) => byte === bytes[index]))
      throw new FormatError(`${where} is packed by gzip: unpack it, or read it whole by readNpy`);
    return new Rows(file, where, headerOf(bytes, where, file.byteLength));
  }

  /** Reads a part into memory of its own. @param first the number of its first row */
  async read(first: number): Promise<Iterator<NumericArray> & Iterable<NumericArray>> {
    const bytes = await this.#file.slice(this.#placeOf(first), this.#placeOf(this.#endOf(first)));
    return rowsIn(valuesOf(new Uint8Array(bytes), this.#header, this.#where, first * this.#values), this.#values);
  }

  /** Reads a part into given memory; null where the file cannot. */
  async readInto(memory: RowMemory, first: number): Promise<(Iterator<NumericArray> & Iterable<NumericArray>) | null> {
    if (!this.#file.readInto) return null;
    const rows = Array.from({ length: this.#endOf(first) - first }, () => memory.take(this.#header.OfType, this.#values));
    await this.#file.readInto(rows, this.#placeOf(first));
    if (!this.#header.isAsStored)
      for (const [index, { buffer, byteOffset, byteLength }] of rows.entries())
        valuesOf(new Uint8Array(buffer, byteOffset, byteLength), this.#header, this.#where, (first + index) * this.#values);
    return rows.values();
  }

  #endOf(first: number): number {
    return Math.min(first + this.most, this.count);
  }

  #placeOf(row: number): number {
    return this.#header.start + row * this.#bytes;
  }
}

function* rowsIn(part: NumericArray, values: number): Generator<NumericArray> {
  for (let start = 0; start < part.length; start += values) yield part.subarray(start, start + values);
}
