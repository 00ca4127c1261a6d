import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeColumn } from '../../ts/data/columnKinds.ts';
import { parseDates } from '../../ts/data/parseDates.ts';
import { parseNumber } from '../../ts/data/parseNumber.ts';
import { Table } from '../../ts/data/table.ts';
import {
  ArgumentError,
  type CSVOptions,
  DataError,
  FileError,
  FormatError,
  readCSV,
  readCSVRows,
  readNpz,
  readParquet,
  readTs,
  setWarningHandler,
  tableFromRows,
} from '../../ts/index.ts';
import { type GoldenTensor, readGolden } from '../golden/goldenFiles.ts';
import { RandomArrays } from '../support/randomArrays.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
/** The beginning of a PNG file, which has no byte that is 0. */
const IMAGE = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x49, 0x48, 0x44, 0x52]);
const read = (text: string, options?: CSVOptions) => readCSV(bytesOf(text), options);
const rowsOf = (table: Table) => [...table.rows()];
const day = (iso: string) => Date.parse(`${iso}T00:00:00Z`);

async function failure(run: () => Promise<unknown>): Promise<Error> {
  return run().then(
    () => expect.fail('nothing was thrown'),
    (error: Error) => error,
  );
}

describe('readCSV', () => {
  test.each<[string, string, Record<string, string>[]]>([
    [
      'commas',
      'a,b\n1,2\n3,4\n',
      [
        { a: '1', b: '2' },
        { a: '3', b: '4' },
      ],
    ],
    [
      'semicolons and decimal commas',
      'day;x\n1.2.2024;1,5\n2.2.2024;2,5\n',
      [
        { day: '1.2.2024', x: '1,5' },
        { day: '2.2.2024', x: '2,5' },
      ],
    ],
    [
      'tabs',
      'a\tb\n1\t2\n3\t4',
      [
        { a: '1', b: '2' },
        { a: '3', b: '4' },
      ],
    ],
    [
      'ends of Windows',
      'a,b\r\n1,2\r\n3,4\r\n',
      [
        { a: '1', b: '2' },
        { a: '3', b: '4' },
      ],
    ],
    [
      'ends of old Macs',
      'a,b\r1,2\r3,4\r',
      [
        { a: '1', b: '2' },
        { a: '3', b: '4' },
      ],
    ],
    [
      'quotes',
      't,n\n"a, ""b""\nc",1\n d ,2\n',
      [
        { t: 'a, "b"\nc', n: '1' },
        { t: ' d ', n: '2' },
      ],
    ],
    ['a mark of the byte order', '\ufeffa,b\n1,2\n', [{ a: '1', b: '2' }]],
    [
      'an empty name',
      ',a\n0,1.5\n1,2.5\n2,3.5\n',
      [
        { index: '0', a: '1.5' },
        { index: '1', a: '2.5' },
        { index: '2', a: '3.5' },
      ],
    ],
    [
      'equal names',
      'a,a,b\n1,2,3\n4,5,6\n',
      [
        { a: '1', a_2: '2', b: '3' },
        { a: '4', a_2: '5', b: '6' },
      ],
    ],
    [
      'no names',
      '1.5,x\n2.5,y\n3.5,x\n',
      [
        { column1: '1.5', column2: 'x' },
        { column1: '2.5', column2: 'y' },
        { column1: '3.5', column2: 'x' },
      ],
    ],
    [
      'names that are numbers',
      '0,1,2,class\n1.5,2,3,a\n4,5,6.5,b\n1,1,1,a\n2,2,2,b\n',
      [
        { 0: '1.5', 1: '2', 2: '3', class: 'a' },
        { 0: '4', 1: '5', 2: '6.5', class: 'b' },
        { 0: '1', 1: '1', 2: '1', class: 'a' },
        { 0: '2', 1: '2', 2: '2', class: 'b' },
      ],
    ],
    [
      'titles',
      'Sales\nof 2024\n\nday,n\n2024-01-01,5\n2024-01-02,6\n',
      [
        { day: '2024-01-01', n: '5' },
        { day: '2024-01-02', n: '6' },
      ],
    ],
    [
      'units',
      'time,v\n[s],[m/s]\n1,2.5\n2,2.7\n',
      [
        { time: '1', v: '2.5' },
        { time: '2', v: '2.7' },
      ],
    ],
    ['comments', '# made by a logger\na,b\n1,2\n', [{ a: '1', b: '2' }]],
  ])('reads %s', async (_, text, expected) => {
    expect(rowsOf(await read(text))).toEqual(expected);
  });

  test('rows are not lost: hash signs, empty cells, empty lines, sparse first rows', async () => {
    expect((await read('text,label\n#love this film,pos\nbad,neg\n')).texts('text')).toEqual(['#love this film', 'bad']);
    expect(rowsOf(await read('# time,value\n1,2.5\n3,4.5\n'))).toEqual([
      { time: '1', value: '2.5' },
      { time: '3', value: '4.5' },
    ]);
    expect((await read('a,b\n1,2\n# pause\n3,4\n', { comments: '#' })).texts('a')).toEqual(['1', '3']);
    expect((await read('a,b\n1,2\n,\n3,4\n')).texts('a')).toEqual(['1', '', '3']);
    expect((await read('x\n1\n\n3\n\n')).texts('x')).toEqual(['1', '', '3']);
    const sparse = await read('2024-01-01,,,\n2024-01-02,1,2,3\n2024-01-03,1,2,3\n2024-01-04,1,2,3\n', { header: false });
    expect(sparse.rowCount).toBe(4);
    const skipping = await read('a,b\n1,2\n3\n5,6\n', { badRows: 'skip' });
    expect([skipping.skippedRows, skipping.select(['a']).skippedRows]).toEqual([[3], [3]]);
  });

  test.each<[string, Uint8Array]>([
    ['Windows-1252', Uint8Array.from([...bytesOf('name,x\nM'), 0xfc, ...bytesOf('ll,1\nb,2\n')])],
    ['UTF-16', new Uint8Array(Buffer.from('\ufeffname,x\nMüll,1\nb,2\n', 'utf16le'))],
    ['UTF-16 without a mark', new Uint8Array(Buffer.from('name,x\nMüll,1\nb,2\n', 'utf16le'))],
    ['gzip', new Uint8Array(gzipSync('name,x\nMüll,1\nb,2\n'))],
  ])('finds out %s', async (_, bytes) => {
    expect((await readCSV(bytes)).texts('name')).toEqual(['Müll', 'b']);
  });

  test.each<[string, Uint8Array | string, CSVOptions | undefined, new (...args: never[]) => Error, RegExp]>([
    [
      'a row of fewer fields',
      'a,b\n1,2\n3\n',
      undefined,
      FormatError,
      /^readCSV: the bytes: line 3 has 1 fields, but the table has 2 columns: .*badRows/,
    ],
    ['a row of more fields', 'a,b\n1,2\n3,4,5\n', undefined, FormatError, /line 3 has 3 fields/],
    ['an open quote', 'a,b\n1,"2\n3,4\n', undefined, FormatError, /line 2 has a quotation mark that is not closed: .*badRows: 'skip'/],
    ['names without rows', 'time,value\n', undefined, FormatError, /has column names, but no rows below them/],
    ['nothing', '', undefined, FormatError, /has no rows/],
    ['blank lines', ' \n\n\t\n', undefined, FormatError, /has no rows/],
    [
      'blank lines without end between rows',
      `a\n1\n${'\n'.repeat(2 ** 20 + 1)}2\n`,
      { header: true, separator: ',' },
      FormatError,
      /has more than 1048576 blank lines from line 3 on/,
    ],
    ['bytes of no text', Uint8Array.from([80, 75, 3, 5, 0, 0, 1, 0]), undefined, FormatError, /is not text: it has bytes that are 0/],
    ['an image', IMAGE, undefined, FormatError, /the bytes is not text: it begins as a PNG image does/],
    ['an image in an encoding', IMAGE, { encoding: 'windows-1252' }, FormatError, /is not text: it begins as a PNG image does/],
    ['a spreadsheet', bytesOf('PK\u0003\u0004a,b\n'), undefined, FormatError, /it begins as a zip archive, such as \.xlsx, does/],
    ['another encoding', Uint8Array.from([97, 0xfc, 10]), { encoding: 'utf-8' }, FormatError, /is not text in utf-8: give its encoding/],
    ['an unknown encoding', 'a', { encoding: 'latin-99' }, ArgumentError, /encoding must be 'auto' or one of/],
    ['an unknown option', 'a', { delimiter: ';' } as never, ArgumentError, /unknown option 'delimiter'/],
    [
      'a row without end',
      `a,b\n"${'x'.repeat(300_000)}`,
      { maxRowLength: 200_000 },
      FormatError,
      /the row that begins on line 2 is longer than 200000 characters/,
    ],
    ['a gzip that is cut', new Uint8Array(gzipSync('a,b\n1,2\n')).subarray(0, 20), undefined, FileError, /cannot unpack/],
  ])('refuses %s', async (_, given, options, errorClass, message) => {
    const error = await failure(() => readCSV(typeof given === 'string' ? bytesOf(given) : given, options));
    expect(error).toBeInstanceOf(errorClass);
    expect(error.message).toMatch(message);
  });

  test('a file that is not there is named', async () => {
    expect((await failure(() => readCSV('/nowhere/data.csv'))).message).toMatch(
      /^readCSV: cannot read \/nowhere\/data\.csv: there is no file \/nowhere\/data\.csv$/,
    );
  });

  test.each<[string, string, CSVOptions, number[]]>([
    ['comments before the table', '# a\n# b\nx,y\n1,2\n3,4\n', {}, [4, 5]],
    ['comments between rows', 'x,y\n1,2\n# a "b\n\n#\n3,4\n#c\n5,6', { comments: '#' }, [2, 6, 8]],
    ['comments and line breaks in quotes', '#a\nx,y\n"1\n#2\n",2\n# b\n3,4', { comments: '#' }, [3, 7]],
    ['blank lines', '\n\nx,y\n\n1,2\n\n\n3,4\n', {}, [5, 8]],
    ['blank lines, quotes and ends of Windows', 'x,y\r\n\r\n"a\r\nb",2\r\n\r\n3,"4\r\n\r\n"\r\n5,6\r\n', {}, [3, 6, 9]],
    ['line breaks in the names', '"x\n(m)","y\n\n(s)"\n1,2\n3,4\n', { header: true }, [5, 6]],
    ['titles and units', 'Sales\n\ntime,v\n[s],[m/s]\n1,2.5\n\n2,2.7\n', {}, [5, 7]],
    ['empty cells of one column', 'x\n\n1\n\n\n"2"\n\n', { header: true }, [2, 3, 4, 5, 6]],
    ['rows that are left out', 'x,y\n1,2\n"3\n"\n5,6\n', { badRows: 'skip' }, [2, 5]],
  ])('a row has the number of its line: %s', async (_, text, options, expected) => {
    // In small parts the table is parsed many times.
    const filler = Array.from({ length: 20_000 }, (_, row) => `"${row}",7\n`).join('');
    const linesOf = (table: Table) => Array.from({ length: expected.length }, (_, row) => table.fileRow(row));
    expect(linesOf(await read(text, options))).toEqual(expected);
    if (expected.length > 3) return;
    const bytes = bytesOf(`${text}${text.endsWith('\n') ? '' : '\n'}${filler}${'\n'.repeat(3)}8,9\n`);
    const parts = async function* () {
      for (let start = 0; start < bytes.length; start += 1013) yield bytes.slice(start, start + 1013);
    };
    const table = await readCSV(parts(), { header: true, separator: ',', ...options });
    expect(linesOf(table)).toEqual(expected);
    const total = new TextDecoder().decode(bytes).split('\n').length - 1;
    expect([table.fileRow(table.rowCount - 2), table.fileRow(table.rowCount - 1)]).toEqual([total - 4, total]);
  });

  test('blank lines without end are refused before they fill the memory', async () => {
    const parts = async function* () {
      for (let part = 0; part < 20; part++) yield bytesOf(' \n'.repeat(2 ** 16));
      yield bytesOf('a,b\n1,2\n');
    };
    expect((await failure(() => readCSV(parts()))).message).toBe('readCSV: the stream: its first 1048576 characters are blank');
  });

  test('errors name the line', async () => {
    const table = await read('# a\nx,y\n\n"1","2\n"\nz,4\n', { comments: '#' });
    expect((await failure(async () => table.numbers('x'))).message).toBe(
      "line 6 of the bytes, column 'x', is 'z', expected a number: if it means a missing value, readCSV takes { naValues: ['z'] }",
    );
    const towns = await read('town,rent\nUlm,1\nBonn,2\n7,3\n');
    expect((await failure(async () => towns.numbers('town'))).message).toBe(
      "line 2 of the bytes, column 'town', is 'Ulm', expected a number: most values of the column are texts, which classes('town') and texts('town') read",
    );
    expect((await failure(() => read('# a\nx,y\n\n"1","2\n"\nz\n', { comments: '#' }))).message).toMatch(/the bytes: line 6 has 1 fields/);
    expect((await failure(() => read('x,y\n"1\n",2\n3,"4\n'))).message).toMatch(/line 4 has a quotation mark that is not closed/);
  });

  test('bad rows can be left out; the others keep their numbers', async () => {
    const table = await read('a,b\n1,2\n3\nx,4\n', { badRows: 'skip' });
    expect(rowsOf(table)).toEqual([
      { a: '1', b: '2' },
      { a: 'x', b: '4' },
    ]);
    expect((await failure(async () => table.numbers('a'))).message).toMatch(
      /^line 4 of the bytes, column 'a', is 'x', expected a number: /,
    );
  });

  // What is written by a writer of a few lines is read back, whatever the cells, separators, parts.
  test('what was written is read', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', '数', ' ', ',', ';', '\t', '"', '\n', '1', '.'), maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        fc
          .integer({ min: 2, max: 4 })
          .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 })),
        fc.constantFrom(',', ';', '\t', '|'),
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 1, max: 9 }),
        async (cells, separator, end, size) => {
          const names = (cells[0] as string[]).map((_, place) => `name${place}`);
          // A row of empty cells is an empty line to a reader.
          const kept = cells.filter((row) => row.some((text) => text.trim() !== ''));
          const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
          const lines = [names, ...kept].map((row) => row.map(quoted).join(separator));
          const bytes = bytesOf(lines.join(end));
          const parts = async function* () {
            for (let start = 0; start < bytes.length; start += size) yield bytes.slice(start, start + size);
          };
          const table = await readCSV(parts(), { separator, header: true });
          expect(rowsOf(table)).toEqual(kept.map((row) => Object.fromEntries(row.map((text, place) => [names[place], text]))));
        },
      ),
      { numRuns: 300, seed: 7 },
    );
  });

  test('an end of a line of Windows that two parts share is one', async () => {
    const text = `id,text\r\n${Array.from({ length: 40_000 }, (_, row) => `${row},"one\r\ntwo"\r\n`).join('')}`;
    const bytes = bytesOf(text);
    const parts = async function* () {
      for (let start = 0; start < bytes.length; start += 997) yield bytes.slice(start, start + 997);
    };
    const table = await readCSV(parts());
    expect(table.rowCount).toBe(40_000);
    expect(new Set(table.texts('text'))).toEqual(new Set(['one\ntwo']));
  });

  test('readCSVRows reads the same rows while they are used, and begins anew', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'backtime-tables-')), 'rows.csv.gz');
    const lines = Array.from({ length: 50_000 }, (_, row) => `${row},"text ${row}, and more"`);
    writeFileSync(path, gzipSync(`id,text\n${lines.join('\n')}\n`));
    const rows = readCSVRows(path);
    for (let pass = 0; pass < 2; pass++) {
      let count = 0;
      for await (const { id, text } of rows) {
        expect([id, text]).toEqual([String(count), `text ${count}, and more`]);
        count++;
      }
      expect(count).toBe(50_000);
    }
    for await (const { id } of rows) {
      expect(id).toBe('0');
      break;
    }
    const table = await readCSV(path);
    expect(table.rowCount).toBe(50_000);
    expect(table.numbers('id')[49_999]).toBe(49_999);
  });
});

