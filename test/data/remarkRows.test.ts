import { expect, test } from 'vitest';
import { readCSV, readCSVRows, tableFromRows } from '../../ts/index.ts';

const bytesOf = (rows: readonly string[]) => new TextEncoder().encode(rows.join('\n'));
/** A table with a line after the tenth row. */
const around = (name: string, between: string, row: (index: number) => string) => [
  name,
  ...Array.from({ length: 10 }, (_, index) => row(index)),
  between,
  ...Array.from({ length: 10 }, (_, index) => row(10 + index)),
];

test.each<[string, string[]]>([
  ['in a column of numbers', around('load', '# sensor replaced', (row) => `${row * row}`)],
  ['with a comma', around('load,state', '# sensor replaced, by night', (row) => `${row * row},${row % 2 ? 'on' : 'off'}`)],
  ['of fewer fields', around('state,load', '// sensor replaced', (row) => `${row % 2 ? 'on' : 'off'},${row * row}`)],
  ['that a spreadsheet has filled up', around('day,load,', '% sensor replaced,,', (row) => `2024-01-${10 + row},${row * row},`)],
  ['that a row has become', around('day,load', '#2024-01-20,400', (row) => `2024-01-${10 + row},${row * row}`)],
  ['beside words and numbers', around('state,load', '# replaced,by night', (row) => `${row % 2 ? 'on' : 'off'},${row * row}`)],
  ['with quotes', around('load', '# the "new" sensor', (row) => `"${row * row}"`)],
])('a remark between rows %s is no row', async (_, rows) => {
  const table = await readCSV(bytesOf(rows));
  expect([table.rowCount, table.format?.remarkLines, table.skipped]).toEqual([20, [12], []]);
  expect([...table.numbers('load')].slice(9, 11)).toEqual([81, 100]);
  expect(table.fileRow(10)).toBe(13);
  const records: unknown[] = [];
  for await (const record of readCSVRows(bytesOf(rows))) records.push(record);
  expect(records).toHaveLength(20);
});

test('rows of a spreadsheet have remarks too', async () => {
  const cells = around('day,load', '# sensor replaced', (row) => `2024-01-${10 + row},${row * row}`).map((row) => row.split(','));
  const table = await tableFromRows(cells);
  expect([table.rowCount, table.format?.remarkLines, table.fileRow(10)]).toEqual([20, [12], 13]);
});

test.each<[string, string[]]>([
  ['texts', around('text,label', '#love this,good', (row) => `text of ${row},${row % 2 ? 'good' : 'bad'}`)],
  ['texts whose class is missing', around('text,label', '#love this,', (row) => `text of ${row},${row % 2 ? 'good' : 'bad'}`)],
  ['texts alone', around('text', '#love this', (row) => `text of kind ${row}`)],
  ['texts beside numbers', around('text,stars', '#love this,5', (row) => `text of ${row},${row % 5}`)],
  ['texts beside multiples', around('text,views', '#love this,4 Tsd.', (row) => `text of ${row},${1 + (row % 5)} Tsd.`)],
])('%s that begin as remarks do are rows', async (_, rows) => {
  const table = await readCSV(bytesOf(rows));
  expect([table.rowCount, table.format?.remarkLines, table.texts('text')[10]]).toEqual([21, [], '#love this']);
});

test('with a prefix of comments that is given, others are rows', async () => {
  const rows = around('load', '# sensor replaced', (row) => `${row * row}`);
  const table = await readCSV(bytesOf(rows), { comments: ';' });
  expect([table.rowCount, table.texts('load')[10]]).toEqual([21, '# sensor replaced']);
  await expect(readCSV(bytesOf(rows), { comments: ';', separator: ';' })).rejects.toThrow(
    "readCSV: comments and separator are both ';': give the prefix of comments, such as '#', or null",
  );
});

test('names that come again between rows are no row', async () => {
  const dated = around('day,load', 'day,load', (row) => `2024-01-${10 + row},${row * row}`);
  const table = await readCSV(bytesOf(dated));
  expect([table.rowCount, table.format?.remarkLines]).toEqual([20, [12]]);
  expect((await tableFromRows(dated.map((row) => row.split(',')))).format?.remarkLines).toEqual([12]);
  const numbers = await readCSV(bytesOf(around('load', 'load', (row) => `${row * row}`)));
  expect(numbers.format?.remarkLines).toEqual([12]);
  // A word of a column of words may be its name too.
  const words = await readCSV(bytesOf(around('word', 'word', (row) => `word${row}`)), { header: true });
  expect([words.rowCount, words.format?.remarkLines]).toEqual([21, []]);
});

test('remarks may be as many as rows', async () => {
  const rows = Array.from({ length: 20 }, (_, row) => [`${row * row},${row}`, '# sensor replaced, by night']).flat();
  const table = await readCSV(bytesOf(['load,count', ...rows]));
  expect([table.rowCount, table.format?.remarkLines.length, table.numbers('load')[19]]).toEqual([20, 20, 361]);
});
