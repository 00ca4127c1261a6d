import { Sequential } from 'backtime';
import { beforeEach, expect, test, vi } from 'vitest';
import type { RunSummary } from '../src/model/keptRuns.ts';
import { NO_PROBLEMS } from '../src/preparation/problemList.ts';
import { preparation, task } from '../src/state/data.ts';
import { chooseLayers } from '../src/state/model.ts';
import { forgetRun, modelStatus, nameRun, restoreRun, runs, trained } from '../src/state/trained.ts';
import { canGoOn, changeSettings, goOn, repeats, seed, status, train, trainingError } from '../src/state/training.ts';
import { prepareWriting } from '../src/tasks/write.ts';

// What Node lacks of a page; the page asks there before it is left.
vi.stubGlobal('addEventListener', () => {});
vi.stubGlobal('removeEventListener', () => {});

const predict = vi.spyOn(Sequential.prototype, 'predict');
const dispose = vi.spyOn(Sequential.prototype, 'dispose');

beforeEach(() => {
  const prepared = prepareWriting('abcd efgh '.repeat(200), { characters: 100_000, window: 8 });
  preparation.value = { prepared, error: null, problems: NO_PROBLEMS, missing: NO_PROBLEMS };
  task.value = 'write';
  chooseLayers([{ kind: 'SimpleRNN', units: 4 }]);
  changeSettings({ epochs: 1, batchSize: 16, learningRate: 0.01, patience: null });
  trained.value = null;
  dispose.mockClear();
});

test('a model that cannot be judged is kept, and the page says why there is no score', async () => {
  predict.mockRejectedValueOnce(new Error('a worker failed'));
  await train();
  expect(trained.value?.score).toBeNull();
  expect(modelStatus.value).toMatch(/^The model is trained, but judging it by the test data failed: a worker failed\. /);
  expect([trainingError.value, status.value]).toEqual([null, 'idle']);
  expect(dispose).not.toHaveBeenCalled();
});

test('a model whose training fails is given back, and the one before stays', async () => {
  await train();
  const before = trained.value;
  expect(before?.score?.test.count).toBeGreaterThan(0);
  changeSettings({ learningRate: Number.NaN });
  await train();
  expect(trainingError.value).toMatch(/^Training failed: /);
  expect(trained.value).toBe(before);
  expect(dispose).toHaveBeenCalledOnce();
  expect(dispose.mock.contexts[0]).not.toBe(before?.model);
});

test('a new model takes the place of one that is still answering', async () => {
  await train();
  const before = trained.value;
  dispose.mockImplementationOnce(() => {
    throw new Error('dispose: predict is running');
  });
  await train();
  expect(trained.value).not.toBe(before);
  expect(trainingError.value).toBeNull();
});

test('the same seed and settings give the same model, and three trainings have three seeds', async () => {
  const losses = () => trained.value?.run?.points.map(({ loss }) => loss);
  seed.value = 5;
  await train();
  const first = losses();
  seed.value = 4;
  repeats.value = 3;
  await train();
  expect(trained.value?.run?.settings.seed).toBe(6);
  expect(trained.value?.run?.spread?.seeds).toEqual([4, 5, 6]);
  expect(trained.value?.run?.spread?.scores.every((score) => score >= 0 && score <= 1)).toBe(true);
  expect(losses()).not.toEqual(first);
  const middle = runs.value.find(({ name }) => name.endsWith('seed 5'));
  await restoreRun(middle as RunSummary);
  expect(losses()).toEqual(first);
  repeats.value = 1;
});

test('a new model takes the place of none: those that cannot be kept stay until the page is left', async () => {
  await train();
  const before = trained.value;
  await train();
  expect(trained.value?.id).not.toBe(before?.id);
  const listed = runs.value.filter(({ id }) => id === before?.id || id === trained.value?.id);
  // Node has no place to keep models in.
  expect(listed.map(({ isKept }) => isKept)).toEqual([false, false]);
  expect(new Set(runs.value.map(({ name }) => name)).size).toBe(runs.value.length);
  await nameRun(listed[1], 'The first');
  await restoreRun(listed[1]);
  expect(trained.value?.run?.name).toBe('The first');
  await forgetRun(listed[1]);
  expect(runs.value.map(({ id }) => id)).not.toContain(before?.id);
});

test('the present model is trained on, and stays as it is', async () => {
  await train();
  const before = trained.value;
  const weights = before?.model.getWeights()[0].data.slice();
  expect(canGoOn.value).toBe(true);
  await goOn();
  expect(trained.value?.run?.points.map(({ epoch }) => epoch)).toEqual([1, 2]);
  expect(trained.value?.run?.points[0]).toEqual(before?.run?.points[0]);
  await restoreRun(runs.value.find(({ id }) => id === before?.id) as RunSummary);
  expect(trained.value?.model.getWeights()[0].data).toEqual(weights);
  const other = prepareWriting('xyz uvw '.repeat(300), { characters: 100_000, window: 8 });
  preparation.value = { prepared: other, error: null, problems: NO_PROBLEMS, missing: NO_PROBLEMS };
  expect(canGoOn.value).toBe(false);
});

test('a model that is still being kept can be named, and another trained meanwhile', async () => {
  await train();
  const first = trained.value;
  const second = train();
  await nameRun(runs.value.find(({ id }) => id === first?.id) as RunSummary, 'Early');
  await second;
  expect(status.value).toBe('idle');
  expect(runs.value.filter(({ id }) => id === first?.id).map(({ name }) => name)).toEqual(['Early']);
  expect(new Set(runs.value.map(({ id }) => id)).size).toBe(runs.value.length);
});

test('training is over before its model is written down', async () => {
  const during: string[] = [];
  const stop = modelStatus.subscribe((text) => during.push(`${status.value}: ${text}`));
  await train();
  stop();
  expect(during.some((text) => /^(training|judging): .*It is being kept/.test(text))).toBe(true);
  expect(during.at(-1)).toMatch(/^idle: The model is trained\. /);
});
