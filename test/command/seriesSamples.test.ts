import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type InTable, readSeries, type SeriesForm, samplesOf, seriesLabels } from '../../ts/command/tasks/seriesSamples.ts';
import { DataError, tableFromRows } from '../../ts/index.ts';
import { folderWith } from './support.ts';

const flags = { warn: () => {}, note: () => {} };
const rows = { kind: 'rows', columns: ['t0', 't1', 't2'], target: 'y', missing: 'error' } as const;
const groups = { kind: 'groups', columns: ['a', 'b'], target: 'y', group: 'name', missing: 'error' } as const;

/** Reads a table of CSV. */
async function read(text: string, form: SeriesForm, target: 'class' | 'number' | null, given: Parameters<typeof readSeries>[2] = flags) {
  const file = join(folderWith({ 'data.csv': text }), 'data.csv');
  return readSeries(file, form, given, target);
}

const arrays = ({ sequences }: { readonly sequences: readonly Float64Array[] }) => sequences.map((steps) => [...steps]);

test('series of a .ts file: their channels, targets and numbers', async () => {
  const head = (targets: string) => `@problemName Some\n@timestamps false\n@univariate false\n${targets}\n@data\n`;
  const folder = folderWith({
    'classes.ts': `${head('@classLabel true up down')}1,2:5,6:up\n3:4:down\n`,
    'numbers.ts': `${head('@targetLabel true')}1,2:5,6:2.5\n`,
    'broken.ts': `${head('@classLabel true up down')}?,2:5,6:up\n`,
    'bare.ts': `${head('@classLabel false')}1,2:5,6\n`,
  });
  const series = (name: string, target: 'class' | 'number' | null) => readSeries(join(folder, name), { kind: 'ts' }, flags, target);
  const classes = await series('classes.ts', 'class');
  expect(arrays(classes)).toEqual([
    [1, 5, 2, 6],
    [3, 4],
  ]);
  expect(classes).toMatchObject({ channels: 2, classes: ['up', 'down'], numbers: null, format: null });
  expect([...classes.given]).toEqual([['series', ['1', '2']]]);
  expect(classes.places[1]).toBe(`series 2 of ${join(folder, 'classes.ts')}`);
  expect(await series('numbers.ts', 'number')).toMatchObject({ classes: null, numbers: Float64Array.of(2.5) });
  await expect(series('classes.ts', 'number')).rejects.toThrow(/series 1 of .* is 'up', expected a number/);
  await expect(series('broken.ts', 'class')).rejects.toThrow(/series 1 of .*broken\.ts has a missing value$/);
  await expect(series('bare.ts', 'class')).rejects.toThrow(/bare\.ts has no targets$/);
  expect(arrays(await series('bare.ts', null))).toEqual([[1, 5, 2, 6]]);
});

test('a row of a series without values, or with a gap, is refused by its line', async () => {
  const head = '# measured by hand\nt0,t1,t2,y\n';
  const found = await read(`${head}1,2,3,a \n4,5,,b\n`, rows, 'class');
  expect(arrays(found)).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
  expect(found).toMatchObject({ channels: 1, classes: ['a', 'b'] });
  expect([...found.given]).toEqual([['line', ['3', '4']]]);
  expect(found.places[1]).toMatch(/^line 4 of .*, column 'y',$/);
  expect(arrays(await read(`${head}1,,3,a\n4,5,,b\n`, { ...rows, missing: 'linear' }, 'class'))).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
  await expect(read(`${head},,,a\n4,5,6,b\n`, rows, 'class')).rejects.toThrow(/^line 3 of .* has no values in the columns of the series/);
  await expect(read(`${head}1,2,3,a\n,5,6,b\n`, rows, 'class')).rejects.toThrow(/^line 4 of .*, column 't0', has no value: .* linear/);
  await expect(read(`${head}1,2,3,\n4,5,6,b\n`, rows, 'class')).rejects.toThrow(/^line 3 of .*, column 'y', has no class/);
});

