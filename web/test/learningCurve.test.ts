import { expect, test } from 'vitest';
import { LearningCurve } from '../src/training/learningCurve.ts';

test('a curve has at most twenty points an epoch, and at its end what the kept data say', () => {
  const curve = new LearningCurve();
  for (let step = 1; step <= 1000; step++) curve.addProgress(step / 1000, { loss: 1 / step, accuracy: 0.5 });
  expect(curve.points.length).toBeLessThanOrEqual(20);
  curve.addEpoch(1, { loss: 0.1, accuracy: 0.9, valLoss: 0.2, valAccuracy: 0.8 });
  expect(curve.points.filter(({ epoch }) => epoch === 1)).toEqual([
    { epoch: 1, loss: 0.1, accuracy: 0.9, validationLoss: 0.2, validationAccuracy: 0.8 },
  ]);
});
