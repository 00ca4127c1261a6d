import { beforeEach, describe, expect, test } from 'vitest';
import {
  binaryCrossentropy,
  categoricalCrossentropy,
  Dense,
  type Logs,
  type Loss,
  type LossName,
  loadModel,
  type MetricName,
  modelToBytes,
  SGD,
  type Tensor,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, samples } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { TRAIN_STEP_FLOAT32 } from '../support/tolerances.ts';

const COUNT = 12;
const x = samples({ shape: [3] }, COUNT, new RandomArrays(1));
const labels = Array.from(new RandomArrays(2).integers(COUNT, 3));
const oneHot: Tensor = {
  shape: [COUNT, 3],
  data: Float32Array.from(labels.flatMap((label) => [0, 1, 2].map((index) => Number(index === label)))),
};
const yes: Tensor = { shape: [COUNT, 1], data: Float32Array.from(labels, (label) => label % 2) };
const indices: Tensor = { shape: [COUNT], data: Int32Array.from(labels) };

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
/** Row by row, the outputs and the one-hot targets. */
const rowsOf = (values: ArrayLike<number>) => Array.from({ length: COUNT }, (_, row) => [0, 1, 2].map((index) => values[3 * row + index]));

/**
 * What a metric is, from the outputs of a model with three outputs and the class of each sample.
 */
const EXPECTED: Record<string, (outputs: ArrayLike<number>) => number> = {
  categoricalAccuracy: (outputs) => mean(rowsOf(outputs).map((row, index) => Number(row.indexOf(Math.max(...row)) === labels[index]))),
  binaryAccuracy: (outputs) =>
    mean(rowsOf(outputs).flatMap((row, index) => row.map((value, column) => Number(value > 0.5 === (column === labels[index]))))),
  mse: (outputs) =>
    mean(rowsOf(outputs).flatMap((row, index) => row.map((value, column) => (value - Number(column === labels[index])) ** 2))),
  rootMeanSquaredError: (outputs) => Math.sqrt((EXPECTED.mse as (outputs: ArrayLike<number>) => number)(outputs)),
  mae: (outputs) =>
    mean(rowsOf(outputs).flatMap((row, index) => row.map((value, column) => Math.abs(value - Number(column === labels[index]))))),
  // Outputs that do not sum to one are taken as shares of their sum, as in Keras.
  categoricalCrossentropy: (outputs) =>
    mean(rowsOf(outputs).map((row, index) => -Math.log(row[labels[index]] / (row[0] + row[1] + row[2])))),
  binaryCrossentropy: (outputs) =>
    mean(rowsOf(outputs).flatMap((row, index) => row.map((value, column) => -Math.log(column === labels[index] ? value : 1 - value)))),
};

