import { describe, expect, test } from 'vitest';
import { parseTable, TableError } from '../src/data/table.ts';
import { bundledTable } from './data.ts';

describe('a table', () => {
  test.each([
    ['commas', 'a,b\n1,2\n3,4'],
    ['tabs', 'a\tb\n1\t2\n3\t4'],
    ['semicolons', 'a;b\n1;2\n3;4'],
    ['line ends of Windows and a byte order mark', '\uFEFFa,b\r\n1,2\r\n3,4\r\n'],
    ['line ends of old Macs', 'a,b\r1,2\r3,4'],
  ])('is read with %s', (_, text) => {
    expect(parseTable(text)).toMatchObject({
      columns: ['a', 'b'],
      hasHeader: true,
      firstRow: 1,
      rows: [
        { row: 2, cells: ['1', '2'] },
        { row: 3, cells: ['3', '4'] },
      ],
      problems: [],
    });
  });

  test('keeps separators and line ends within quotation marks', () => {
    expect(parseTable('text,label\n"one, ""two""\nthree",x\nfour,y').rows).toEqual([
      { row: 2, cells: ['one, "two"\nthree', 'x'] },
      { row: 3, cells: ['four', 'y'] },
    ]);
  });

  test('takes quotation marks as they are between tabs', () => {
    expect(parseTable('text\tlabel\n"half open\tx\nfour\ty').rows.map(({ cells }) => cells)).toEqual([
      ['"half open', 'x'],
      ['four', 'y'],
    ]);
  });

  test('leaves out rows with cells too few or too many, and says which', () => {
    const { rows, problems } = parseTable('a,b\n1\n\n1,2\n1,2,3');
    expect(rows).toEqual([{ row: 4, cells: ['1', '2'] }]);
    expect(problems).toEqual([
      { row: 2, message: 'has 1 cell, but there are 2 columns' },
      { row: 5, message: 'has 3 cells, but there are 2 columns' },
    ]);
  });

  test.each([
    [
      'text after a closing mark',
      'a,b\n"so" said,1\n2,"3"\n4,5',
      'has text after a closing quotation mark, so that 2 lines became one cell',
      1,
    ],
    ['text after a closing mark in its line', 'a,b\n"so" "said",1\n2,3', 'has text after a closing quotation mark', 1],
    [
      'a mark that is not closed',
      'a,b\n1,2\n"three,4\n5,6\n7,8\n',
      'has a quotation mark that is not closed, so that 3 lines became one cell',
      1,
    ],
    [
      'both',
      'a,b\n1,2\n"three" and,4\n5,6',
      'has text after a closing quotation mark and has a quotation mark that is not closed, so that 2 lines became one cell',
      1,
    ],
  ])('leaves out a row with %s, and says what became of it', (_, text, message, usable) => {
    const { rows, problems } = parseTable(text);
    expect(rows).toHaveLength(usable);
    const lines = /(\d) lines/.exec(message)?.[1];
    expect(problems).toEqual([{ row: rows[0].row === 2 ? 3 : 2, message, ...(lines && { lines: Number(lines) }) }]);
  });

  test('is refused when the quotation marks of its first row are wrong', () => {
    expect(() => parseTable('"a" x,b\n1,"2"\n3,4')).toThrow(
      'Row 1 has text after a closing quotation mark, so that 2 lines became one cell.',
    );
  });

  test('has decimal commas read as points, where semicolons separate', () => {
    expect(parseTable('a;b\n-1,5;"2,5 or 3,5"\n2,25;x').rows.map(({ cells }) => cells)).toEqual([
      ['-1.5', '2,5 or 3,5'],
      ['2.25', 'x'],
    ]);
    expect(parseTable('a,b\n"1,5",x').rows[0].cells).toEqual(['1,5', 'x']);
  });

  test('numbers its columns when the first row holds no names, or is said to hold none', () => {
    expect(parseTable('1,x\n2,y').columns).toEqual(['column 1', 'column 2']);
    expect(parseTable('a,b\n1,2', false)).toMatchObject({ columns: ['column 1', 'column 2'], rows: [{ row: 1 }, { row: 2 }] });
    expect(parseTable('1,1\n2,2', true).columns).toEqual(['1', '1 2']);
  });

  test.each([
    ['', 'The file is empty.'],
    ['a,b\n', 'The file has column names, but no rows.'],
    ['a,b\n1\n2', 'No row of the file can be read.'],
  ])('is refused when there is nothing in it: %j', (text, message) => {
    expect(() => parseTable(text)).toThrow(TableError);
    expect(() => parseTable(text)).toThrow(message);
  });

  test.each([
    ['movie-snippets.tsv', 10_568, 3],
    ['basic-motions.csv', 8000, 8],
    ['co2-weekly.csv', 2284, 2],
  ] as const)('is read whole from %s', (file, rows, columns) => {
    const table = bundledTable(file);
    expect([table.rows.length, table.columns.length, table.problems]).toEqual([rows, columns, []]);
  });
});
