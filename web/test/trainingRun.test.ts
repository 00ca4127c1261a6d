import type { Sequential } from 'backtime';
import { expect, test, vi } from 'vitest';
import { buildModel } from '../src/model/layerList.ts';
import { prepareWriting } from '../src/tasks/write.ts';
import { type Progress, TrainingRun } from '../src/training/trainingRun.ts';

const prepared = prepareWriting('abcd efgh '.repeat(800), { characters: 100_000, window: 8 });
const model = () => buildModel(prepared.frame, [{ kind: 'SimpleRNN', units: 8 }]);
const later = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('a run reports how far it is, and at its end a point of the curve for every epoch', async () => {
  const reports: Progress[] = [];
  const run = new TrainingRun(model(), prepared, { epochs: 3, batchSize: 16, learningRate: 0.01 }, (progress) => reports.push(progress));
  expect(await run.train()).toMatchObject({ end: 'done', bestEpoch: 3 });
  const last = reports[reports.length - 1];
  expect(last).toMatchObject({ epoch: 3, epochs: 3, done: 1, secondsLeft: 0 });
  expect(last.samplesPerSecond).toBeGreaterThan(0);
  const ends = last.points.filter(({ validationAccuracy }) => validationAccuracy !== null);
  expect(ends.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  expect(reports.map(({ done }) => done)).toEqual(reports.map(({ done }) => done).sort((a, b) => a - b));
});

test('a run waits while it is paused, and ends where it is when it is stopped', async () => {
  let done = 0;
  const run = new TrainingRun(model(), prepared, { epochs: 10_000, batchSize: 16, learningRate: 0.001 }, (progress) => {
    done = progress.done;
  });
  const training = run.train();
  while (done === 0) await later(5);
  run.pause();
  await later(50);
  const paused = done;
  await later(150);
  expect(done).toBe(paused);
  run.resume();
  while (done === paused) await later(5);
  run.pause();
  // Stopping must not wait for the pause to end.
  run.stop();
  const { end, model: stopped } = await training;
  expect(end).toBe('stopped');
  expect(stopped?.iterations).toBeGreaterThan(0);
});

test('a run ends when it gets no better, with the weights of the best epoch', async () => {
  // What is judged by goes on otherwise than what is learnt: the surer the model is, the worse.
  const text = prepareWriting('abcd'.repeat(1600) + 'acbd'.repeat(400), { characters: 100_000, window: 8 });
  const built = buildModel(text.frame, [{ kind: 'SimpleRNN', units: 8 }]);
  const run = new TrainingRun(built, text, { epochs: 50, batchSize: 16, learningRate: 0.003, patience: 2 }, () => {});
  const { end, bestEpoch, points, model: best } = await run.train();
  expect(end).toBe('noBetter');
  expect(points.length).toBe(bestEpoch + 2);
  const losses = points.map(({ validationLoss }) => validationLoss ?? Number.NaN);
  expect(losses[bestEpoch - 1]).toBe(Math.min(...losses));
  const { loss } = await (best as Sequential).evaluate(...text.validation, { batchSize: 128 });
  expect(loss).toBeCloseTo(losses[bestEpoch - 1], 4);
});

test('a run whose step takes long is given up when it is stopped, with the model of the epoch before', async () => {
  const original = model();
  const fit = original.fit.bind(original);
  // As a step of a large model: fit does not end when it is told to.
  let release = () => {};
  vi.spyOn(original, 'fit').mockImplementation((async (...args: Parameters<typeof fit>) => {
    await fit(...args).catch(() => {});
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    throw new Error('stopped at last');
  }) as unknown as typeof fit);
  let epoch = 0;
  const run = new TrainingRun(original, prepared, { epochs: 10_000, batchSize: 16, learningRate: 0.001 }, (progress) => {
    epoch = progress.epoch;
  });
  const training = run.train();
  while (epoch < 3) await later(5);
  run.stop();
  const outcome = await training;
  expect(outcome.end).toBe('stopped');
  expect(outcome.bestEpoch).toBeGreaterThanOrEqual(2);
  expect(outcome.model).not.toBe(original);
  const { loss } = (await evaluated(outcome.model as Sequential)) as { loss: number };
  expect(loss).toBeCloseTo(outcome.points[outcome.bestEpoch - 1].validationLoss ?? Number.NaN, 4);
  release();
});

function evaluated(trained: Sequential) {
  trained.compile({ loss: prepared.frame.loss });
  return trained.evaluate(...prepared.validation, { batchSize: 128 });
}

test('a model is trained on from where it was, and its epochs are counted on', async () => {
  const settings = { epochs: 2, batchSize: 16, learningRate: 0.01 };
  const first = await new TrainingRun(model(), prepared, settings, () => {}).train();
  const second = await new TrainingRun(first.model as Sequential, prepared, settings, () => {}, first.points).train();
  expect(second.points.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
  expect(second.points.slice(0, 2)).toEqual(first.points);
  expect(second.points[2].loss).toBeLessThan(first.points[0].loss ?? 0);
});

test('a run that is stopped in such a step of its first epoch leaves no model', async () => {
  const slow = model();
  vi.spyOn(slow, 'fit').mockImplementation(() => new Promise<never>(() => {}));
  const run = new TrainingRun(slow, prepared, { epochs: 5, batchSize: 16, learningRate: 0.01 }, () => {});
  const training = run.train();
  run.stop();
  expect(await training).toMatchObject({ end: 'stopped', model: null });
});
