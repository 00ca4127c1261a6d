import { mkdirSync, mkdtempSync, openAsBlob, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as hyparquet from 'hyparquet';
import { describe, expect, test, vi } from 'vitest';
import { type AtHand, atHand } from '../../ts/data/atHand.ts';
import {
  ArgumentError,
  type BatchLike,
  batchRows,
  type DataSource,
  Dense,
  FileError,
  FormatError,
  readCSVRows,
  readFiles,
  readJSONLines,
  readParquet,
  readParquetRows,
  Sequential,
  setRandomSeed,
} from '../../ts/index.ts';
import { readGolden } from '../golden/goldenFiles.ts';
import { collectGarbage } from '../support/steadyHeap.ts';

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

const numbersTo = (count: number) => Array.from({ length: count }, (_, row) => row);
const flat = (batches: readonly BatchLike[]) => batches.map(([x]) => x as number[]);
const asBatch = (rows: number[]): BatchLike => [rows, rows.map((row) => 2 * row)];

const folder = mkdtempSync(join(tmpdir(), 'backtime-files-'));
for (const [name, rows] of [
  ['a.csv', [0, 1, 2]],
  ['b.csv', [3, 4]],
  ['c1.csv', [5]],
  ['c10.csv', [6, 7]],
  ['.hidden.csv', [99]],
  ['d.txt', [98]],
  ['deep/e.csv', [8]],
  ['deep/er/f.csv', [9]],
] as const) {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), `x,y\n${rows.map((row) => `${row},${2 * row}\n`).join('')}`);
}
writeFileSync(join(folder, 'z.csv.gz'), gzipSync('x,y\n10,20\n'));
symlinkSync(folder, join(folder, 'deep', 'loop'));

const read = async (files: string | DataSource[], options?: object, epoch?: number) =>
  (await all(readFiles(files, readCSVRows, options)(epoch))).map(({ x }) => Number(x));

