import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withCells } from '../../ts/command/table.ts';
import { rowFormOf } from '../../ts/command/tasks/rowForm.ts';
import { type InTable, readSeries, samplesOf } from '../../ts/command/tasks/seriesSamples.ts';
import { normalizationOf, padded } from '../../ts/command/tasks/seriesTensors.ts';
import { Table } from '../../ts/data/table.ts';
import { folderWith } from './support.ts';

const flags = { warn: () => {}, note: () => {} };
const features: InTable = { kind: 'features', columns: ['area', 'rooms'], target: 'price', missing: 'mean' };

test.each<[string, string, (column: number) => number[]]>([
  ['alike', 'series', (column) => [column, column + 1, column + 3]],
  ['of which one hardly varies', 'features', (column) => [0, 1, 3].map((value) => (column === 2 ? value / 100 : value))],
  ['of which one varies more about the same mean', 'features', (column) => (column === 2 ? [-98, 1, 101] : [0, 1, 3])],
  ['of which one has a missing value', 'series', (column) => (column === 2 ? [0, 1, 3, Number.NaN] : [0, 1, 3, 2])],
  ['of which one varies more', 'features', (column) => [0, 1, 3].map((value) => (column === 2 ? value * 100 : value))],
  ['of which one is far from the others', 'features', (column) => [0, 1, 3].map((value) => (column === 2 ? value + 100 : value))],
])('four numbered columns %s are %s', (_, kind, cells) => {
  const names = ['x1', 'x2', 'x3', 'x4'];
  expect(rowFormOf(new Table(new Map(names.map((name, column) => [name, cells(column)]))), names).kind).toBe(kind);
});

test('features are read by name, in the order of the training', async () => {
  const file = join(folderWith({ 'flats.csv': 'rooms,note,area\n1,10,30\n2,20,60\n3,30,90\n' }), 'flats.csv');
  const { channels, sequences } = await readSeries(file, features, flags, null);
  expect([channels, sequences.map((steps) => [...steps])]).toEqual([
    2,
    [
      [30, 1],
      [60, 2],
      [90, 3],
    ],
  ]);
});

test('a missing feature is the mean of its own column, over the rows that have it', () => {
  const table = new Table(
    new Map([
      ['area', [30, null, 90]],
      ['rooms', [null, 2, 4]],
    ]),
  );
  const { sequences, channels } = samplesOf(table, features, flags, null);
  const { mean, variance } = normalizationOf(sequences, channels);
  expect([mean, variance]).toEqual([
    [60, 3],
    [600, expect.closeTo(2 / 3, 10)],
  ]);
  expect(padded(sequences, channels, mean as number[], true)).toEqual({ shape: [3, 2], data: Float64Array.of(30, 3, 60, 2, 90, 4) });
  const zeros = samplesOf(table, { ...features, missing: '0' }, flags, null).sequences;
  expect(zeros.map((steps) => [...steps])).toEqual([
    [30, 0],
    [0, 2],
    [90, 4],
  ]);
});

test('a series of a row ends with its last value', () => {
  const table = new Table(
    new Map([
      ['t0', [1, 4]],
      ['t1', [2, null]],
      ['t2', [3, null]],
    ]),
  );
  const { sequences } = samplesOf(table, { kind: 'rows', columns: ['t0', 't1', 't2'], target: 'y', missing: 'error' }, flags, null);
  expect(sequences.map((steps) => [...steps])).toEqual([[1, 2, 3], [4]]);
});

test('none may be a class, but is no number', () => {
  const table = new Table(new Map([['target', ['none', '1', '2']]]));
  expect(withCells(table, [['target', 'class']], flags).rowCount).toBe(3);
  expect(() => withCells(table, [['target', 'number']], flags)).toThrow(/column 'target', has no number/);
});
