import { afterEach, describe, expect, test } from 'vitest';
import { SharedAllocation } from '../../ts/core/sharedMemory.ts';
import type { Batch, BatchSource } from '../../ts/feed/batches.ts';
import type { Dataset } from '../../ts/feed/dataset.ts';
import { inOrder } from '../../ts/run/writeBatch.ts';
import { DeliveredBatches } from '../../ts/worker/deliveredBatches.ts';
import { type DeliveryRegions, DeliverySignals } from '../../ts/worker/deliverySignals.ts';
import type { LearningRates } from '../../ts/worker/learningRates.ts';
import { SharedDelivery } from '../../ts/worker/sharedDelivery.ts';
import { BATCHES, FEATURES, failingAt, fromArray, fromIterable, ROWS } from '../support/numberedBatches.ts';

/** Ends what a test has opened. */
const ending: (() => void)[] = [];
afterEach(() => {
  for (const end of ending.splice(0)) end();
});

/** A delivery to workers that are on this thread, so that none may wait for a batch. */
function deliver(source: BatchSource, workers = 2, ratesOf: (index: number) => LearningRates | null = () => null) {
  const delivery = new SharedDelivery(source, workers, new SharedAllocation(), ratesOf);
  const rates: LearningRates[] = [];
  const posted = Array.from({ length: workers }, () => delivery.open());
  const [{ regions }] = posted as [(typeof posted)[number]];
  const batches = posted.map((each, rank) => new DeliveredBatches(each, rank, (given) => rates.push(given)));
  ending.push(() => {
    delivery.close(false);
    for (const each of batches) each.close();
  });
  const begin = (epoch: number) => {
    delivery.begin(epoch);
    for (const each of batches) each.begin();
  };
  /** What a worker takes, once it is there. */
  const take = async (rank: number, index: number): Promise<Batch | null> => {
    while (givenIn(regions) <= index) await new Promise((resolve) => setTimeout(resolve));
    return (batches[rank] as DeliveredBatches).next();
  };
  /** Resolves when the caller has done what it was told. */
  const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 5));
  return { delivery, regions, begin, take, settle, rates };
}

const givenIn = ({ words }: DeliveryRegions) => words[0] as number;
const valuesOf = (batch: Batch | null) => (batch as Batch).dataset.x[0]?.data as Float32Array;
const isOf = (batch: Batch | null, number: number) => valuesOf(batch).every((value) => value === number);

describe.each([
  ['an iterable', fromIterable],
  ['a large array', fromArray],
])('batches of %s in shared memory', (_, source) => {
  test('stay as they are for a worker that is one batch behind, in memory that later batches use again', async () => {
    const { regions, begin, take, settle } = deliver(source());
    const buffers = new Set<ArrayBufferLike>();
    for (let epoch = 0; epoch < 2; epoch++) {
      begin(epoch);
      let before: Batch | null = null;
      for (let index = 0; index < BATCHES; index++) {
        const first = await take(0, index);
        await settle();
        // The other worker still trains on the batch before.
        if (before) expect(isOf(before, index - 1)).toBe(true);
        before = await take(1, index);
        await settle();
        // Now the next one is given, and the one after it is read.
        expect(givenIn(regions)).toBe(index + 2);
        for (const batch of [first, before]) {
          expect(isOf(batch, index)).toBe(true);
          expect([batch?.rows, batch?.start, batch?.order]).toEqual([ROWS, 0, inOrder(ROWS)]);
        }
        // Each worker has objects of its own for the same memory.
        buffers.add(valuesOf(first).buffer);
      }
      expect([await take(0, BATCHES), await take(1, BATCHES)]).toEqual([null, null]);
    }
    expect([...buffers].every((buffer) => buffer instanceof SharedArrayBuffer)).toBe(true);
    expect(buffers.size).toBeLessThanOrEqual(3);
  });

  test('are told once for each place in memory', async () => {
    const { regions, begin, take } = deliver(source());
    for (let epoch = 0; epoch < 3; epoch++) {
      begin(epoch);
      for (let index = 0; index < BATCHES; index++) await Promise.all([take(1, index), take(0, index)]);
    }
    await take(0, BATCHES);
    // The end has no place; its slot is that of an even number, so the other has the last batch.
    expect(new DeliverySignals(regions).wait(BATCHES - 1)?.messages).toBeLessThanOrEqual(3);
  });
});

