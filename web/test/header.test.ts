import { describe, expect, test } from 'vitest';
import { parseTable } from '../src/data/table.ts';

const lines = (count: number, row: (index: number) => readonly (string | number)[], separator = ',') =>
  Array.from({ length: count }, (_, index) => row(index).join(separator));
const rating = (index: number) => (index % 3 ? 'good' : 'bad');
const answer = (index: number) => ['Satisfied', 'Very satisfied', 'Not satisfied'][index % 3];

describe('names of columns are found', () => {
  test.each([
    ['over a column that is empty', ['Review\tRating\t', ...lines(30, (row) => [`words of ${row}`, rating(row), ''], '\t')], 3],
    [
      'that are questions of a survey',
      [
        'Timestamp,How satisfied were you with the event as a whole?,"What could we improve, in your opinion, next time?"',
        ...lines(12, (row) => [`2023/01/0${1 + (row % 9)} 10:0${row % 6}:11 AM GMT+1`, answer(row), `more of ${row}`]),
      ],
      3,
    ],
    ['of which the first is empty, as pandas writes them', [',text,label', ...lines(30, (row) => [row, `words of ${row}`, row % 2])], 3],
    ['that are numbers', ['0,1,2,3,4,class', ...lines(30, (row) => [...[0.5, 1.5, 0.1, 2.5, 7].map((x) => x * row), 'abc'[row % 3]])], 6],
    ['that are numbers beside an index', [',0,1,2,kind', ...lines(30, (row) => [row, 0.5 * row, row ** 2, 3, 'abc'[row % 3]])], 5],
    [
      'that are numbers beside an index and a class of numbers',
      [',0,1,2,kind', ...lines(30, (row) => [row, 0.5 * row, row ** 2, 3, row % 2])],
      5,
    ],
    ['that are years', ['country,2019,2020,2021', ...lines(8, (row) => [`land ${'abcdefgh'[row]}`, 7 + row, row ** 2, 5])], 4],
    ['of which two are alike', ['x,x,class', ...lines(30, (row) => [row, 0.5 * row, rating(row)])], 3],
    ['over numbers, with a row of units below them', ['time,load', 's,kW', ...lines(30, (row) => [row, row ** 2])], 2],
    ['over numbers of which many are missing', ['a,b', ...lines(30, (row) => [row % 2 ? 'NA' : row, row % 3 ? '' : 1])], 2],
    ['over dates', ['when,what', ...lines(3, (row) => [`2020-01-0${row + 1}`, `thing ${row}`])], 2],
    ['over words that repeat', ['feedback,verdict', ...lines(30, (row) => [answer(row), rating(row)])], 2],
    [
      'that are alike, over texts that are all longer',
      ['text,text', ...lines(12, (row) => ['a text'.repeat(2 + row), 'others '.repeat(2 + row)])],
      2,
    ],
    ['over texts that are all longer', ['name,story', ...lines(12, (row) => ['Anna and Bea', 'once upon a time '.repeat(1 + row)])], 2],
  ])('%s', (_, rows, columns) => {
    const table = parseTable(rows.join('\n'));
    expect([table.hasHeader, table.columns.length, table.firstRow, table.rows.length + table.problems.length]).toEqual([
      true,
      columns,
      1,
      rows.length - 1,
    ]);
  });
});

describe('a first row of the data is no row of names', () => {
  test.each([
    ['of numbers and a class', lines(30, (row) => [5.1 + row, 3.5, 1.4 * row, 'abc'[row % 3]])],
    ['of numbers alone', lines(30, (row) => [row ** 2, 3.5, 1.4 * row])],
    ['of numbers that count up by chance', ['1,2,3,4', ...lines(30, (row) => [row, row + 1, row + 2, row + 3])]],
    ['of three numbers in a row and a class', ['1,2,3,a', ...lines(30, (row) => [row, row ** 2, 7, 'abc'[row % 3]])]],
    ['of a class and a text', lines(30, (row) => [rating(row), `what they said about ${'abcdefgh'[row % 8]}`])],
    ['of a date and a number', lines(30, (row) => [`${1 + (row % 28)}/${1 + (row % 12)}/2020`, row ** 2])],
    ['of which a number is missing', ['2020-01-01,', ...lines(28, (row) => [`2020-02-${10 + row}`, row ** 2])]],
    ['with a number that is none', ['5,oops,3', ...lines(30, (row) => [row ** 2, 3.5, 1.4 * row])]],
    ['of names with numbers', lines(12, (row) => [`user${row * 7}`, `item${row}`])],
  ])('%s', (_, rows) => {
    const table = parseTable(rows.join('\n'));
    expect([table.hasHeader, table.columns[0], table.rows.length]).toEqual([false, 'column 1', rows.length]);
  });
});

test.each([
  [['load,kind', ...lines(9, (row) => [row, 'ab'[row % 2]])], '“load” stands above numbers'],
  [
    ['what,verdict', ...lines(30, (row) => [`w${'abcdef'[row % 6]}`, rating(row)])],
    '“what” is none of the words that repeat below it: “wa”, “wb”, …',
  ],
  [lines(30, (row) => [row, rating(row)]), '“0” is a number like those below it'],
  [lines(30, (row) => [`w ${'abcdef'[row % 6]}`, rating(row)]), '“w a” is in a row below too'],
  [['a,b', 'x,y'], 'its cells are short and all different'],
])('what it was told from is said', (rows, reason) => {
  expect(parseTable(rows.join('\n')).headerReason).toBe(reason);
});

describe('titles above the table', () => {
  const table = ['day,load', ...lines(30, (row) => [`2020-01-${10 + (row % 20)}`, row ** 2])];

  test.each([
    ['of one cell', ['Load of the plant'], ','],
    ['that a spreadsheet has filled up', ['Load of the plant,,', ',,'], ',', 'unit'],
    ['that are remarks', ['# made by a logger', '# version 2'], ','],
    ['in a file with semicolons', ['Load of the plant', ''], ';'],
    ['in a file with tabs', ['Load of the plant', '', 'by day'], '\t'],
  ])('%s are told from it, and said', (_, titles, separator, third = '') => {
    const rows = table.map((row, index) => row.replace(',', separator) + (third && `${separator}${index === 0 ? third : 'kW'}`));
    const { columns, firstRow, rows: found, problems } = parseTable([...titles, ...rows].join('\n'));
    expect([columns.slice(0, 2), firstRow, found.length]).toEqual([['day', 'load'], titles.length + 1, 30]);
    expect(problems.map(({ row, message }) => `${row} ${message}`)).toEqual(
      titles.flatMap((title, index) => (title.replace(/,/g, '') === '' ? [] : `${index + 1} is a title: the table begins below it`)),
    );
  });

  test('are not told from rows of the data that lack much', () => {
    const rows = ['2020-01-01,,', ...lines(30, (row) => [`2020-01-${10 + (row % 20)}`, row ** 2, row])];
    expect(parseTable(rows.join('\n'))).toMatchObject({ hasHeader: false, firstRow: 1, problems: [] });
  });

  test('stay titles when the user says that no names follow', () => {
    expect(parseTable(['a title', ...table].join('\n'), false)).toMatchObject({
      hasHeader: false,
      firstRow: 2,
      columns: ['column 1', 'column 2'],
    });
  });
});