describe('numbers of a table', () => {
  test.each<[string, string, number[]]>([
    ['commas beside semicolons are decimal', 'x;y\n20,125;1\n21,500;2\n-3,250;3\n', [20.125, 21.5, -3.25]],
    ['unless another number has a point', 'x;y\n20,125;1.5\n21,500;2.5\n3,250;3.5\n', [20_125, 21_500, 3250]],
    ['or has two groups', 'x;y\n20,125;1\n1,021,500;2\n3,250;3\n', [20_125, 1_021_500, 3250]],
    ['points beside semicolons stay decimal', 'x;y\n20.125;1\n21.500;2\n3.250;3\n', [20.125, 21.5, 3.25]],
    ['commas beside tabs are of thousands', 'x\ty\n20,125\t1\n21,500\t2\n3,250\t3\n', [20_125, 21_500, 3250]],
  ])('of three decimals: %s', async (_, text, expected) => {
    expect([...(await readCSV(bytesOf(text))).numbers('x')]).toEqual(expected);
  });

  test.each<[string, string[], number[]]>([
    ['plain', ['1', '-2.5', '1e3', '.5'], [1, -2.5, 1000, 0.5]],
    ['decimal commas', ['1,5', '1.280,54', '-3'], [1.5, 1280.54, -3]],
    ['groups of thousands', ['1,500', '2,500,000', '3.5'], [1500, 2_500_000, 3.5]],
    ['spaces in groups', ['1 500', '2 500,5'], [1500, 2500.5]],
    ['currencies', ['$1,000.00', '€3.5', '2 USD'], [1000, 3.5, 2]],
    ['percent signs', ['20.0%', '25 %'], [20, 25]],
    ['units', ['12 kg', '13.5kg', '3 m/s²'], [12, 13.5, 3]],
    ['parentheses', ['(12.5)', '3'], [-12.5, 3]],
    ['a minus at the end', ['12.5-', '1,200.5-', '3'], [-12.5, -1200.5, 3]],
    ['the minus of typography', ['−5', '5'], [-5, 5]],
  ])('%s', async (_, cells, expected) => {
    const table = await read(`x;y\n${cells.map((cell) => `"${cell}";1`).join('\n')}`, { separator: ';', header: true });
    expect([...table.numbers('x')]).toEqual(expected);
  });

  test.each(['', 'abc', '1.2.3', '1,2,3', '--5', '12-5', '5 or 6', '0x10', '1_000', 'dev1', '2nd', '12 15 18', '1 50'])(
    '%j is none',
    (text) => {
      expect(parseNumber(text)).toBeNaN();
    },
  );

  test.each<[string, '.' | ',', string, number]>([
    ["1'234'567.5", '.', "'", 1_234_567.5],
    ['-1_500', '.', '_', -1500],
    ['$1 500,25', ',', ' ', 1500.25],
    ['1 500 kg', '.', ' ', 1500],
    ['1.500', ',', '.', 1500],
    ['(1,500)', '.', ',', -1500],
    ['1,500', '.', '', Number.NaN],
    ['1 500', '.', '', Number.NaN],
    ['1500.5', '.', '', 1500.5],
    ['1,50', '.', ',', Number.NaN],
    ['1,5000', '.', ',', Number.NaN],
    ['1,500,00', '.', ',', Number.NaN],
    ['1.5,000', '.', ',', Number.NaN],
    ['1 500', '.', ',', Number.NaN],
    ["1'500", '.', ',', Number.NaN],
    ['2001_500', '.', '_', Number.NaN],
  ])('%s with the decimal sign %s and groups by %j', (text, decimal, thousands, expected) => {
    expect(parseNumber(text, { decimal, thousands })).toBe(expected);
  });

  test('withDecimal decides for columns that could have either sign, and for no others', async () => {
    const table = await read('x;y\n1.500;1.5\n2.250;2.5\n');
    expect([...table.numbers('x')]).toEqual([1.5, 2.25]);
    const other = table.withDecimal(',').rowsAt([1]);
    expect([other.numbers('x')[0], other.numbers('y')[0], other.fileRow(0)]).toEqual([2250, 2.5, 3]);
    expect([table.format?.decimal, other.format?.decimal]).toEqual(['.', ',']);
    expect(() => table.withDecimal('comma' as never)).toThrow(/Table\.withDecimal: decimal must be one of '\.', ','/);
  });

  test('a column says what is between groups', async () => {
    const table = await read('x;y\n1,500;1_000\n2,250;2_500.5\n', { separator: ';', header: true });
    expect([...table.numbers('x', { decimal: '.' })]).toEqual([1500, 2250]);
    expect([...table.numbers('x', { thousands: '' })]).toEqual([1.5, 2.25]);
    expect([...table.numbers('x', { thousands: ',' })]).toEqual([1500, 2250]);
    expect([...table.numbers('y', { thousands: '_' })]).toEqual([1000, 2500.5]);
    for (const thousands of ['.', '--', '1', 5])
      expect(() => table.numbers('x', { decimal: '.', thousands: thousands as never })).toThrow(
        /thousands must be a sign other than the decimal sign \./,
      );
  });

  test('every number is read back in both forms', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), (value) => {
        expect(parseNumber(String(value))).toBe(Object.is(value, -0) ? 0 : value);
        const text = value.toLocaleString('de-DE', { maximumFractionDigits: 20 });
        expect(parseNumber(text, { decimal: ',' })).toBeCloseTo(value, 6);
      }),
      { seed: 3 },
    );
  });

  test('markers of missing values', async () => {
    const text = 'x,kind\nunknown,a\n3,Unknown \n5,b\n';
    const table = await read(text, { naValues: ['unknown'] });
    expect([...table.numbers('x', { missing: 'nan' })]).toEqual([Number.NaN, 3, 5]);
    expect(table.column('kind')).toEqual(['a', null, 'b']);
    expect(table.describeColumns().map(({ kind, missing }) => [kind, missing])).toEqual([
      ['number', 1],
      ['category', 1],
    ]);
    const rows: unknown[] = [];
    for await (const row of readCSVRows(bytesOf(text), { naValues: ['UNKNOWN'] })) rows.push(row);
    expect(rows.slice(0, 2)).toEqual([
      { x: '', kind: 'a' },
      { x: '3', kind: '' },
    ]);
    expect((await failure(() => read(text, { naValues: 'unknown' as never }))).message).toBe(
      "readCSV: naValues must be an array of texts, such as ['unknown', '-999'], got 'unknown'",
    );
  });

  test('one name or number where several are meant', async () => {
    const table = await read('t,x\n2024-01-01,1\n2024-01-02,-999\n2024-01-03,3\n');
    expect([...table.numbers('x', { missing: 'linear', sentinels: -999 })]).toEqual([1, 2, 3]);
    const wrong: [() => unknown, RegExp][] = [
      [
        () => table.numbers('x', { sentinels: '-999' as never }),
        /^Table.numbers: sentinels must be a number or .*, got '-999': .* naValues$/,
      ],
      [
        () => table.windows({ channels: 'x' as never, length: 2 }),
        /^windows: channels must be an array of texts, such as \['x', 'y'\], got 'x'$/,
      ],
      [() => table.resample({ time: 't', columns: 'x' as never }), /^resample: columns must be an array of texts/],
      [() => table.matrix('x' as never), /^Table.matrix: names must be an array of texts/],
      [() => table.select('x' as never), /^Table.select: names must be an array of texts/],
      [() => table.classes('x', '1' as never), /^Table.classes: names must be an array of texts/],
    ];
    for (const [run, message] of wrong) {
      expect(run).toThrow(ArgumentError);
      expect(run).toThrow(message);
    }
    const { x } = table.windows({ channels: ['x'], length: 3, missing: 0 });
    expect([...x.data]).toEqual([1, -999, 3]);
  });

  test('a text in the place of a path is not repeated', async () => {
    const text = `a,b\n${'1,2\n'.repeat(1000)}`;
    const { message } = await failure(() => readCSV(text));
    expect(message).toMatch(/^readCSV takes a path or an address, got a text of several lines, which begins with 'a,b/);
    expect(message.length).toBeLessThan(250);
    expect(message).toContain('new TextEncoder().encode(text)');
    expect((await failure(() => readCSV('a,b;'.repeat(1000)))).message.length).toBeLessThan(800);
  });

  test('missing numbers become what is asked for', async () => {
    const table = await read('x,y\nNA,1\n1,1\n,1\nn/a,1\n4,1\n-999,1\nnull,1\n');
    const numbers = (missing: unknown, sentinels: number[] = []) => [...table.numbers('x', { missing: missing as never, sentinels })];
    expect((await failure(async () => table.numbers('x'))).message).toMatch(/^line 2 of the bytes, column 'x', has no value: choose/);
    expect(numbers('nan')).toEqual([Number.NaN, 1, Number.NaN, Number.NaN, 4, -999, Number.NaN]);
    expect(numbers('previous', [-999])).toEqual([1, 1, 1, 1, 4, 4, 4]);
    expect(numbers('linear', [-999])).toEqual([1, 1, 2, 3, 4, 4, 4]);
    expect(() => table.rowsAt([1, 4]).numbers('x', { sentinels: [4] })).toThrow(
      "line 6 of the bytes, column 'x', is 4, which means a missing value",
    );
    expect(numbers(0)).toEqual([0, 1, 0, 0, 4, -999, 0]);
    expect(() => table.numbers('x', { missing: 'zero' as never })).toThrow(ArgumentError);
    const dated = await read('date,x\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n');
    const given = await tableFromRows([{ date: '2024-01-01' }, { date: '2024-01-02' }, { date: '2024-01-03' }]);
    for (const each of [dated, given])
      expect(() => each.matrix(['date'])).toThrow(
        /column 'date', is '2024-01-01', expected a number: the column has dates, which dates\('date'\) reads$/,
      );
    const prices = await tableFromRows([{ price: 1, size: 2 }]);
    expect(() => prices.numbers('pric')).toThrow(
      "there is no column 'pric' in the table (did you mean 'price'?); its columns are price, size",
    );
    expect(() => table.numbers('z')).toThrow("there is no column 'z' in the bytes; its columns are x, y");
  });
});

