import { forecast, loadModel, type Model, modelToBytes, setRandomSeed } from 'backtime';
import { expect, test } from 'vitest';
import { readFiles } from '../src/data/source.ts';
import { codeSnippet } from '../src/model/codeSnippet.ts';
import { buildModel } from '../src/model/layerList.ts';
import { decodeTrained, encodeTrained } from '../src/model/modelFile.ts';
import { withoutData } from '../src/model/personalData.ts';
import { pipelineOf } from '../src/model/pipeline.ts';
import { type ForecastNotes, forecastFrom } from '../src/tasks/forecast.ts';
import { newDataFor } from '../src/tasks/newData.ts';
import { prepareForecast } from '../src/tasks/prepareForecast.ts';
import { judge } from '../src/tasks/score.ts';
import { TrainingRun } from '../src/training/trainingRun.ts';
import { noise, parseTable, rolesOf } from './data.ts';

/** Sales follow the price of three days before; nothing in the sales themselves tells them. */
const days = Array.from({ length: 400 }, (_, day) => {
  const price = (at: number) => 10 + 3 * noise(at);
  return {
    day: new Date(Date.UTC(2021, 0, 1 + day)).toISOString().slice(0, 10),
    price: price(day),
    sales: 100 - 5 * price(day - 3),
    shop: 7,
  };
});
const cells = (rows = days) => rows.map(({ day, price, sales, shop }) => `${day},${price},${sales},${shop}`);
const tableOf = (lines: readonly string[]) => parseTable(`day,price,sales,shop\n${lines.join('\n')}`);
const roles = rolesOf({ value: 2, inputs: [1], time: 0 });
const shape = { window: 6, horizon: 3 };

async function trained(inputs: readonly number[]) {
  const data = prepareForecast(await tableOf(cells()), { ...roles, inputs }, shape);
  setRandomSeed(1);
  const settings = { epochs: 25, batchSize: 16, learningRate: 0.01, workers: 0 as const };
  const { model } = await new TrainingRun(buildModel(data.frame, [{ kind: 'GRU', units: 12 }]), data, settings, () => {}).train();
  if (!model) throw new Error('no model');
  return { data, model, score: (await judge(model, data)).score };
}

test('a column that tells what comes is read beside the series, and the naive forecasts stay', async () => {
  const alone = await trained([]);
  const beside = await trained([1]);
  expect(alone.data.train[0].shape).toEqual([252, 6, 1]);
  expect(beside.data.train[0].shape).toEqual([252, 6, 2]);
  expect(beside.data.summary).toContain('Read beside it: price.');
  expect(beside.data.baselines).toEqual(alone.data.baselines);
  expect(beside.score.test.model).toBeLessThan(0.3 * alone.score.test.model);
});

test('it is scaled by the part to learn from, and a window ends before its forecast begins', async () => {
  const { notes, train } = prepareForecast(await tableOf(cells()), roles, shape);
  const [input] = notes.inputs ?? [];
  const learnt = days.slice(0, 260).map(({ price }) => price);
  expect([input?.name, input?.mean]).toEqual(['price', expect.closeTo(learnt.reduce((sum, price) => sum + price, 0) / 260, 6)]);
  const second = Array.from({ length: 6 }, (_, step) => train[0].data[(6 + step) * 2 + 1] * (input?.deviation ?? 0) + (input?.mean ?? 0));
  for (const [step, value] of second.entries()) expect(value).toBeCloseTo(days[step + 1].price, 4);
});

test('gaps of it are filled by the rule without a step that moves, and it does not make the series longer', async () => {
  const lines = cells();
  lines[0] = lines[0].replace(/,[^,]*,7$/, ',,7');
  lines[9] = lines[9].replace(/^([^,]*),[^,]*/, '$1,NA');
  const { notes, missing, problems } = prepareForecast(await tableOf(lines), roles, shape);
  expect(notes.series).toHaveLength(399);
  expect(notes.inputs?.[0]?.values).toHaveLength(399);
  expect(notes.inputs?.[0]?.values[8]).toBeCloseTo((days[8].price + days[10].price) / 2, 6);
  expect(missing).toEqual([{ row: 11, message: 'column “price” has “NA”: filled in from its neighbours' }]);
  expect(problems).toEqual([{ row: 2, message: 'column “sales” is empty, and no number comes before it' }]);
});

test('the order of time holds for both, and the column of the series or its time is never read twice', async () => {
  const { notes } = prepareForecast(await tableOf(cells().reverse()), { ...roles, inputs: [0, 1, 2] }, shape);
  expect(notes.inputs?.map(({ name }) => name)).toEqual(['price']);
  expect(notes.inputs?.[0]?.values[5]).toBeCloseTo(days[5].price, 6);
});

test('one that is empty beside the chosen series is refused by name', async () => {
  const lines = cells().map((line, row) => (row % 2 ? `${line.replace(/^([^,]*),[^,]*/, '$1,')},b` : `${line},a`));
  const table = await parseTable(`day,price,sales,shop,key\n${lines.join('\n')}`);
  expect(() => prepareForecast(table, { ...roles, key: 4, keyValue: 'b' }, shape)).toThrow(
    'Column “price” has no number beside this series. Do not read it.',
  );
});

test('a model that reads several columns is saved, restored, goes on from new rows, and is taken away', async () => {
  const { data, model } = await trained([1]);
  const whole = { model, notes: data.notes, score: null, report: null, trainedOn: 'shop.csv', run: null };
  const back = await decodeTrained(await encodeTrained(whole));
  const notes = back.notes as ForecastNotes;
  expect(notes).toEqual(data.notes);
  const expected = await forecastFrom(model, data.notes, 400);
  for (const [ahead, value] of (await forecastFrom(back.model, notes, 400)).entries()) expect(value).toBeCloseTo(expected[ahead], 5);
  // The last rows in a file of their own, in which the columns stand otherwise.
  const last = days.slice(-30);
  const text = `sales,price\n${last.map(({ sales, price }) => `${sales},${price}`).join('\n')}`;
  const source = await readFiles([{ file: new File([text], 'new.csv'), path: 'new.csv' }], {});
  const asked = newDataFor(source, notes);
  if (asked.kind !== 'series') return expect.fail(asked.kind);
  for (const [ahead, value] of (await forecastFrom(model, asked.all[0] as ForecastNotes, 30)).entries())
    expect(value).toBeCloseTo(expected[ahead], 3);
  const without = await readFiles([{ file: new File([`sales\n${'1\n'.repeat(40)}`], 'less.csv'), path: 'less.csv' }], {});
  expect(() => newDataFor(without, notes)).toThrow('The table lacks the column “price”, which the model reads beside the series.');
  const pipeline = (await loadModel(await modelToBytes(pipelineOf(model, notes) as Model))) as Model;
  const beside = days.map(({ price }) => [price]);
  const { values } = await forecast(
    pipeline,
    days.map(({ sales }) => sales),
    3,
    { futureCovariates: beside },
  );
  for (const [ahead, value] of expected.entries()) expect(values.data[ahead]).toBeCloseTo(value, 3);
  expect(codeSnippet(notes, 'm')).toContain('forecast(model, series, 3, { futureCovariates: beside })');
  expect(JSON.stringify(withoutData(whole).notes)).not.toContain(String(days[399].price));
});
