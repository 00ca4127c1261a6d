import { expect, test } from 'vitest';
import { buildModel } from '../src/model/layerList.ts';
import { prepareWriting } from '../src/tasks/write.ts';
import { type Progress, TrainingRun } from '../src/training/trainingRun.ts';

const prepared = prepareWriting('abcd efgh '.repeat(800), { characters: 100_000, window: 8 });
const model = () => buildModel(prepared.frame, [{ kind: 'SimpleRNN', units: 8 }]);
const later = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('a run reports how far it is, and at its end a point of the curve for every epoch', async () => {
  const reports: Progress[] = [];
  const run = new TrainingRun(model(), prepared, { epochs: 3, batchSize: 16, learningRate: 0.01 }, (progress) => reports.push(progress));
  expect(await run.train()).toBe(true);
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
  expect(await training).toBe(false);
  expect(run.model.iterations).toBeGreaterThan(0);
});
