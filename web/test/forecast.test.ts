import { expect, test } from 'vitest';
import { buildModel } from '../src/model/layerList.ts';
import { forecastFrom } from '../src/tasks/forecast.ts';
import { prepareForecast } from '../src/tasks/prepareForecast.ts';
import { judge } from '../src/tasks/score.ts';
import { UnusableDataError } from '../src/tasks/task.ts';
import { TrainingRun } from '../src/training/trainingRun.ts';
import { parseTable, rolesOf } from './data.ts';

const roles = rolesOf({ label: 0, series: null, values: [] });
const tableOf = (cells: readonly (number | string)[]) =>
  parseTable(`value\n${cells.map((cell) => (cell === '' ? '""' : cell)).join('\n')}`, true);

test('windows and targets are relative to the last known value, and none reaches into the next part', async () => {
  const {
    notes,
    train,
    validation,
    test: kept,
  } = prepareForecast(await tableOf(Array.from({ length: 100 }, (_, step) => 2 * step)), roles, {
    window: 4,
    horizon: 2,
  });
  // Training starts at 4 … 63, so that 63 + 2 = 65; the test at 65 … 78, validation at 80 … 98.
  expect([train[0].shape, train[1].shape, kept[0].shape, validation[0].shape]).toEqual([
    [60, 4, 1],
    [60, 2],
    [14, 4, 1],
    [19, 4, 1],
  ]);
  expect(notes.scale).toBeCloseTo(Math.sqrt((2 ** 2 + 4 ** 2) / 2), 5);
  expect(notes.inputScale).toBeCloseTo(Math.sqrt((6 ** 2 + 4 ** 2 + 2 ** 2) / 4), 5);
  expect(Array.from(train[0].data.subarray(0, 4), (value) => value * notes.inputScale)).toEqual([-6, -4, -2, 0].map(nearly));
  expect(Array.from(train[1].data.subarray(0, 2), (value) => value * notes.scale)).toEqual([2, 4].map(nearly));
  expect(notes.heldOutFrom).toBe(65);
});

const nearly = (value: number) => expect.closeTo(value, 5) as unknown;

test('a season is taken away before windows are made, and a forecast of zeros repeats the last one, moved by the trend', async () => {
  const series = Array.from({ length: 200 }, (_, step) => 10 * Math.sin((2 * Math.PI * step) / 8) + step);
  const { notes, train, baselines, summary } = prepareForecast(await tableOf(series), roles, { window: 6, horizon: 10 });
  expect(notes.season).toBe(8);
  expect(summary).toMatch(/A season of 8 steps was found\.$/);
  // Nothing is left of it: every step is 8 above that of a season ago.
  expect(notes.inputScale * Math.max(...train[0].data.map(Math.abs))).toBeLessThan(1e-9);
  expect(notes.scale * Math.max(...train[1].data.map(Math.abs))).toBeLessThan(1e-9);
  const [repeated, moved] = ['seasonalNaive', 'seasonalDrift'].map((name) => baselines.test.find(({ rule }) => rule === name)?.value ?? 0);
  expect(repeated).toBeGreaterThan(8);
  expect(moved).toBeLessThan(1);
});

test.each([
  ['as many months as of the airline', 144, 23, 12],
  ['as few months as of the shampoo', 36, 5, 2],
  ['a long series', 1000, 52, 26],
])('steps to read and to forecast fit the length of %s', async (_, length, window, horizon) => {
  const series = Array.from({ length }, (_value, step) => Math.sin(step * step));
  const { notes, summary } = prepareForecast(await tableOf(series), roles, { window: 52, horizon: 26 });
  expect([notes.window, notes.horizon]).toEqual([window, horizon]);
  expect(summary.includes('fewer than were asked for')).toBe(length < 1000);
});

