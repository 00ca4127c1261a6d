import { describe, expect, test } from 'vitest';
import type { Column } from '../../ts/feed/dataset.ts';
import { BatchDelivery } from '../../ts/worker/batchDelivery.ts';
import { BATCHES, failingAt, fromArray, fromIterable, ROWS } from '../support/numberedBatches.ts';

/** The values of a worker's part, as the worker sees them. */
const bytesOf = (column: Column | undefined) => (column as Column).data;

describe.each([
  ['an iterable', fromIterable],
  ['a large array', fromArray],
])('batches of %s that are sent', (_, source) => {
  test('are given to the only worker, not copied again', async () => {
    const delivery = new BatchDelivery(source(), 1);
    for (let epoch = 0; epoch < 2; epoch++) {
      delivery.begin(epoch);
      for (let index = 0; index < BATCHES; index++) {
        const part = await delivery.part(0, index);
        expect(part?.dataset.transfer).toHaveLength(1);
        expect(bytesOf(part?.dataset.x[0]).every((value) => value === index)).toBe(true);
      }
      expect(await delivery.part(0, BATCHES)).toBeNull();
    }
  });

  test('are copied for each of several workers, whose parts come when they ask', async () => {
    const delivery = new BatchDelivery(source(), 2);
    delivery.begin(0);
    const asked = [];
    for (const [rank, index] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
      [0, 2],
    ] as const)
      asked.push(await delivery.part(rank, index));
    expect(asked.map((part) => bytesOf(part?.dataset.x[0])[0])).toEqual([0, 0, 1, 1, 2]);
    expect(new Set(asked.map((part) => bytesOf(part?.dataset.x[0]).buffer)).size).toBe(5);
  });
});

test('a worker is told where its rows are in the batch', async () => {
  const delivery = new BatchDelivery(fromArray(), 4);
  delivery.begin(0);
  const parts = await Promise.all([0, 1, 2, 3].map((rank) => delivery.part(rank, 0)));
  expect(parts.map((part) => part?.rows)).toEqual([ROWS, ROWS, ROWS, ROWS]);
  const counts = parts.map((part) => (part?.dataset.count ?? 0) as number);
  expect(parts.map((part) => part?.firstRow)).toEqual(
    counts.map((_, rank) => counts.slice(0, rank).reduce((sum, count) => sum + count, 0)),
  );
});

test('an epoch begins with its own first batch, also when not all workers took those before', async () => {
  const delivery = new BatchDelivery(fromArray(), 2);
  delivery.begin(0);
  for (const index of [0, 1]) await delivery.part(0, index);
  delivery.begin(1);
  const parts = [await delivery.part(1, 0), await delivery.part(0, 0), await delivery.part(0, 1)];
  expect(parts.map((part) => bytesOf(part?.dataset.x[0])[0])).toEqual([0, 0, 1]);
});

test('the error of a batch comes after those before it, and once', async () => {
  const error = new Error('no more');
  const delivery = new BatchDelivery(failingAt(1, error), 2);
  delivery.begin(0);
  expect([await delivery.part(0, 0), await delivery.part(0, 1)]).toEqual([expect.anything(), null]);
  expect(await delivery.part(1, 0)).not.toBeNull();
  expect(await delivery.part(1, 1)).toBeNull();
  expect(() => delivery.throwFailure()).toThrow(error);
  delivery.throwFailure();
});
