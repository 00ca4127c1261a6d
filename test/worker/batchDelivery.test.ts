import { describe, expect, test } from 'vitest';
import type { Tensor } from '../../ts/core/tensor.ts';
import type { BatchSource } from '../../ts/feed/batches.ts';
import { DataReader } from '../../ts/feed/dataReader.ts';
import type { Column } from '../../ts/feed/dataset.ts';
import { BatchReader } from '../../ts/run/batchReader.ts';
import { inOrder } from '../../ts/run/writeBatch.ts';
import { BatchDelivery } from '../../ts/worker/batchDelivery.ts';
import { GatheredBatches } from '../../ts/worker/gatheredBatches.ts';

const ROWS = 6;
const FEATURES = 5000;
const BATCHES = 12;

/** Where a worker's part lies, and what it is, as a worker sees it. */
const bytesOf = (column: Column | undefined) => (column as Column).data;
/** All numbers of batch 3 are 3. */
const batchOf = (number: number): Tensor => ({ shape: [ROWS, FEATURES], data: new Float32Array(ROWS * FEATURES).fill(number) });

/** The batches of an iterable that uses one array again and again. */
function fromIterable(): BatchSource {
  const array = new Float32Array(ROWS * FEATURES);
  const batches = function* () {
    for (let number = 0; number < BATCHES; number++) {
      array.fill(number);
      yield [{ shape: [ROWS, FEATURES], data: array }] as const;
    }
  };
  const options = {
    argument: 'x',
    steps: null,
    stepsOption: 'stepsPerEpoch',
    shuffleBuffer: 1,
    anew: true,
    seed: 1,
    epoch: 0,
    signal: null,
  } as const;
  return new BatchReader(batches, options, async (item, _number, memory) => {
    const reader = new DataReader(memory ? 2 : 1, memory);
    const [source] = item as [Tensor];
    const column = { source, argument: 'x', check: () => {}, steps: 1, features: FEATURES, order: null, repeat: 1 };
    const dataset = { count: ROWS, sampleShapes: [[FEATURES]], x: [await reader.read(column)], y: [], weight: [] };
    return { dataset, order: inOrder(ROWS), start: 0, rows: ROWS, memory };
  });
}

/** The batches of an array that is too large to be copied whole. */
function fromArray(): BatchSource {
  const data = new Float32Array(BATCHES * ROWS * FEATURES);
  for (let number = 0; number < BATCHES; number++) data.set(batchOf(number).data as Float32Array, number * ROWS * FEATURES);
  const x = [{ data, steps: 1, features: FEATURES, order: null, isInPlace: true }];
  return new GatheredBatches({ count: BATCHES * ROWS, sampleShapes: [[FEATURES]], x, y: [], weight: [] }, ROWS);
}

describe.each([
  ['an iterable', fromIterable],
  ['a large array', fromArray],
])('batches of %s for two workers', (_, source) => {
  test('stay as they are while a worker may use them, in memory that later batches use again', async () => {
    const delivery = new BatchDelivery(source(), 2);
    const buffers = new Set<ArrayBufferLike>();
    for (let epoch = 0; epoch < 2; epoch++) {
      delivery.begin(epoch);
      let before: Column['data'][] = [];
      for (let index = 0; index <= BATCHES; index++) {
        // A worker asks for a batch when it begins to train on the one before.
        const parts = await Promise.all([1, 0].map((rank) => delivery.part(rank, index)));
        // What is read ahead has its place by now.
        await new Promise((resolve) => setTimeout(resolve));
        for (const data of before) expect(data.every((value) => value === index - 1)).toBe(true);
        if (index === BATCHES) expect(parts).toEqual([null, null]);
        else before = parts.map((part) => bytesOf(part?.dataset.x[0]));
        for (const { buffer } of before) {
          expect(buffer).toBeInstanceOf(SharedArrayBuffer);
          buffers.add(buffer);
        }
        if (index < BATCHES) expect(parts.map((part) => part?.dataset.transfer)).toEqual([[], []]);
      }
    }
    expect(buffers.size).toBeLessThanOrEqual(5);
  });

  test('stay as they are for a worker that is slower by one batch', async () => {
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
    // What is read ahead has its place by now.
    await new Promise((resolve) => setTimeout(resolve));
    // It has asked for batch 1, and trains on batch 0.
    expect(bytesOf(asked[1]?.dataset.x[0]).every((value) => value === 0)).toBe(true);
  });

  test('are not shared with one worker, which is given them', async () => {
    const delivery = new BatchDelivery(source(), 1);
    delivery.begin(0);
    const part = await delivery.part(0, 0);
    expect(part?.dataset.transfer).toHaveLength(1);
    expect(bytesOf(part?.dataset.x[0]).every((value) => value === 0)).toBe(true);
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
  const source = fromArray();
  const error = new Error('no more');
  let given = 0;
  const next = async () => {
    if (given++ === 1) throw error;
    return source.next();
  };
  const delivery = new BatchDelivery({ begin: (epoch) => source.begin(epoch), next }, 2);
  delivery.begin(0);
  expect([await delivery.part(0, 0), await delivery.part(0, 1)]).toEqual([expect.anything(), null]);
  expect(await delivery.part(1, 0)).not.toBeNull();
  expect(await delivery.part(1, 1)).toBeNull();
  expect(() => delivery.throwFailure()).toThrow(error);
  delivery.throwFailure();
});