describe('readFiles', () => {
  test.each<[string, string | DataSource[], number[]]>([
    ['a path', `${folder}/b.csv`, [3, 4]],
    ['paths', [`${folder}/b.csv`, `${folder}/a.csv`], [3, 4, 0, 1, 2]],
    ['bytes beside a path', [new TextEncoder().encode('x,y\n50,1\n51,1\n'), `${folder}/b.csv`], [50, 51, 3, 4]],
    ['a pattern', `${folder}/*.csv`, [0, 1, 2, 3, 4, 5, 6, 7]],
    ['a pattern of one character', `${folder}/c?.csv`, [5]],
    ['a pattern of packed files', `${folder}/*.csv.gz`, [10]],
    ['a name that begins with a dot', `${folder}/.*.csv`, [99]],
    ['any folders', `${folder}/**/*.csv`, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['a pattern of folders', `${folder}/d*p/*.csv`, [8]],
    ['a folder after any', `${folder}/**/er/f.csv`, [9]],
    ['all in a folder', `${folder}/deep/er/**`, [9]],
    ['patterns and paths', [`${folder}/deep/*.csv`, `${folder}/b.csv`], [8, 3, 4]],
  ])('reads %s', async (_, files, expected) => {
    expect(await read(files)).toEqual(expected);
  });

  test('each epoch has another order of the files, by the seed', async () => {
    const files = `${folder}/**/*.csv`;
    const orders = await Promise.all(numbersTo(6).map((epoch) => read(files, { shuffle: true, seed: 3 }, epoch)));
    for (const order of orders) {
      expect([...order].sort((a, b) => a - b)).toEqual(numbersTo(10));
      // The rows of a file stay together.
      expect(order.indexOf(1)).toBe(order.indexOf(0) + 1);
    }
    expect(new Set(orders.map(String)).size).toBeGreaterThan(4);
    expect(await read(files, { shuffle: true, seed: 3 }, 2)).toEqual(orders[2]);
    expect(await read(files, { shuffle: true, seed: 4 }, 2)).not.toEqual(orders[2]);
    expect(await read(files, { shuffle: false }, 2)).toEqual(numbersTo(10));
  });

  test.each<[string, () => Promise<unknown>, new (...args: never[]) => Error, RegExp]>([
    ['a pattern without files', () => read(`${folder}/*.json`), FileError, /^readFiles: no file matches '.*\*\.json'$/],
    ['a folder that is not there', () => read(`${folder}/no/*.csv`), FileError, /no file matches/],
    ['a missing file', () => read([`${folder}/no.csv`]), FileError, /cannot read .*no\.csv: there is no file \S*no\.csv$/],
    ['no files', () => read([]), ArgumentError, /readFiles: there are no files/],
    [
      'something else',
      () => read(5 as never),
      ArgumentError,
      /takes a path, a pattern such as 'logs\/\*\.csv' or an array of files, got 5/,
    ],
    ['a source that is none', () => read([5 as never]), ArgumentError, /readFiles takes a path, an address/],
    ['an unknown option', () => read(`${folder}/a.csv`, { shufle: true }), ArgumentError, /unknown option 'shufle'.*shuffle/],
    [
      'a reader that is none',
      () => all(readFiles(`${folder}/a.csv`, 'csv' as never)()),
      ArgumentError,
      /read must be a function that makes the rows/,
    ],
  ])('refuses %s', async (_, run, type, message) => {
    await expect(run()).rejects.toThrow(type);
    await expect(run()).rejects.toThrow(message);
  });
});

describe('readFiles', () => {
  /** Rows of three files, and what was read of them. */
  const threeFiles = (prefetch: boolean, failing = -1) => {
    const seen: string[] = [];
    const read = async function* (file: DataSource) {
      const [number] = file as Uint8Array;
      seen.push(`opened ${number}`);
      try {
        if (number === failing) throw new RangeError(`file ${number}`);
        for (let row = 0; row < 2; row++) yield `${number}${row}`;
      } finally {
        seen.push(`closed ${number}`);
      }
    };
    return { rows: readFiles([Uint8Array.of(0), Uint8Array.of(1), Uint8Array.of(2)], read, { prefetch })(), seen };
  };

  test('opens a file when the rows of the one before are used, or with prefetch before', async () => {
    for (const prefetch of [false, true]) {
      const { rows, seen } = threeFiles(prefetch);
      const iterator = rows[Symbol.asyncIterator]();
      const found = [(await iterator.next()).value];
      expect(seen).toEqual(prefetch ? ['opened 0', 'opened 1'] : ['opened 0']);
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) found.push(next.value);
      expect(found).toEqual(['00', '01', '10', '11', '20', '21']);
      expect([...seen].sort()).toEqual(['closed 0', 'closed 1', 'closed 2', 'opened 0', 'opened 1', 'opened 2']);
    }
  });

  test('closes what it has opened when it is left early', async () => {
    for (const prefetch of [false, true]) {
      const { rows, seen } = threeFiles(prefetch);
      for await (const _ of rows) break;
      const expected = prefetch ? ['opened 0', 'opened 1', 'closed 0', 'closed 1'] : ['opened 0', 'closed 0'];
      await vi.waitFor(() => expect(seen).toEqual(expected), { timeout: 60_000 });
    }
  });

  test('throws the error of a file after the rows of those before', async () => {
    for (const prefetch of [false, true]) {
      const found: string[] = [];
      const { rows, seen } = threeFiles(prefetch, 1);
      const reading = (async () => {
        for await (const row of rows) {
          found.push(row);
          // A rejection that nobody handles would end the process.
          await new Promise((resolve) => setTimeout(resolve, 0));
        }
      })();
      await expect(reading).rejects.toThrow('file 1');
      expect(found).toEqual(['00', '01']);
      expect(seen).not.toContain('opened 2');
    }
  });

  test('does not wait for a file that never answers when another fails or the loop is left', async () => {
    const read = async function* (file: DataSource) {
      const [number] = file as Uint8Array;
      if (number === 1) await new Promise(() => {});
      yield* [1, 2];
    };
    const files = [Uint8Array.of(0), Uint8Array.of(1)];
    for await (const _ of readFiles(files, read, { prefetch: true })()) break;
    const batches = batchRows(
      readFiles(files, read, { prefetch: true }),
      () => {
        throw new RangeError('no batch');
      },
      { batchSize: 1 },
    );
    await expect(all(batches())).rejects.toThrow('no batch');
  });

  test('prefetch changes no order, and files without rows end nothing', async () => {
    const files = Array.from({ length: 9 }, (_, number) => Uint8Array.of(number));
    const read = (file: DataSource) => (((file as Uint8Array)[0] as number) % 4 === 0 ? [] : [(file as Uint8Array)[0]]);
    const rowsOf = (prefetch: boolean) => all(readFiles(files, read, { shuffle: true, seed: 3, prefetch })(2));
    expect(await rowsOf(true)).toEqual(await rowsOf(false));
    expect(await all(readFiles(files, read, { prefetch: true })())).toEqual([1, 2, 3, 5, 6, 7]);
  });

  /** Three rows of each file, in all the ways in which `read` can give them. */
  const rowsIn = (file: DataSource) => [0, 1, 2].map((row) => 10 * ((file as Uint8Array)[0] as number) + row);
  const generated = function* (file: DataSource) {
    yield* rowsIn(file);
  };
  const waited = async function* (file: DataSource) {
    yield* rowsIn(file);
  };
  const numberOf = (file: DataSource) => (file as Uint8Array)[0] as number;

  test.each<[string, (file: DataSource) => Iterable<number> | AsyncIterable<number> | Promise<Iterable<number> | AsyncIterable<number>>]>([
    ['an array', rowsIn],
    ['a generator', generated],
    ['a promise of an array', async (file) => rowsIn(file)],
    ['a promise of a generator', async (file) => generated(file)],
    ['a promise of an async generator', async (file) => waited(file)],
    ['each of these', (file) => [rowsIn, generated, waited, async (of: DataSource) => rowsIn(of)][numberOf(file) % 4]?.(file) ?? []],
    ['rows or none', (file) => (numberOf(file) % 2 === 0 ? [] : rowsIn(file))],
  ])('rows of %s are those of an async generator, in the same order', async (_, read) => {
    const files = Array.from({ length: 7 }, (_, number) => Uint8Array.of(number));
    const asGenerator = async function* (file: DataSource) {
      yield* await read(file);
    };
    for (const prefetch of [false, true]) {
      for (const [batchSize, shuffleBuffer] of [
        [1, 1],
        [4, 1],
        [4, 5],
        [2, 100],
      ] as const) {
        const batches = (rows: typeof read) => {
          const source = readFiles(files, rows, { shuffle: true, seed: 2, prefetch });
          return all(batchRows<number>(source, (batch) => [batch], { batchSize, shuffleBuffer })(1));
        };
        expect(await batches(read)).toEqual(await batches(asGenerator));
      }
      const rows = await all(readFiles(files, read, { prefetch })());
      expect(rows).toEqual(await all(readFiles(files, asGenerator, { prefetch })()));
    }
  });

  test('rows that need no waiting are read no further than batches need, and closed when these are left', async () => {
    const seen: string[] = [];
    const read = function* (file: DataSource) {
      try {
        for (let row = 0; row < 9; row++) {
          seen.push(`${numberOf(file)}${row}`);
          yield row;
        }
      } finally {
        seen.push('closed');
      }
    };
    const files = [Uint8Array.of(0), Uint8Array.of(1)];
    const iterator = batchRows(readFiles(files, read), (rows) => [rows], { batchSize: 2 })()[Symbol.asyncIterator]();
    for (const number of [0, 1]) {
      expect((await iterator.next()).value).toEqual([[2 * number, 2 * number + 1]]);
      expect(seen).toHaveLength(2 * number + 2);
    }
    await iterator.return?.();
    expect(seen).toEqual(['00', '01', '02', '03', 'closed']);
    seen.length = 0;
    const failing = batchRows(
      readFiles(files, read),
      () => {
        throw new RangeError('no batch');
      },
      { batchSize: 3 },
    );
    await expect(all(failing())).rejects.toThrow('no batch');
    expect(seen).toEqual(['00', '01', '02', 'closed']);
  });

  test('rows that need no waiting are at hand once the file was begun, and come once', async () => {
    const read = (file: DataSource) => (numberOf(file) === 1 ? waited(file) : generated(file));
    const iterator: AtHand<number> = readFiles(
      [0, 1, 2].map((number) => Uint8Array.of(number)),
      read,
    )()[Symbol.asyncIterator]();
    expect([...atHand(iterator)]).toEqual([]);
    expect((await iterator.next()).value).toBe(0);
    for (const row of atHand(iterator)) {
      expect(row).toBe(1);
      break;
    }
    expect((await iterator.next()).value).toBe(10);
    expect([...atHand(iterator)]).toEqual([]);
    for (const row of [11, 12, 20]) expect((await iterator.next()).value).toBe(row);
    expect([...atHand(iterator)]).toEqual([21, 22]);
    expect([...atHand(iterator)]).toEqual([]);
    expect((await iterator.next()).done).toBe(true);
  });

  test('an error among rows that need no waiting comes after those before it', async () => {
    const read = function* () {
      yield* [1, 2, 3];
      throw new RangeError('the row');
    };
    const found: unknown[] = [];
    const reading = (async () => {
      for await (const batch of batchRows(readFiles([Uint8Array.of(0)], read), (rows) => [rows], { batchSize: 1 })()) found.push(batch);
    })();
    await expect(reading).rejects.toThrow('the row');
    expect(found).toEqual([[[1]], [[2]], [[3]]]);
  });

  test('refuses a function that gives no rows', async () => {
    await expect(all(readFiles([Uint8Array.of(0)], (() => 5) as never)())).rejects.toThrow(
      'readFiles: read must return the rows of a file, an iterable, got 5',
    );
  });
});

