import { expect, test } from 'vitest';
import { parseTable } from '../src/data/table.ts';
import { buildModel } from '../src/model/layerList.ts';
import { forecastFrom, prepareForecast } from '../src/tasks/forecast.ts';
import { scoreOf } from '../src/tasks/score.ts';
import { UnusableDataError } from '../src/tasks/task.ts';
import { TrainingRun } from '../src/training/trainingRun.ts';

const roles = { text: 0, label: 0, series: null, values: [], value: 0 };
const tableOf = (cells: readonly (number | string)[]) =>
  parseTable(`value\n${cells.map((cell) => (cell === '' ? '""' : cell)).join('\n')}`, true);

test('windows and targets are relative to the last known value, and none reaches into the next part', () => {
  const {
    notes,
    train,
    validation,
    test: kept,
  } = prepareForecast(tableOf(Array.from({ length: 100 }, (_, step) => 2 * step)), roles, {
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
  // Twice the horizon's middle: 2 a step over a lag of 1.
  expect(notes.scale).toBe(2);
  expect(Array.from(train[0].data.subarray(0, 4))).toEqual([-3, -2, -1, 0]);
  expect(Array.from(train[1].data.subarray(0, 2))).toEqual([1, 2]);
  expect(notes.heldOutFrom).toBe(65);
});

test('empty cells lie between their neighbours, others that are no numbers are named', () => {
  const table = parseTable(
    `day,value\n1,\n2,10\n3,\n4,\n5,16\n6,oops\n${Array.from({ length: 50 }, (_, day) => `${day + 7},16`).join('\n')}\n99,`,
  );
  const { notes, problems } = prepareForecast(table, { ...roles, value: 1 }, { window: 3, horizon: 2 });
  expect(notes.series.slice(0, 5)).toEqual([10, 12, 14, 16, 16]);
  expect(notes.series).toHaveLength(54);
  expect(problems).toEqual([{ row: 7, message: 'column “value” has “oops”, which is no number' }]);
});

test('a model of a wave beats the naive forecast, whose error is as computed by hand', async () => {
  const wave = Array.from({ length: 300 }, (_, step) => 5 + 3 * Math.sin(step / 4));
  const prepared = prepareForecast(tableOf(wave), roles, { window: 20, horizon: 5 });
  const model = buildModel(prepared.frame, [{ kind: 'GRU', units: 16 }]);
  await new TrainingRun(model, prepared, { epochs: 30, batchSize: 16, learningRate: 0.01 }, () => {}).train();
  const { kind, validation } = await scoreOf(model, prepared);
  expect(kind).toBe('error');
  let squares = 0;
  for (let start = 240; start <= 295; start++) for (let step = 0; step < 5; step++) squares += (wave[start + step] - wave[start - 1]) ** 2;
  expect(validation.count).toBe(56);
  expect(validation.baseline).toBeCloseTo(Math.sqrt(squares / (56 * 5)), 4);
  expect(validation.model).toBeLessThan(validation.baseline / 5);
  const beyond = await forecastFrom(model, prepared.notes, 300);
  expect(beyond).toHaveLength(5);
  expect(Math.abs(beyond[0] - (5 + 3 * Math.sin(75)))).toBeLessThan(0.5);
});

test('a series that is too short is refused with the length that would do', () => {
  const prepare = (length: number) =>
    prepareForecast(tableOf(Array.from({ length }, (_, step) => step)), roles, { window: 10, horizon: 5 });
  expect(() => prepare(15)).toThrow(UnusableDataError);
  const needed = Number(/(\d+) are needed/.exec(messageOf(() => prepare(15)))?.[1]);
  expect(() => prepare(needed)).not.toThrow();
});

function messageOf(run: () => unknown): string {
  try {
    run();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}
