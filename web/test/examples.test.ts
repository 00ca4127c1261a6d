import { readFileSync } from 'node:fs';
import { setRandomSeed } from 'backtime';
import { expect, test } from 'vitest';
import { guessRoles } from '../src/data/columns.ts';
import { buildModel } from '../src/model/layerList.ts';
import { bestBaseline } from '../src/tasks/baseline.ts';
import { prepareSeries } from '../src/tasks/classifySeries.ts';
import { prepareText } from '../src/tasks/classifyText.ts';
import { DEFAULT_LAYERS, DEFAULT_TASK_SETTINGS, DEFAULT_TRAINING } from '../src/tasks/defaults.ts';
import { prepareForecast } from '../src/tasks/prepareForecast.ts';
import { judge } from '../src/tasks/score.ts';
import type { TaskData } from '../src/tasks/task.ts';
import type { TaskNotes } from '../src/tasks/taskNotes.ts';
import { TrainingRun } from '../src/training/trainingRun.ts';
import { bundledTable, parseTable } from './data.ts';

const example = (name: string) => parseTable(readFileSync(new URL(`../data/${name}`, import.meta.url), 'utf8'));

/** Trains as the page does with its usual settings. */
async function trained(data: TaskData<TaskNotes>, seed: number, epochs = DEFAULT_TRAINING[data.notes.task].epochs) {
  const { task } = data.notes;
  setRandomSeed(seed);
  const model = buildModel(data.frame, DEFAULT_LAYERS[task]);
  const outcome = await new TrainingRun(model, data, { ...DEFAULT_TRAINING[task], epochs, workers: 0 }, () => {}).train();
  if (!outcome.model) throw new Error('no model');
  return (await judge(outcome.model, data)).score;
}

test('on carbon dioxide the usual settings beat the best naive forecast: the median of three seeds', async () => {
  const table = await bundledTable('co2-weekly.csv');
  const data = prepareForecast(table, guessRoles(table), DEFAULT_TASK_SETTINGS.forecast);
  const parts: number[] = [];
  for (const seed of [1, 2, 3]) {
    const { test: tested } = await trained(data, seed);
    parts.push(tested.model / bestBaseline(tested.baselines, 'error').value);
  }
  expect(parts.sort((a, b) => a - b)[1]).toBeLessThan(0.95);
});

test('a river is forecast better than by repeating its last level', async () => {
  const table = await example('river.csv');
  const data = prepareForecast(table, guessRoles(table), DEFAULT_TASK_SETTINGS.forecast);
  const { test: tested } = await trained(data, 1, 10);
  expect(tested.model).toBeLessThan(0.9 * bestBaseline(tested.baselines, 'error').value);
});

test.each([
  ['stadt-meldungen.csv', 'Meldung', 'Amt', 0.85],
  ['opiniones.csv', 'opinión', 'valoración', 0.8],
] as const)('%s is taken as it is meant, and learnt', async (file, text, label, right) => {
  const table = await example(file);
  const roles = guessRoles(table);
  expect([table.names[roles.text], table.names[roles.label]]).toEqual([text, label]);
  const { test: tested } = await trained(prepareText(table, roles, DEFAULT_TASK_SETTINGS.classifyText), 1);
  expect(tested.model).toBeGreaterThan(right);
});

test('a day of power is taken as a series of 24 hours, and its season is told', async () => {
  const table = await example('italy-power-demand.csv');
  const roles = guessRoles(table);
  const data = prepareSeries(table, roles, DEFAULT_TASK_SETTINGS.classifySeries);
  expect(data.notes.length).toBe(24);
  expect((await trained(data, 1, 8)).test.model).toBeGreaterThan(0.9);
});