test('a file to predict needs no targets, and its other columns are told', async () => {
  const notes: string[] = [];
  const given = { ...flags, note: (text: string) => notes.push(text) };
  await read('t0,t1,t2,extra\n1,2,3,4\n', rows, null, given);
  expect(notes).toEqual([expect.stringContaining('extra')]);
  notes.length = 0;
  await read('t0,t1,t2,y\n1,2,3,4\n', rows, null, given);
  await read('t0,t1,t2,answer\n1,2,3,4\n', rows, null, { ...given, target: 'answer' });
  expect(notes).toEqual([]);
  await expect(read('t0,t1,t2\n1,2,3\n', rows, null, { ...flags, group: 't0' })).rejects.toThrow(
    /^--group t0: the model was trained on series of a row each/,
  );
});

test('the rows of a series are its steps, one channel beside the other, also among rows of others', async () => {
  const found = await read('name,a,b,y\ns1,1,10,\ns2,5,50,down\ns1 ,2,20,up\n', groups, 'class');
  expect(arrays(found)).toEqual([
    [1, 10, 2, 20],
    [5, 50],
  ]);
  expect(found).toMatchObject({ channels: 2, classes: ['up', 'down'] });
  expect([...found.given]).toEqual([['series', ['s1', 's2']]]);
  expect(found.places[0]).toMatch(/^line 4 of /);
  const numbers = await read('name,a,b,y\ns1,1,10,\ns1,2,20,2.5\n', groups, 'number');
  expect(numbers).toMatchObject({ classes: null, numbers: Float64Array.of(2.5) });
});

test.each<[string, string, RegExp]>([
  ['another target', 's1,1,1,up\ns2,2,2,up\ns1,3,3,down', /^line 4 of .*'y', is 'down', but the series 's1' began with 'up' in line 2 of /],
  ['a gap', 's1,1,1,up\ns2,2,2,up\ns2,3,,up', /^line 4 of .*, column 'b', has no value: .* linear/],
  ['a gap at its begin', 's1,1,1,up\ns2,,2,up', /^line 3 of .*, column 'a', has no value/],
  ['no target', 's1,1,1,up\ns2,2,2,', /^the series 's2', line 3 of .*, has no class in 'y': --bad-rows skip/],
  ['no name', 's1,1,1,up\n,2,2,up', /^line 3 of .* has no name of a series in 'name': --bad-rows skip/],
])('a series with %s is refused', async (_, text, message) => {
  await expect(read(`name,a,b,y\n${text}\n`, groups, 'class')).rejects.toThrow(message);
});

test('--bad-rows skip leaves out series without a target, but not all', async () => {
  const warnings: string[] = [];
  const skip = { ...flags, badRows: 'skip', warn: (text: string) => warnings.push(text) } as const;
  expect(arrays(await read('name,a,b,y\n,2,2,up\ns1,1,1,up\ns2,2,2,\n', groups, 'class', skip))).toEqual([[1, 1]]);
  expect(warnings).toEqual([
    expect.stringMatching(/^2 series of .* left out, the first begins on line 2 of .*: it has no name of a series/),
  ]);
  await expect(read('name,a,b,y\ns1,1,1,\n', groups, 'class', skip)).rejects.toThrow(/data\.csv has no series$/);
});

test('answers of rows of features have all columns of the file', async () => {
  const table = await tableFromRows([{ id: 'a', price: 1 }]);
  const form: InTable = { kind: 'features', columns: ['price'], target: 'y', missing: 'mean' };
  expect([...samplesOf(table, form, flags, null).given.keys()]).toEqual(['id', 'price']);
});

test('classes are sorted; another one is refused by its place', () => {
  const samples = { classes: ['b', 'a', 'b'], places: ['row 1', 'row 2', 'row 3'] } as unknown as Parameters<typeof seriesLabels>[0];
  expect(seriesLabels(samples)).toEqual({ labels: Int32Array.of(1, 0, 1), names: ['a', 'b'] });
  expect(() => seriesLabels(samples, ['b', 'c'])).toThrow(new DataError("row 2 is 'a', expected one of b, c"));
});
