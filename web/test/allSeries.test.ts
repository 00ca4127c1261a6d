import { forecast, loadModel, type Model, modelToBytes, type Sequential, setRandomSeed, type Tensor } from 'backtime';
import { expect, test } from 'vitest';
import { guessRoles } from '../src/data/columns.ts';
import { readFiles } from '../src/data/source.ts';
import { buildModel } from '../src/model/layerList.ts';
import { decodeTrained, encodeTrained } from '../src/model/modelFile.ts';
import { dataIn, withoutData } from '../src/model/personalData.ts';
import { pipelineOf } from '../src/model/pipeline.ts';
import { type ForecastNotes, firstStart, forecastFrom, seriesAt, seriesNames } from '../src/tasks/forecast.ts';
import { forecastTable } from '../src/tasks/forecastRows.ts';
import { newDataFor } from '../src/tasks/newData.ts';
import { prepareForecast } from '../src/tasks/prepareForecast.ts';
import { judge } from '../src/tasks/score.ts';
import { TrainingRun } from '../src/training/trainingRun.ts';
import { noise, parseTable } from './data.ts';

const settings = { window: 6, horizon: 2 };
const iso = (day: number) => new Date(Date.UTC(2023, 0, 1 + day)).toISOString().slice(0, 10);

/** What a store sells: each day follows from the one before, and no season does. */
function salesOf(place: number, days: number, size: number): number[] {
  let part = 0.3 + 0.05 * place;
  return Array.from({ length: days }, () => {
    part = 3.99 * part * (1 - part);
    return size * (10 + part);
  });
}

const STORES: Readonly<Record<string, readonly number[]>> = {
  north: salesOf(1, 160, 1),
  south: salesOf(2, 160, 1000),
  west: salesOf(3, 200, 30),
};

const rowsOf = (stores: Readonly<Record<string, readonly number[]>>) =>
  Object.entries(stores)
    .flatMap(([store, sales]) => sales.map((value, day) => ({ day, line: `${iso(day)},${store},${value}` })))
    .sort((a, b) => a.day - b.day)
    .map(({ line }) => line);

const textOf = (lines: readonly string[]) => `day,store,sales\n${lines.join('\n')}`;

async function prepared(lines: readonly string[] = rowsOf(STORES)) {
  const table = await parseTable(textOf(lines));
  return prepareForecast(table, { ...guessRoles(table), keyValue: null }, settings);
}

const sourceOf = (text: string) => readFiles([{ file: new File([text], 'new.csv'), path: 'new.csv' }], {});

test('the windows of all series are those of each by itself, and none crosses from one to the next', async () => {
  const weekly = (place: number, days: number) =>
    Array.from({ length: days }, (_, day) => 10 ** place * (10 + [5, 4, 3, 2, 1, 9, 8][day % 7] + noise(7 * day + place)));
  const lines = rowsOf({ north: weekly(0, 160), south: weekly(1, 160), west: weekly(2, 200) });
  const table = await parseTable(textOf(lines));
  const all = await prepared(lines);
  expect(all.notes.season).toBe(7);
  expect(seriesNames(all.notes)).toEqual(['north', 'south', 'west']);
  const each = Object.keys(STORES).map((keyValue) => prepareForecast(table, { ...guessRoles(table), keyValue }, settings));
  expect(each.map(({ notes }) => notes.season)).toEqual(each.map(() => all.notes.season));
  const joined = (tensors: readonly Tensor[]) => tensors.flatMap(({ data }) => Array.from(data));
  for (const part of ['train', 'test', 'validation'] as const)
    for (const side of [0, 1] as const) expect(Array.from(all[part][side].data)).toEqual(joined(each.map((own) => own[part][side])));
  for (const [place, { notes }] of each.entries()) expect(seriesAt(all.notes, place)).toEqual(notes);
  expect(all.summary).toMatch(/^3 series of 160 to 200 values, 520 values in all: of each the first 65 % to learn from, /);
  expect(all.check.series.map(({ title }) => title)).toEqual(['north', 'south', 'west']);
  // Each series counts as much as it has forecasts.
  const squares = each.map(({ test, baselines }) => test[0].shape[0] * baselines.test[0].value ** 2);
  expect(all.baselines.test[0].value).toBeCloseTo(Math.sqrt(squares.reduce((sum, square) => sum + square) / all.test[0].shape[0]), 6);
});

test('series that are too short, and rows of none, are left out, and it is said', async () => {
  const lines = [...rowsOf({ ...STORES, new: salesOf(4, 15, 1), closed: [5] }), `${iso(3)},,7`];
  const { notes, problems, warnings } = await prepared(lines.filter((line) => !line.includes(`${iso(40)},south`)));
  expect(seriesNames(notes)).toEqual(['north', 'south', 'west']);
  const said = problems.map(({ message }) => message);
  expect(said).toContain('series “new” is left out: it has 15 values, too few to read 6 and forecast 2');
  expect(said.some((message) => message.startsWith('series “closed” is left out: '))).toBe(true);
  expect(said).toContain('1 row without a “store” is of no series');
  expect(warnings).toEqual([`Of “south”: 1 step of 1d has no row, the first at ${iso(40)}: filled in from its neighbours.`]);
  const tiny = await parseTable(textOf(rowsOf({ a: [1, 2, 3], b: [4, 5, 6] })));
  expect(() => prepareForecast(tiny, { ...guessRoles(tiny), key: 1, keyValue: null }, settings)).toThrow(/No series has enough values/);
});

