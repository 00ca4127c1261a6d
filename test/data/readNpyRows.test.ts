import { mkdirSync, mkdtempSync, openAsBlob, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type AtHand, atHand } from '../../ts/data/atHand.ts';
import { openRandomAccess } from '../../ts/data/randomAccess.ts';
import { RowMemory } from '../../ts/data/rowMemory.ts';
import {
  ArgumentError,
  type BatchLike,
  batchRows,
  type DataSource,
  Dense,
  FileError,
  FormatError,
  type NumericArray,
  readFiles,
  readNpy,
  readNpyRows,
  Sequential,
  setRandomSeed,
} from '../../ts/index.ts';
import { type GoldenTensor, readGolden } from '../golden/goldenFiles.ts';
import { collectGarbage } from '../support/steadyHeap.ts';

interface NpyCase {
  readonly dtype: string;
  readonly array: GoldenTensor;
  readonly bytes: string;
}

const { arrays, fortran } = readGolden<{ arrays: NpyCase[]; fortran: NpyCase[] }>('npy');
const bytesOf = ({ bytes }: NpyCase) => new Uint8Array(Buffer.from(bytes, 'base64'));
const folder = mkdtempSync(join(tmpdir(), 'backtime-rows-'));

/** A file of `numpy.save` with these values. */
function npy(shape: readonly number[], values: NumericArray, type = '<f4'): Uint8Array {
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const header = Buffer.from(`\x93NUMPY\x01\x00\x00\x00${text.padEnd(length - 1)}\n`, 'latin1');
  header.writeUInt16LE(length, 8);
  return new Uint8Array(Buffer.concat([header, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]));
}

