import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { namesIn } from '../../ts/command/nameList.ts';
import { rowFormOf } from '../../ts/command/tasks/rowForm.ts';
import { Table } from '../../ts/data/table.ts';
import { loadModel } from '../../ts/index.ts';
import { backtime, folderWith, linesOf, seriesRows } from './support.ts';

const SMALL = ['--units', '8', '--learning-rate', '0.02', '--batch-size', '8'];

/** Flats as a German spreadsheet writes them; the price is 2000 a square metre, and 10 a year. */
function flats(count: number): string {
  const rows = Array.from({ length: count }, (_, row) => {
    const [rooms, area, year] = [1 + (row % 5), 30.5 + ((row * 37) % 100), 1950 + ((row * 13) % 70)];
    const price = (2000 * area + 10 * year).toLocaleString('de-DE', { minimumFractionDigits: 2 });
    return `${rooms};${String(area).replace('.', ',')};${year};${row % 2 === 0 ? 'Ulm' : 'Bonn'};${price}`;
  });
  return `Zimmer;Fläche;Baujahr;Stadt;Preis\n${rows.join('\n')}\n`;
}

/** A table in which `level` decides the class. */
function levels(count: number): string {
  const rows = Array.from(
    { length: count },
    (_, row) => `${row % 2 === 0 ? 0.001 : 0.002},${5000 + ((row * 7) % 13)},${row % 2 === 0 ? 'low' : 'high'}`,
  );
  return `level,weight,kind\n${rows.join('\n')}\n`;
}

test.each([
  ['a,b', ['a', 'b']],
  [' a , b c ', ['a', 'b c']],
  ['"area, in m²", rooms', ['area, in m²', 'rooms']],
  ['height 5" wide', ['height 5" wide']],
  ['', ['']],
])('the names in %j', (text, names) => {
  expect(namesIn(text)).toEqual(names);
});

describe('what the rows of a table are', () => {
  const kindOf = (
    names: readonly string[],
    cells: (column: number) => readonly number[] = (column) => [column, column + 1, column + 3],
  ) => {
    const table = new Table(new Map(names.map((name, column) => [name, cells(column)])));
    return rowFormOf(table, names).kind;
  };
  const scaled = (column: number) => [1, 2, 4].map((value) => value * 100 ** column);

  test.each<[readonly string[], 'series' | 'features']>([
    [['t0', 't1', 't2'], 'series'],
    [['Step 1', 'Step 2', 'Step 3'], 'series'],
    [['2019', '2020', '2021'], 'series'],
    [['lag3', 'lag2', 'lag1'], 'series'],
    [['0', '0.5', '1'], 'series'],
    [['2024-01-31', '2024-02-29', '2024-03-31'], 'series'],
    [['rooms', 'area', 'year'], 'features'],
    [['feature_1', 'feature_2', 'feature_3'], 'features'],
    [['sensor1', 'sensor2', 'sensor5'], 'features'],
    [['a1', 'b2', 'c3'], 'features'],
    [['price'], 'features'],
    [['2024-01-31'], 'features'],
    [['t1', 'u2', 'v3'], 'features'],
    [['t1', 't 1', 't_1'], 'features'],
    [['0.1', '0.2', '0.3'], 'series'],
    [['x1', 'x2', 'x3'], 'features'],
  ])('%j are %s', (names, kind) => {
    expect(kindOf(names)).toBe(kind);
  });

  test('numbered names of anything: the scales of the columns decide', () => {
    const names = ['x1', 'x2', 'x3', 'x4'];
    expect(kindOf(names)).toBe('series');
    expect(kindOf(names, scaled)).toBe('features');
  });
});