describe('dates of a table', () => {
  test.each<[string, string[], string[]]>([
    ['ISO', ['2024-02-03', '2024-02-29T12:30:00Z'], ['2024-02-03T00:00:00.000Z', '2024-02-29T12:30:00.000Z']],
    ['a zone', ['2024-02-03 01:30+02:00'], ['2024-02-02T23:30:00.000Z']],
    ['months', ['2024-02', '2024-03'], ['2024-02-01T00:00:00.000Z', '2024-03-01T00:00:00.000Z']],
    ['dots', ['1.2.2024', '15.2.2024'], ['2024-02-01T00:00:00.000Z', '2024-02-15T00:00:00.000Z']],
    ['the month first', ['1/2/2024 5:30 PM', '1/15/2024 12:00 AM'], ['2024-01-02T17:30:00.000Z', '2024-01-15T00:00:00.000Z']],
    ['the day first', ['1/2/2024', '15/2/2024'], ['2024-02-01T00:00:00.000Z', '2024-02-15T00:00:00.000Z']],
    [
      'even steps by months',
      ['1/1/2022', '2/1/2022', '3/1/2022', '4/1/2022', '5/1/2022'],
      ['2022-01-01', '2022-01-02', '2022-01-03', '2022-01-04', '2022-01-05'].map((date) => `${date}T00:00:00.000Z`),
    ],
    [
      'names of months',
      ['3 Feb 2024', '4-Mar-24', 'Apr 5, 2024'],
      ['2024-02-03T00:00:00.000Z', '2024-03-04T00:00:00.000Z', '2024-04-05T00:00:00.000Z'],
    ],
    ['compact', ['20240203', '20240204 12:00'], ['2024-02-03T00:00:00.000Z', '2024-02-04T12:00:00.000Z']],
    ['seconds since 1970', ['1700000000', '1700000060'], ['2023-11-14T22:13:20.000Z', '2023-11-14T22:14:20.000Z']],
    ['fractions of a second', ['2024-02-03 00:00:01.250'], ['2024-02-03T00:00:01.250Z']],
  ])('%s', (_, texts, expected) => {
    expect(Array.from(parseDates(texts).times, (time) => new Date(time).toISOString())).toEqual(expected);
  });

  test.each(['2024-02-30', '31.4.2024', '2024-13-01', '25:00', 'soon', '2024-01-01 13:00 PM'])('%s is none', (text) => {
    expect(parseDates([text]).times[0]).toBeNaN();
  });

  test('the whole column decides the order, and an open one is said to be open', () => {
    expect(parseDates(['1/2/2024', '3/4/2024'])).toMatchObject({ isAmbiguous: true });
    expect(parseDates(['1/2/2024', '13/4/2024'])).toMatchObject({ order: 'dayFirst', isAmbiguous: false });
    expect(parseDates(['1/2/2024', '1/14/2024'])).toMatchObject({ order: 'monthFirst', isAmbiguous: false });
    expect([...parseDates(['1/2/2024'], 'dayFirst').times]).toEqual([day('2024-02-01')]);
  });

  /** The first of each month of some years. */
  const firsts = (sign: string) =>
    Array.from(
      { length: 30 },
      (_, month) => `01${sign}${String((month % 12) + 1).padStart(2, '0')}${sign}${2020 + Math.floor(month / 12)}`,
    );

  test.each(['/', '.', '-'])('months without a gap are likelier than days of some Januaries: %s', (sign) => {
    const { times, order, isAmbiguous } = parseDates(firsts(sign));
    expect([order, isAmbiguous, times[1], times[29]]).toEqual(['dayFirst', false, day('2020-02-01'), day('2022-06-01')]);
    // As Americans write them, and from the newest on.
    const american = firsts('/')
      .map((date) => date.replace(/^(\d+)\/(\d+)/, '$2/$1'))
      .reverse();
    expect(parseDates(american)).toMatchObject({ order: 'monthFirst', isAmbiguous: false });
  });

  test('with dots the day comes first', () => {
    expect(parseDates(['1.2.2024', '3.4.2024'])).toMatchObject({ order: 'dayFirst', isAmbiguous: false });
  });

  test('some rows of a table are read as all of it are', () => {
    const cells = ['01/02/2024', '02/02/2024', '13/02/2024', '14/02/2024'];
    const table = new Table({ day: cells, key: ['a', 'a', 'b', 'b'] });
    const expected = [day('2024-02-01'), day('2024-02-02')];
    expect([...(table.groupBy('key').get('a') as Table).dates('day')]).toEqual(expected);
    expect([...table.select(['day']).rowsAt([0, 1]).dates('day')]).toEqual(expected);
    expect([...new Table({ day: cells.slice(0, 2) }).dates('day', { order: 'dayFirst' })]).toEqual(expected);
  });

  test('where nothing decides the order, a warning says once what is taken, and an option says it', () => {
    const warnings: string[] = [];
    setWarningHandler((message, code) => warnings.push(`${code} ${message}`));
    try {
      const table = new Table(
        { day: ['5/5/2024', '1/2/2024', '9/4/2024'], x: [1, 2, 3], even: firsts('/').slice(0, 3) },
        { source: 'a.csv' },
      );
      for (const order of ['dayFirst', 'monthFirst'] as const) {
        const [, second] = table.dates('day', { order });
        expect(second).toBe(day(order === 'dayFirst' ? '2024-02-01' : '2024-01-02'));
        expect(table.resample({ time: 'day', columns: ['x'], order }).times[0]).toBe(second);
      }
      expect(warnings).toEqual([]);
      expect(table.dates('day')[1]).toBe(day('2024-01-02'));
      table.sortByDate('day').dates('day');
      table.rowsAt([1, 2]).timeSteps({ time: 'day' });
      expect(warnings).toEqual([
        "DATE_ORDER row 2 of a.csv, column 'day', is '1/2/2024', and nothing in the column decides whether the day or the month comes first: the month is taken; say which with the option order, 'dayFirst' or 'monthFirst', or write dates as 2024-12-31",
      ]);
      // Read either way, these are the same days.
      new Table({ day: ['1/1/2024', '2/2/2024', '3/3/2024'] }).dates('day');
      expect(warnings).toHaveLength(1);
      expect(() => table.dates('day', { order: 'day' as never })).toThrow('Table.dates: order');
    } finally {
      setWarningHandler(null);
    }
  });

  test('years and months are dates where they follow each other', () => {
    const months = Array.from({ length: 14 }, (_, month) => `${1 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`);
    const { times } = parseDates(months);
    expect([times[0], times[11], times[12]]).toEqual([day('2001-01-01'), day('2001-12-01'), day('2002-01-01')]);
    for (const other of [
      ['1-01', '1-03', '1-04'],
      ['1-01', '1-02'],
      ['3-12', '3-13', '3-14'],
      ['2-01', '3-01', '4-01'],
    ])
      expect(parseDates(other).times.every(Number.isNaN)).toBe(true);
  });

  test('a number of ten digits is a date only where the name or the whole column says so', () => {
    const kindOf = (name: string, cells: string[]) => describeColumn(name, cells).kind;
    const every = (step: number, count = 6) => Array.from({ length: count }, (_, row) => String(1_700_000_000 + row * step));
    const jitter = ['1700000000', '1700000060', '1700000120', '1700000187', '1700000247'];
    expect(kindOf('time', ['1700000000', '1600000000', '1712345678'])).toBe('date');
    expect(kindOf('timestamp_ms', ['1700000000123', '1600000000456', '1712345678900'])).toBe('date');
    expect(kindOf('x', every(60))).toBe('date');
    expect(kindOf('x', every(60).reverse())).toBe('date');
    expect(kindOf('x', jitter)).toBe('date');
    expect(kindOf('x', every(1))).toBe('number');
    expect(
      kindOf(
        'x',
        [...every(60)].sort((a, b) => (Number(a) % 7) - (Number(b) % 7)),
      ),
    ).toBe('number');
    expect(kindOf('customer', ['1712345678', '1698765432', '1700000001', '1723456789'])).toBe('number');
    expect(kindOf('phone', ['5551234567', '5551234627', '5551234687', '5551234747'])).toBe('number');
    expect(kindOf('x', ['2024-01-01', '2024-01-09', '2023-01-01'])).toBe('date');
  });

  test('a cell that is no date is named', async () => {
    const table = await read('day,x\n2024-01-01,1\nsoon,2\n');
    expect((await failure(async () => table.dates('day'))).message).toBe("line 3 of the bytes, column 'day', is 'soon', expected a date");
    expect(() => table.dates('day')).toThrow(DataError);
  });
});

