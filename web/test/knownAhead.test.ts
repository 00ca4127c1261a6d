import { forecast, loadModel, type Model, modelToBytes, setRandomSeed } from 'backtime';
import { expect, test } from 'vitest';
import { readFiles } from '../src/data/source.ts';
import { codeSnippet } from '../src/model/codeSnippet.ts';
import { buildModel, describeLayers } from '../src/model/layerList.ts';
import { decodeTrained, encodeTrained } from '../src/model/modelFile.ts';
import { pipelineOf } from '../src/model/pipeline.ts';
import { describeUnknown, type ForecastNotes, forecastFrom, stepsKnown } from '../src/tasks/forecast.ts';
import { forecastRows } from '../src/tasks/forecastRows.ts';
import { newDataFor } from '../src/tasks/newData.ts';
import { prepareForecast } from '../src/tasks/prepareForecast.ts';
import { judge } from '../src/tasks/score.ts';
import { TrainingRun } from '../src/training/trainingRun.ts';
import { noise, parseTable, rolesOf } from './data.ts';

const KNOWN = 400;
const [WINDOW, HORIZON] = [6, 3];
const shape = { window: WINDOW, horizon: HORIZON };
const iso = (day: number) => new Date(Date.UTC(2021, 0, 1 + day)).toISOString().slice(0, 10);
/** Nothing before a day tells its price. */
const price = (day: number) => 10 + 3 * noise(day);
const visitors = (day: number) => 50 + noise(9000 + day);
const sales = (day: number) => 100 - 5 * price(day);

/** A row a day; of the days after the last sales there is the price alone. */
function linesOf(ahead: number, known = KNOWN): string[] {
  return Array.from({ length: known + ahead }, (_, day) =>
    day < known ? `${iso(day)},${price(day)},${visitors(day)},${sales(day)}` : `${iso(day)},${price(day)},,`,
  );
}

const HEADER = 'day,price,visitors,sales';
const tableOf = (lines: readonly string[]) => parseTable(`${HEADER}\n${lines.join('\n')}`);
const sourceOf = (text: string) => readFiles([{ file: new File([text], 'new.csv'), path: 'new.csv' }], {});
const roles = rolesOf({ value: 3, inputs: [1, 2], ahead: [1], time: 0 });

async function trained(ahead: readonly number[], lines = linesOf(HORIZON)) {
  const data = prepareForecast(await tableOf(lines), { ...roles, inputs: [1], ahead }, shape);
  setRandomSeed(1);
  const settings = { epochs: 25, batchSize: 16, learningRate: 0.01, workers: 0 as const };
  const { model } = await new TrainingRun(buildModel(data.frame, [{ kind: 'GRU', units: 12 }]), data, settings, () => {}).train();
  if (!model) throw new Error('no model');
  const { score, residuals } = await judge(model, data);
  return { data, model, score, notes: { ...data.notes, residuals } };
}

test('a column that is known ahead is read at the steps to forecast, others are not, and the naive forecasts stay', async () => {
  const { notes, train, frame, summary, baselines, problems, missing } = prepareForecast(await tableOf(linesOf(5)), roles, shape);
  expect(notes.series).toHaveLength(KNOWN);
  expect(notes.inputs?.map(({ name, isAhead = false, values }) => [name, isAhead, values.length])).toEqual([
    ['visitors', false, KNOWN],
    ['price', true, KNOWN + 5],
  ]);
  expect([problems, missing]).toEqual([[], []]);
  expect(frame.inputShape).toEqual([null, WINDOW + HORIZON, 4]);
  expect(summary).toContain('Known ahead, and read at the steps to forecast: price, in the table for 5 steps after the last value. ');
  // The second window reads days 1 to 6, and forecasts days 7 to 9.
  const width = 4;
  const step = (at: number) => Array.from(train[0].data.slice((WINDOW + HORIZON + at) * width, (WINDOW + HORIZON + at + 1) * width));
  const [beside, ahead] = notes.inputs ?? [];
  const scaled = (value: number, { mean = 0, deviation = 1 } = {}) => (value - mean) / deviation;
  for (let at = 0; at < WINDOW; at++) {
    const [, second, third, isForecast] = step(at);
    expect(second).toBeCloseTo(scaled(visitors(at + 1), beside), 4);
    expect(third).toBeCloseTo(scaled(price(at + 1), ahead), 4);
    expect(isForecast).toBe(0);
  }
  for (let at = WINDOW; at < WINDOW + HORIZON; at++) expect(step(at)).toEqual([0, 0, expect.closeTo(scaled(price(at + 1), ahead), 4), 1]);
  const alone = prepareForecast(await tableOf(linesOf(0)), { ...roles, inputs: [] }, shape);
  expect(baselines).toEqual(alone.baselines);
  expect(notes.scale).toBe(alone.notes.scale);
  // What is known of days that are not learnt from scales nothing.
  const learnt = Array.from({ length: 260 }, (_, day) => price(day));
  expect(ahead?.mean).toBeCloseTo(learnt.reduce((sum, value) => sum + value, 0) / learnt.length, 6);
});