test('a series that is too short for the season of the others is left out, so that naive forecasts have what they read', async () => {
  const seasons = (place: number, days: number) =>
    Array.from({ length: days }, (_, day) => noise(5000 + (day % 30)) + noise(7 * day + place));
  const stores = { north: seasons(1, 300), south: seasons(2, 300), west: seasons(3, 300), east: seasons(4, 300), new: seasons(5, 80) };
  const { notes, problems, baselines, summary } = await prepared(rowsOf(stores));
  expect(summary).toMatch(/A season of 30 steps was found\.$/);
  expect(seriesNames(notes)).toEqual(['north', 'south', 'west', 'east']);
  expect(problems.map(({ message }) => message)).toEqual([
    'series “new” is left out: it has 80 values, too few to read 6 and forecast 2, with a season of 30 steps',
  ]);
  for (const { value } of [...baselines.test, ...baselines.validation]) expect(value).toBeGreaterThan(0);
});

async function trained() {
  setRandomSeed(1);
  const data = await prepared();
  const model = buildModel(data.frame, [{ kind: 'GRU', units: 16 }]);
  const { model: learnt } = await new TrainingRun(model, data, { epochs: 40, batchSize: 16, learningRate: 0.01 }, () => {}).train();
  const { score, residuals } = await judge(learnt as Sequential, data);
  return { data, model: learnt as Sequential, score, notes: { ...data.notes, residuals } };
}

test('one model forecasts each series in its own scale, is kept, and goes on from a new file', async () => {
  const { data, model, score, notes } = await trained();
  expect(score.test.model).toBeLessThan(0.6 * Math.min(...score.test.baselines.map(({ value }) => value)));
  // The error is in the unit of the data, though the samples are scaled.
  const { data: said } = await model.predict(data.test[0]);
  const scales = data.sampleScales?.test ?? [];
  const squares = Array.from(said, (value, place) => ((value - data.test[1].data[place]) * (scales[Math.floor(place / 2)] ?? 0)) ** 2);
  expect(score.test.model).toBeCloseTo(Math.sqrt(squares.reduce((sum, square) => sum + square) / squares.length), 3);

  const whole = { model, notes, score, report: null, trainedOn: 'stores.csv', run: null };
  const back = await decodeTrained(await encodeTrained(whole));
  expect(back.notes).toEqual(notes);
  const all = seriesNames(notes).map((_, place) => seriesAt(notes, place));
  const { header, rows } = await forecastTable(model, all, true);
  expect(header).toEqual(['store', 'step', 'date', 'sales', 'from', 'to']);
  expect(rows.map(([store, step, date]) => [store, step, date])).toEqual(
    ['north', 'south', 'west'].flatMap((store) => {
      const { length } = STORES[store] as readonly number[];
      return [0, 1].map((ahead) => [store, length + 1 + ahead, iso(length + ahead)]);
    }),
  );
  const widthOf = (row: number) => Number(rows[row]?.[5]) - Number(rows[row]?.[4]);
  expect(((widthOf(2) / widthOf(0)) * notes.scale) / (all[1]?.scale ?? 0)).toBeCloseTo(1, 2);

  // East is not known: it is scaled by its own values, and west has too few to go on from.
  const next = { north: STORES.north.slice(0, 120), east: salesOf(9, 120, 500), west: [300, 310] };
  const asked = newDataFor(await sourceOf(textOf(rowsOf(next))), notes);
  if (asked.kind !== 'series') return expect.fail(asked.kind);
  expect(asked.all.map(({ key, series }) => [key?.value, series.length])).toEqual([
    ['north', 120],
    ['east', 120],
  ]);
  expect(asked.left.map(({ message }) => message)).toEqual([
    `series “west” is left out: The series has 2 values; to go on from it, at least ${firstStart(notes)} are needed.`,
  ]);
  expect(asked.all[0]?.scale).toBe(notes.scale);
  const [, east] = asked.all as [ForecastNotes, ForecastNotes];
  expect(east.scale / 500).toBeGreaterThan(0.5 * notes.scale);
  expect(east.scale / 500).toBeLessThan(2 * notes.scale);
  const errors = await Promise.all(
    Array.from({ length: 40 }, async (_, at) => {
      const [value] = await forecastFrom(model, east, 70 + at);
      return [Math.abs(value - next.east[70 + at]), Math.abs(next.east[69 + at] - next.east[70 + at])];
    }),
  );
  const sum = (side: number) => errors.reduce((total, pair) => total + (pair[side] ?? 0), 0);
  expect(sum(0)).toBeLessThan(0.6 * sum(1));
  // A table of one series need not say which it is.
  const one = newDataFor(await sourceOf(`sales\n${next.north.join('\n')}`), notes);
  expect(one.kind === 'series' && one.all.map(({ series }) => series.length)).toEqual([120]);

  // What is taken away for programs is for one of the series.
  const pipeline = (await loadModel(await modelToBytes(pipelineOf(model, all[1] as ForecastNotes) as Model))) as Model;
  const { values } = await forecast(pipeline, STORES.south, 2);
  const expected = await forecastFrom(model, all[1] as ForecastNotes, STORES.south.length);
  for (const [ahead, value] of expected.entries()) expect(values.data[ahead] / value).toBeCloseTo(1, 3);

  expect(dataIn(whole)).toEqual(['the last values of each of 3 series, with its name, to go on from']);
  const left = JSON.stringify(withoutData(whole).notes);
  for (const word of [...Object.keys(STORES), String(STORES.west.at(-1))]) expect(left).not.toContain(word);
  const again = newDataFor(await sourceOf(textOf(rowsOf(next))), withoutData(whole).notes);
  expect(again.kind === 'series' && again.all.map(({ key }) => key?.value)).toEqual(['north', 'east']);
});