describe('columns, classes, rows', () => {
  test('columns are described with a reason', async () => {
    const table = await read(
      `id,day,review,stars,brand,code\n${Array.from({ length: 40 }, (_, row) => `${row},2024-01-${String((row % 28) + 1).padStart(2, '0')},"film ${row} was good to see",${row === 7 ? -999 : row % 5},${'ab'[row % 2]},`).join('\n')}`,
    );
    const found = Object.fromEntries(table.describeColumns().map(({ name, kind }) => [name, kind]));
    expect(found).toEqual({ id: 'key', day: 'date', review: 'text', stars: 'number', brand: 'category', code: 'empty' });
    expect(table.describeColumns()[3]).toMatchObject({ sentinels: [-999], missing: 0, distinct: 6, reason: '40 of 40 values are numbers' });
  });

  test('classes have labels, those of a trained model too', async () => {
    const table = await read('c,x\nb,1\na,2\nb,3\n', { header: true });
    expect(table.classes('c')).toEqual({ names: ['a', 'b'], labels: Int32Array.of(1, 0, 1) });
    expect(table.classes('c', ['b', 'a']).labels).toEqual(Int32Array.of(0, 1, 0));
    expect(() => table.classes('c', ['b'])).toThrow("line 3 of the bytes, column 'c', is 'a', expected one of the classes b");
  });

  test('rows are chosen, sorted and grouped, and keep their numbers', async () => {
    const table = await read('day,shop,n\n3.1.2024,b,1\n1.1.2024,a,2\n2.1.2024,b,x\n', { header: true });
    const sorted = table.sortByDate('day', { order: 'dayFirst' });
    expect(sorted.texts('n')).toEqual(['2', 'x', '1']);
    expect(() => sorted.numbers('n')).toThrow("line 4 of the bytes, column 'n', is 'x'");
    expect([...table.groupBy('shop')].map(([shop, { rowCount }]) => [shop, rowCount])).toEqual([
      ['b', 2],
      ['a', 1],
    ]);
    expect(table.filter(({ shop }) => shop === 'a').texts('day')).toEqual(['1.1.2024']);
    expect(table.select(['n']).names).toEqual(['n']);
    expect(table.rowsAt([1, 0]).matrix(['n'])).toEqual({ shape: [2, 1], data: Float64Array.of(2, 1) });
  });
});

