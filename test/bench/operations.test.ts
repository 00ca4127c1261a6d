import { expect, test } from 'vitest';
import { countOperations, largestProduct, largestSequence } from '../../bench/operations.mjs';
import { reviewLengths } from '../../bench/reviewLengths.mjs';
import { WORKLOADS, type Workload } from '../../bench/workloads.mjs';

const workload = (id: string) => WORKLOADS.find((one: Workload) => one.id === id) as Workload;

test('a training step of the character model is 16.7 GFLOP, as its layers define it', () => {
  // Forward: 3200 rows through LSTM 64 → 256, LSTM 256 → 256 and Dense 256 → 65; backward: twice
  // that, as an Embedding learns below.
  const forward = 2 * 3200 * ((64 + 256) * 1024 + (256 + 256) * 1024 + 256 * 65);
  expect(countOperations(workload('4'), 'infer').asDefined).toBe(forward);
  expect(countOperations(workload('4'), 'train').asDefined).toBe(3 * forward);
});

test('each distinct id of an Embedding is needed once', () => {
  const { asDefined, needed } = countOperations(workload('4'), 'train');
  expect(asDefined - needed).toBe(3 * 2 * (3200 - 65) * 64 * 1024);
});

test('a first layer on floats needs no gradient of its input', () => {
  const rows = 64 * 64;
  const dense = 2 * 64 * 512 * 3;
  expect(countOperations(workload('6'), 'train').asDefined).toBe(2 * rows * 512 * 2048 * (2 + 3) + dense);
});

test('one-hot rows cost nothing, and a Dense layer on the last state has one row a sample', () => {
  expect(countOperations(workload('1'), 'infer')).toEqual({
    asDefined: 2 * 3200 * 32 * 32 + 2 * 32 * 32,
    needed: 2 * 3200 * 32 * 32 + 2 * 32 * 32,
  });
});

test('a masked epoch counts only the steps that hold a word', () => {
  const masked = countOperations(workload('8'), 'train').asDefined;
  const padded = countOperations(workload('8 padded'), 'train').asDefined;
  expect(masked / padded).toBeCloseTo(0.53, 2);
});

test('the largest recurrent layer of the character model is its second', () => {
  expect(largestSequence(workload('4'))).toEqual({ cell: 'lstm', steps: 100, batch: 32, features: 256, units: 256 });
  expect(largestProduct(workload('4'))).toEqual({ rows: 3200, depth: 512, columns: 1024 });
});

test('a bidirectional layer counts twice, and gives twice as many features', () => {
  const forward = 2 * (2 * 3200 * (32 + 64) * 256) + 2 * 32 * 128;
  expect(countOperations(workload('10'), 'infer').asDefined).toBe(forward);
  expect(countOperations(workload('10'), 'train').asDefined).toBe(3 * forward);
  expect(largestProduct(workload('10'))).toEqual({ rows: 3200, depth: 96, columns: 256 });
});

test('an encoder counts beside its decoder', () => {
  const recurrent = 2 * 1280 * (64 + 128) * 384;
  const forward = 2 * recurrent + 2 * 1280 * 128 * 500;
  expect(countOperations(workload('11'), 'infer').asDefined).toBe(forward);
  expect(countOperations(workload('11'), 'train').asDefined).toBe(3 * forward);
  expect(largestSequence(workload('11'))).toEqual({ cell: 'gru', steps: 40, batch: 32, features: 64, units: 128 });
});

test('review lengths follow their quantiles, mixed', () => {
  const lengths = reviewLengths(512);
  const sorted = [...lengths].sort((a, b) => a - b);
  expect(lengths).toHaveLength(512);
  expect(sorted[256]).toBeCloseTo(179, -1);
  for (let start = 0; start < 512; start += 32) {
    const batch = lengths.slice(start, start + 32);
    expect(Math.min(...batch)).toBeLessThan(130);
    expect(Math.max(...batch)).toBeGreaterThan(400);
  }
});