describe('batchRows', () => {
  test('makes batches in the order of the rows', async () => {
    const batches = batchRows(numbersTo(10), asBatch, { batchSize: 4 });
    expect(await all(batches())).toEqual([numbersTo(4), [4, 5, 6, 7], [8, 9]].map(asBatch));
    // It begins anew.
    expect(flat(await all(batches()))).toHaveLength(3);
    expect(flat(await all(batchRows(numbersTo(10), asBatch, { batchSize: 4, dropRemainder: true })()))).toHaveLength(2);
    expect(flat(await all(batchRows(numbersTo(40), asBatch)())).map(({ length }) => length)).toEqual([32, 8]);
    expect(await all(batchRows([], asBatch)())).toEqual([]);
  });

  test('draws rows of a buffer, anew for each epoch, by the seed', async () => {
    const rowsOf = async (epoch: number, seed = 1) =>
      flat(await all(batchRows(numbersTo(50), asBatch, { batchSize: 7, shuffleBuffer: 10, seed })(epoch))).flat();
    const first = await rowsOf(0);
    expect([...first].sort((a, b) => a - b)).toEqual(numbersTo(50));
    expect(first).not.toEqual(numbersTo(50));
    // A row comes at most as much earlier as the buffer is long.
    for (const [place, row] of first.entries()) expect(row).toBeLessThan(place + 10);
    expect(await rowsOf(0)).toEqual(first);
    expect(await rowsOf(1)).not.toEqual(first);
    expect(await rowsOf(0, 2)).not.toEqual(first);
    // A buffer of all rows gives every order.
    const heads = new Set(
      await Promise.all(
        numbersTo(40).map(async (epoch) => flat(await all(batchRows(numbersTo(3), asBatch, { shuffleBuffer: 9 })(epoch))).join()),
      ),
    );
    expect(heads.size).toBe(6);
  });

  test('reads no row before it is needed', async () => {
    let given = 0;
    const rows = function* () {
      for (; given < 1000; ) yield given++;
    };
    for await (const _ of batchRows(rows, asBatch, { batchSize: 5, shuffleBuffer: 20 })()) break;
    expect(given).toBe(24);
  });

  test('gives the rows the number of the epoch, and leaves out the rows of a last batch only', async () => {
    const epochs: number[] = [];
    const rows = (epoch: number) => {
      epochs.push(epoch);
      return numbersTo(10);
    };
    const batches = batchRows(rows, asBatch, { batchSize: 4, shuffleBuffer: 6, dropRemainder: true });
    expect(flat(await all(batches(3)))).toHaveLength(2);
    await all(batches());
    expect(epochs).toEqual([3, 0]);
  });

  test.each<[string, () => AsyncIterable<BatchLike>, RegExp]>([
    ['an unknown option', () => batchRows([1], asBatch, { batch: 5 } as never)(), /batchRows: unknown option 'batch'/],
    ['a size of 0', () => batchRows([1], asBatch, { batchSize: 0 })(), /batchRows: batchSize/],
    ['a buffer of 0', () => batchRows([1], asBatch, { shuffleBuffer: 0 })(), /batchRows: shuffleBuffer/],
    ['no rows', () => batchRows((() => 5) as never, asBatch)(), /takes an iterable of rows or a function that makes one, got 5/],
  ])('refuses %s', async (_, batches, message) => {
    await expect(all(batches())).rejects.toThrow(ArgumentError);
    await expect(all(batches())).rejects.toThrow(message);
  });

  test('fit trains on the files in the order of each epoch', async () => {
    const toBatch = (rows: Readonly<Record<string, string>>[]): BatchLike => [
      rows.map(({ x }) => [Number(x) / 10]),
      rows.map(({ y }) => [Number(y) / 10]),
    ];
    const batches = batchRows(readFiles(`${folder}/**/*.csv`, readCSVRows, { shuffle: true, seed: 5 }), toBatch, {
      batchSize: 4,
      shuffleBuffer: 3,
    });
    const train = async (run: (model: Sequential) => Promise<unknown>) => {
      setRandomSeed(2);
      const model = new Sequential([new Dense(1)]);
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      await run(model);
      return model.getWeights().map(({ data }) => data);
    };
    const whole = await train((model) => model.fit(batches, { epochs: 3, verbose: 0 }));
    // Each epoch by itself, and the epochs count on in a second run.
    const byEpoch = await train(async (model) => {
      for (let epoch = 0; epoch < 3; epoch++) {
        const items = await all(batches(epoch));
        await model.fit(() => items, { epochs: 1, verbose: 0 });
      }
    });
    expect(whole).toEqual(byEpoch);
    const twice = await train(async (model) => {
      await model.fit(batches, { epochs: 1, verbose: 0 });
      await model.fit(batches, { epochs: 2, verbose: 0 });
    });
    expect(twice).toEqual(whole);
    const sameOrder = await train((model) => model.fit(() => batches(0), { epochs: 3, verbose: 0 }));
    expect(sameOrder).not.toEqual(whole);
  });

  test('half a million rows need the memory of some batches', async () => {
    const count = 500_000;
    const parts = async function* () {
      yield new TextEncoder().encode('id,value,text\n');
      for (let from = 0; from < count; from += 1000)
        yield new TextEncoder().encode(
          numbersTo(1000)
            .map((row) => `${from + row},${(from + row) % 7},"row ${from + row}, of many"\n`)
            .join(''),
        );
    };
    const rows = () => readCSVRows(parts());
    let [seen, sum, most] = [0, 0, 0];
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for await (const [x] of batchRows(rows, (batch) => [batch.map(({ value }) => [Number(value)])], {
      batchSize: 500,
      shuffleBuffer: 2000,
    })()) {
      for (const [value] of x as number[][]) sum += value as number;
      seen += (x as number[][]).length;
      if (seen % 50_000 > 0) continue;
      collectGarbage();
      most = Math.max(most, process.memoryUsage().heapUsed - before);
    }
    expect(seen).toBe(count);
    expect(sum).toBe(Array.from({ length: count }, (_, row) => row % 7).reduce((total, value) => total + value, 0));
    // The rows have 17 MB as text, and many times as much as records.
    expect(most).toBeLessThan(8 * 2 ** 20);
  });
});