describe('even steps and windows', () => {
  const log = 'time,x,y\n2024-01-01 00:00,1,10\n2024-01-01 00:01,2,20\n2024-01-01 00:01:30,4,40\n2024-01-01 00:05,6,60\n';

  test.each<['mean' | 'last' | 'linear', number[]]>([
    ['mean', [1, 3, 3, 3, 3, 6]],
    ['last', [1, 4, 4, 4, 4, 6]],
    ['linear', [1, 2, 4 + (2 * 30) / 210, 4 + (2 * 90) / 210, 4 + (2 * 150) / 210, 6]],
  ])('resample takes the %s', async (method, expected) => {
    const made = (await read(log)).resample({ time: 'time', columns: ['x'], every: '1min', method });
    expect(made).toMatchObject({ every: 60_000, gaps: 3 });
    expect(made.values.shape).toEqual([6, 1]);
    for (const [step, value] of expected.entries()) expect(made.values.data[step]).toBeCloseTo(value, 12);
    expect(made.times[1]).toBe(day('2024-01-01') + 60_000);
  });

  test('the step is the most frequent one, and rows may be in any order', async () => {
    const table = await read('time,x\n2024-01-03,3\n2024-01-01,1\n2024-01-02,2\n2024-01-05,5\n');
    const made = table.resample({ time: 'time', columns: ['x'] });
    expect([made.every, made.gaps, [...made.values.data]]).toEqual([86_400_000, 1, [1, 2, 3, 3, 5]]);
    const at = (seconds: number) => new Date(1.7e12 + seconds * 1000).toISOString();
    const jittering = (
      await read(`time,x\n${[0, 61, 119, 182, 241, 301, 500].map((second, row) => `${at(second)},${row}`).join('\n')}\n`)
    ).resample({
      time: 'time',
      columns: ['x'],
    });
    // The steps are 61, 58, 63, 59, 60 and 199 seconds; the rows are near seven of nine steps.
    expect([jittering.every, jittering.gaps]).toEqual([61_000, 2]);
    const gapped = await read(`time,x\n${[0, 60, 120, 500, 560, 700].map((second) => `${at(second)},1`).join('\n')}\n`);
    expect(gapped.resample({ time: 'time', columns: ['x'] }).every).toBe(60_000);
    for (const every of ['10', 'soon', -5, '0s'])
      expect(() => table.resample({ time: 'time', columns: ['x'], every })).toThrow(ArgumentError);
    expect(() => table.resample({ time: 'time', columns: ['x'], every: 1e-3 })).toThrow(/makes .* steps/);
  });

  test('windows overlap, stay in their group, and have the most frequent class', async () => {
    const rows = Array.from({ length: 14 }, (_, row) => `${'ab'[row % 2]},${row},${10 * row},${row < 7 ? 'walk' : 'run'}`);
    const table = await read(`device,x,y,activity\n${rows.join('\n')}`);
    const { x, labels, groups } = table.windows({ channels: ['x', 'y'], length: 3, stride: 2, group: 'device', label: 'activity' });
    expect(x.shape).toEqual([6, 3, 2]);
    expect([...x.data.slice(0, 12)]).toEqual([0, 0, 2, 20, 4, 40, 4, 40, 6, 60, 8, 80]);
    expect(groups).toEqual(['a', 'a', 'a', 'b', 'b', 'b']);
    expect(labels).toEqual(['walk', 'walk', 'run', 'walk', 'run', 'run']);
    expect(() => table.windows({ channels: ['x'], length: 8, group: 'device' })).toThrow(
      'windows: length is 8, but no series of the bytes has more than 7 rows',
    );
    expect(table.windows({ channels: ['x'], length: 7 }).x.shape).toEqual([2, 7, 1]);
  });
});

