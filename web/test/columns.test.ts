import { describe, expect, test } from 'vitest';
import { guessRoles } from '../src/data/columns.ts';
import { bundledTable, parseTable } from './data.ts';

test.each([
  ['movie-snippets.tsv', { text: 2, label: 0, series: null }],
  ['basic-motions.csv', { label: 1, series: 0, values: [2, 3, 4, 5, 6, 7] }],
  ['co2-weekly.csv', { value: 1 }],
] as const)('the roles of the columns of %s are guessed', async (file, roles) => {
  expect(guessRoles(await bundledTable(file))).toMatchObject(roles);
});

test('a row that is a whole series has its class and its numbers', async () => {
  const rows = Array.from({ length: 20 }, (_, row) =>
    [...Array.from({ length: 5 }, (_, step) => row * 7.5 + step), row % 2 ? 'up' : 'down'].join(','),
  );
  expect(guessRoles(await parseTable(`a,b,c,d,e,kind\n${rows.join('\n')}`))).toMatchObject({
    label: 5,
    series: null,
    values: [0, 1, 2, 3, 4],
  });
});

test('numbers can be classes too', async () => {
  const rows = Array.from({ length: 20 }, (_, row) => `a sentence of number ${row},${row % 3}`);
  expect(guessRoles(await parseTable(`text,stars\n${rows.join('\n')}`))).toMatchObject({ text: 0, label: 1 });
});

test.each([
  ['one class', () => 'yes'],
  ['too many classes', (row: number) => `class ${row % 70}`],
])('a column of %s is still taken for that of the classes, not the text', async (_, label) => {
  const rows = Array.from({ length: 140 }, (_row, row) => `a sentence of number ${row},${label(row)}`);
  expect(guessRoles(await parseTable(`text,kind\n${rows.join('\n')}`))).toMatchObject({ text: 0, label: 1 });
});

describe('the column to forecast', () => {
  const guess = async (header: string, row: (index: number) => readonly (string | number)[]) => {
    const table = await parseTable([header, ...Array.from({ length: 100 }, (_, index) => row(index).join(','))].join('\n'), true);
    return table.names[guessRoles(table).value];
  };
  const load = (index: number) => 20 + (index % 7);
  const time = (index: number) => `2020-01-01 ${10 + Math.floor(index / 60)}:${10 + (index % 60)}`;

  test.each([
    ['numbers that repeat, beside a time', 'time,load', (row) => [time(row), load(row)]],
    ['numbers that repeat, before a time', 'load,time', (row) => [load(row), `${row % 24}:30`]],
    ['numbers beside days that are numbers', 'load,when', (row) => [load(row), 20200101 + 100 * Math.floor(row / 25) + (row % 25)]],
    ['numbers beside years', 'load,since', (row) => [load(row), 1950 + Math.floor(row / 2)]],
    ['numbers beside months that come again', 'load,month', (row) => [load(row), 1 + (row % 12)]],
    ['numbers beside seconds since 1970', 'load,clock', (row) => [load(row), 1_600_000_000 + 60 * row + (row % 3)]],
    ['numbers beside a count of rows', 'load,count of rows', (row) => [load(row), row]],
    ['numbers beside a time in steps', 'load,time', (row) => [load(row), row * 0.25]],
    ['numbers beside a mark', 'load,holiday', (row) => [load(row), row % 7 === 0 ? 1 : 0]],
    ['numbers beside a constant', 'load,site', (row) => [load(row), 12]],
    ['numbers of which most are missing', 'load,site', (row) => [row % 3 ? 'NA' : load(row), 12]],
    ['two numbers beside a constant', 'load,site', (row) => [row % 2, 12]],
    ['a series that only rises', 'time,load', (row) => [time(row), row ** 2]],
    ['words, so that what is wrong is said of them', 'time,load', (row) => [time(row), `${load(row)} kW`]],
  ] as [string, string, (index: number) => readonly (string | number)[]][])('is that of %s', async (_, header, row) => {
    expect(await guess(header, row)).toBe('load');
  });

  test('is a time where that is what was measured', async () => {
    expect(await guess('time,rain', (row) => [60 + ((7 * row) % 13), row % 2])).toBe('time');
  });

  test('counts rows only where there is no other', async () => {
    expect(await guess('what,load', (row) => [`word ${row}`, row])).toBe('load');
  });
});

test('dates are neither the class nor the text, and a count of rows is no step of a series', async () => {
  const stars = Array.from({ length: 60 }, (_, row) => `${row},${1 + (row % 9)}/1/2020,words of ${row},${1 + (row % 5)}`);
  expect(guessRoles(await parseTable(`id,date,review,stars\n${stars.join('\n')}`))).toMatchObject({ text: 2, label: 3 });
  const survey = Array.from(
    { length: 60 },
    (_, row) => `2023/01/05 10:23:${10 + (row % 50)} AM GMT+1,${row % 2 ? 'yes' : 'no'},short ${row}`,
  );
  expect(guessRoles(await parseTable(`Timestamp,again,why\n${survey.join('\n')}`))).toMatchObject({ text: 2, label: 1 });
  const series = Array.from({ length: 40 }, (_, row) => `${row},${row ** 2 % 17},${row ** 3 % 19},${row % 2 ? 'up' : 'down'}`);
  expect(guessRoles(await parseTable(`id,a,b,kind\n${series.join('\n')}`))).toMatchObject({ label: 3, series: null, values: [1, 2] });
});
