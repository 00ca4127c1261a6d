import { expect, test } from 'vitest';
import { LearningCurve } from '../src/training/learningCurve.ts';

test('a curve has a point for each epoch that is over, and one for the epoch that is under way', () => {
  const curve = new LearningCurve();
  for (let step = 1; step <= 1000; step++) curve.addProgress(step / 1000, { loss: 1 / step, accuracy: 0.5 });
  expect(curve.points).toEqual([{ epoch: 1, loss: 1 / 1000, accuracy: 0.5, validationLoss: null, validationAccuracy: null }]);
  curve.addEpoch(1, { loss: 0.1, accuracy: 0.9, valLoss: 0.2, valAccuracy: 0.8 });
  // The mean of the next epoch begins anew, which is no fault of the model.
  curve.addProgress(1.001, { loss: 3, accuracy: 0 });
  curve.addProgress(1.5, { loss: 0.09, accuracy: 0.9 });
  const first = { epoch: 1, loss: 0.1, accuracy: 0.9, validationLoss: 0.2, validationAccuracy: 0.8 };
  expect(curve.points).toEqual([first, { epoch: 1.5, loss: 0.09, accuracy: 0.9, validationLoss: null, validationAccuracy: null }]);
  expect(curve.epochs).toEqual([first]);
});

test('a curve goes on after epochs that were over before', () => {
  const before = [{ epoch: 1, loss: 1, accuracy: null, validationLoss: 2, validationAccuracy: null }];
  const curve = new LearningCurve();
  curve.begin(before);
  curve.addEpoch(2, { loss: 0.5, valLoss: 1 });
  expect(curve.epochs.map(({ epoch, loss }) => [epoch, loss])).toEqual([
    [1, 1],
    [2, 0.5],
  ]);
});