const golden = readGolden<{
  npz: { bytes: string; arrays: Record<string, GoldenTensor> }[];
  parquet: string[];
  nested: string[];
}>('archives');
const decoded = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

describe('readNpz', () => {
  test.each(golden.npz)('reads what numpy has written', async ({ bytes, arrays }) => {
    const found = await readNpz(decoded(bytes));
    expect(Object.keys(found)).toEqual(Object.keys(arrays));
    for (const [name, { shape, data }] of Object.entries(arrays))
      expect({ shape: found[name]?.shape, data: [...(found[name]?.data ?? [])] }).toEqual({ shape, data });
  });

  test('every archive that is cut, or changed in one byte, is read or refused with a typed error', async () => {
    const whole = decoded(golden.npz[1]?.bytes as string);
    const random = new RandomArrays(5);
    for (let trial = 0; trial < 300; trial++) {
      const bytes = whole.slice(0, trial % 3 === 0 ? random.integer(whole.length, 1) : undefined);
      bytes[random.integer(bytes.length)] = random.integer(256);
      const error = await readNpz(bytes).catch((found: unknown) => found);
      if (error instanceof Error) expect(error, String(error)).toBeInstanceOf(FormatError);
    }
  });
});

describe('readParquet', () => {
  test.each(golden.parquet)('reads what pyarrow has written', async (bytes) => {
    const table = await readParquet(decoded(bytes));
    expect(table.names).toEqual(['n', 'x', 'text', 'yes', 'day']);
    expect([...table.numbers('x', { missing: 'linear' })]).toEqual([0.5, 1.5, 2.5, -1]);
    expect(table.texts('text')).toEqual(['a, b', 'č', '', '數']);
    expect(table.texts('yes')).toEqual(['true', 'false', 'true', 'false']);
    expect(table.dates('day')[0]).toBe(Date.parse('2024-01-01T12:30:00Z'));
    expect((await failure(async () => table.numbers('text'))).message).toMatch(
      /^row 1 of .*, is 'a, b', expected a number: most values of the column are texts, which classes\('text'\) and texts\('text'\) read$/,
    );
    expect((await readParquet(decoded(bytes), { columns: ['n'] })).matrix(['n']).data).toEqual(Float64Array.of(1, 2, 3, 4));
    expect((await failure(() => readParquet(decoded(bytes), { columns: ['z'] }))).message).toMatch(
      /there is no column 'z' in .*; its columns are n, x/,
    );
  });

  test('nested columns and other files are refused', async () => {
    expect((await failure(() => readParquet(decoded(golden.nested[0] as string)))).message).toMatch(
      /row 1, column 'list', holds .*: only numbers/,
    );
    expect(await failure(() => readParquet(bytesOf('a,b\n1,2\n')))).toBeInstanceOf(FormatError);
  });
});

