import { loadModel, type Model, modelToBytes, setRandomSeed } from 'backtime';
import { beforeEach, describe, expect, test } from 'vitest';
import { readFiles } from '../src/data/source.ts';
import { codeSnippet } from '../src/model/codeSnippet.ts';
import { buildModel } from '../src/model/layerList.ts';
import { decodeTrained, encodeTrained } from '../src/model/modelFile.ts';
import { dataIn, withoutData } from '../src/model/personalData.ts';
import { pipelineOf } from '../src/model/pipeline.ts';
import { DataServer } from '../src/preparation/dataServer.ts';
import { DEFAULT_CLASSES } from '../src/tasks/classes.ts';
import { DEFAULT_LAYERS, DEFAULT_TASK_SETTINGS } from '../src/tasks/defaults.ts';
import { boundsOf } from '../src/tasks/interval.ts';
import { DEFAULT_RULE } from '../src/tasks/missingRule.ts';
import { newDataFor } from '../src/tasks/newData.ts';
import { type NumberOfSeriesNotes, prepareNumber } from '../src/tasks/predictNumber.ts';
import { judge } from '../src/tasks/score.ts';
import type { TaskData } from '../src/tasks/task.ts';
import type { TaskNotes } from '../src/tasks/taskNotes.ts';
import { verdictOf } from '../src/tasks/verdict.ts';
import { TrainingRun } from '../src/training/trainingRun.ts';
import { noise, parseTable, rolesOf } from './data.ts';

// The parts to learn from and to judge by are drawn.
beforeEach(() => setRandomSeed(1));

const settings = DEFAULT_TASK_SETTINGS.predictNumber;
const file = (text: string, name = 'mine.csv') => [{ file: new File([text], name), path: name }];

/** What the page makes of a file without being told anything. */
async function opened(text: string) {
  const server = new DataServer();
  const { task, table } = await server.open({ files: file(text) });
  const request = { task, settings: DEFAULT_TASK_SETTINGS, missingRule: DEFAULT_RULE, classSettings: DEFAULT_CLASSES };
  return { task, roles: table?.roles, ...server.prepare({ ...request, roles: table?.roles ?? null }) };
}

async function trained(data: TaskData<TaskNotes>, epochs = 25) {
  setRandomSeed(1);
  const run = new TrainingRun(
    buildModel(data.frame, DEFAULT_LAYERS.predictNumber),
    data,
    { epochs, batchSize: 16, learningRate: 0.01, workers: 0 },
    () => {},
  );
  const { model } = await run.train();
  if (!model) throw new Error('no model');
  return { model, ...(await judge(model, data)) };
}

const words = ['awful', 'bad', 'fair', 'good', 'great'];
const meals = Array.from(
  { length: 300 },
  (_, row) => `${row},a ${words[row % 5]} meal number ${row},${10 + 2 * (row % 5) + 0.05 * (row % 7)}`,
);
const MEALS = `id,review,price\n${meals.join('\n')}`;

/** Rooms, metres and years of houses, and what they cost. */
const houses = Array.from({ length: 300 }, (_, row) => {
  const [rooms, area, age] = [1 + (row % 6), 40 + 10 * Math.round(10 * Math.abs(noise(row))), Math.round(50 * Math.abs(noise(row + 999)))];
  return { rooms, area, age, price: 1000 * (20 * rooms + 2 * area - age) };
});
const HOUSES = `rooms,area,age,price\n${houses.map((house) => Object.values(house).join(',')).join('\n')}`;

/** The mean of a wave's steps is told from them. */
const waves = Array.from({ length: 200 }, (_, row) => {
  const level = 5 * noise(row);
  return [...Array.from({ length: 12 }, (_step, step) => (level + Math.sin(step + row)).toFixed(3)), (100 + 10 * level).toFixed(2)];
});
const WAVES = `${Array.from({ length: 12 }, (_, step) => `t${step}`).join(',')},load\n${waves.map((row) => row.join(',')).join('\n')}`;

/** Engines that wear: what is left of each is told from its last readings. */
const engines = Array.from({ length: 14 }, (_, engine) => 40 + 5 * (engine % 5)).flatMap((life, engine) =>
  Array.from(
    { length: life },
    (_, cycle) => `e${engine},${cycle + 1},${(100 - (life - cycle) + noise(engine * 99 + cycle)).toFixed(2)},${life - cycle}`,
  ),
);
const ENGINES = `engine,cycle,heat,RUL\n${engines.join('\n')}`;

