import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { categoryPlaces, type FeatureColumns, featureNames, featuresOf } from '../../ts/command/tasks/features.ts';
import { findSeries } from '../../ts/command/tasks/findSeries.ts';
import { readSeries } from '../../ts/command/tasks/seriesSamples.ts';
import { normalizationOf } from '../../ts/command/tasks/seriesTensors.ts';
import { tableFromRows } from '../../ts/index.ts';
import { folderWith } from './support.ts';

/** 24 rows: prices, shops of which one has no name, free texts, and the number that is sold. */
function sales(): string {
  const rows = Array.from({ length: 24 }, (_, row) => {
    const shop = ['west', 'north', '', 'east'][row % 4];
    return `${row / 2},${shop},remark number ${row} of a clerk,${row * 3}`;
  });
  return `price,shop,remark,sold\n${rows.join('\n')}\n`;
}

function inFolder(files: Readonly<Record<string, string>>) {
  const folder = folderWith(files);
  const [warnings, notes]: [string[], string[]] = [[], []];
  const flags = { target: 'sold', warn: (text: string) => warnings.push(text), note: (text: string) => notes.push(text) };
  return { path: (name: string) => join(folder, name), flags, warnings, notes };
}

test('a column of categories is a number of 0 or 1 for each, and free texts are left out with a warning', async () => {
  const { path, flags, warnings } = inFolder({ 'sales.csv': sales() });
  const { form, samples, choice, leftOut } = await findSeries(path('sales.csv'), flags, 'number');
  expect(form).toMatchObject({ kind: 'features', columns: ['price', 'shop'], categories: [null, ['east', 'north', 'west']] });
  expect(samples.channels).toBe(4);
  expect(samples.sequences.slice(0, 4).map((row) => [...row])).toEqual([
    [0, 0, 0, 1],
    [0.5, 0, 1, 0],
    [1, 0, 0, 0],
    [1.5, 1, 0, 0],
  ]);
  expect(choice).toMatch(/^each row has the 2 features price, shop: .*; a number of 0 or 1 for each category of shop/);
  expect(leftOut).toEqual(['remark (text)']);
  expect(warnings).toEqual([
    expect.stringMatching(
      /^column 'remark' of .*sales\.csv is left out, as it has neither numbers nor categories but is a text \(.*\): --columns/,
    ),
  ]);
});

test('--columns chooses them, in any order', async () => {
  const { path, flags, warnings } = inFolder({ 'sales.csv': sales() });
  const { form } = await findSeries(path('sales.csv'), { ...flags, columns: 'shop' }, 'number');
  expect(form).toMatchObject({ kind: 'features', columns: ['shop'], categories: [['east', 'north', 'west']] });
  expect(warnings).toEqual([]);
  await expect(findSeries(path('sales.csv'), { ...flags, columns: 'shop,remark' }, 'number')).rejects.toThrow(
    /'remark' .* has no numbers but texts/,
  );
  await expect(findSeries(path('sales.csv'), { ...flags, columns: 'price,shop', rows: 'series' }, 'number')).rejects.toThrow(
    /'shop' .* has no numbers but categories/,
  );
});

test('a new file is read in the order of the trained categories; others are zeros, and are named once', async () => {
  const { path, flags, warnings } = inFolder({ 'sales.csv': sales() });
  const { form } = await findSeries(path('sales.csv'), flags, 'number');
  warnings.length = 0;
  writeFileSync(path('new.csv'), 'branch,price\nwest,1\nsouth,2\nnorth,3\nsouth,4\nmoon,5\n');
  const { sequences } = await readSeries(path('new.csv'), form, { ...flags, columns: 'price,branch' }, null);
  expect(sequences.map((row) => [...row])).toEqual([
    [1, 0, 0, 1],
    [2, 0, 0, 0],
    [3, 0, 1, 0],
    [4, 0, 0, 0],
    [5, 0, 0, 0],
  ]);
  expect(warnings).toEqual([
    expect.stringMatching(
      /^column 'branch' of .*new\.csv has 2 categories that the model was not trained on, in 3 of 5 rows: south, moon; they count as none of east, north, west$/,
    ),
  ]);
});

test('a category is the same with spaces around it, and a text for no value is none', async () => {
  const { path, flags, warnings } = inFolder({ 'sales.csv': sales().replaceAll(',west,', ',NA,').replaceAll(',north,', ',"north ",') });
  const { form } = await findSeries(path('sales.csv'), flags, 'number');
  expect(form).toMatchObject({ categories: [null, ['east', 'north']] });
  warnings.length = 0;
  writeFileSync(path('new.csv'), 'price,shop\n1, north\n2,NA\n');
  const { sequences } = await readSeries(path('new.csv'), form, flags, null);
  expect(sequences.map((row) => [...row])).toEqual([
    [1, 0, 1],
    [2, 0, 0],
  ]);
  expect(warnings).toEqual([]);
});

test('of many categories a warning names the first five', async () => {
  const names = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `shop${from + index}`);
  const warned = async (unknown: number, known: number) => {
    const table = await tableFromRows(names(unknown, 10).map((shop) => ({ shop })));
    const warnings: string[] = [];
    featuresOf(table, { columns: ['shop'], categories: [names(known)], missing: 'mean' }, { warn: (text) => warnings.push(text) });
    return warnings;
  };
  const all = await Promise.all([warned(6, 6), warned(1, 5)]);
  expect(all.flat().map((text) => text.replace(/^.* has/, ''))).toEqual([
    ' 6 categories that the model was not trained on, in 6 of 6 rows: shop10, shop11, shop12, shop13, shop14, …; they count as none of shop0, shop1, shop2, shop3, shop4, …',
    ' 1 category that the model was not trained on, in 1 of 1 rows: shop10; they count as none of shop0, shop1, shop2, shop3, shop4',
  ]);
});

test('a missing value is a number that is chosen, or refused where missing values are', async () => {
  const table = await tableFromRows(
    [
      { shop: 'a', price: 1, day: '2024-01-01' },
      { shop: null, price: null, day: null },
    ],
    { source: 'sales' },
  );
  const categories = [['a', 'b']];
  const read = (columns: Omit<FeatureColumns, 'missing'>, missing: string) =>
    featuresOf(table, { ...columns, missing }, { warn: () => {} }).map((row) => [...row]);
  expect(read({ columns: ['price'] }, '7')).toEqual([[1], [7]]);
  expect(read({ columns: ['price'] }, 'mean')).toEqual([[1], [Number.NaN]]);
  const refused: readonly Omit<FeatureColumns, 'missing'>[] = [
    { columns: ['shop'], categories },
    { columns: ['price'] },
    { columns: ['day'], calendar: [['weekday']] },
  ];
  for (const columns of refused)
    expect(() => read(columns, 'error')).toThrow(`row 2 of sales, column '${columns.columns[0]}', has no value: fill it, --missing mean`);
  expect(featureNames({ columns: ['x', 'shop'], categories: [null, ['a', 'b']] })).toEqual(['x', 'shop=a', 'shop=b']);
});

test('a category that no row to train on has keeps its size', () => {
  const places = categoryPlaces({ columns: ['x', 'shop'], categories: [null, ['a', 'b']] });
  const { mean, variance } = normalizationOf([Float64Array.of(1, 1, 0), Float64Array.of(3, 1, 0)], 3, places);
  expect([mean, variance]).toEqual([
    [2, 0, 0],
    [1, 1, 1],
  ]);
});