test('numbers that are missing lie between their neighbours, and each is named', async () => {
  const table = await parseTable(
    `day,value\n1,\n2,10\n3,\n4,\n5,16\n6,oops\n${Array.from({ length: 50 }, (_, day) => `${day + 7},16`).join('\n')}\n99,`,
  );
  const { notes, problems, missing, summary } = prepareForecast(table, { ...roles, value: 1 }, { window: 3, horizon: 2 });
  expect(notes.series.slice(0, 6)).toEqual([10, 12, 14, 16, 16, 16]);
  expect(notes.series).toHaveLength(55);
  expect(summary).toMatch(/^55 values \(3 missing ones filled in\)/);
  expect(problems).toEqual([
    { row: 2, message: 'column “value” is empty, and no number comes before it' },
    { row: 58, message: 'column “value” is empty, and no number comes after it' },
  ]);
  expect(missing).toEqual([
    { row: 4, message: 'column “value” is empty: filled in from its neighbours' },
    { row: 5, message: 'column “value” is empty: filled in from its neighbours' },
    { row: 7, message: 'column “value” has “oops”, which is no number: filled in from its neighbours' },
  ]);
});

const wave = (step: number) => 50 + 10 * (step % 12);

test.each(['', 'NA', 'n/a', 'N/A', 'null', 'NaN', 'nan', '-', '?', '#N/A', '-999', '-99.9', '99999', 'oops'])(
  'a number that is missing as “%s” never shifts what comes after it',
  async (mark) => {
    const cells = Array.from({ length: 120 }, (_, step) => (step > 0 && step % 10 === 5 ? mark : String(wave(step))));
    const { notes, problems, missing } = prepareForecast(
      await parseTable(`day,value\n${cells.map((cell, day) => `d${day},${cell}`).join('\n')}`),
      {
        ...roles,
        value: 1,
      },
      { window: 3, horizon: 2 },
    );
    expect(notes.series).toHaveLength(120);
    for (const [step, value] of notes.series.entries()) {
      expect(value).toBe(step % 10 === 5 ? (wave(step - 1) + wave(step + 1)) / 2 : wave(step));
    }
    expect(problems).toEqual([]);
    expect(missing).toHaveLength(12);
    expect(missing[0].row).toBe(7);
  },
);