describe('readTs', () => {
  const text = [
    '# of two channels',
    '@problemName Small',
    '@univariate false',
    '@classLabel true left right',
    '@data',
    '1,2,3:4,5,6:right',
    '7,?:8,9.5:left',
    '',
  ].join('\r\n');

  test('reads channels, lengths, missing values and classes', async () => {
    expect(await readTs(bytesOf(text))).toEqual({
      name: 'Small',
      sequences: [
        [
          [1, 4],
          [2, 5],
          [3, 6],
        ],
        [
          [7, 8],
          [Number.NaN, 9.5],
        ],
      ],
      classNames: ['left', 'right'],
      targets: [1, 0],
    });
  });

  test('reads numbers to predict, and files without targets', async () => {
    const read = (header: string, line: string) => readTs(bytesOf(`@problemName A\n${header}@data\n${line}\n`));
    expect(await read('@targetlabel true\n', '1,2:0.25')).toMatchObject({ sequences: [[[1], [2]]], targets: [0.25], classNames: [] });
    expect(await read('@classLabel false\n', '1,2')).toMatchObject({ sequences: [[[1], [2]]], targets: [] });
  });

  test.each([
    ['a class that is not named', '1,2:3,4:up', /line 8 is of class 'up', which @classLabel does not name: left, right/],
    ['a word for a number', '1,x:3,4:left', /line 8 has 'x', expected a number/],
    ['time stamps', '(0,1),(1,2):left', /line 8 has .*, expected a number, or \? where one is missing \(no time stamps\)|channels/],
    ['another number of channels', '1,2:left', /line 8 has 1 channels, but the first sample has 2/],
    ['channels of two lengths', '1,2:3:left', /line 8 has channels of 2 and of 1 steps/],
  ])('refuses %s', async (_, line, message) => {
    const error = await failure(() => readTs(bytesOf(text + line)));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toMatch(message);
  });

  test('a file without @data, or without names of its classes, is refused', async () => {
    expect((await failure(() => readTs(bytesOf('@classLabel true\n@data\n1:a\n')))).message).toMatch(
      /line 1 says that there are classes, but names none/,
    );
    expect((await failure(() => readTs(bytesOf('a,b\n1,2\n')))).message).toMatch(/line 1 is 'a,b', expected a line such as '@classLabel/);
    expect((await failure(() => readTs(bytesOf('@problemName A\n')))).message).toMatch(/has no line @data/);
  });
});
