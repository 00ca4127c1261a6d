import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import {
  BatchNormalization,
  Dense,
  Embedding,
  Input,
  LSTM,
  Model,
  Sequential,
  type Tensor,
  timeseriesDatasetFromArray,
} from '../../ts/index.ts';
import * as run from '../../ts/run/run.ts';
import { startOn } from '../support/modelBackends.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { FEATURES, regression, regressionModel, rows } from '../support/regression.ts';
import { type StartedWorkers, trackWorkers } from '../support/startedWorkers.ts';

const CLIENTS = 64;
const { x } = regression(CLIENTS);
const client = (number: number) => rows(x, number, number + 1);

let workers: StartedWorkers;
beforeEach(async () => {
  startOn(await loadBackend('wasm', { build: 'simd128' }));
  workers = trackWorkers();
});
afterEach(async () => {
  await workers.end();
  workers.stop();
  vi.restoreAllMocks();
});

/** The sizes of the batches that this thread computes from here on. */
function batches(): number[] {
  const sizes: number[] = [];
  const original = run.predictDataset;
  vi.spyOn(run, 'predictDataset').mockImplementation((engine, dataset, ...more) => {
    sizes.push(dataset.count);
    return original(engine, dataset, ...more);
  });
  return sizes;
}

describe('predict with maxDelay', () => {
  test.each([0, 1, 2])('gives each of many calls its own result, in few batches (workers: %i)', async (count) => {
    const model = regressionModel();
    const expected = (await model.predict(x, { batchSize: 32 })) as Tensor;
    const sizes = batches();
    const answers = await Promise.all(
      Array.from({ length: CLIENTS }, (_, number) => model.predict(client(number), { maxDelay: 1000, batchSize: 32, workers: count })),
    );
    for (const [number, answer] of answers.entries()) {
      expect(answer.shape).toEqual([1, 1]);
      expect(answer).toEqual(rows(expected, number, number + 1));
    }
    if (count === 0) expect(sizes).toEqual([32, 32]);
    expect(workers.all.length).toBeLessThanOrEqual(count);
  });

  test('computes one batch at a time, and gathers the next while it runs', async () => {
    const model = regressionModel();
    await model.predict(client(0));
    const sizes: number[] = [];
    const original = run.predictDataset;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    vi.spyOn(run, 'predictDataset').mockImplementation(async (engine, dataset, ...more) => {
      sizes.push(dataset.count);
      await held;
      return original(engine, dataset, ...more);
    });
    const first = model.predict(client(0), { maxDelay: 0 });
    await expect.poll(() => sizes, { timeout: 60_000 }).toEqual([1]);
    const others = [1, 2].map((number) => model.predict(client(number), { maxDelay: 0 }));
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(sizes).toEqual([1]);
    release();
    await Promise.all([first, ...others]);
    expect(sizes).toEqual([1, 2]);
  });

  test('computes what came when the delay is over', async () => {
    const model = regressionModel();
    const sizes = batches();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const first = [0, 1, 2].map((number) => model.predict(client(number), { maxDelay: 5 }));
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(4);
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      expect(sizes).toEqual([]);
      vi.advanceTimersByTime(1);
      await Promise.all(first);
      expect(sizes).toEqual([3]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('of several samples, and more than a batch', async () => {
    const model = regressionModel();
    const expected = (await model.predict(x, { batchSize: 8 })) as Tensor;
    const sizes = batches();
    const parts = [
      [0, 5],
      [5, 8],
      [8, 40],
      [40, 44],
    ] as const;
    const answers = await Promise.all(parts.map(([from, to]) => model.predict(rows(x, from, to), { maxDelay: 2000, batchSize: 8 })));
    for (const [index, [from, to]] of parts.entries()) expect(answers[index]).toEqual(rows(expected, from, to));
    expect(sizes).toEqual([8, 32, 4]);
  });

  test('groups samples of one shape and type, of sequences too', async () => {
    const model = new Sequential([new Embedding(9, 4), new LSTM(4), new Dense(2)]);
    const random = new RandomArrays(3);
    const ids = (steps: number) => ({ shape: [4, steps], data: random.integers(4 * steps, 9) });
    const given = [ids(5), ids(7), ids(5), { shape: [4, 5], data: new Float64Array(ids(5).data) }, ids(7)];
    const expected = [];
    for (const each of given) expected.push(await model.predict(each));
    const sizes = batches();
    expect(await Promise.all(given.map((each) => model.predict(each, { maxDelay: 2000 })))).toEqual(expected);
    expect(sizes.sort()).toEqual([4, 8, 8]);
  });

  test('one with bad data fails alone, and arrays may change while a call waits', async () => {
    const model = regressionModel();
    const expected = await model.predict(client(1));
    const changing = client(1);
    const ended = Promise.allSettled([
      model.predict({ shape: [1, FEATURES], data: new Float32Array(FEATURES).fill(Number.NaN) }, { maxDelay: 20 }),
      model.predict(changing, { maxDelay: 20 }),
      model.predict({ shape: [1, FEATURES + 1], data: new Float32Array(FEATURES + 1) }, { maxDelay: 20 }),
    ]);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    changing.data.fill(9);
    const [bad, good, wide] = await ended;
    expect(bad).toMatchObject({ reason: { code: 'DATA' } });
    expect(wide).toMatchObject({ reason: { code: 'SHAPE' } });
    expect(good).toMatchObject({ value: expected });
  });

  test('a worker that dies fails the calls of its batch, and the next batch has another', async () => {
    const model = regressionModel();
    const options = { maxDelay: 5, workers: 1 } as const;
    const expected = await model.predict(client(0), options);
    const ended = Promise.allSettled([0, 1].map(() => model.predict(client(0), options)));
    await Promise.all(workers.running.map((worker) => worker.terminate()));
    for (const outcome of await ended) {
      // The batch had begun, or it found another worker.
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'WORKER' });
      else expect(outcome.value).toEqual(expected);
    }
    expect(await model.predict(client(0), options)).toEqual(expected);
  });

  test('a model is replaced, and its weights are, while calls run', async () => {
    let model: Model = regressionModel();
    const next = regressionModel(undefined, 10);
    const options = { maxDelay: 1, workers: 1, batchSize: 4 } as const;
    const [old, recent] = [await model.predict(x), await next.predict(x)] as [Tensor, Tensor];
    const call = (number: number) => model.predict(client(number), options) as Promise<Tensor>;
    const before = Array.from({ length: 20 }, (_, number) => call(number));
    const replaced = model;
    model = next;
    const after = Array.from({ length: 20 }, (_, number) => call(number));
    const close = (answer: Tensor, whole: Tensor, number: number) =>
      Math.abs((answer.data[0] as number) - (whole.data[number] as number)) < 1e-6;
    for (const [number, answer] of (await Promise.all(before)).entries()) expect(close(answer, old, number)).toBe(true);
    for (const [number, answer] of (await Promise.all(after)).entries()) expect(close(answer, recent, number)).toBe(true);
    replaced.setWeights(next.getWeights());
    expect(close((await replaced.predict(client(3), options)) as Tensor, recent, 3)).toBe(true);
    replaced.dispose();
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'a delay that is none',
      () => regressionModel().predict(x, { maxDelay: -1 }),
      /maxDelay must be a number of milliseconds, at least 0 and below 2\^31, got -1/,
    ],
    ['a delay that no timer has', () => regressionModel().predict(x, { maxDelay: 2 ** 31 }), /below 2\^31, got 2147483648/],
    ['an endless delay', () => regressionModel().predict(x, { maxDelay: Infinity }), /below 2\^31, got Infinity/],
    ['a text', () => regressionModel().predict(x, { maxDelay: '5' as never }), /maxDelay .* got '5'/],
    ['a progress bar', () => regressionModel().predict(x, { maxDelay: 5, verbose: 1 }), /leave out verbose/],
    ['an iterable', () => regressionModel().predict(() => [[x]] as never, { maxDelay: 5 }), /maxDelay is for arrays/],
    [
      'a series',
      () =>
        new Sequential([new LSTM(2)]).predict(timeseriesDatasetFromArray(new Float32Array(9), null, { sequenceLength: 3 }), {
          maxDelay: 5,
        }),
      /its own batches/,
    ],
    [
      'a stateful model',
      () => new Sequential([new LSTM(2, { stateful: true })]).predict([[[1], [2]]], { maxDelay: 5 }),
      /is stateful.*leave out maxDelay/,
    ],
    [
      'a model inside with the moments of a batch',
      () => {
        const [input, own] = [Input({ shape: [FEATURES] }), Input({ shape: [FEATURES] })];
        const inside = new Model({ inputs: own, outputs: new BatchNormalization().apply(own, { training: true }) });
        return new Model({ inputs: input, outputs: inside.apply(input) }).predict(x, { maxDelay: 5 });
      },
      /BatchNormalization.* is used with training: true.*leave out maxDelay/,
    ],
  ])('refuses %s', async (_name, call, message) => {
    await expect(call()).rejects.toMatchObject({ code: 'ARGUMENT', message: expect.stringMatching(message) });
  });

  test('the event loop turns while a worker computes', async () => {
    const model = new Sequential([new LSTM(128)]);
    const long = { shape: [32, 200, 8], data: new RandomArrays(4).float32s(32 * 1600) };
    await model.predict(long, { workers: 1 });
    let turns = 0;
    let running = true;
    const turn = () => {
      turns++;
      if (running) setImmediate(turn);
    };
    turn();
    await model.predict(long, { workers: 1, maxDelay: 1 });
    running = false;
    // Without a worker the batch would be computed in one turn.
    expect(turns).toBeGreaterThan(20);
  });
});