test('no row that cannot be read shifts what comes after it', async () => {
  const rows = Array.from({ length: 120 }, (_, step) => `d${step},${wave(step)}`);
  rows[20] = 'd20,1,2';
  rows[40] = ',';
  rows[60] = '"d60" x,5';
  rows[63] = '"d63",5';
  const { notes, problems, missing, summary } = prepareForecast(
    await parseTable(`day,value\n${rows.join('\n')}`),
    { ...roles, value: 1 },
    { window: 3, horizon: 2 },
  );
  expect(notes.series).toHaveLength(120);
  expect(notes.series.slice(64)).toEqual(Array.from({ length: 56 }, (_, step) => wave(step + 64)));
  expect(summary).toMatch(/^120 values \(3 missing ones filled in/);
  expect(problems).toEqual([]);
  expect(missing.map(({ message }) => message)).toEqual([
    'has 3 fields, but there are 2 columns: filled in from its neighbours',
    'column “value” is empty: filled in from its neighbours',
    'has text after a closing quotation mark: filled in from its neighbours',
  ]);
});

test('in a file of one column an empty line is a missing number, unless every other line is empty', async () => {
  const cells = Array.from({ length: 60 }, (_, step) => (step === 30 ? '' : String(wave(step))));
  const read = async (text: string) => prepareForecast(await parseTable(text), roles, { window: 3, horizon: 2 }).notes.series;
  expect(await read(`value\n${cells.join('\n')}\n\n\n`)).toEqual(
    cells.map((_, step) => (step === 30 ? (wave(29) + wave(31)) / 2 : wave(step))),
  );
  expect(await read(`value\n\n${cells.filter((cell) => cell !== '').join('\n\n')}`)).toHaveLength(59);
});

test.each([
  ['-999 among numbers below 0', -999, (step: number) => -500 * (step % 12)],
  ['99 among numbers about it', 99, wave],
  ['99 far from small numbers', 99, (step: number) => step % 3],
  ['999 where numbers reach as far', 999, (step: number) => 80 * (step % 12)],
])('%s is a number like others', async (_, mark, values) => {
  const cells = Array.from({ length: 60 }, (_cell, step) => (step === 30 ? mark : values(step)));
  const { notes, missing } = prepareForecast(await tableOf(cells), roles, { window: 3, horizon: 2 });
  expect([notes.series[30], missing]).toEqual([mark, []]);
});

test('a series that is missing to a large part is warned of', async () => {
  const prepare = async (every: number) =>
    prepareForecast(await tableOf(Array.from({ length: 101 }, (_, step) => (step % every === 1 ? 'NA' : step ** 2))), roles, {
      window: 3,
      horizon: 2,
    });
  expect((await prepare(10)).warnings).toEqual([]);
  expect((await prepare(2)).warnings).toEqual([expect.stringMatching(/^50 % of the values are missing: /)]);
});

test.each([
  ['time', 'Column “time” holds dates or times, not numbers: row 2 has “2020-01-01 0:00”. Choose a column whose cells are numbers.'],
  ['few', 'Column “few” holds numbers in only 20 of 60 rows: row 3 has “x”. Choose a column whose cells are numbers.'],
  ['none', 'Column “none” is empty in all rows. Choose another.'],
])('a column that is none of numbers is refused with what it holds: %s', async (column, message) => {
  const rows = Array.from({ length: 60 }, (_, row) => `2020-01-01 ${row % 24}:00,$${100 + row},${row % 3 ? 'x' : row},NA`);
  const table = await parseTable(`time,price,few,none\n${rows.join('\n')}`);
  const prepare = () => prepareForecast(table, { ...roles, value: table.names.indexOf(column) }, { window: 3, horizon: 2 });
  expect(prepare).toThrow(UnusableDataError);
  expect(messageOf(prepare)).toBe(message);
});

test('a model of a wave beats the naive forecast, whose error is as computed by hand', async () => {
  const wave = Array.from({ length: 300 }, (_, step) => 5 + 3 * Math.sin(step / 4));
  const prepared = prepareForecast(await tableOf(wave), roles, { window: 20, horizon: 5 });
  const model = buildModel(prepared.frame, [{ kind: 'GRU', units: 16 }]);
  await new TrainingRun(model, prepared, { epochs: 30, batchSize: 16, learningRate: 0.01 }, () => {}).train();
  const { kind, validation } = (await judge(model, prepared)).score;
  const lastValue = validation.baselines.find(({ rule }) => rule === 'lastValue')?.value ?? Number.NaN;
  expect(kind).toBe('error');
  let squares = 0;
  for (let start = 240; start <= 295; start++) for (let step = 0; step < 5; step++) squares += (wave[start + step] - wave[start - 1]) ** 2;
  expect(validation.count).toBe(56);
  expect(lastValue).toBeCloseTo(Math.sqrt(squares / (56 * 5)), 4);
  expect(validation.model).toBeLessThan(lastValue / 5);
  const beyond = await forecastFrom(model, prepared.notes, 300);
  expect(beyond).toHaveLength(5);
  expect(Math.abs(beyond[0] - (5 + 3 * Math.sin(75)))).toBeLessThan(0.5);
});

test('a series that is too short is refused with the length that would do', async () => {
  const prepare = async (length: number) =>
    prepareForecast(await tableOf(Array.from({ length }, (_, step) => step)), roles, { window: 10, horizon: 5 });
  const error = await prepare(15).catch((reason: Error) => reason);
  expect(error).toBeInstanceOf(UnusableDataError);
  const needed = Number(/(\d+) are needed/.exec((error as Error).message)?.[1]);
  await prepare(needed);
});

function messageOf(run: () => unknown): string {
  try {
    run();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}
