import { expect, test } from 'vitest';
import { readCSV } from '../../ts/index.ts';

const read = (rows: readonly string[]) => readCSV(new TextEncoder().encode(rows.join('\n')), { badRows: 'skip' });
const day = (row: number) => `2024-01-${10 + row}`;
const rowsOf = (row: (index: number) => string) => Array.from({ length: 12 }, (_, index) => row(index));
const between = rowsOf((row) => `| ${day(row)} | ${(row * 1.5).toString().padStart(6)} |`);

test.each<[string, string[], number]>([
  ['Markdown', ['| day | load |', '|-----|-----:|', ...between], 3],
  ['Markdown with one dash and a colon', ['| day | load |', '|:-|-:|', ...between], 3],
  ['Markdown without outer lines', ['day | load', '--- | ---', ...rowsOf((row) => `${day(row)} | ${row * 1.5}`)], 3],
  ['Markdown below a heading', ['# Results', '', '| day | load |', '|---|---|', ...between], 5],
  ['Org mode', ['| day | load |', '|-----+------|', ...between], 3],
  ['MySQL', ['+-----+------+', '| day | load |', '+-----+------+', ...between, '+-----+------+'], 4],
  ['PostgreSQL', ['    day     | load ', '------------+------', ...rowsOf((row) => ` ${day(row)} | ${row * 1.5} `)], 3],
  ['reStructuredText', ['+-----+------+', '| day | load |', '+=====+======+', ...between.flatMap((row) => [row, '+-----+------+'])], 4],
])('a table as %s draws it', async (_, rows, line) => {
  const table = await read(rows);
  expect([table.names, table.rowCount, table.skipped, table.fileRow(0)]).toEqual([['day', 'load'], 12, [], line]);
  expect([table.column('day')[2], table.numbers('load')[2]]).toEqual([day(2), 3]);
});

test('a line within a cell is escaped, and a dash alone is a missing value', async () => {
  const table = await read(['| text | load |', '|---|---|', '| a \\| b | 1 |', '| c \\\\| 2 |', '| d | - |', '| - | - |', '| e | 5 |']);
  expect(table.texts('text')).toEqual(['a | b', 'c \\\\', 'd', '-', 'e']);
  expect([...table.numbers('load', { missing: 'nan' })]).toEqual([1, 2, Number.NaN, Number.NaN, 5]);
});

test('bars that only separate keep spaces and empty fields', async () => {
  const rows = rowsOf((row) => `a ${row}|${row % 3 ? row : ''}| b`);
  const table = await read(['text|load|more', ...rows]);
  expect([table.names, table.texts('more')[0], table.hasValue('load', 0)]).toEqual([['text', 'load', 'more'], ' b', false]);
});

test('a bar at the end of each row alone draws no table', async () => {
  const table = await read(['text|load|', ...rowsOf((row) => ` a ${row}|${row}|`)]);
  expect([table.texts('text')[0], table.numbers('load')[2]]).toEqual([' a 0', 2]);
});

test('a row may lack the line after its last cell', async () => {
  const table = await read(['| day | load |', '|-----|-----:|', ...between, '| 2024-02-01 | 7']);
  expect([table.names, table.rowCount, table.skipped, table.numbers('load')[12]]).toEqual([['day', 'load'], 13, [], 7]);
});
