import { beforeEach, describe, expect, test } from 'vitest';
import { Dense, Dropout, Embedding, GRU, type Layer, LSTM, type RecurrentOptions, SGD, SimpleRNN } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, expectSameWeights } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { TRAIN_STEP_FLOAT32 } from '../support/tolerances.ts';

const H = 2;
const CELLS: [string, (options?: RecurrentOptions) => Layer][] = [
  ['SimpleRNN', (options) => new SimpleRNN(H, options)],
  ['LSTM', (options) => new LSTM(H, options)],
  ['GRU', (options) => new GRU(H, options)],
  ['GRU, reset before', (options) => new GRU(H, { ...options, resetAfter: false })],
];

describe.each(await availableBackends())('masks and directions on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  const network = (layer: Layer, maskZero = true, above: Layer[] = []) =>
    builtModel([new Embedding(6, 3, { maskZero }), layer, ...above], [5], new RandomArrays(3));
  /** Outputs step by step, `[T][H]`. */
  const steps = async (layer: Layer, ids: number[], maskZero = true) => {
    const { data } = await network(layer, maskZero).predict([ids]);
    return ids.map((_id, step) => Array.from(data.slice(step * H, (step + 1) * H)));
  };

  test.each(CELLS)('%s skips padding at either end and in between, and only when it is masked', async (_cell, make) => {
    const predict = async (ids: number[], maskZero = true) => (await network(make(), maskZero).predict([ids])).data;
    const bare = await predict([4, 2, 5]);
    for (const padded of [
      [0, 0, 4, 2, 5],
      [4, 2, 5, 0, 0],
      [4, 0, 2, 0, 5],
    ]) {
      expectClose(await predict(padded), bare, TRAIN_STEP_FLOAT32, `output of ${padded}`);
      expect(await predict(padded, false)).not.toEqual(bare);
    }
    expect(Array.from(await predict([0, 0, 0]))).toEqual([0, 0]);
  });

  test.each(CELLS)('%s repeats its output at skipped steps, or gives zeros', async (_cell, make) => {
    const repeated = await steps(make({ returnSequences: true }), [0, 4, 0, 2, 0]);
    expect(repeated[0]).toEqual([0, 0]);
    expect(repeated[2]).toEqual(repeated[1]);
    expect(repeated[4]).toEqual(repeated[3]);
    const zeros = await steps(make({ returnSequences: true, zeroOutputForMask: true }), [0, 4, 0, 2, 0]);
    expect(zeros).toEqual([[0, 0], repeated[1], [0, 0], repeated[3], [0, 0]]);
  });

  test('a loss as a metric counts steps, not samples, as in Keras', async () => {
    const model = builtModel([new Embedding(3, 1, { maskZero: true })], [4], new RandomArrays(1));
    model.setWeights([[[5], [1], [3]]]);
    model.compile({ optimizer: new SGD({ learningRate: 0 }), loss: 'mse', metrics: ['mse', 'mae'] });
    const x = [
      [1, 1, 0, 0],
      [2, 2, 2, 2],
    ];
    const y = { shape: [2, 4, 1], data: new Float32Array(8) };
    const mse = (2 * 1 + 4 * 9) / 6;
    const evaluated = await model.evaluate(x, y, { batchSize: 1 });
    const { history } = await model.fit(x, y, { batchSize: 1, shuffle: false, verbose: 0 });
    for (const logs of [evaluated, { loss: history.loss[0], mse: history.mse[0], mae: history.mae[0] }]) {
      expectClose([logs.loss, logs.mse, logs.mae], [(1 + 9) / 2, mse, (2 * 1 + 4 * 3) / 6], TRAIN_STEP_FLOAT32, 'loss, mse and mae');
    }
    // Sample weights are for the loss, and a batch in which no step counts adds nothing.
    const weighted = await model.evaluate(
      [...x, [0, 0, 0, 0]],
      { shape: [3, 4, 1], data: new Float32Array(12) },
      {
        batchSize: 1,
        sampleWeight: [2, 0.5, 1],
      },
    );
    expectClose([weighted.loss, weighted.mse], [(2 * 1 + 0.5 * 9) / 3, mse], TRAIN_STEP_FLOAT32, 'weighted loss, and mse');
  });

  test.each(CELLS)('%s backwards is forwards on the reversed sequence, in the order of processing', async (_cell, make) => {
    const ids = [4, 2, 0, 5, 1];
    const forwards = await steps(make({ returnSequences: true }), [...ids].reverse());
    expect(await steps(make({ returnSequences: true, goBackwards: true }), ids)).toEqual(forwards);
    const last = (await network(make({ goBackwards: true })).predict([ids])).data;
    expect(Array.from(last)).toEqual(forwards[4]);
  });

  test.each([
    ['of the recurrent layer itself', []],
    ['through Dropout and Dense', [new Dropout(0), new Dense(H)]],
  ])('loss and metrics count the valid steps only: mask %s', async (_label, above) => {
    const ids = [
      [0, 0, 0, 3, 1],
      [0, 2, 5, 4, 3],
    ];
    const valid = ids.flat().map((id) => id !== 0);
    const model = network(new LSTM(H, { returnSequences: true }), true, above as Layer[]);
    model.compile({ optimizer: new SGD({ learningRate: 0 }), loss: 'mse', metrics: ['mae', 'categoricalAccuracy'] });
    const targets = new RandomArrays(5).float32s(2 * 5 * H);
    const y = { shape: [2, 5, H], data: targets };
    const { data } = await model.predict(ids);
    const of = (row: number) => [0, 1].map((unit) => [data[row * H + unit], targets[row * H + unit]]);
    const meanOver = (value: (row: number) => number) => {
      const rows = valid.flatMap((isValid, row) => (isValid ? [value(row)] : []));
      return rows.reduce((sum, one) => sum + one, 0) / rows.length;
    };
    const expected = [
      meanOver((row) => of(row).reduce((sum, [output, target]) => sum + (output - target) ** 2, 0) / H),
      meanOver((row) => of(row).reduce((sum, [output, target]) => sum + Math.abs(output - target), 0) / H),
      meanOver((row) => Number(of(row)[0][0] >= of(row)[1][0] === of(row)[0][1] >= of(row)[1][1])),
    ];
    for (const logs of [await model.evaluate(ids, y), await model.trainOnBatch(ids, y)]) {
      expectClose(Object.values(logs), expected, TRAIN_STEP_FLOAT32, 'loss and metrics');
    }
  });

  test('targets of skipped steps train nothing', async () => {
    const ids = [
      [0, 0, 0, 3, 1],
      [0, 2, 5, 4, 3],
    ];
    const train = async (absurd: number) => {
      const model = network(new GRU(H, { returnSequences: true }));
      model.compile({ optimizer: 'adam', loss: 'mse' });
      const targets = new RandomArrays(5)
        .float32s(2 * 5 * H)
        .map((value, index) => (ids.flat()[Math.floor(index / H)] === 0 ? absurd : value));
      await model.fit(ids, { shape: [2, 5, H], data: targets }, { epochs: 2, shuffle: false, verbose: 0 });
      return model;
    };
    expectSameWeights(await train(1000), await train(-1));
  });
});
