import { Sequential } from 'backtime';
import { beforeEach, expect, test, vi } from 'vitest';
import { NO_PROBLEMS } from '../src/preparation/problemList.ts';
import { preparation, task } from '../src/state/data.ts';
import { layers } from '../src/state/model.ts';
import { modelStatus, trained } from '../src/state/trained.ts';
import { settings, status, train, trainingError } from '../src/state/training.ts';
import { prepareWriting } from '../src/tasks/write.ts';

// What Node lacks of a page; the page asks there before it is left.
vi.stubGlobal('addEventListener', () => {});
vi.stubGlobal('removeEventListener', () => {});

const evaluate = vi.spyOn(Sequential.prototype, 'evaluate');
const dispose = vi.spyOn(Sequential.prototype, 'dispose');

beforeEach(() => {
  const prepared = prepareWriting('abcd efgh '.repeat(200), { characters: 100_000, window: 8 });
  preparation.value = { prepared, error: null, problems: NO_PROBLEMS, missing: NO_PROBLEMS };
  task.value = 'write';
  layers.value = [{ key: 0, choice: { kind: 'SimpleRNN', units: 4 } }];
  settings.value = { epochs: 1, batchSize: 16, learningRate: 0.01 };
  trained.value = null;
  dispose.mockClear();
});

test('a model that cannot be judged is kept, and the page says why there is no score', async () => {
  evaluate.mockRejectedValueOnce(new Error('a worker died'));
  await train();
  expect(trained.value?.score).toBeNull();
  expect(modelStatus.value).toMatch(/^The model is trained, but judging it by the test data failed: a worker died\. /);
  expect([trainingError.value, status.value]).toEqual([null, 'idle']);
  expect(dispose).not.toHaveBeenCalled();
});

test('a model whose training fails is given back, and the one before stays', async () => {
  await train();
  const before = trained.value;
  expect(before?.score?.test.count).toBeGreaterThan(0);
  settings.value = { ...settings.value, learningRate: Number.NaN };
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
