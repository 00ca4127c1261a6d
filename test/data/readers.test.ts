import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  type DataSource,
  Dense,
  FileError,
  FormatError,
  type JSONLinesOptions,
  readCoNLL,
  readCSV,
  readCSVRows,
  readJSONLines,
  readNpy,
  readNpyRows,
  readNpz,
  readParquet,
  readTs,
  Sequential,
  setRandomSeed,
} from '../../ts/index.ts';
import { type GoldenTensor, readGolden } from '../golden/goldenFiles.ts';

const folder = mkdtempSync(join(tmpdir(), 'backtime-readers-'));
const records = Array.from({ length: 500 }, (_, row) => ({ row, text: `číslo ${row} 数` }));
const text = records.map((record) => JSON.stringify(record)).join('\n');
const bytes = new TextEncoder().encode(text);
const path = join(folder, 'records.jsonl');
const server = createServer((request, response) => {
  if (request.url === '/records.jsonl') response.end(bytes);
  else response.writeHead(404).end();
});
let address = '';

beforeAll(async () => {
  writeFileSync(path, bytes);
  writeFileSync(`${path}.gz`, gzipSync(bytes));
  await new Promise<void>((resolve) => server.listen(0, resolve));
  address = `http://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

/** The bytes in parts that cut characters and lines anywhere. */
async function* pieces(of: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < of.length; start += size) yield of.slice(start, start + size);
}

describe('readJSONLines', () => {
  test.each<[string, () => DataSource]>([
    ['a path', () => path],
    ['a path of gzip', () => `${path}.gz`],
    ['the address of a file', () => pathToFileURL(path)],
    ['an address', () => `${address}/records.jsonl`],
    ['a blob', () => new Blob([bytes])],
    ['a blob of gzip', () => new Blob([gzipSync(bytes)])],
    ['bytes', () => bytes],
    ['a buffer', () => bytes.buffer as ArrayBuffer],
    ['a stream of the web', () => new Blob([bytes]).stream()],
    ['a stream of Node', () => Readable.from(pieces(bytes, 1000))],
    ['pieces', () => pieces(bytes, 7)],
    ['pieces of gzip', () => pieces(gzipSync(bytes), 5)],
  ])('reads %s', async (_label, source) => {
    expect(await all(readJSONLines(source()))).toEqual(records);
  });

  test('begins anew for each pass, and can be left early', async () => {
    const lines = readJSONLines<{ row: number }>(`${path}.gz`);
    for await (const { row } of lines) if (row === 3) break;
    expect(await all(lines)).toEqual(records);
  });

  test('takes ends of Windows, empty lines, a mark of the byte order and an end without one', async () => {
    const read = (given: string) => all(readJSONLines(new TextEncoder().encode(given)));
    expect(await read('\ufeff{"a":1}\r\n\r\n  \n2\n')).toEqual([{ a: 1 }, 2]);
    expect(await read('')).toEqual([]);
  });

  test('a model trains on the batches of a file', async () => {
    const train = async (run: (model: Sequential) => Promise<unknown>) => {
      setRandomSeed(1);
      const model = new Sequential([new Dense(1)]);
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      await run(model);
      return model.getWeights().map(({ data }) => data);
    };
    const batches = async function* () {
      for await (const { row } of readJSONLines<{ row: number }>(path)) yield [[[row / 500]], [[row / 250]]] as const;
    };
    const [x, y] = [records.map(({ row }) => [row / 500]), records.map(({ row }) => [row / 250])];
    const ofFile = await train((model) => model.fit(batches, { epochs: 2, verbose: 0 }));
    expect(ofFile).toEqual(await train((model) => model.fit(x, y, { epochs: 2, batchSize: 1, shuffle: false, verbose: 0 })));
  });

  test.each<[string, () => DataSource, new (...args: never[]) => Error, RegExp, JSONLinesOptions?]>([
    ['a line that is not JSON', () => new TextEncoder().encode('{}\n\n{"a":}\n'), FormatError, /line 3 of the bytes is not JSON/],
    ['a missing file', () => join(folder, 'no.jsonl'), FileError, /cannot read .*no\.jsonl: there is no file \S*no\.jsonl$/],
    ['a missing address', () => `${address}/no.jsonl`, FileError, /answered 404/],
    ['gzip that is cut', () => gzipSync(bytes).subarray(0, 200), FileError, /cannot unpack the bytes, which begins as gzip/],
    ['no UTF-8', () => Uint8Array.of(0x31, 0x0a, 0xff), FormatError, /the bytes is not UTF-8, in or after line 1/],
    ['an endless line', () => pieces(bytes, 20), FormatError, /line 1 of the stream is longer than 10 characters/, { maxLineLength: 10 }],
    ['texts for bytes', () => Readable.from(['{}']) as never, ArgumentError, /the stream must give bytes/],
  ])('%s is an error with its place', async (_label, source, type, message, options) => {
    const read = all(readJSONLines(source(), options));
    await expect(read).rejects.toThrow(type);
    await expect(read).rejects.toThrow(message);
  });

  test('a wrong source and a wrong option are errors of the call', () => {
    expect(() => readJSONLines(5 as never)).toThrow(/readJSONLines takes a path, an address, a File, bytes or a stream, got 5/);
    expect(() => readJSONLines(path, { limit: 5 } as never)).toThrow(ArgumentError);
  });
});

interface NpyCase {
  readonly dtype: string;
  readonly array: GoldenTensor;
  readonly bytes: string;
}

describe('a bound on the bytes that are read', () => {
  // 128 MB that are packed to 128 kB.
  const packed = gzipSync(new Uint8Array(2 ** 27).fill(10));

  test.each<[string, (source: DataSource, maxBytes: number) => Promise<unknown>]>([
    ['readCSV', (source, maxBytes) => readCSV(source, { maxBytes })],
    ['readCSVRows', (source, maxBytes) => all(readCSVRows(source, { maxBytes, maxRowLength: 2 ** 27 }))],
    ['readJSONLines', (source, maxBytes) => all(readJSONLines(source, { maxBytes }))],
    ['readNpy', (source, maxBytes) => readNpy(source, { maxBytes })],
    ['readNpyRows', (source, maxBytes) => all(readNpyRows(source, { maxBytes }))],
    ['readNpz', (source, maxBytes) => readNpz(source, { maxBytes })],
    ['readParquet', (source, maxBytes) => readParquet(source, { maxBytes })],
    ['readTs', (source, maxBytes) => readTs(source, { maxBytes })],
    ['readCoNLL', (source, maxBytes) => readCoNLL(source, { maxBytes })],
  ])('%s stops to unpack gzip there', async (name, read) => {
    let given = 0;
    const parts = async function* () {
      for (let start = 0; start < packed.length; start += 256) {
        given += 256;
        yield packed.subarray(start, start + 256);
      }
    };
    const error = await read(parts(), 1_000_000).catch((found: unknown) => found);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toBe(
      `${name}: the stream has more than 1000000 bytes, unpacked: give a higher bound, { maxBytes }, if they fit in memory`,
    );
    expect(given).toBeLessThan(packed.length / 4);
    await expect((async () => read(packed, 0))()).rejects.toThrow(ArgumentError);
  });

  test('holds for files, whole and row by row', async () => {
    const file = join(folder, 'values.npy');
    const golden = readGolden<{ arrays: NpyCase[] }>('npy').arrays[0] as NpyCase;
    const values = Buffer.from(golden.bytes, 'base64');
    writeFileSync(file, values);
    expect([...(await readNpy(file, { maxBytes: values.length })).data]).toEqual(golden.array.data);
    await expect(readNpy(file, { maxBytes: values.length - 1 })).rejects.toThrow(/values\.npy has more than \d+ bytes/);
    await expect(all(readJSONLines(path, { maxBytes: bytes.length - 1 }))).rejects.toThrow(FormatError);
    expect(await all(readJSONLines(path, { maxBytes: bytes.length }))).toHaveLength(500);
  });

  test.skipIf(process.platform === 'win32')('a pipe, which has no size, is read to its end', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const writing = writeFile(pipe, bytes);
    expect(await all(readJSONLines(pipe))).toEqual(records);
    await writing;
  });

  test('what has just as many is read', async () => {
    expect(await all(readJSONLines(gzipSync(bytes), { maxBytes: bytes.length }))).toEqual(records);
    await expect(all(readJSONLines(bytes, { maxBytes: bytes.length - 1 }))).rejects.toThrow(FormatError);
  });
});

describe('readNpy', () => {
  const { arrays, fortran } = readGolden<{ arrays: NpyCase[]; fortran: NpyCase[] }>('npy');
  const bytesOf = ({ bytes }: NpyCase) => new Uint8Array(Buffer.from(bytes, 'base64'));

  test.each(arrays)('reads $dtype of shape $array.shape', async (golden) => {
    for (const bytes of [bytesOf(golden), gzipSync(bytesOf(golden))]) {
      const { shape, data } = await readNpy(bytes);
      expect(shape).toEqual(golden.array.shape);
      expect([...data]).toEqual(golden.array.data);
    }
  });

  test.each(arrays)('reads $dtype of shape $array.shape wherever its values begin', async (golden) => {
    const whole = Buffer.from(bytesOf(golden)).toString('latin1');
    const length = bytesOf(golden)[8] as number;
    for (let more = 1; more <= 8; more++) {
      const bytes = new Uint8Array(
        Buffer.from(
          `${whole.slice(0, 8)}${String.fromCharCode(length + more)}${whole.slice(9, 10)}${' '.repeat(more)}${whole.slice(10)}`,
          'latin1',
        ),
      );
      const before = bytes.slice();
      expect([...(await readNpy(bytes)).data]).toEqual(golden.array.data);
      // The user's own bytes stay as they are, also of the other order of bytes.
      expect(bytes).toEqual(before);
    }
  });

  test('an array of a file lies in the memory that was read, and one of given bytes does not', async () => {
    const golden = arrays.find(({ dtype }) => dtype === '>f8') as NpyCase;
    const bytes = bytesOf(golden);
    const file = join(folder, 'own.npy');
    writeFileSync(file, bytes);
    expect((await readNpy(file)).data.buffer.byteLength).toBe(bytes.length);
    const before = bytes.slice();
    const own = bytes.buffer.slice(0) as ArrayBuffer;
    for (const source of [own, pieces(bytes, bytes.length), pieces(bytes, 7)])
      expect([...(await readNpy(source as DataSource)).data]).toEqual(golden.array.data);
    expect(bytes).toEqual(before);
    expect(new Uint8Array(own)).toEqual(before);
    await expect(readNpy(file, { maxBytes: 10.5 })).rejects.toThrow(FormatError);
  });

  test('keeps the type of the values', async () => {
    const types = await Promise.all(arrays.map(async (golden) => [golden.dtype, (await readNpy(bytesOf(golden))).data.constructor.name]));
    const named = Object.fromEntries(types);
    expect(named).toMatchObject({
      '<f4': 'Float32Array',
      '>f8': 'Float64Array',
      '<i8': 'Float64Array',
      '|u1': 'Uint8Array',
      '|b1': 'Uint8Array',
    });
  });

  const [first] = arrays as [NpyCase];
  const withHeader = (change: (text: string) => string) => {
    const text = Buffer.from(bytesOf(first)).toString('latin1');
    return new Uint8Array(Buffer.from(change(text), 'latin1'));
  };
  test.each<[string, () => Uint8Array, RegExp]>([
    ['the order of Fortran', () => bytesOf(fortran[0] as NpyCase), /Fortran order: save numpy\.ascontiguousarray/],
    ['another file', () => new TextEncoder().encode('PK and more'), /is not a file of numpy\.save/],
    ['a cut file', () => bytesOf(first).slice(0, -1), /has 47 bytes of values, but shape \[3, 4\] of f4 needs 48/],
    ['a cut header', () => bytesOf(first).slice(0, 40), /is truncated/],
    ['another type', () => withHeader((text) => text.replace('<f4', '<c8')), /holds values of type 'c8'/],
    ['a structured array', () => withHeader((text) => text.replace("'<f4'", '[]    ')), /header that is not understood/],
  ])('%s is an error', async (_label, bytes, message) => {
    await expect(readNpy(bytes())).rejects.toThrow(FormatError);
    await expect(readNpy(bytes())).rejects.toThrow(message);
  });

  test('an integer that no float64 holds is an error', async () => {
    const golden = arrays.find(({ dtype }) => dtype === '<i8') as NpyCase;
    const bytes = bytesOf(golden);
    bytes.fill(0x7f, bytes.length - 8);
    await expect(readNpy(bytes)).rejects.toThrow(/the bytes has the value \d+ at 11, which no float64 represents exactly/);
  });
});