describe('readParquetRows', () => {
  const { parquet, rowGroups, nested } = readGolden<{ parquet: string[]; rowGroups: [string]; nested: string[] }>('archives');
  const decoded = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
  const path = join(folder, 'rows.parquet');
  writeFileSync(path, decoded(rowGroups[0]));

  test('reads what readParquet reads', async () => {
    const bytes = decoded(parquet[0] as string);
    expect(await all(readParquetRows(bytes))).toEqual([...(await readParquet(bytes)).rows()]);
    expect(await all(readParquetRows(bytes, { columns: ['n'], hyparquet }))).toEqual([1, 2, 3, 4].map((n) => ({ n })));
  });

  test.each<[string, () => DataSource | Promise<DataSource>]>([
    ['a path', () => path],
    ['a blob', () => openAsBlob(path)],
    ['bytes', () => decoded(rowGroups[0])],
    ['a stream', async () => (await openAsBlob(path)).stream()],
  ])('reads the groups of rows of %s', async (_, source) => {
    const rows = await all(readParquetRows(await source()));
    expect(rows).toEqual(numbersTo(1000).map((n) => ({ n, text: `row ${n}` })));
  });

  test('reads no group before it is needed', async () => {
    const bytes = decoded(rowGroups[0]);
    let read = 0;
    const file = new Blob([bytes]);
    const slice = file.slice.bind(file);
    file.slice = (start, end) => {
      read += (end as number) - (start as number);
      return slice(start, end);
    };
    const metadata = 4 + new DataView(bytes.buffer).getUint32(bytes.length - 8, true) + 8;
    const rows = readParquetRows(file, {
      hyparquet: {
        ...hyparquet,
        parquetMetadataAsync: (of: never) => hyparquet.parquetMetadataAsync(of, { initialFetchSize: metadata }),
      } as never,
    });
    for await (const { n } of rows) if (n === 150) break;
    expect(read).toBeLessThan(metadata + (bytes.length - metadata) / 3);
  });

  test('refuses other files, nested columns and unknown names', async () => {
    await expect(all(readParquetRows(new TextEncoder().encode('a,b\n1,2\n')))).rejects.toThrow(FormatError);
    await expect(all(readParquetRows(decoded(nested[0] as string)))).rejects.toThrow(
      /^readParquetRows: the bytes: row 1, column 'list', holds/,
    );
    await expect(all(readParquetRows(path, { columns: ['z'] }))).rejects.toThrow(/there is no column 'z' in .*; its columns are n, text/);
    await expect(all(readParquetRows(join(folder, 'no.parquet')))).rejects.toThrow(FileError);
    expect(() => readParquetRows(5 as never)).toThrow(ArgumentError);
  });

  test('readJSONLines reads files, too', async () => {
    const paths = [0, 1].map((file) => join(folder, `${file}.jsonl`));
    for (const [file, each] of paths.entries()) writeFileSync(each, `{"n":${file}}\n{"n":${file + 10}}\n`);
    expect(await all(readFiles(join(folder, '*.jsonl'), (file) => readJSONLines<{ n: number }>(file))())).toEqual(
      [0, 10, 1, 11].map((n) => ({ n })),
    );
  });
});