test('what decides a day is worth much only when it is known ahead', async () => {
  const past = await trained([]);
  const ahead = await trained([1]);
  expect(ahead.data.test[1]).toEqual(past.data.test[1]);
  expect(past.score.test.model).toBeGreaterThan(0.6 * Math.min(...past.score.test.baselines.map(({ value }) => value)));
  expect(ahead.score.test.model).toBeLessThan(0.3 * past.score.test.model);
});

test('where less is known ahead, so many steps are forecast, and it is said what is missing', async () => {
  const { model, notes } = await trained([1]);
  const all = await forecastFrom(model, notes, KNOWN);
  expect(all.map((value, step) => Math.abs(value - sales(KNOWN + step)) < 3)).toEqual([true, true, true]);
  const knownFor = (steps: number): ForecastNotes => ({
    ...notes,
    inputs: notes.inputs?.map((input) => ({ ...input, values: input.values.slice(0, KNOWN + steps) })) ?? [],
  });
  expect(describeUnknown(notes, KNOWN)).toBeNull();
  const two = await forecastFrom(model, knownFor(2), KNOWN);
  expect(two).toEqual([expect.closeTo(all[0] as number, 5), expect.closeTo(all[1] as number, 5)]);
  expect(describeUnknown(knownFor(2), KNOWN)).toBe(
    'Only 2 of 3 steps can be forecast: the model reads “price” at the steps that it forecasts, and rows tell it no further. Add a row for each of the 3 steps after the last number of “sales”, with “price” filled in and “sales” left empty.',
  );
  expect(await forecastRows(model, knownFor(0), KNOWN)).toEqual([]);
  expect(describeUnknown(knownFor(0), KNOWN)).toMatch(/^Nothing can be forecast: the model reads “price” .* no row tells it\. /);
  // Days of the past can be forecast as far as their prices are known.
  expect([stepsKnown(knownFor(0), KNOWN - 1), stepsKnown(knownFor(0), KNOWN - HORIZON)]).toEqual([1, HORIZON]);
});

test('rows after the last value are no faulty rows where they are known ahead; what ends too early is told by row', async () => {
  const lines = linesOf(5);
  lines[KNOWN + 1] = `${iso(KNOWN + 1)},NA,,`;
  lines[KNOWN + 4] = `${iso(KNOWN + 4)},,60,`;
  const { notes, problems, missing, warnings, summary } = prepareForecast(await tableOf(lines), roles, shape);
  const [beside, ahead] = notes.inputs ?? [];
  expect([beside?.values.length, ahead?.values.length]).toEqual([KNOWN, KNOWN + 4]);
  expect(ahead?.values[KNOWN + 1]).toBeCloseTo((price(KNOWN) + price(KNOWN + 2)) / 2, 6);
  expect(missing).toEqual([{ row: KNOWN + 3, message: 'column “price” has “NA”: filled in from its neighbours' }]);
  expect(problems).toEqual([{ row: KNOWN + 6, message: 'column “price” is empty: what is known ahead ends before this row' }]);
  expect(warnings).toEqual([
    'Rows after the last number of “sales” have numbers in “visitors”: if such numbers are known ahead, say so above, and forecasts read them.',
  ]);
  expect(summary).toContain('in the table for 4 steps after the last value. ');
  expect(prepareForecast(await tableOf(linesOf(1)), roles, shape).summary).toContain('for 1 step after the last value, of 3 to forecast. ');
});

test('a gap before the last value is filled with what is known after it only where that is known ahead', async () => {
  const lines = linesOf(5);
  lines[KNOWN - 1] = `${iso(KNOWN - 1)},,,${sales(KNOWN - 1)}`;
  lines[KNOWN] = `${iso(KNOWN)},${price(KNOWN)},60,`;
  const [beside, ahead] = prepareForecast(await tableOf(lines), roles, shape).notes.inputs ?? [];
  expect(ahead?.values[KNOWN - 1]).toBeCloseTo((price(KNOWN - 2) + price(KNOWN)) / 2, 6);
  expect(beside?.values[KNOWN - 1]).toBeCloseTo(visitors(KNOWN - 2), 6);
});

test('rows in any order, and a file without dates', async () => {
  const expected = prepareForecast(await tableOf(linesOf(4)), roles, shape);
  const turned = prepareForecast(await tableOf(linesOf(4).reverse()), roles, shape);
  expect(turned.notes).toEqual(expected.notes);
  const undated = prepareForecast(await tableOf(linesOf(4)), { ...roles, time: null }, shape);
  expect(undated.notes.inputs).toEqual(expected.notes.inputs);
  expect(undated.notes.times).toBeNull();
  expect(expected.notes.times?.slice(KNOWN).map((time) => new Date(time).toISOString().slice(0, 10))).toEqual(
    [0, 1, 2, 3].map((ahead) => iso(KNOWN + ahead)),
  );
});