test('batches of other shapes than those before have their own arrays', async () => {
  const rowsOf = (number: number) => 1 + ((number * 5) % ROWS);
  const { begin, take } = deliver(fromIterable(rowsOf), 3);
  for (let epoch = 0; epoch < 3; epoch++) {
    begin(epoch);
    for (let index = 0; index < BATCHES; index++) {
      for (const rank of [2, 0, 1]) {
        const batch = await take(rank, index);
        expect([batch?.rows, valuesOf(batch).length, isOf(batch, index)]).toEqual([rowsOf(index), rowsOf(index) * FEATURES, true]);
      }
    }
  }
});

test('a batch with another layout in the same memory is told anew', async () => {
  const block = new SharedArrayBuffer(64);
  const column = { data: new Float32Array(block, 0, 8), steps: 2, features: 2, order: null };
  const dataset = { count: 2, sampleShapes: [[2, 2]], x: [column], y: [], weight: [null] };
  const changed = (x: object): Dataset => ({ ...dataset, x: [{ ...column, ...x }] });
  const datasets: Dataset[] = [
    dataset,
    changed({ data: new Float64Array(block, 0, 8) }),
    changed({ data: new Float32Array(block, 4, 8) }),
    changed({ data: new Float32Array(block, 0, 9) }),
    changed({ data: new Float32Array(new SharedArrayBuffer(64), 0, 8) }),
    changed({ steps: 3 }),
    changed({ features: 3 }),
    changed({ sampleStride: 1 }),
    changed({ stepStride: 2 }),
    changed({ order: Int32Array.of(1, 0) }),
    changed({ order: Int32Array.of(0, 1) }),
    { ...dataset, count: 1 },
    { ...dataset, sampleShapes: [[1, 4]] },
    { ...dataset, weight: [column] },
    { ...dataset, y: [{ ...column, steps: 1 }] },
  ];
  for (const [index, other] of datasets.entries()) {
    const given = [dataset, other, dataset, other];
    const next = async () => {
      const made = given.shift();
      return made ? { dataset: made, order: inOrder(made.count), start: 0, rows: made.count } : null;
    };
    const { regions, begin, take } = deliver({ begin() {}, next });
    begin(0);
    const taken: (Dataset | undefined)[] = [];
    for (let number = 0; number < 4; number++) taken.push((await Promise.all([take(0, number), take(1, number)]))[0]?.dataset);
    expect(taken).toEqual([dataset, other, dataset, other]);
    await take(0, 4);
    const { messages } = new DeliverySignals(regions).wait(3) ?? {};
    expect(messages, `data set ${index}`).toBe(index === 0 ? 1 : 2);
  }
});

test('a batch that is not in shared memory is sent each time', async () => {
  const data = Float32Array.of(0);
  let number = 0;
  const next = async () => {
    data[0] = number++;
    const dataset = { count: 1, sampleShapes: [[1]], x: [{ data, steps: 1, features: 1, order: null }], y: [], weight: [] };
    return { dataset, order: inOrder(1), start: 0, rows: 1 };
  };
  const { regions, begin, take } = deliver({ begin() {}, next });
  begin(0);
  const places = new Set<number | undefined>();
  for (let index = 0; index < 20; index++) {
    for (const rank of [0, 1]) expect(isOf(await take(rank, index), index)).toBe(true);
    places.add(new DeliverySignals(regions).wait(index)?.place);
  }
  // The list of places does not grow with the batches.
  expect(places.size).toBeLessThan(10);
});

