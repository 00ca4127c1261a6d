import { beforeEach, describe, expect, test } from 'vitest';
import { Dense, History, LSTM, Sequential, SGD, ShapeError, setRandomSeed, type Tensor } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, expectSameWeights, flatWeights, samples, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { regression, regressionModel, rows } from '../support/regression.ts';
import { TRAIN_STEP_FLOAT32 } from '../support/tolerances.ts';

describe.each(await availableBackends())('fit on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  const still = () => regressionModel(new SGD({ learningRate: 0 }));

  test('without epochs the history is empty and no weight changes', async () => {
    const model = regressionModel(new SGD({ learningRate: 0.1 }));
    const { x, y } = regression(8);
    await model.fit(x, y, { epochs: 1, verbose: 0 });
    const before = flatWeights(model);
    const { epoch, history } = await model.fit(x, y, { epochs: 0, verbose: 0 });
    expect([epoch, history]).toEqual([[], { loss: [] }]);
    expect(flatWeights(model)).toEqual(before);
    expect(model.iterations).toBe(1);
    await expect(model.fit(x, rows(y, 0, 7), { epochs: 0, verbose: 0 })).rejects.toThrow(ShapeError);
  });

  test('returns the loss and the metrics of every epoch, and those of the validation', async () => {
    const { x, y } = regression(10);
    const validation = regression(4, 6);
    const model = regressionModel();
    const history = await model.fit(x, y, { epochs: 4, batchSize: 5, verbose: 0, validationData: [validation.x, validation.y] });
    expect(history).toBeInstanceOf(History);
    expect(history.epoch).toEqual([0, 1, 2, 3]);
    expect(Object.keys(history.history)).toEqual(['loss', 'meanAbsoluteError', 'valLoss', 'valMeanAbsoluteError']);
    for (const values of Object.values(history.history)) {
      expect(values).toHaveLength(4);
      expect(values.every(Number.isFinite)).toBe(true);
    }
    expect(history.history.loss[3]).toBeLessThan(history.history.loss[0]);
    const { loss, meanAbsoluteError } = await model.evaluate(validation.x, validation.y, { batchSize: 5 });
    expect([history.history.valLoss[3], history.history.valMeanAbsoluteError[3]]).toEqual([loss, meanAbsoluteError]);
    expect(model.iterations).toBe(8);
  });

  test('counts epochs from initialEpoch and validates every validationFreq epochs', async () => {
    const { x, y } = regression(6);
    const history = await regressionModel().fit(x, y, {
      epochs: 7,
      initialEpoch: 2,
      validationFreq: 2,
      validationData: [x, y],
      verbose: 0,
    });
    expect(history.epoch).toEqual([2, 3, 4, 5, 6]);
    expect(history.history.loss).toHaveLength(5);
    expect(history.history.valLoss).toHaveLength(2);
  });

  test('means the loss over samples, whatever the batches', async () => {
    const { x, y } = regression(7);
    const model = still();
    const prediction = (await model.predict(x)).data;
    const squares = Array.from(prediction).reduce((sum, value, index) => sum + (value - y.data[index]) ** 2, 0) / 7;
    for (const batchSize of [1, 2, 3, 7, 100]) {
      const { history } = await model.fit(x, y, { batchSize, verbose: 0 });
      expectClose(history.loss, [squares], TRAIN_STEP_FLOAT32, `loss in batches of ${batchSize}`);
      expectClose(
        [(await model.evaluate(x, y, { batchSize })).loss],
        [squares],
        TRAIN_STEP_FLOAT32,
        `evaluated loss in batches of ${batchSize}`,
      );
    }
  });

  test('validationSplit takes the last samples before it shuffles, and does not train on them', async () => {
    const { x, y } = regression(8);
    const model = still();
    const { history } = await model.fit(x, y, { validationSplit: 0.25, batchSize: 8, verbose: 0 });
    const lossOf = async (from: number, to: number) => (await model.evaluate(rows(x, from, to), rows(y, from, to), { batchSize: 8 })).loss;
    expectClose(history.loss, [await lossOf(0, 6)], TRAIN_STEP_FLOAT32, 'loss');
    expect(history.valLoss).toEqual([await lossOf(6, 8)]);

    const withoutThem = regressionModel();
    await withoutThem.fit(rows(x, 0, 6), rows(y, 0, 6), { batchSize: 4, epochs: 3, shuffle: false, verbose: 0 });
    const inOrder = regressionModel();
    await inOrder.fit(x, y, { validationSplit: 0.25, batchSize: 4, epochs: 3, shuffle: false, verbose: 0 });
    expectSameWeights(inOrder, withoutThem);
  });

  test('the same seed gives the same bytes twice; another seed or no shuffling gives others', async () => {
    const { x, y } = regression(20);
    const train = async (seed: number | bigint, shuffle = true) => {
      setRandomSeed(seed);
      const model = new Sequential([new Dense(4, { activation: 'tanh' }), new Dense(1)]);
      model.compile({ optimizer: 'adam', loss: 'mse' });
      const { history } = await model.fit(x, y, { epochs: 3, batchSize: 4, shuffle, verbose: 0 });
      return { weights: model.getWeights().map(({ data }) => data), history };
    };
    const first = await train(42);
    expect(await train(42)).toEqual(first);
    expect(await train(42n)).toEqual(first);
    expect((await train(43)).weights).not.toEqual(first.weights);
    expect((await train(42, false)).weights).not.toEqual(first.weights);
  });

  test('without shuffling it is trainOnBatch on one slice after the other, the last one smaller', async () => {
    const { x, y } = regression(8);
    const model = regressionModel();
    await model.fit(x, y, { batchSize: 3, shuffle: false, verbose: 0 });
    const byHand = regressionModel();
    for (const [from, to] of [
      [0, 3],
      [3, 6],
      [6, 8],
    ])
      await byHand.trainOnBatch(rows(x, from, to), rows(y, from, to));
    expectSameWeights(model, byHand);
    expect(model.iterations).toBe(3);
  });

  test('shuffling visits every sample once an epoch', async () => {
    const count = 11;
    const identity = {
      shape: [count, count],
      data: Float32Array.from({ length: count * count }, (_, i) => (i % (count + 1) === 0 ? 1 : 0)),
    };
    const ones = { shape: [count, 1], data: new Float32Array(count).fill(1) };
    const model = builtModel([new Dense(1, { useBias: false })], [count], new RandomArrays(1), 0);
    model.compile({ optimizer: new SGD({ learningRate: 0.25 }), loss: 'meanSquaredError' });
    // Each weight meets only its own sample, and goes half of the way to 1 when it does.
    for (let epoch = 1; epoch <= 4; epoch++) {
      await model.fit(identity, ones, { batchSize: 1, verbose: 0 });
      expect(Array.from(flatWeights(model))).toEqual(new Array(count).fill(1 - 0.5 ** epoch));
    }
  });

  test('every epoch has an order of its own, and two runs go on where one would', async () => {
    const { x, y } = regression(12);
    const together = regressionModel();
    await together.fit(x, y, { epochs: 3, batchSize: 4, verbose: 0 });
    startOn(backend);
    const apart = regressionModel();
    for (const epochs of [1, 2]) await apart.fit(x, y, { epochs, batchSize: 4, verbose: 0 });
    expectSameWeights(apart, together);

    // With weights at rest, the running loss of the first batch tells one order from another.
    const resting = still();
    const firsts = new Set<number>();
    await resting.fit(x, y, {
      epochs: 6,
      batchSize: 1,
      verbose: 0,
      callbacks: [{ onTrainBatchEnd: (batch, { loss }) => void (batch === 0 && firsts.add(loss)) }],
    });
    expect(firsts.size).toBeGreaterThan(2);
  });

  test('takes batches of other sizes and sequences of other lengths as they come', async () => {
    const random = new RandomArrays(2);
    const weights = new RandomArrays(3);
    const batch = (count: number, steps: number): [Tensor, Tensor] => [
      samples({ shape: [steps, 2] }, count, random),
      tensor([count, 3], random),
    ];
    const model = builtModel([new LSTM(3)], [4, 2], weights);
    model.compile({ optimizer: 'adam', loss: 'mse' });
    for (const [count, steps] of [
      [4, 5],
      [2, 1],
      [4, 5],
      [7, 12],
    ]) {
      const { loss } = await model.trainOnBatch(...batch(count, steps));
      expect(Number.isFinite(loss)).toBe(true);
    }
    const { history } = await model.fit(...batch(5, 3), { validationData: batch(3, 8), batchSize: 2, epochs: 2, verbose: 0 });
    expect(history.valLoss).toHaveLength(2);

    const [x] = batch(3, 9);
    const fresh = new Sequential([new LSTM(3)]);
    fresh.build([null, 9, 2]);
    fresh.setWeights(model.getWeights());
    expect((await model.predict(x)).data).toEqual((await fresh.predict(x)).data);
  });

  test('does not copy or change what it is given', async () => {
    const { x, y } = regression(6);
    const before = [x.data.slice(), y.data.slice()];
    await regressionModel().fit(x, y, { epochs: 2, batchSize: 4, verbose: 0 });
    expect([x.data, y.data]).toEqual(before);
  });

  test('takes nested arrays, typed rows and booleans for what they say', async () => {
    const model = still();
    const nested = [
      [1, 0, 1],
      [0, 1, 0],
    ];
    const expected = (await model.predict(nested)).data;
    expect((await model.predict([Float32Array.of(1, 0, 1), Int8Array.of(0, 1, 0)])).data).toEqual(expected);
    expect(
      (
        await model.predict([
          [true, false, true],
          [false, true, false],
        ])
      ).data,
    ).toEqual(expected);
    expect((await model.predict({ shape: [2, 3], data: Uint8Array.of(1, 0, 1, 0, 1, 0) })).data).toEqual(expected);
  });
});
