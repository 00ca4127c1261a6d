import { expect, test } from 'vitest';
import type { Batch } from '../../ts/feed/batches.ts';
import { inOrder } from '../../ts/run/writeBatch.ts';
import { GatheredBatches } from '../../ts/worker/gatheredBatches.ts';

/** Rows of two features: 0 and 100, 1 and 101, … */
const series = (rows: number) => Float32Array.from({ length: 2 * rows }, (_, index) => (index >> 1) + 100 * (index % 2));
const column = { steps: 3, features: 2, order: null, isInPlace: true };
const backwards = (count: number) => inOrder(count).reverse();

async function allOf(source: GatheredBatches): Promise<Batch[]> {
  const batches: Batch[] = [];
  for (let batch = await source.next(); batch !== null; batch = await source.next()) batches.push(batch);
  return batches;
}

test.each([
  ['one after the other', 15, {}, [12, 13, 14, 9, 10, 11]],
  ['that overlap', 7, { sampleStride: 1 }, [4, 5, 6, 3, 4, 5]],
  ['of every other step', 9, { sampleStride: 1, stepStride: 2 }, [4, 6, 8, 3, 5, 7]],
])('the rows of a batch are copied in its order, from samples %s', async (_, rows, strides, steps) => {
  const x = [{ ...column, ...strides, data: series(rows) }];
  const dataset = { count: 5, sampleShapes: [[3, 2]], x, y: [], weight: [null] };
  const batches = await allOf(new GatheredBatches(dataset, 2, () => backwards(5)));
  expect(batches.map((batch) => [batch.rows, batch.dataset.count])).toEqual([
    [2, 2],
    [2, 2],
    [1, 1],
  ]);
  const [first] = batches as [Batch];
  expect(first.dataset.x).toEqual([
    { data: Float32Array.from(steps.flatMap((step) => [step, 100 + step])), steps: 3, features: 2, order: null },
  ]);
  expect([first.start, [...first.order], first.dataset.weight]).toEqual([0, [0, 1], [null]]);
});

test('batches are counted after those that were evaluated before, and each epoch has its order', async () => {
  const x = [{ ...column, steps: 1, data: series(5) }];
  const epochs: number[] = [];
  const source = new GatheredBatches({ count: 5, sampleShapes: [[2]], x, y: [], weight: [], firstBatch: 7 }, 2, (epoch) => {
    epochs.push(epoch);
    return epoch % 2 === 0 ? inOrder(5) : backwards(5);
  });
  for (const [epoch, rows] of [
    [4, [0, 2, 4]],
    [5, [4, 2, 0]],
  ] as const) {
    source.begin(epoch);
    const batches = await allOf(source);
    expect(batches.map(({ dataset }) => dataset.firstBatch)).toEqual([7, 8, 9]);
    expect(batches.map(({ dataset }) => dataset.x[0]?.data[0])).toEqual(rows);
  }
  expect(epochs).toEqual([4, 5]);
});