describe.each(await availableBackends())('metrics on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  const metricsOf = async (
    activation: 'softmax' | 'sigmoid',
    loss: LossName | Loss,
    metrics: readonly MetricName[],
    y: Tensor,
    units = 3,
  ) => {
    const model = builtModel([new Dense(units, { activation })], [3], new RandomArrays(3), 2);
    model.compile({ optimizer: 'sgd', loss, metrics });
    return {
      outputs: (await model.predict(x)).data,
      evaluated: await model.evaluate(x, y, { batchSize: 5 }),
      trained: await model.trainOnBatch(x, y),
    };
  };

  // The loss takes the last layer's logits where it can; metrics must not notice.
  test.each<[LossName, 'softmax' | 'sigmoid']>([
    ['categoricalCrossentropy', 'softmax'],
    ['binaryCrossentropy', 'sigmoid'],
    ['meanSquaredError', 'softmax'],
    ['binaryCrossentropy', 'softmax'],
  ])('with the loss %s on %s: every metric is what the outputs say', async (loss, activation) => {
    const names = Object.keys(EXPECTED) as MetricName[];
    const { outputs, evaluated, trained } = await metricsOf(activation, loss, names, oneHot);
    for (const logs of [evaluated, trained]) {
      expect(Object.keys(logs)).toEqual(['loss', ...names]);
      for (const name of names) expectClose([logs[name]], [EXPECTED[name](outputs)], TRAIN_STEP_FLOAT32, name);
    }
  });

  test("'accuracy' is binary, categorical or sparse by the loss and the output", async () => {
    const categorical = await metricsOf('softmax', 'categoricalCrossentropy', ['accuracy', 'categoricalAccuracy'], oneHot);
    expect(categorical.evaluated.accuracy).toBe(categorical.evaluated.categoricalAccuracy);
    const sparse = await metricsOf('softmax', 'sparseCategoricalCrossentropy', ['accuracy', 'sparseCategoricalAccuracy'], indices);
    expect(sparse.evaluated).toMatchObject({
      accuracy: categorical.evaluated.accuracy,
      sparseCategoricalAccuracy: categorical.evaluated.accuracy,
    });
    const binary = await metricsOf('sigmoid', 'binaryCrossentropy', ['accuracy', 'binaryAccuracy'], yes, 1);
    expect(binary.evaluated.accuracy).toBe(binary.evaluated.binaryAccuracy);
    expect(binary.evaluated.accuracy).toBeCloseTo(
      mean(Array.from(yes.data, (value, row) => Number(binary.outputs[row] > 0.5 === (value === 1)))),
      6,
    );
  });

  test("'acc' is 'accuracy' by Keras' short name, which its numbers go by", async () => {
    const { evaluated } = await metricsOf('softmax', 'categoricalCrossentropy', ['accuracy', 'acc'], oneHot);
    expect(Object.keys(evaluated)).toEqual(['loss', 'accuracy', 'acc']);
    expect(evaluated.acc).toBe(evaluated.accuracy);
  });

  test('a metric by name is one of probabilities, as in Keras, also where the loss takes scores', async () => {
    const model = builtModel([new Dense(1)], [3], new RandomArrays(3), 2);
    model.compile({ loss: binaryCrossentropy({ fromLogits: true }), metrics: ['binaryCrossentropy'] });
    const outputs = (await model.predict(x)).data;
    const clipped = Array.from(outputs, (value) => Math.min(Math.max(value, 1e-7), 1 - 1e-7));
    for (const [low, high] of [
      [Number.NEGATIVE_INFINITY, 0],
      [0, 1],
      [1, Number.POSITIVE_INFINITY],
    ])
      expect(outputs.some((value, row) => low < value && value < high && yes.data[row] === 1)).toBe(true);
    const expected = mean(clipped.map((p, row) => -Math.log(yes.data[row] === 1 ? p : 1 - p)));
    expectClose([(await model.evaluate(x, yes)).binaryCrossentropy], [expected], TRAIN_STEP_FLOAT32, 'binaryCrossentropy');
  });

  test('fromLogits: the loss of scores is that of the probabilities', async () => {
    const scores = (loss: Loss, units: number, y: Tensor) => {
      const model = builtModel([new Dense(units)], [3], new RandomArrays(3), 2);
      model.compile({ loss });
      return model.evaluate(x, y);
    };
    const softmax = await metricsOf('softmax', 'categoricalCrossentropy', [], oneHot);
    expectClose(
      [(await scores(categoricalCrossentropy({ fromLogits: true }), 3, oneHot)).loss],
      [softmax.evaluated.loss],
      TRAIN_STEP_FLOAT32,
      'categorical loss',
    );
    const sigmoid = await metricsOf('sigmoid', 'binaryCrossentropy', [], yes, 1);
    expectClose(
      [(await scores(binaryCrossentropy({ fromLogits: true }), 1, yes)).loss],
      [sigmoid.evaluated.loss],
      TRAIN_STEP_FLOAT32,
      'binary loss',
    );
  });

  test('rootMeanSquaredError is the root of the mean over all batches, so far', async () => {
    const model = builtModel([new Dense(3)], [3], new RandomArrays(3), 2);
    model.compile({ optimizer: new SGD({ learningRate: 0 }), loss: 'mse', metrics: ['rootMeanSquaredError'] });
    const outputs = (await model.predict(x)).data;
    const errors = Array.from(oneHot.data, (value, index) => (value - outputs[index]) ** 2);
    const seen: number[] = [];
    const callbacks = [{ onTrainBatchEnd: (_batch: number, logs: Logs) => void seen.push(logs.rootMeanSquaredError) }];
    await model.fit(x, oneHot, { batchSize: 5, shuffle: false, callbacks, verbose: 0 });
    const upTo = (samples: number) => Math.sqrt(mean(errors.slice(0, 3 * samples)));
    expectClose(seen, [upTo(5), upTo(10), upTo(12)], TRAIN_STEP_FLOAT32, 'rootMeanSquaredError after each batch');
  });

  test('rootMeanSquaredError is refused for class indices', () => {
    const model = builtModel([new Dense(3, { activation: 'softmax' })], [3], new RandomArrays(3));
    expect(() => model.compile({ loss: 'sparseCategoricalCrossentropy', metrics: ['rootMeanSquaredError'] })).toThrow(
      "compile: metric 'rootMeanSquaredError' does not fit loss 'sparseCategoricalCrossentropy', which takes class indices",
    );
  });

  describe('weightedMetrics', () => {
    const sampleWeight = new RandomArrays(6).float32s(COUNT, 0, 2);
    const names = ['categoricalAccuracy', 'mse', 'rootMeanSquaredError'] as const;
    const compiled = (metrics: readonly MetricName[], weightedMetrics: readonly MetricName[]) => {
      const model = builtModel([new Dense(3, { activation: 'softmax' })], [3], new RandomArrays(3), 2);
      model.compile({ optimizer: new SGD({ learningRate: 0 }), loss: 'categoricalCrossentropy', metrics, weightedMetrics });
      return model;
    };

    test('weigh each sample, where metrics do not', async () => {
      const model = compiled(names, names);
      const outputs = (await model.predict(x)).data;
      const sum = sampleWeight.reduce((total, weight) => total + weight, 0);
      const weigh = (value: (row: readonly number[], index: number) => number) =>
        rowsOf(outputs).reduce((total, row, index) => total + sampleWeight[index] * value(row, index), 0) / sum;
      const squares = weigh((row, index) => mean(row.map((value, column) => (value - Number(column === labels[index])) ** 2)));
      const expected: Record<string, number> = {
        ...Object.fromEntries(names.map((name) => [name, EXPECTED[name](outputs)])),
        weightedCategoricalAccuracy: weigh((row, index) => Number(row.indexOf(Math.max(...row)) === labels[index])),
        weightedMse: squares,
        weightedRootMeanSquaredError: Math.sqrt(squares),
      };
      const { history } = await model.fit(x, oneHot, { batchSize: 5, sampleWeight, validationData: [x, oneHot, sampleWeight], verbose: 0 });
      const logs = [
        await model.evaluate(x, oneHot, { batchSize: 5, sampleWeight }),
        await model.trainOnBatch(x, oneHot, sampleWeight),
        Object.fromEntries(Object.entries(history).map(([name, values]) => [name, values[0]])),
      ];
      for (const each of logs) {
        for (const [name, value] of Object.entries(expected)) expectClose([each[name]], [value], TRAIN_STEP_FLOAT32, name);
        expect(Object.keys(each).filter((name) => !name.startsWith('val'))).toEqual(['loss', ...Object.keys(expected)]);
      }
      expect(logs[2]).toMatchObject({ valWeightedMse: expect.closeTo(squares, 5), valMse: expect.closeTo(expected.mse, 5) });
    });

    test('are called by their names where there is no plain metric of the same, and are plain without weights', async () => {
      const plain = await compiled(names, []).evaluate(x, oneHot, { batchSize: 5 });
      expect(await compiled([], names).evaluate(x, oneHot, { batchSize: 5 })).toEqual(plain);
      const { weightedMse, ...rest } = await compiled(names, ['mse']).evaluate(x, oneHot, { batchSize: 5 });
      expect(rest).toEqual(plain);
      expect(weightedMse).toBe(plain.mse);
    });

    test('weigh by classWeight, in training only', async () => {
      const model = compiled([], ['accuracy']);
      const classWeight: Record<number, number> = { 0: 3, 1: 0.25 };
      const weights = labels.map((label) => classWeight[label] ?? 1);
      const { history } = await model.fit(x, oneHot, { classWeight, validationData: [x, oneHot], verbose: 0 });
      const weighted = await model.evaluate(x, oneHot, { sampleWeight: weights });
      const plain = await model.evaluate(x, oneHot);
      expect(weighted.accuracy).not.toBe(plain.accuracy);
      expect(history).toMatchObject({ accuracy: [weighted.accuracy], valAccuracy: [plain.accuracy] });
    });

    test('are saved with the model', async () => {
      const model = compiled(['mse'], ['mse', 'accuracy']);
      const loaded = await loadModel(await modelToBytes(model));
      expect(loaded.getState()).toEqual(model.getState());
      expect(await loaded.evaluate(x, oneHot, { sampleWeight })).toEqual(await model.evaluate(x, oneHot, { sampleWeight }));
    });

    test.each<[unknown, RegExp]>([
      [3, /^compile: weightedMetrics must be an array of metrics, got 3$/],
      [
        ['acuracy'],
        /^compile: weightedMetrics\[0\] is 'acuracy' \(did you mean 'accuracy'\?\); it must be 'accuracy', .*'rootMeanSquaredError', .*'recall', .* a loss, its name/,
      ],
      [['mse', 'mse'], /^compile: weightedMetrics has 'mse' twice$/],
      [[undefined], /^compile: weightedMetrics\[0\] must be/],
    ])('%j are refused', (weightedMetrics, message) => {
      expect(() => compiled([], weightedMetrics as never)).toThrow(message);
    });
  });
});