describe.skipIf(!inject('distIsCurrent'))('rows of features', () => {
  test('each column has its own scale, decimal commas are numbers, also of the target', async () => {
    const folder = folderWith({ 'flats.csv': flats(80) });
    const flags = ['--task', 'regress', '--target', 'Preis', '--epochs', '60', '--json', ...SMALL];
    const lines = linesOf(await backtime(folder, ['train', 'flats.csv', ...flags]));
    expect(lines.find(({ event }) => event === 'task')?.choice).toBe(
      'each row has the 4 features Zimmer, Fläche, Baujahr, Stadt: their names do not count steps (--rows series makes the columns the steps of a series); ' +
        "a number of 0 or 1 for each category of Stadt; target 'Preis'",
    );
    const result = lines.at(-1);
    expect(result?.mae as number).toBeLessThan(0.15 * (result?.baselineMae as number));
    const model = await loadModel(join(folder, 'model.safetensors'));
    expect(model.inputShape).toEqual([null, 5]);
    const { means } = model.metadata as { means: number[] };
    expect(means.map((mean) => Math.round(mean / 10) * 10)).toEqual([0, 80, 1980, 0, 0]);
    const answers = await backtime(folder, ['predict', 'flats.csv', '--json']);
    const { data } = await model.predict([[1, 30.5, 1950, 0, 1]]);
    expect(linesOf(answers).find(({ event }) => event === 'row')).toEqual({
      event: 'row',
      row: {
        Zimmer: '1',
        Fläche: '30,5',
        Baujahr: '1950',
        Stadt: 'Ulm',
        Preis: '80.500,00',
        predicted: expect.closeTo(data[0] as number, 0),
      },
    });
    // Nothing in this file tells its decimal sign.
    writeFileSync(join(folder, 'new.csv'), 'Zimmer;Fläche;Baujahr;Stadt\n3;k. A.;1990;Ulm\n');
    expect(await backtime(folder, ['predict', 'new.csv'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        "error: line 2 of new.csv, column 'Fläche', is 'k. A.', expected a number: if it means a missing value, give --na-values 'k. A.'",
      ),
    });
    await backtime(folder, ['export', 'model.safetensors', '--out', 'flats.html']);
    expect(readFileSync(join(folder, 'flats.html'), 'utf8')).toMatch(
      /"inputs":\{"[^"]+":\{"label":"Zimmer, Fläche, Baujahr, Stadt=Bonn, Stadt=Ulm \(1 for the category or the day of the week of a row, 0 for the others\)"\}\}/,
    );
    const scores = linesOf(await backtime(folder, ['evaluate', 'flats.csv', '--json'])).at(-1);
    expect(scores?.mae as number).toBeLessThan(0.15 * (result?.baselineMae as number));
  });

  test('a missing value is the mean of its column, unless --missing says otherwise', async () => {
    const folder = folderWith({ 'levels.csv': levels(40).replace('\n0.001,', '\n,') });
    const flags = ['train', 'levels.csv', '--task', 'classify-series', '--epochs', '20', '--json', ...SMALL];
    const lines = linesOf(await backtime(folder, flags));
    expect(lines.find(({ event }) => event === 'task')?.choice).toContain(
      '; 1 missing value is the mean of the column (--missing error refuses them)',
    );
    expect(lines.at(-1)).toMatchObject({ accuracy: 1 });
    const { means } = (await loadModel(join(folder, 'model.safetensors'))).metadata as { means: number[] };
    const probabilities = async (text: string) => {
      writeFileSync(join(folder, 'new.csv'), `level,weight\n${text}\n`);
      return linesOf(await backtime(folder, ['predict', 'new.csv', '--json'])).map(
        ({ row }) => (row as { probability: number }).probability,
      );
    };
    expect(await probabilities('0.001,NA')).toEqual(await probabilities(`0.001,${means[1]}`));
    expect(await backtime(folder, [...flags, '--missing', 'error'])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("line 2 of levels.csv, column 'level', has no value: fill it, --missing mean for example"),
    });
    expect(await backtime(folder, [...flags, '--missing', 'linear'])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("--missing must be mean, error or a number where each row has features, got 'linear'"),
    });
  });

  test('years are features, and so is what dates tell; a name with a comma is in quotes', async () => {
    const rows = Array.from({ length: 20 }, (_, row) => `${1990 + (row % 7)},2024-01-${10 + row},${row},${row * 3}`);
    const folder = folderWith({ 'cars.csv': `year,sold,"power, kW",price\n${rows.join('\n')}\n` });
    const choiceOf = async (...flags: string[]) => {
      const lines = linesOf(
        await backtime(folder, [
          'train',
          'cars.csv',
          '--task',
          'regress',
          '--target',
          'price',
          '--epochs',
          '1',
          '--json',
          ...flags,
          ...SMALL,
        ]),
      );
      return lines.find(({ event }) => event === 'task')?.choice;
    };
    expect(await choiceOf()).toMatch(
      /^each row has the 3 features year, sold, power, kW: .*; sold as day of the week; year read as a number; /,
    );
    expect(await choiceOf('--columns', '"power, kW"')).toMatch(/^each row has the 1 feature power, kW: /);
  });

  test('--rows changes what was taken', async () => {
    const folder = folderWith({ 'rows.csv': seriesRows(20, 'class') });
    const flags = ['train', 'rows.csv', '--task', 'classify-series', '--epochs', '1', ...SMALL];
    const shapeOf = async () => (await loadModel(join(folder, 'model.safetensors'))).inputShape;
    const taken = await backtime(folder, flags);
    expect(taken.stdout).toContain(
      'each row is a series, of the 6 steps t0, t1, t2, t3, …, t5: their names count steps (--rows features makes each column a feature',
    );
    expect(await shapeOf()).toEqual([null, null, 1]);
    expect((await backtime(folder, [...flags, '--rows', 'features'])).code).toBe(0);
    expect(await shapeOf()).toEqual([null, 6]);
    expect(await backtime(folder, [...flags, '--rows', 'features', '--group', 't0'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--rows features says what each row is, but with --group several rows are a series'),
    });
  });

  test.each(['regress', 'classify-series'])('--bad-rows skip leaves out rows without a target: %s', async (task) => {
    const [file, target, lack] =
      task === 'regress'
        ? [flats(40).replace('Preis\n', 'Preis\n1;30;1950;Ulm;k.A.\n'), 'Preis', 'number']
        : [levels(40).replace(',low', ','), 'kind', 'class'];
    const folder = folderWith({ 'gaps.csv': file });
    const train = ['train', 'gaps.csv', '--task', task, '--target', target, '--na-values', 'k.A.', '--epochs', '1', '--json', ...SMALL];
    expect(await backtime(folder, train)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`line 2 of gaps.csv, column '${target}', has no ${lack}: --bad-rows skip leaves such rows out`),
    });
    const lines = linesOf(await backtime(folder, [...train, '--bad-rows', 'skip']));
    expect(lines[0]).toEqual({ event: 'warning', message: `1 row of gaps.csv left out, the first is line 2: no ${lack} in '${target}'` });
    expect(lines.at(-1)?.event).toBe('result');
    // Rows without a target are answered.
    const rows = linesOf(await backtime(folder, ['predict', 'gaps.csv', '--na-values', 'k.A.', '--json']));
    expect(rows.filter(({ event }) => event === 'row')).toHaveLength(task === 'regress' ? 41 : 40);
  });

  test('a target may stand in one row of a series; a series without one is left out', async () => {
    const groups = Array.from({ length: 12 }, (_, name) =>
      [1, 2, 3]
        .map((step) =>
          `s${name},${name % 2 === 0 ? step : -step},${name === 4 || step > 1 ? '' : `${name % 2},5`}`.replace(/,(\d,5)$/, ',"$1"'),
        )
        .join('\n'),
    );
    const folder = folderWith({ 'groups.csv': `series,a,target\n${groups.join('\n')}\n` });
    const train = ['train', 'groups.csv', '--task', 'regress', '--group', 'series', '--epochs', '1', '--json', ...SMALL];
    expect(await backtime(folder, train)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(
        "the series 's4', line 14 of groups.csv, has no number in 'target': --bad-rows skip leaves such series out",
      ),
    });
    const lines = linesOf(await backtime(folder, [...train, '--bad-rows', 'skip']));
    expect(lines[0]?.message).toBe(
      "1 series of groups.csv left out, the first begins on line 14 of groups.csv: it has no number in 'target'",
    );
    expect(lines.find(({ event }) => event === 'split')).toMatchObject({ train: 9, validation: 2 });
  });
});