function fileOf(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

/** The rows of an array that was read whole. */
async function wholeRows(source: DataSource): Promise<NumericArray[]> {
  const { shape, data } = await readNpy(source);
  const [count, ...row] = shape as [number, ...number[]];
  const values = row.reduce((product, size) => product * size, 1);
  return Array.from({ length: count }, (_, index) => data.subarray(index * values, (index + 1) * values));
}

/** Rows of two megabytes, so that a file has several parts, with a number of their own. */
const LARGE = 2 ** 19;
const largeFile = (name: string, rows: number, first: number) => {
  const values = new Float32Array(rows * LARGE);
  for (let row = 0; row < rows; row++) values.fill(first + row, row * LARGE, (row + 1) * LARGE);
  return fileOf(name, npy([rows, LARGE], values));
};
const holds = (row: NumericArray, number: number) => row.length === LARGE && row.every((value) => value === number);

afterEach(() => {
  vi.restoreAllMocks();
});

describe('readNpyRows', () => {
  test.each(arrays.filter(({ array }) => array.shape.length > 0))('reads the rows of $dtype of shape $array.shape', async (golden) => {
    const bytes = bytesOf(golden);
    const path = fileOf('golden.npy', bytes);
    const before = bytes.slice();
    const expected = await wholeRows(bytes);
    const sources: DataSource[] = [path, new URL(`file://${path}`), await openAsBlob(path), bytes, gzipSync(bytes)];
    for (const source of sources) {
      const rows = await all(readNpyRows(source));
      expect(rows).toEqual(expected);
      expect(rows.map((row) => row.constructor)).toEqual(expected.map((row) => row.constructor));
      // The same with memory that is used again, into which integers are turned in place.
      const batches = await all(batchRows(readNpyRows(source), copies, { batchSize: 2, reuseRows: true })());
      expect(batches.flatMap(([copied]) => copied as NumericArray[])).toEqual(expected);
    }
    expect(bytes).toEqual(before);
  });

  test('rows of all parts stay as they are, each for as long as it is used', async () => {
    const path = largeFile('parts.npy', 7, 1);
    const rows = await all(readNpyRows(path));
    expect(rows).toHaveLength(7);
    for (const [index, row] of rows.entries()) expect(holds(row, index + 1), `row ${index}`).toBe(true);
    // It starts again.
    const iterable = readNpyRows(path);
    for (let pass = 0; pass < 2; pass++) expect((await all(iterable)).map((row) => row[0])).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test.each<[string, (path: string) => AsyncIterable<NumericArray>]>([
    ['a file', (path) => readNpyRows(path)],
    ['files', (path) => readFiles([path], (file) => readNpyRows(file))()],
  ])('rows of a part of %s are at hand once the first was read', async (_, read) => {
    const rows = read(largeFile('hand.npy', 5, 0));
    const iterator = rows[Symbol.asyncIterator]() as AtHand<NumericArray>;
    const found: number[] = [];
    const counts: number[] = [];
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      found.push(next.value[0] as number);
      const more = [...atHand(iterator)];
      counts.push(more.length);
      found.push(...more.map((row) => row[0] as number));
    }
    expect(found).toEqual([0, 1, 2, 3, 4]);
    expect(counts).toEqual([1, 1, 0]);
  });

  test.skipIf(process.platform !== 'linux')('closes the file at its end, when it is left early and after an error', async () => {
    const path = largeFile('closed.npy', 3, 0);
    const isOpen = (file: string) =>
      readdirSync('/proc/self/fd').some((descriptor) => {
        try {
          return readlinkSync(`/proc/self/fd/${descriptor}`) === file;
        } catch {
          return false; // that of the folder, which is closed by now
        }
      });
    await all(readNpyRows(path));
    expect(isOpen(path)).toBe(false);
    for await (const _ of readNpyRows(path)) {
      expect(isOpen(path)).toBe(true);
      break;
    }
    expect(isOpen(path)).toBe(false);
    const cut = fileOf('cut.npy', npy([9], new Float32Array(9)).slice(0, -1));
    await expect(all(readNpyRows(cut))).rejects.toThrow(FormatError);
    expect(isOpen(cut)).toBe(false);
  });

  test.each<[string, () => Uint8Array, RegExp]>([
    ['gzip', () => gzipSync(bytesOf(arrays[0] as NpyCase)), /wrong\.npy is packed by gzip: unpack it, or read it whole by readNpy/],
    ['the order of Fortran', () => bytesOf(fortran[0] as NpyCase), /Fortran order/],
    ['another file', () => new TextEncoder().encode('PK and more'), /readNpyRows: .*wrong\.npy is not a file of numpy\.save/],
    ['a cut file', () => npy([2, 3], new Float32Array(5)), /has 20 bytes of values, but shape \[2, 3\] of f4 needs 24/],
    ['a single number', () => npy([], new Float32Array(1)), /has shape \[\], which has no rows of values/],
    ['rows without values', () => npy([3, 0], new Float32Array(0)), /has shape \[3, 0\], which has no rows of values/],
  ])('%s is an error', async (_label, bytes, message) => {
    const error = await all(readNpyRows(fileOf('wrong.npy', bytes()))).catch((found: unknown) => found);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toMatch(message);
  });

  test('an integer that no float64 holds is named by its place in the array, also of a later part', async () => {
    const values = new BigInt64Array(2 ** 19 + 8).fill(1n);
    values[2 ** 19 + 3] = 2n ** 60n;
    const bytes = npy([values.length / 8, 8], new Uint8Array(values.buffer), '<i8');
    const rows = readNpyRows(fileOf('integers.npy', bytes));
    for (const reading of [all(rows), all(batchRows(rows, copies, { reuseRows: true })())])
      await expect(reading).rejects.toThrow(/has the value 1152921504606846976 at 524291, which/);
  });

  test('an array of no rows gives none, and what is no source or is not there is an error', async () => {
    expect(await all(readNpyRows(npy([0, 3], new Float32Array(0))))).toEqual([]);
    expect(() => readNpyRows(7 as never)).toThrow(ArgumentError);
    await expect(all(readNpyRows(npy([1], new Float32Array(1)), { rows: 1 } as never))).rejects.toThrow(/unknown option 'rows'/);
    for (const path of [join(folder, 'none.npy'), folder]) await expect(all(readNpyRows(path))).rejects.toThrow(FileError);
  });
});

/** The rows themselves. */
const kept = (rows: NumericArray[]): BatchLike => [rows as never];

/** Copies of the rows: with `reuseRows` they hold until the next batch. */
const copies = (rows: NumericArray[]): BatchLike => [rows.map((row) => row.slice()) as never];

describe('batches of rows of files of NumPy', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  mkdirSync(join(folder, 'mixed'));
  // Rows of one class and length after those of another: their memory does not fit.
  for (const [file, name] of names.entries()) {
    const [count, length] = [7 + file, 2 + (file % 2)];
    const values = Float64Array.from({ length: count * length }, (_, index) => 1000 * file + index);
    const bytes = file === 3 ? npy([count, length], values, '<f8') : npy([count, length], Float32Array.from(values));
    fileOf(join('mixed', `${name}.npy`), bytes);
  }
  const pattern = join(folder, 'mixed', '*.npy');

  test.each([
    { batchSize: 3, shuffleBuffer: 1 },
    { batchSize: 4, shuffleBuffer: 9, seed: 3 },
    { batchSize: 4, shuffleBuffer: 1000, dropRemainder: true },
  ])('are those of rows that are in memory: %o', async (options) => {
    for (const [prefetch, reuseRows] of [
      [false, true],
      [true, true],
      [true, false],
    ]) {
      const files = { shuffle: true, seed: 2, prefetch };
      const streamed = batchRows(
        readFiles(pattern, (file) => readNpyRows(file), files),
        // Without `reuseRows` a batch may keep its rows.
        reuseRows ? copies : kept,
        { ...options, reuseRows },
      );
      const inMemory = batchRows(readFiles(pattern, wholeRows, files), copies, options);
      for (let epoch = 0; epoch < 3; epoch++) {
        const found = await all(streamed(epoch));
        expect(found).toEqual(await all(inMemory(epoch)));
        expect(found.length).toBeGreaterThan(8);
      }
    }
  });

  test('have memory that later batches use again, not before the next one is asked for', async () => {
    largeFile('again-1.npy', 9, 100);
    largeFile('again-2.npy', 11, 200);
    const rows = readFiles(join(folder, 'again-*.npy'), (file) => readNpyRows(file), { prefetch: true });
    const buffers = new Set<ArrayBufferLike>();
    const found: number[] = [];
    for await (const [x] of batchRows(rows, (of) => [of as never], { batchSize: 1, shuffleBuffer: 2, reuseRows: true })()) {
      const batch = x as unknown as NumericArray[];
      const numbers = batch.map((row) => row[0] as number);
      // The next file is opened in between, and its first part read.
      await new Promise((resolve) => setTimeout(resolve, 5));
      for (const [index, row] of batch.entries()) {
        expect(holds(row, numbers[index] as number)).toBe(true);
        buffers.add(row.buffer);
      }
      found.push(...numbers);
    }
    const expected = [...Array.from({ length: 9 }, (_, row) => 100 + row), ...Array.from({ length: 11 }, (_, row) => 200 + row)];
    expect(found.sort((a, b) => a - b)).toEqual(expected);
    // The rows that wait, two batches, and a part of two rows of each file that is open.
    expect(buffers.size).toBeLessThanOrEqual(2 + 2 * 1 + 2 * 2);
  });

  test('hold no rows of earlier batches, with memory that is used again or without', async () => {
    largeFile('held.npy', 9, 0);
    for (const reuseRows of [false, true]) {
      const rows: WeakRef<NumericArray>[] = [];
      const batches = batchRows(
        readNpyRows(join(folder, 'held.npy')),
        (of) => {
          rows.push(...of.map((row) => new WeakRef(row)));
          return [[of.length]];
        },
        { batchSize: 1, reuseRows },
      )()[Symbol.asyncIterator]();
      for (let batch = 0; batch < 8; batch++) await batches.next();
      await collectGarbage();
      const held = new Set(rows.map((row) => row.deref()).filter((row) => row !== undefined));
      // Those of the last part and of the batch that was given.
      expect(held.size).toBeLessThanOrEqual(4);
      await batches.return?.();
    }
  });

  test('are read whatever the function that makes a batch does with its array', async () => {
    const rows = readFiles(pattern, (file) => readNpyRows(file));
    const makers: ((of: NumericArray[]) => number[])[] = [
      (of) => of.map((row) => row[0] as number),
      (of) => of.splice(0).map((row) => row[0] as number),
      (of) => {
        const numbers = of.map((row) => row[0] as number);
        of.fill(of[0] as NumericArray);
        return numbers;
      },
    ];
    const found = await Promise.all(
      makers.map((numbers) => all(batchRows(rows, (of) => [numbers(of)], { batchSize: 4, shuffleBuffer: 6, reuseRows: true })())),
    );
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
  });

  test('train a model as the rows in memory do, without workers and with two', async () => {
    const values = Float32Array.from({ length: 60 * 4 }, (_, index) => Math.sin(index));
    fileOf('train-1.npy', npy([30, 4], values.subarray(0, 120)));
    fileOf('train-2.npy', npy([30, 4], values.subarray(120)));
    const batchesOf = (read: (file: DataSource) => AsyncIterable<NumericArray> | Promise<NumericArray[]>) =>
      batchRows(
        readFiles(join(folder, 'train-*.npy'), read, { shuffle: true }),
        (rows) => [
          { shape: [rows.length, 3], data: Float32Array.from(rows.flatMap((row) => [...row.subarray(0, 3)])) },
          rows.map((row) => row[3] as number),
        ],
        { batchSize: 8, shuffleBuffer: 20, reuseRows: true },
      );
    const losses: number[][] = [];
    for (const [read, workers] of [[wholeRows, 0] as const, [readNpyRows, 0] as const, [readNpyRows, 2] as const]) {
      setRandomSeed(1);
      const model = new Sequential([new Dense(4, { activation: 'tanh' }), new Dense(1)]);
      model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
      const { history } = await model.fit(
        batchesOf((file) => read(file)),
        { epochs: 3, verbose: 0, workers },
      );
      losses.push(history.loss as number[]);
      model.dispose();
    }
    const [inMemory, streamed, inWorkers] = losses as [number[], number[], number[]];
    expect(streamed).toEqual(inMemory);
    for (const [epoch, loss] of inWorkers.entries()) expect(loss).toBeCloseTo(inMemory[epoch] as number, 5);
  });
});

describe('memory for rows', () => {
  test('is that of released rows of the same class and length', () => {
    const memory = new RowMemory(true);
    const first = memory.take(Float32Array, 2);
    expect(first).toEqual(new Float32Array(2));
    const second = memory.take(Float32Array, 2);
    expect(second.buffer).not.toBe(first.buffer);
    memory.release([first, Float32Array.of(5, 6), 'another row']);
    expect(memory.take(Float32Array, 2)).toBe(first);
    expect(memory.take(Float32Array, 2)).not.toBe(first);
    for (const other of [new Float64Array(2), new Float32Array(3), new Float32Array(1)]) {
      const free = memory.take(Float32Array, 2);
      memory.release([free]);
      expect(memory.take(other.constructor as Float32ArrayConstructor, other.length)).toEqual(other);
      // It is not kept for rows as the former, nor taken back.
      memory.release([free]);
      expect(memory.take(Float32Array, 2)).not.toBe(free);
    }
  });
});

describe('files of which any part can be read', () => {
  test('fill arrays one after the other, wherever the system ends to read', async () => {
    const bytes = Uint8Array.from({ length: 100 }, (_, index) => index);
    const path = fileOf('parts.bin', bytes);
    const handle = await open(path);
    const prototype = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    const { readv } = prototype;
    for (const most of [1, 3, 5, 7, 13, 14, 1000]) {
      vi.spyOn(prototype, 'readv').mockImplementation(function (this: FileHandle, arrays, position) {
        let left = most;
        const parts = arrays.map(({ buffer, byteOffset, byteLength }) => {
          const part = new Uint8Array(buffer, byteOffset, Math.min(left, byteLength));
          left -= part.length;
          return part;
        });
        return readv.call(this, parts, position);
      } as typeof readv);
      const { file, close } = await openRandomAccess(path, 'the test', {});
      const arrays = [new Uint8Array(5), new Int16Array(4), new Uint8Array(1), new Float64Array(2), new Uint8Array(9)];
      await file.readInto?.(arrays, 10);
      const found = arrays.flatMap(({ buffer }) => [...new Uint8Array(buffer)]);
      expect(found, `at most ${most}`).toEqual([...bytes.subarray(10, 49)]);
      expect([...new Uint8Array(await file.slice(90, 100))]).toEqual([...bytes.subarray(90)]);
      await expect(file.readInto?.([new Uint8Array(11)], 90)).rejects.toThrow(/the test: cannot read .*parts\.bin: it has become shorter/);
      await close();
    }
  });
});
