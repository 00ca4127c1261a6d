import { expect, test } from 'vitest';
import { guessRoles } from '../src/data/columns.ts';
import { parseTable } from '../src/data/table.ts';
import { bundledTable } from './data.ts';

test.each([
  ['movie-snippets.tsv', { text: 2, label: 0, series: null }],
  ['basic-motions.csv', { label: 1, series: 0, values: [2, 3, 4, 5, 6, 7] }],
  ['co2-weekly.csv', { value: 1 }],
] as const)('the roles of the columns of %s are guessed', (file, roles) => {
  expect(guessRoles(bundledTable(file))).toMatchObject(roles);
});

test('a row that is a whole series has its class and its numbers', () => {
  const rows = Array.from({ length: 20 }, (_, row) =>
    [...Array.from({ length: 5 }, (_, step) => row * 7.5 + step), row % 2 ? 'up' : 'down'].join(','),
  );
  expect(guessRoles(parseTable(`a,b,c,d,e,kind\n${rows.join('\n')}`))).toMatchObject({ label: 5, series: null, values: [0, 1, 2, 3, 4] });
});

test('numbers can be classes too', () => {
  const rows = Array.from({ length: 20 }, (_, row) => `a sentence of number ${row},${row % 3}`);
  expect(guessRoles(parseTable(`text,stars\n${rows.join('\n')}`))).toMatchObject({ text: 0, label: 1 });
});

test.each([
  ['one class', () => 'yes'],
  ['too many classes', (row: number) => `class ${row % 70}`],
])('a column of %s is still taken for that of the classes, not the text', (_, label) => {
  const rows = Array.from({ length: 140 }, (_row, row) => `a sentence of number ${row},${label(row)}`);
  expect(guessRoles(parseTable(`text,kind\n${rows.join('\n')}`))).toMatchObject({ text: 0, label: 1 });
});