test('a model goes on from new rows with what is known ahead, and asks for it where it is missing', async () => {
  const { model, notes, data } = await trained([1]);
  const whole = { model, notes, score: null, report: null, trainedOn: 'shop.csv', run: null };
  const back = await decodeTrained(await encodeTrained(whole));
  expect(back.notes).toEqual(notes);
  const ask = async (lines: readonly string[], header = HEADER) => newDataFor(await sourceOf(`${header}\n${lines.join('\n')}`), back.notes);
  const expected = await forecastFrom(model, data.notes, KNOWN);
  const asked = await ask(linesOf(HORIZON).slice(-40));
  if (asked.kind !== 'series') return expect.fail(asked.kind);
  const [own] = asked.all as [ForecastNotes];
  for (const [ahead, value] of (await forecastFrom(back.model, own, own.series.length)).entries())
    expect(value).toBeCloseTo(expected[ahead] as number, 3);
  const dates = (await forecastRows(model, own, own.series.length)).map(({ time }) => new Date(time ?? 0).toISOString().slice(0, 10));
  expect(dates).toEqual([0, 1, 2].map((ahead) => iso(KNOWN + ahead)));

  await expect(ask(linesOf(0).slice(-40))).rejects.toThrow(
    'Nothing can be forecast: the model reads “price” at the steps that it forecasts, and no row tells it. Add a row for each of the 3 steps after the last number of “sales”, with “price” filled in and “sales” left empty.',
  );
  const short = await ask(linesOf(2).slice(-40));
  expect(short.kind === 'series' && short.all.map((each) => stepsKnown(each, each.series.length))).toEqual([2]);
  await expect(ask(['1\n2\n3'], 'sales')).rejects.toThrow('The table lacks the column “price”');
});

test('one model of several series reads what is known ahead of each', async () => {
  const stores = ['north', 'south'].map((name, place) => ({ name, ahead: [5, 1][place] as number, size: 10 ** place }));
  const keyed = stores.flatMap(({ name, ahead, size }, place) =>
    Array.from({ length: 200 + ahead }, (_, day) => {
      const own = price(1000 * place + day);
      return `${iso(day)},${name},${own},${day < 200 ? size * (100 - 5 * own) : ''}`;
    }),
  );
  const table = await parseTable(`day,store,price,sales\n${keyed.join('\n')}`);
  const all = prepareForecast(table, { ...roles, value: 3, inputs: [2], ahead: [2], key: 1, keyValue: null }, shape);
  expect(all.summary).toContain('in the table for 1 to 5 steps after the last value, of 3 to forecast. ');
  expect([all.notes.inputs?.[0]?.values.length, all.notes.others?.[0]?.inputs[0]?.length]).toEqual([205, 201]);
  for (const { name } of stores) {
    const own = prepareForecast(table, { ...roles, value: 3, inputs: [2], ahead: [2], key: 1, keyValue: name }, shape);
    expect(own.frame).toEqual(all.frame);
  }
  const less = keyed.filter((line) => !line.startsWith(`${iso(200)},south`));
  const asked = newDataFor(await sourceOf(`day,store,price,sales\n${less.join('\n')}`), all.notes);
  if (asked.kind !== 'series') return expect.fail(asked.kind);
  expect(asked.all.map(({ key }) => key?.value)).toEqual(['north']);
  expect(asked.left.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^series “south” is left out: Nothing can be forecast: the model reads “price”/),
  ]);
});

test.each([
  ['no season', 1],
  ['a season', 2],
])('what is taken away reads it too: %s', async (_, season) => {
  const data = prepareForecast(await tableOf(linesOf(HORIZON)), roles, shape);
  const notes = { ...data.notes, season };
  setRandomSeed(1);
  const model = buildModel(data.frame, [
    { kind: 'GRU', units: 5 },
    { kind: 'Dropout', rate: 0.1 },
    { kind: 'LSTM', units: 4 },
  ]);
  expect(describeLayers(model).map(({ title }) => title)).toEqual([
    'GRU of size 5',
    'Dropout 0.1',
    'LSTM of size 4',
    'Output: 1 number (Dense)',
  ]);
  const pipeline = (await loadModel(await modelToBytes(pipelineOf(model, notes) as Model))) as Model;
  const days = Array.from({ length: KNOWN + HORIZON }, (_unused, day) => day);
  const { values } = await forecast(pipeline, days.slice(0, KNOWN).map(sales), HORIZON, {
    futureCovariates: days.map((day) => [day < KNOWN ? visitors(day) : 0, price(day)]),
  });
  for (const [ahead, value] of (await forecastFrom(model, notes, KNOWN)).entries()) expect(values.data[ahead]).toBeCloseTo(value, 3);
  const snippet = codeSnippet(notes, 'm');
  expect(snippet).toContain('// for each of them, and for each of the next 3 steps, the numbers [visitors, price]');
  expect(snippet).toContain('Of the next steps, visitors may be any number: it is not read.');
  expect(snippet).toContain('forecast(model, series, 3, { futureCovariates: beside })');
});