describe('the task is found in a table of', () => {
  test.each([
    ['texts with a price', MEALS, { target: 'price', from: 'text', examples: 300 }],
    ['rows with a price', HOUSES, { target: 'price', from: 'numbers', examples: 300 }],
    ['series with another number', WAVES, { target: 'load', from: 'numbers', examples: 200 }],
  ])('%s', async (_, text, expected) => {
    const { task, prepared } = await opened(text);
    if (prepared?.notes.task !== 'predictNumber') return expect.fail(task);
    const { target, from } = prepared.notes;
    const examples = [prepared.train, prepared.validation, prepared.test].reduce((sum, [x]) => sum + x.shape[0], 0);
    expect({ task, target, from, examples }).toEqual({ task: 'predictNumber', ...expected });
  });

  test('readings of engines until they fail, cut into pieces whose number is that of the last row', async () => {
    const { task, roles, prepared } = await opened(ENGINES);
    expect([task, roles]).toEqual(['predictNumber', expect.objectContaining({ target: 3, series: 0, layout: 'windows' })]);
    expect(prepared).toBeNull();
    const table = await parseTable(ENGINES);
    const data = prepareNumber(table, rolesOf({ target: 3, series: 0, layout: 'windows', values: [2] }), {
      ...settings,
      pieces: 10,
      overlap: 90,
    });
    const { mean, scale } = data.notes;
    const last = data.train[1].data.length - 1;
    // A piece of 10 ends 9 rows after its first; whole engines are kept from training.
    expect(Math.round(data.train[1].data[0] * scale + mean)).toBeGreaterThan(20);
    expect(data.train[1].data[last] * scale + mean).toBeCloseTo(1, 4);
    expect((data.validation[1].data.at(-1) as number) * scale + mean).toBeCloseTo(1, 4);
  });

  test.each([
    [
      'dates and numbers',
      `day,price\n${Array.from({ length: 60 }, (_, day) => `2020-${1 + Math.floor(day / 28)}-${1 + (day % 28)},${day * 1.5}`).join('\n')}`,
      'forecast',
    ],
    [
      'texts with stars',
      `review,stars\n${Array.from({ length: 60 }, (_, row) => `a meal of number ${row},${1 + (row % 5)}`).join('\n')}`,
      'classifyText',
    ],
  ])('%s is another one', async (_, text, task) => {
    expect((await opened(text)).task).toBe(task);
  });
});

test.each([
  ['texts', MEALS, 0.5, 2 * Math.SQRT2],
  ['rows of different things', HOUSES, 12_000, 66_000],
  ['series', WAVES, 5, 28],
])('a number is learnt from %s, in its unit, beside the mean and the median', async (_, text, error, baseline) => {
  const { prepared } = await opened(text);
  if (!prepared) return expect.fail('not prepared');
  const { score, residuals } = await trained(prepared);
  expect(score.kind).toBe('error');
  expect(score.test.baselines.map(({ rule }) => rule)).toEqual(['mean', 'median']);
  for (const { value } of score.test.baselines) expect(value / baseline).toBeCloseTo(1, 0);
  expect(score.test.model).toBeLessThan(error);
  expect(residuals?.length).toBe(prepared.validation[0].shape[0]);
  expect(verdictOf(score, null, 'examples').sentence).toMatch(
    /^It is typically off by [\d.,]+; the best guess, always guessing the m(ean|edian), by [\d.,]+: \d+ % less error\.$/,
  );
});

test('nine of ten numbers lie in the interval', async () => {
  const noisy = `word,price\n${Array.from({ length: 600 }, (_, row) => `${words[row % 5]} thing ${row % 9},${10 * (row % 5) + 4 * noise(row)}`).join('\n')}`;
  const data = prepareNumber(await parseTable(noisy), rolesOf({ text: 0, from: 'text', target: 1 }), settings);
  const { model, residuals } = await trained(data, 10);
  const [lower, upper] = boundsOf(residuals, 0);
  const { mean, scale } = data.notes;
  const { data: said } = await model.predict(data.test[0]);
  const truth = data.test[1].data;
  const covered = said.filter((value, place) => {
    const wrong = (truth[place] - value) * scale;
    return wrong >= (lower ?? Number.NaN) && wrong <= (upper ?? Number.NaN);
  });
  expect(mean).toBeCloseTo(20, 0);
  expect(covered.length / said.length).toBeGreaterThan(0.8);
});

