import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  DataError,
  Dense,
  Embedding,
  LSTM,
  loadModel,
  modelToBytes,
  padSequences,
  Sequential,
  setRandomSeed,
  type Tensor,
} from '../../ts/index.ts';
import { caught, expectError } from '../support/refusals.ts';

/**
 * A value that another realm made: none of its arrays, maps or errors is an instance of this
 * realm's classes.
 */
const foreign = <T>(code: string, given: object = {}): T => runInNewContext(code, given) as T;

const x = [
  [1, 2, 3],
  [3, 2, 1],
  [2, 1, 3],
  [3, 1, 2],
];
const y = [1, 0, 1, 0];

function idsModel(): Sequential {
  const model = new Sequential([new Embedding(4, 3), new LSTM(3), new Dense(1, { activation: 'sigmoid' })]);
  model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy' });
  return model;
}

function floatsModel(): Sequential {
  const model = new Sequential([new LSTM(2, { inputShape: [null, 2] }), new Dense(2, { activation: 'softmax' })]);
  model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
  return model;
}

beforeEach(() => setRandomSeed(3));

describe('what another realm made', () => {
  const given = { x, y };

  test.each([
    ['nested arrays', 'x.map((row) => Array.from(row))'],
    ['rows of typed arrays', 'x.map((row) => Float32Array.from(row))'],
    ['a tensor', '({ shape: [4, 3], data: Int32Array.from(x.flat()) })'],
    [
      'a tensor of shared memory',
      '({ shape: [4, 3], data: new Uint8Array(new SharedArrayBuffer(12)).fill(1).map((_, i) => x.flat()[i]) })',
    ],
  ])('trains like arrays of this realm: %s', async (_label, code) => {
    const train = async (samples: unknown, targets: unknown, workers: number) => {
      setRandomSeed(1);
      const model = idsModel();
      const { history } = await model.fit(samples as number[][], targets as number[], { epochs: 2, verbose: 0, workers });
      return { history, weights: model.getWeights() };
    };
    const here = await train(x, y, 0);
    for (const workers of [0, 1, 2]) {
      const trained = await train(foreign(code, given), foreign('Float64Array.from(y)', given), workers);
      if (workers < 2) expect(trained).toStrictEqual(here);
    }
  });

  test('weighs classes and gives weights and states', () => {
    const model = floatsModel();
    const weights = model.getWeights();
    model.setWeights(
      foreign<Tensor[]>('weights.map(({ shape, data }) => ({ shape: [...shape], data: Float32Array.from(data) }))', { weights }),
    );
    expect(model.getWeights()).toStrictEqual(weights);
    const stream = model.stream();
    stream.step([1, 2]);
    const { state } = stream;
    stream.reset();
    stream.state = foreign(
      '({ lstm: { h: { shape: [1, 2], data: new Float32Array(h) }, c: { shape: [1, 2], data: Float64Array.from(c) } } })',
      {
        h: [...(state.lstm?.h?.data ?? [])],
        c: [...(state.lstm?.c?.data ?? [])],
      },
    );
    expect(stream.state).toStrictEqual(state);
    const out = foreign<Float32Array>('new Float32Array(2)');
    expect([...stream.step([1, 2], out)]).toEqual([...out]);
  });

  test('weighs classes by a Map', async () => {
    const series = { shape: [2, 1, 2], data: Float32Array.of(1, 2, 3, 4) };
    const lossWith = async (classWeight: Map<number, number> | Record<number, number>) => {
      setRandomSeed(1);
      return (await floatsModel().fit(series, [0, 1], { classWeight, verbose: 0, shuffle: false })).history.loss;
    };
    expect(await lossWith(foreign('new Map([[0, 5]])'))).toEqual(await lossWith({ 0: 5 }));
    expect(await lossWith({ 0: 5 })).not.toEqual(await lossWith({}));
  });

  test.each([
    ['a Uint8Array', 'Uint8Array.from(bytes)'],
    ['an ArrayBuffer', 'Uint8Array.from(bytes).buffer'],
    ['shared memory', 'const shared = new Uint8Array(new SharedArrayBuffer(bytes.length)); shared.set(bytes); shared'],
  ])('loads: %s', async (_label, code) => {
    const model = floatsModel();
    const bytes = await modelToBytes(model);
    const loaded = await loadModel(foreign<Uint8Array>(code, { bytes }));
    expect(loaded.getWeights()).toStrictEqual(model.getWeights());
  });

  test('ends fit by its reason', async () => {
    const controller = new AbortController();
    const reason = foreign<Error>("new RangeError('enough')");
    const run = () =>
      floatsModel().fit([[[1, 2]]], [0], {
        verbose: 0,
        epochs: 1000,
        signal: controller.signal,
        callbacks: [{ onEpochEnd: () => controller.abort(reason) }],
      });
    expect(await caught(run)).toBe(reason);
  });

  test('is refused like values of this realm', async () => {
    const bigints = () => floatsModel().predict(foreign('new BigInt64Array(3)'));
    expectError(await caught(bigints), ArgumentError, /got a BigInt64Array of 3, which holds bigints/);
    const ids = () => padSequences([foreign<number[]>('[1n]')]);
    expectError(await caught(ids), DataError, /^padSequences: sequences\[0\]\[0\] must be a 32-bit integer, got the bigint 1n$/);
  });
});

describe('what workers made', () => {
  test('is of the realm of the caller, saves and goes on training', async () => {
    const model = idsModel();
    let logs: unknown;
    const onTrainBatchEnd = (_batch: number, numbers: object) => {
      logs = numbers;
    };
    await model.fit(x, y, { epochs: 2, verbose: 0, workers: 1, callbacks: [{ onTrainBatchEnd }] });
    expect(logs).toStrictEqual({ loss: expect.any(Number) });
    for (const { data } of model.getWeights()) expect(data).toBeInstanceOf(Float32Array);
    const loaded = await loadModel(await modelToBytes(model));
    expect(loaded.getState()).toStrictEqual({ ...model.getState(), name: loaded.name });
    for (const workers of [0, 1, 2]) {
      const { shape, data } = await loaded.predict(x, { workers, batchSize: 2 });
      expect(shape).toStrictEqual([4, 1]);
      expect(data).toBeInstanceOf(Float32Array);
    }
    await loaded.fit(x, y, { verbose: 0 });
    expect(loaded.iterations).toBe(3);
  });
});
