import { expect, test } from 'vitest';
import { ACCURACIES } from '../../../ts/backend/kernels.generated.ts';
import { callReference, type TestArguments, unwritten } from '../../support/kernelRuns.ts';

function accuracyOf(args: Omit<TestArguments<'accuracy'>, 'result' | 'threshold'> & { threshold?: number }): number[] {
  const result = unwritten(2);
  callReference('accuracy', { threshold: 0.5, ...args, result });
  return [...result];
}

test('binary accuracy is the mean over a row, with 0.5 counting as false', () => {
  const prediction = Float64Array.of(0.9, 0.2, 0.5, 0.7);
  const target = Float64Array.of(1, 1, 0, 1);
  expect(accuracyOf({ kind: ACCURACIES.binaryAccuracy, rows: 2, classes: 2, prediction, target })).toEqual([1.5, 2]);
});

test('binary accuracy of logits has the threshold 0', () => {
  const prediction = Float64Array.of(0.1, -0.1);
  const target = Float64Array.of(1, 0);
  expect(accuracyOf({ kind: ACCURACIES.binaryAccuracy, rows: 2, classes: 1, threshold: 0, prediction, target })).toEqual([2, 2]);
});

test('categorical accuracy compares the first of the largest', () => {
  const prediction = Float64Array.of(0.4, 0.4, 0.2, 0.1, 0.2, 0.7);
  const target = Float64Array.of(1, 0, 0, 0, 1, 0);
  expect(accuracyOf({ kind: ACCURACIES.categoricalAccuracy, rows: 2, classes: 3, prediction, target })).toEqual([1, 2]);
});

test('sparse accuracy with weights and a mask', () => {
  const prediction = Float64Array.of(0.1, 0.9, 0.8, 0.2, 0.3, 0.7);
  const args = { kind: ACCURACIES.sparseCategoricalAccuracy, rows: 3, classes: 2, prediction, labels: Int32Array.of(1, 1, 1) };
  expect(accuracyOf(args)).toEqual([2, 3]);
  expect(accuracyOf({ ...args, weight: Float64Array.of(0.5, 2, 4) })).toEqual([4.5, 6.5]);
  expect(accuracyOf({ ...args, weight: Float64Array.of(0.5, 2, 4), mask: Int32Array.of(1, 1, 0) })).toEqual([0.5, 2.5]);
});