test.each([
  ['texts', MEALS, 'review\na great meal number 5\nan awful meal number 5', ['a great meal number 5', 'an awful meal number 5']],
  ['rows', HOUSES, 'age,rooms,area\n5,6,140\n5,1,40\n5,,40', ['row 2', 'row 3', 'row 4']],
])('a model of %s answers new data, is taken away, and says the same', async (_, text, fresh, names) => {
  const { prepared } = await opened(text);
  if (prepared?.notes.task !== 'predictNumber') return expect.fail('not prepared');
  const { notes } = prepared;
  const { model, residuals } = await trained(prepared, 5);
  const asked = newDataFor(await readFiles(file(fresh, 'new.csv'), {}), notes);
  if (asked.kind !== 'examples') return expect.fail(asked.kind);
  expect(asked.names).toEqual(names);
  // What a new row lacks is the mean of what was learnt, 0 when it is scaled.
  if (notes.from === 'numbers') expect([notes.channels[0], asked.x.data[6]]).toEqual(['rooms', expect.closeTo(0, 6)]);
  const said = Array.from((await model.predict(asked.x)).data, (value) => notes.mean + notes.scale * value);
  expect(said[0]).toBeGreaterThan(said[1]);
  const pipeline = pipelineOf(model, notes) as Model;
  const [first] = notes.from === 'text' ? [names.slice(0, 1)] : [[[[6, 140, 5]]]];
  for (const each of [pipeline, (await loadModel(await modelToBytes(pipeline))) as Model]) {
    const { data } = (await each.predict(first as never)) as { data: Float32Array };
    expect(data[0] / said[0]).toBeCloseTo(1, 4);
  }
  const whole = { model, notes: { ...notes, residuals }, score: null, report: null, trainedOn: 'mine.csv', run: null };
  const back = await decodeTrained(await encodeTrained(whole));
  expect(back.notes).toEqual(whole.notes);
  expect(dataIn(whole)).toHaveLength(1);
  expect(dataIn(withoutData(whole))).toEqual([]);
  expect(codeSnippet(notes, 'm.safetensors')).toContain(`// "${notes.target}" of each`);
});

test('a row that lacks a number gets the mean of its column, a row without a target is left out, and both are told', async () => {
  const lines = HOUSES.split('\n');
  lines[4] = '3,NA,20,200000';
  lines[6] = '3,100,20,?';
  const table = await parseTable(lines.join('\n'));
  const roles = rolesOf({ target: 3, values: [0, 1, 2, 3] });
  const data = prepareNumber(table, roles, settings);
  expect(data.missing).toEqual([{ row: 5, message: 'column “area” has “NA”: the mean of its column is put there' }]);
  expect(data.problems).toEqual([{ row: 7, message: 'column “price” has “?”' }]);
  const { channels, length, scaling } = data.notes as NumberOfSeriesNotes;
  // What is to be predicted is never among what it is predicted from.
  expect([channels, length]).toEqual([['rooms', 'area', 'age'], 1]);
  expect(scaling.means[1] / 90).toBeCloseTo(1, 0);
});

test.each([
  ['the text itself', { text: 1, target: 1, from: 'text' }, /Column “review” cannot be both the text and the number/],
  ['words', { text: 0, target: 1, from: 'text' }, /Column “review” holds no numbers: row 2 has “a awful meal/],
  ['no number to read', { target: 2, from: 'numbers', values: [2] }, /No column of numbers is chosen/],
] as const)('%s is refused with what to do', async (_, roles, message) => {
  const table = await parseTable(MEALS);
  expect(() => prepareNumber(table, rolesOf(roles), settings)).toThrow(message);
});

test('a number that is always the same, and one that changes within its recording, are refused', async () => {
  const same = await parseTable(`a,b,c\n${Array.from({ length: 50 }, (_, row) => `${row * 1.5},${row % 7},5`).join('\n')}`);
  expect(() => prepareNumber(same, rolesOf({ target: 2, values: [0, 1] }), settings)).toThrow(
    '“c” is 5 in all examples: there is nothing to predict.',
  );
  const table = await parseTable(ENGINES);
  expect(() => prepareNumber(table, rolesOf({ target: 3, series: 0, layout: 'recordings', values: [2] }), settings)).toThrow(
    '“RUL” changes within the recordings: it is a number of each row. Say that a row is a step of a long log.',
  );
});

test('numbers far from all others are warned of, and how they are distributed is shown', async () => {
  const table = await parseTable(MEALS.replace(/,10$/m, ',54321'));
  const { warnings, check } = prepareNumber(table, rolesOf({ text: 1, target: 2, from: 'text' }), settings);
  expect(warnings[0]).toMatch(/^1 example has a “price” far from all others, 54,321 for example/);
  expect(check.values?.bins.reduce((sum, { count }) => sum + count, 0)).toBe(300);
  const plain = prepareNumber(await parseTable(MEALS), rolesOf({ text: 1, target: 2, from: 'text' }), settings);
  expect(plain.warnings).toEqual([]);
  expect(plain.check.values?.bins.map(({ from }) => from)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18]);
});
