import { beforeEach, describe, expect, test } from 'vitest';
import { ArgumentError, DataError, Dense, type LossName, SGD, SimpleRNN, type Tensor } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, expectSameWeights, flatWeights, samples, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { expectRefused } from '../support/refusals.ts';
import { regression, regressionModel, rows } from '../support/regression.ts';
import { TRAIN_STEP_FLOAT32 } from '../support/tolerances.ts';

describe.each(await availableBackends())('weights of samples and classes on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test('sampleWeight weighs the loss of each sample; the divisor stays the number of samples', async () => {
    const { x, y } = regression(3);
    const model = regressionModel();
    const sampleWeight = [0, 2, 0.5];
    const prediction = (await model.predict(x)).data;
    const expected = sampleWeight.reduce((sum, weight, row) => sum + weight * (prediction[row] - y.data[row]) ** 2, 0) / 3;
    expectClose([(await model.evaluate(x, y, { sampleWeight })).loss], [expected], TRAIN_STEP_FLOAT32, 'evaluated loss');
    expectClose([(await model.testOnBatch(x, y, sampleWeight)).loss], [expected], TRAIN_STEP_FLOAT32, 'loss of testOnBatch');
    expectClose([(await model.trainOnBatch(x, y, sampleWeight)).loss], [expected], TRAIN_STEP_FLOAT32, 'loss of trainOnBatch');
  });

  test('metrics are not weighted', async () => {
    const { x, y } = regression(3);
    const model = regressionModel();
    const plain = await model.evaluate(x, y);
    const weighted = await model.evaluate(x, y, { sampleWeight: [0, 2, 0.5] });
    expect(weighted.meanAbsoluteError).toBe(plain.meanAbsoluteError);
    expect(weighted.loss).not.toBe(plain.loss);
  });

  test('fit follows each sample through the shuffle with its weight: weight 0 trains on nothing', async () => {
    const { x, y } = regression(9);
    const train = async (absurd: number) => {
      startOn(backend);
      const data = y.data.slice();
      for (const row of [1, 4, 8]) data[row] = absurd;
      const model = regressionModel();
      const sampleWeight = [1, 0, 1, 2, 0, 1, 1, 1, 0];
      await model.fit(x, { shape: y.shape, data }, { sampleWeight, epochs: 2, batchSize: 2, verbose: 0 });
      return model;
    };
    expectSameWeights(await train(1000), await train(-1));
  });

  test('sampleWeight goes to the validation with its samples when they are split off', async () => {
    const { x, y } = regression(8);
    const sampleWeight = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    const model = regressionModel(new SGD({ learningRate: 0 }));
    const { history } = await model.fit(x, y, { sampleWeight, validationSplit: 0.25, verbose: 0 });
    expect(history.valLoss).toEqual([(await model.evaluate(rows(x, 6, 8), rows(y, 6, 8), { sampleWeight: [7, 8] })).loss]);
    const given = await model.fit(x, y, { validationData: [x, y, sampleWeight], verbose: 0 });
    expect(given.history.valLoss).toEqual([(await model.evaluate(x, y, { sampleWeight })).loss]);
  });

  test('weights of steps, [N, T], weigh each step; [N] weighs all steps of a sample', async () => {
    const random = new RandomArrays(4);
    const model = builtModel([new SimpleRNN(2, { returnSequences: true })], [3, 2], random);
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const x = samples({ shape: [3, 2] }, 2, random);
    const y = tensor([2, 3, 2], random);
    const { data } = await model.predict(x);
    const lossWith = (weights: readonly number[]) => {
      let sum = 0;
      for (let row = 0; row < 6; row++)
        sum += (weights[row] * ((data[2 * row] - y.data[2 * row]) ** 2 + (data[2 * row + 1] - y.data[2 * row + 1]) ** 2)) / 2;
      return sum / 6;
    };
    const steps = await model.evaluate(x, y, {
      sampleWeight: [
        [1, 0, 2],
        [0, 3, 1],
      ],
    });
    expectClose([steps.loss], [lossWith([1, 0, 2, 0, 3, 1])], TRAIN_STEP_FLOAT32, 'loss with weights of steps');
    const whole = await model.evaluate(x, y, { sampleWeight: [2, 5] });
    expectClose([whole.loss], [lossWith([2, 2, 2, 5, 5, 5])], TRAIN_STEP_FLOAT32, 'loss with weights of samples');
  });

  const classes: [string, LossName, number, (labels: readonly number[]) => Tensor][] = [
    [
      '0 and 1',
      'binaryCrossentropy',
      1,
      (labels) => ({ shape: [labels.length, 1], data: Float32Array.from(labels, (label) => label % 2) }),
    ],
    ['class indices', 'sparseCategoricalCrossentropy', 3, (labels) => ({ shape: [labels.length], data: Int32Array.from(labels) })],
    [
      'one-hot rows',
      'categoricalCrossentropy',
      3,
      (labels) => ({
        shape: [labels.length, 3],
        data: Float32Array.from(labels.flatMap((label) => [0, 1, 2].map((index) => (index === label ? 1 : 0)))),
      }),
    ],
  ];

  test.each(classes)(
    'classWeight weighs samples by their class, given as %s; other classes weigh 1',
    async (_kind, loss, units, targets) => {
      const labels = [0, 1, 2, 0, 1, 2, 1];
      const classWeight: Record<number, number> = { 0: 3, 1: 0.25 };
      const { x } = regression(labels.length);
      const y = targets(labels);
      const train = async (options: object) => {
        startOn(backend);
        const layer = new Dense(units, { activation: units === 1 ? 'sigmoid' : 'softmax' });
        const model = builtModel([layer], [3], new RandomArrays(8));
        model.compile({ optimizer: 'sgd', loss });
        await model.fit(x, y, { ...options, epochs: 2, batchSize: 3, verbose: 0 });
        return model;
      };
      const weighted = await train({ classWeight });
      expectSameWeights(
        weighted,
        await train({ classWeight: new Map(Object.entries(classWeight).map(([label, weight]) => [Number(label), weight])) }),
      );
      expectSameWeights(weighted, await train({ sampleWeight: labels.map((label) => classWeight[units === 1 ? label % 2 : label] ?? 1) }));
      expect(flatWeights(weighted)).not.toEqual(flatWeights(await train({})));
    },
  );

  test.each(classes)('classWeight balanced gives classes, given as %s, the same weight in sum', async (_kind, loss, units, targets) => {
    // By scikit-learn's rule, samples / (classes that come * samples of the class); of three
    // outputs, class 1 has no sample.
    const labels = units === 1 ? [0, 1, 0, 0, 0, 1, 0, 0] : [0, 2, 0, 0, 0, 2, 0, 0];
    const sampleWeight = labels.map((label) => (label === 0 ? 8 / (2 * 6) : 8 / (2 * 2)));
    const { x } = regression(labels.length);
    const train = async (options: object) => {
      startOn(backend);
      const model = builtModel([new Dense(units, { activation: units === 1 ? 'sigmoid' : 'softmax' })], [3], new RandomArrays(8));
      model.compile({ optimizer: 'sgd', loss });
      await model.fit(x, targets(labels), { ...options, epochs: 2, batchSize: 3, verbose: 0 });
      return model;
    };
    const balanced = await train({ classWeight: 'balanced' });
    expectSameWeights(balanced, await train({ sampleWeight }));
    expect(flatWeights(balanced)).not.toEqual(flatWeights(await train({})));
  });

  test('classWeight balanced counts the samples that are trained on, and does not weigh the validation', async () => {
    const { x } = regression(8);
    const y = [[0], [1], [1], [1], [0], [1], [0], [0]];
    const train = async (options: object) => {
      startOn(backend);
      const model = builtModel([new Dense(1, { activation: 'sigmoid' })], [3], new RandomArrays(8));
      model.compile({ optimizer: 'sgd', loss: 'binaryCrossentropy' });
      const { history } = await model.fit(x, y, { ...options, batchSize: 4, shuffle: false, validationSplit: 0.25, verbose: 0 });
      return { model, history };
    };
    const balanced = await train({ classWeight: 'balanced' });
    // Of the six samples to train on, two are of class 0 and four of class 1.
    const weighted = await train({ classWeight: { 0: 6 / (2 * 2), 1: 6 / (2 * 4) } });
    expectSameWeights(balanced.model, weighted.model);
    expect(balanced.history.valLoss).toEqual([(await balanced.model.evaluate(rows(x, 6, 8), y.slice(6))).loss]);
  });

  test.each([
    [1, [[0], [1], [0.5]], /^fit: classWeight with loss 'meanSquaredError' takes targets that are 0 or 1, but y\[2\] is 0\.5$/],
    [
      2,
      [
        [0, 1],
        [1, 1],
        [0, 1],
      ],
      /takes targets that are one-hot rows, but y\[1\] is 1, 1$/,
    ],
  ])('classWeight does not round the targets of a regression with %i outputs', async (units, targets, message) => {
    const { x } = regression(3);
    const model = builtModel([new Dense(units)], [3], new RandomArrays(8));
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const refused = () => model.fit(x, targets, { classWeight: { 0: 2 }, verbose: 0 });
    const classes =
      units === 1
        ? [[0], [1], [0]]
        : [
            [0, 1],
            [1, 0],
            [0, 1],
          ];
    const train = () => model.fit(x, classes, { classWeight: { 0: 2 }, verbose: 0 });
    await expectRefused(model, refused, DataError, message, train);
  });

  test('classWeight is refused for targets of several steps', async () => {
    const random = new RandomArrays(8);
    const model = builtModel([new SimpleRNN(1, { returnSequences: true, activation: 'sigmoid' })], [2, 3], random);
    model.compile({ optimizer: 'sgd', loss: 'binaryCrossentropy' });
    const x = samples({ shape: [2, 3] }, 2, random);
    const y = [
      [0, 1],
      [1, 0],
    ];
    const refused = () => model.fit(x, y, { classWeight: { 0: 2 }, verbose: 0 });
    await expectRefused(model, refused, ArgumentError, /needs one class a sample, but y has 2 steps/, () =>
      model.fit(x, y, { verbose: 0 }),
    );
  });

  test('classWeight does not weigh the validation', async () => {
    const { x } = regression(8);
    const y = [[0], [1], [0], [1], [0], [1], [0], [1]];
    const model = builtModel([new Dense(1, { activation: 'sigmoid' })], [3], new RandomArrays(8));
    model.compile({ optimizer: new SGD({ learningRate: 0 }), loss: 'binaryCrossentropy' });
    const { history } = await model.fit(x, y, { classWeight: { 0: 10, 1: 0 }, validationSplit: 0.25, verbose: 0 });
    expect(history.valLoss).toEqual([(await model.evaluate(rows(x, 6, 8), y.slice(6))).loss]);
  });
});
