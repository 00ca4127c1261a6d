import { existsSync, readFileSync } from 'node:fs';
import { setRandomSeed } from 'backtime';
import { expect, test } from 'vitest';
import { guessRoles } from '../src/data/columns.ts';
import { guessTask } from '../src/data/guessTask.ts';
import { readFiles } from '../src/data/source.ts';
import { buildModel } from '../src/model/layerList.ts';
import { DEFAULT_LAYERS, DEFAULT_TASK_SETTINGS, DEFAULT_TRAINING } from '../src/tasks/defaults.ts';
import { newDataFor } from '../src/tasks/newData.ts';
import { prepareForecast } from '../src/tasks/prepareForecast.ts';
import { judge } from '../src/tasks/score.ts';
import { verdictOf } from '../src/tasks/verdict.ts';
import { TrainingRun } from '../src/training/trainingRun.ts';
import { noise, parseTable } from './data.ts';

const settings = { window: 6, horizon: 3 };
const iso = (day: number) => new Date(Date.UTC(2023, 0, 1 + day)).toISOString().slice(0, 10);
const STORES: readonly string[] = ['north', 'south', 'west'];
const rows = Array.from({ length: 80 }, (_, day) =>
  STORES.map((store, place) => `${iso(day)},${store},${100 * place + day + noise(day)}`),
).flat();

test('of several series in one table one is forecast, which is said, and a new file goes on with the same', async () => {
  const table = await parseTable(`day,store,sales\n${rows.join('\n')}`);
  const roles = guessRoles(table);
  expect([table.names[roles.key ?? 0], roles.keyValue]).toEqual(['store', 'north']);
  const first = prepareForecast(table, roles, settings);
  expect(first.warnings[0]).toBe(
    'The table holds 3 series, told apart by “store”: “north” is forecast. Choose another above, or all of them.',
  );
  expect(first.notes.series).toHaveLength(80);
  const { notes, warnings } = prepareForecast(table, { ...roles, keyValue: 'west' }, settings);
  expect(warnings[0]).toContain('“west” is forecast');
  expect(notes.series[0]).toBeGreaterThan(190);
  const read = async (text: string) => newDataFor(await readFiles([{ file: new File([text], 'new.csv'), path: 'new.csv' }], {}), notes);
  const again = await read(`day,store,sales\n${rows.join('\n')}`);
  expect(again.kind === 'series' && again.all[0]?.series).toEqual(notes.series);
  const [north] = STORES;
  await expect(read(`day,store,sales\n${rows.filter((row) => row.includes(north)).join('\n')}`)).rejects.toThrow(
    'No row has “west” in column “store”: the model has learnt that series alone.',
  );
});

test.each([
  ['day by day', rows],
  ['one after the other', STORES.flatMap((store) => rows.filter((row) => row.includes(store)))],
])('a table of several series %s is for a forecast', async (_, lines) => {
  const table = await parseTable(`day,store,sales\n${lines.join('\n')}`);
  expect(guessTask(table, guessRoles(table))).toBe('forecast');
});

test('a table of one series says nothing of others', async () => {
  const table = await parseTable(`day,store,sales\n${rows.filter((row) => row.includes('south')).join('\n')}`);
  expect(prepareForecast(table, guessRoles(table), settings).warnings).toEqual([]);
  expect(prepareForecast(table, { ...guessRoles(table), key: 1, keyValue: 'south' }, settings).warnings).toEqual([]);
});

/** The first of each month, of some years: also the first twelve days of each January. */
const months = Array.from(
  { length: 60 },
  (_, month) => `01/${String(1 + (month % 12)).padStart(2, '0')}/${2015 + Math.floor(month / 12)},${month}`,
);

test('dates that may have the day or the month first are told, and read as the user says', async () => {
  const table = await parseTable(`day,sales\n${months.join('\n')}`);
  const roles = guessRoles(table);
  const { notes, check, warnings } = prepareForecast(table, roles, settings);
  const order = check.openDates?.order;
  // Sixty months without a gap are likelier than days of some Januaries.
  expect(order).toBe('dayFirst');
  expect(warnings[0]).toMatch(
    /^Every date of “day” may have the day or the month first\. “01\/02\/2015” is taken for .*: change it below if that is wrong\.$/,
  );
  const said = (dateOrder: 'dayFirst' | 'monthFirst') => prepareForecast(table, { ...roles, dateOrder }, settings);
  const [byDay, byMonth] = [said('dayFirst'), said('monthFirst')];
  expect(notes.times).toEqual(byDay.notes.times);
  expect(byDay.notes.times?.slice(0, 2)).toEqual([Date.UTC(2015, 0, 1), Date.UTC(2015, 1, 1)]);
  expect(byMonth.notes.times?.slice(0, 2)).toEqual([Date.UTC(2015, 0, 1), Date.UTC(2015, 0, 2)]);
  // What the user has said is no guess, and can still be changed.
  expect(byMonth.warnings.join()).not.toContain('day or the month first');
  expect(byMonth.check.openDates).toMatchObject({ cell: '01/02/2015', order: 'monthFirst' });
});

test.each([
  ['one of which decides', ['13/01/2015,5', ...months]],
  ['as ISO 8601 writes them', months.map((row) => row.replace(/^(\d+)\/(\d+)\/(\d+)/, '$3-$2-$1'))],
])('dates %s are no question', async (_, lines) => {
  const table = await parseTable(`day,sales\n${lines.join('\n')}`);
  expect(prepareForecast(table, guessRoles(table), settings).check.openDates).toBeNull();
});

test('a date of another series of the table decides', async () => {
  const others = Array.from({ length: 12 }, (_, day) => `${20 + day}/01/2015,b,${day}`);
  const table = await parseTable(`day,key,sales\n${[...months.map((row) => row.replace(',', ',a,')), ...others].join('\n')}`);
  const { notes, check } = prepareForecast(table, { ...guessRoles(table), key: 1, keyValue: 'a' }, settings);
  expect(check.openDates).toBeNull();
  expect(notes.times?.[1]).toBe(Date.UTC(2015, 1, 1));
});

test('the plot of a series knows the date of each of its points', async () => {
  const table = await parseTable(`day,sales\n${Array.from({ length: 3000 }, (_, day) => `${iso(day)},${noise(day)}`).join('\n')}`);
  const [shown] = prepareForecast(table, guessRoles(table), settings).check.series;
  expect(shown?.x.length).toBeLessThanOrEqual(1000);
  expect(shown?.times).toEqual(shown?.x.map((step) => Date.UTC(2023, 0, step)));
});

const airline = new URL('../../../shared/data/forecast/airline-passengers.csv', import.meta.url);

test.skipIf(!existsSync(airline))(
  'on airline passengers the page says in its first sentence that the naive forecast is better',
  async () => {
    const table = await parseTable(readFileSync(airline, 'utf8'));
    const data = prepareForecast(table, guessRoles(table), DEFAULT_TASK_SETTINGS.forecast);
    setRandomSeed(1);
    const run = new TrainingRun(
      buildModel(data.frame, DEFAULT_LAYERS.forecast),
      data,
      { ...DEFAULT_TRAINING.forecast, workers: 0 },
      () => {},
    );
    const { model } = await run.train();
    if (!model) throw new Error('no model');
    const { score } = await judge(model, data);
    expect(verdictOf(score, null, 'forecasts').sentence).toMatch(
      /^It does not beat the best naive forecast, repeating the last season, moved by its change/,
    );
  },
);