test('reads no further than one batch after the one that is given', async () => {
  let read = 0;
  const source = fromArray();
  const next = async () => {
    read++;
    return source.next();
  };
  const { begin, take, settle } = deliver({ begin: (epoch) => source.begin(epoch), next }, 3);
  begin(0);
  for (const [rank, index, expected] of [
    [0, 0, 1],
    [2, 0, 1],
    [1, 0, 2],
    [1, 1, 2],
    [0, 1, 2],
    [2, 1, 3],
  ] as const) {
    await take(rank, index);
    await settle();
    expect(read).toBe(expected);
  }
});

test('the error of a batch comes after those before it, and once', async () => {
  const error = new Error('no more');
  const source = failingAt(1, error);
  const { delivery, begin, take } = deliver(source);
  begin(0);
  expect(await Promise.all([take(0, 0), take(1, 0)])).toEqual([expect.anything(), expect.anything()]);
  expect(await Promise.all([take(0, 1), take(1, 1)])).toEqual([null, null]);
  // There is nothing after the end.
  expect(await take(0, 1)).toBeNull();
  expect(source.asked).toBe(2);
  expect(() => delivery.throwFailure()).toThrow(error);
  delivery.throwFailure();
});

test('an epoch begins with its own first batch; a batch or an error of the one before is dropped', async () => {
  for (const late of [null, new Error('late')]) {
    const source = fromArray();
    let finish = () => {};
    let isLate = false;
    const next = async () => {
      if (!isLate) return source.next();
      isLate = false;
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      if (late) throw late;
      return { dataset: { count: 1, sampleShapes: [], x: [], y: [], weight: [] }, order: inOrder(1), start: 0, rows: 1 };
    };
    const { delivery, regions, begin, take, settle } = deliver({ begin: (epoch) => source.begin(epoch), next });
    begin(0);
    await take(0, 0);
    isLate = true;
    await take(1, 0);
    await settle();
    begin(1);
    await settle();
    finish();
    await settle();
    expect(givenIn(regions)).toBe(1);
    for (let index = 0; index < 3; index++) for (const rank of [1, 0]) expect(isOf(await take(rank, index), index)).toBe(true);
    delivery.throwFailure();
  }
});

test('a delivery that was closed writes nothing more to the memory of the run', async () => {
  const source = fromArray();
  let finish = () => {};
  const next = async () => {
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    return source.next();
  };
  const { delivery, regions, begin, settle } = deliver({ begin: (epoch) => source.begin(epoch), next });
  begin(0);
  await settle();
  delivery.close(true);
  finish();
  regions.words.fill(7);
  regions.rates.fill(7);
  await settle();
  expect([...regions.words, ...regions.rates].every((value) => value === 7)).toBe(true);
});

test('the caller is told once that all workers have taken a batch, by the last of them', () => {
  const signals = new DeliverySignals(DeliverySignals.allocate(new SharedAllocation(), 3));
  signals.begin();
  expect([signals.take(2, 1), signals.take(0, 1), signals.taken, signals.take(1, 1), signals.taken]).toEqual([false, false, 0, true, 1]);
  // A worker that leaves out batches which were done before is ahead of the others.
  expect([signals.take(0, 2), signals.take(0, 3), signals.take(1, 2), signals.take(2, 2)]).toEqual([false, false, false, true]);
  signals.begin();
  expect(signals.taken).toBe(0);
});

test('learning rates come with their batch, and workers are told where there is none', async () => {
  const given: (LearningRates | null)[] = [null, Float64Array.of(0.5), 0.25, Float64Array.of(0), Float64Array.of()];
  const { begin, take, rates } = deliver(fromArray(), 1, (index) => given[index] ?? null);
  begin(0);
  for (let index = 0; index < 6; index++) await take(0, index);
  expect(rates).toEqual([Float64Array.of(0.5), Float64Array.of(0.25), Float64Array.of(0), Float64Array.of()]);
});
