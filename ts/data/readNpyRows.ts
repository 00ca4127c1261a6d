import { FormatError } from '../core/errors.ts';
import type { NumericArray } from '../core/numericArray.ts';
import { checkOptions } from '../core/options.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import { AT_HAND, type AtHand, USE_MEMORY } from './atHand.ts';
import type { DataSource, ReadOptions } from './dataSource.ts';
import { openRandomAccess } from './randomAccess.ts';
import { GZIP } from './readBytes.ts';
import { headerOf, valuesOf } from './readNpy.ts';
import type { RowMemory } from './rowMemory.ts';

const NAME = 'readNpyRows';
/** Bytes that hold every header of an array of numbers. */
const HEADER = 2 ** 16;
/**
 * Bytes of a part, if a row is not larger. Smaller parts take longer: each is a turn of the event
 * loop.
 */
const PART = 2 ** 22;

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
 * @param memoryOf gives the memory to use; null: each part has its own
 */
async function* rowsOfFile(
  source: DataSource,
  options: ReadOptions,
  begin: (rows: Iterator<NumericArray>) => void,
  memoryOf: () => RowMemory | null,
): AsyncGenerator<NumericArray> {
  checkOptions(options, ['maxBytes'], NAME);
  const { name, file, close } = await openRandomAccess(source, NAME, options);
  const memory = memoryOf();
  let part: ArrayBuffer | undefined;
  try {
    const where = `${NAME}: ${name}`;
    const bytes = new Uint8Array(await file.slice(0, HEADER));
    if (GZIP.every((byte, index) => byte === bytes[index]))
      throw new FormatError(`${where} is packed by gzip: unpack it, or read it whole by readNpy`);
    const header = headerOf(bytes, where, file.byteLength);
    const [count, ...row] = header.shape;
    const values = sizeOf(row);
    if (count === undefined || values === 0)
      throw new FormatError(`${where} has shape ${formatShape(header.shape)}, which has no rows of values`);
    const rowBytes = values * header.OfType.BYTES_PER_ELEMENT;
    const most = Math.min(Math.max(1, Math.floor(PART / rowBytes)), count);
    part = memory?.takePart(most * rowBytes);
    for (let first = 0; first < count; first += most) {
      const [start, end] = [first, Math.min(first + most, count)].map((place) => header.start + place * rowBytes) as [number, number];
      const read = new Uint8Array(await file.slice(start, end, part), 0, end - start);
      const rows = rowsIn(valuesOf(read, header, where, first * values), values, memory);
      begin(rows);
      yield* rows;
    }
  } finally {
    if (part) memory?.releasePart(part);
    await close();
  }
}

function* rowsIn(part: NumericArray, values: number, memory: RowMemory | null): Generator<NumericArray> {
  for (let start = 0; start < part.length; start += values) {
    const row = part.subarray(start, start + values);
    yield memory ? memory.copy(row) : row;
  }
}