test('what dates tell is read at every step, also of those to come, without a row for them', async () => {
  // On weekends so much more is sold; no season is told to the model, as it is in the prices.
  const weekday = (day: number) => new Date(Date.UTC(2021, 0, 1 + day)).getUTCDay();
  const lines = Array.from({ length: KNOWN }, (_, day) => `${iso(day)},${sales(day)}`);
  const table = await parseTable(`day,sales\n${lines.join('\n')}`);
  const own = { ...rolesOf({ value: 1, time: 0 }), calendar: ['weekday', 'year'] as const };
  const { notes, frame, summary } = prepareForecast(table, own, shape);
  expect(frame.inputShape).toEqual([null, WINDOW + HORIZON, 11]);
  expect(summary).toContain('Read of the dates: day of the week, time of the year. ');
  const [days, [ofYear]] = [notes.inputs?.slice(0, 7), notes.inputs?.slice(7) ?? []];
  expect(notes.inputs?.map(({ values, isAhead }) => [values.length, isAhead])).toEqual(Array(9).fill([KNOWN + HORIZON, true]));
  for (const day of [0, 5, KNOWN, KNOWN + HORIZON - 1]) {
    expect(days?.map(({ values }) => values[day])).toEqual(days?.map((_, place) => Number(place === weekday(day))));
    expect(ofYear?.values[day]).toBeCloseTo(Math.sin((2 * Math.PI * (day % 365)) / 365), 9);
  }
  expect(describeUnknown(notes, KNOWN)).toBeNull();
  // A new file needs its dates, and no column of what they tell.
  const asked = newDataFor(await sourceOf(`day,sales\n${lines.slice(-30).join('\n')}`), notes);
  if (asked.kind !== 'series') return expect.fail(asked.kind);
  expect(asked.all[0]?.inputs?.map(({ values }) => values.at(-1))).toEqual(
    notes.inputs?.map(({ values }) => expect.closeTo(values.at(-1) ?? 0, 9)),
  );
  const earlier = { ...notes, inputs: notes.inputs?.slice(5) ?? [] };
  const again = await sourceOf(`day,sales\n${lines.slice(-30).join('\n')}`);
  expect(() => newDataFor(again, earlier)).toThrow(/^The model reads dates in other numbers than this version of the page: train it again/);
  const undated = await sourceOf(`sales\n${lines.map((line) => line.split(',')[1]).join('\n')}`);
  expect(() => newDataFor(undated, notes)).toThrow(
    'The day of the week, time of the year cannot be read: no column tells the dates of its rows. Give a row for each step, with its date',
  );
  const uneven = lines.map((line, row) => line.replace(iso(row), iso(row + 29 * Math.floor(row / 3))));
  const unevenTable = await parseTable(`day,sales\n${uneven.join('\n')}`);
  expect(() => prepareForecast(unevenTable, own, shape)).toThrow(/its dates are uneven, so the dates of the next steps are unknown/);
});

test('hours are told of dates with a time, and both kinds of what is known ahead go together', async () => {
  const hours = Array.from({ length: KNOWN + 2 }, (_, hour) =>
    [new Date(Date.UTC(2021, 0, 1, hour)).toISOString().slice(0, 16), price(hour), hour < KNOWN ? sales(hour) : ''].join(','),
  );
  const table = await parseTable(`hour,price,sales\n${hours.join('\n')}`);
  const { notes, summary } = prepareForecast(
    table,
    { ...rolesOf({ value: 2, inputs: [1], ahead: [1], time: 0 }), calendar: ['hour'] },
    shape,
  );
  expect(notes.inputs?.map(({ name, values }) => [name, values.length])).toEqual([
    ['price', KNOWN + 2],
    ['time of day (sine)', KNOWN + HORIZON],
    ['time of day (cosine)', KNOWN + HORIZON],
  ]);
  expect(notes.inputs?.[1]?.values[30]).toBeCloseTo(Math.sin((2 * Math.PI * 6) / 24), 9);
  expect(summary).toContain('price, in the table for 2 steps after the last value, of 3 to forecast. Read of the dates: time of day. ');
  expect(describeUnknown(notes, KNOWN)).toMatch(/^Only 2 of 3 steps can be forecast: the model reads “price” at/);
});
