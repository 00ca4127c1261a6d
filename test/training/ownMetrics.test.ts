import { beforeEach, describe, expect, test } from 'vitest';
import * as backtime from '../../ts/index.ts';
import {
  ArgumentError,
  Dense,
  EarlyStopping,
  GRU,
  Input,
  loadModel,
  Masking,
  Metric,
  type MetricLike,
  Model,
  meanAbsoluteError,
  modelToBytes,
  type Tensor,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, samples, tensor } from '../support/models.ts';
import { ownClasses } from '../support/ownClasses.mjs';
import { RandomArrays } from '../support/randomArrays.ts';

const { AbsoluteMetric, MacroF1, LargestError, Squared } = ownClasses(backtime);

const random = new RandomArrays(5);
const x = tensor([17, 3], random);
const y = tensor([17, 2], random);
const masked = samples({ shape: [4, 3], padding: 9 }, 17, random);
const steps = tensor([17, 4, 2], random);
const classes: Tensor = { shape: [17], data: Int32Array.from({ length: 17 }, (_, index) => (index * 5) % 3) };
const sampleWeight = { shape: [17], data: Float64Array.from({ length: 17 }, (_, index) => (index % 4) / 2) };

const dense = () => builtModel([new Dense(2)], [3], new RandomArrays(6));
const classifier = () => builtModel([new Dense(3, { activation: 'softmax' })], [3], new RandomArrays(6));
const sequences = () => builtModel([new Masking({ maskValue: 9 }), new GRU(2, { returnSequences: true })], [4, 3], new RandomArrays(7));

describe.each(await availableBackends())('metrics of one’s own on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  const tolerance = { relative: backend.floatBytes === 8 ? 1e-13 : 1e-6 };

  test.each([
    ['rows', dense, x, y],
    ['sequences with a mask', sequences, masked, steps],
  ] as const)(
    'an own mean absolute error of %s is the built-in one, weighted and not, in training and validation',
    async (_, make, x, y) => {
      const model = make();
      const own = [new AbsoluteMetric({ name: 'own' })];
      model.compile({ optimizer: 'sgd', loss: 'mse', metrics: ['mae', ...own], weightedMetrics: ['mae', ...own] });
      const { history } = await model.fit(x, y, { epochs: 3, batchSize: 5, verbose: 0, sampleWeight, validationSplit: 0.3 });
      expect(Object.keys(history)).toEqual(
        ['', 'val'].flatMap((prefix) =>
          ['loss', 'mae', 'own', 'weightedMae', 'weightedOwn'].map((name) =>
            prefix === '' ? name : `val${name[0]?.toUpperCase()}${name.slice(1)}`,
          ),
        ),
      );
      expectClose(history.own, history.mae, tolerance, 'own');
      expectClose(history.weightedOwn, history.weightedMae, tolerance, 'weightedOwn');
      expectClose(history.valOwn, history.valMae, tolerance, 'valOwn');
      expect(history.weightedOwn).not.toEqual(history.own);
    },
  );

  test('states of batches are joined by merge, whatever the size of a batch', async () => {
    const model = dense();
    model.compile({ loss: 'mse', metrics: [new LargestError(), new Squared()] });
    const { data } = await model.predict(x);
    const largest = Math.max(...data.map((value, index) => Math.abs(value - y.data[index])));
    for (const batchSize of [1, 4, 17]) {
      const logs = await model.evaluate(x, y, { batchSize, verbose: 0 });
      expect(logs.largestError).toBeCloseTo(largest, 6);
      expect(logs.squared).toBeCloseTo(logs.loss as number, 6);
    }
  });

  test('classes are counted over all batches', async () => {
    const model = classifier();
    model.compile({ loss: 'sparseCategoricalCrossentropy', metrics: [new MacroF1({ name: 'f1' })] });
    const { data } = await model.predict(x);
    const predicted = Array.from({ length: 17 }, (_, n) => {
      const row = Array.from(data.subarray(3 * n, 3 * n + 3));
      return row.indexOf(Math.max(...row));
    });
    const count = (test: (n: number) => boolean) => predicted.filter((_, n) => test(n)).length;
    const f1 = [0, 1, 2].map((c) => {
      const found = count((n) => predicted[n] === c && classes.data[n] === c);
      return (2 * found) / (count((n) => predicted[n] === c) + count((n) => classes.data[n] === c));
    });
    const { f1: actual } = await model.evaluate(x, classes, { batchSize: 4, verbose: 0 });
    expect(actual).toBeCloseTo((f1[0] + f1[1] + f1[2]) / 3, 12);
    expect((await model.trainOnBatch(x, classes)).f1).toBe(actual);
  });

  test('one metric serves several outputs', async () => {
    const input = Input({ shape: [3] });
    const outputs = [new Dense(2, { name: 'a' }).apply(input), new Dense(2, { name: 'b' }).apply(input)];
    const model = new Model({ inputs: input, outputs });
    const metrics = ['mae', new AbsoluteMetric({ name: 'own' })] as const;
    model.compile({ loss: 'mse', metrics: [metrics, metrics] });
    const logs = await model.evaluate(x, [y, y], { verbose: 0 });
    expect(logs.aOwn).toBeCloseTo(logs.aMae as number, 6);
    expect(logs.bOwn).toBeCloseTo(logs.bMae as number, 6);
    expect(logs.aOwn).not.toBe(logs.bOwn);
  });

  test('are saved with their names and options', async () => {
    const model = classifier();
    model.compile({
      loss: 'sparseCategoricalCrossentropy',
      metrics: ['accuracy', new MacroF1({ name: 'f1' })],
      weightedMetrics: [new MacroF1()],
    });
    const loaded = await loadModel(await modelToBytes(model));
    const logs = await loaded.evaluate(x, classes, { verbose: 0 });
    expect(Object.keys(logs)).toEqual(['loss', 'accuracy', 'f1', 'macroF1']);
    expect(logs).toEqual(await model.evaluate(x, classes, { verbose: 0 }));
    expect(model.getState().compile?.metrics).toEqual(['accuracy', { className: 'test>MacroF1', config: { name: 'f1', classes: 3 } }]);
  });

  test('EarlyStopping knows from the metric whether low or high is better', async () => {
    class Falling extends Metric {
      static className = 'Falling';
      override readonly mode: 'min' | 'max' | null;
      epochs = 0;
      constructor(mode: 'min' | 'max' | null) {
        super(1);
        this.mode = mode;
      }
      update() {
        this.state[0] = -this.epochs++;
      }
      result() {
        return this.state[0] as number;
      }
    }
    const epochs = async (mode: 'min' | 'max' | null, option?: 'min' | 'max') => {
      const model = dense();
      model.compile({ loss: 'mse', metrics: [new Falling(mode)] });
      const stopping = new EarlyStopping({ monitor: 'falling', patience: 2, ...(option ? { mode: option } : {}) });
      return (await model.fit(x, y, { epochs: 6, batchSize: 17, verbose: 0, callbacks: [stopping] })).epoch.length;
    };
    expect(await epochs('min')).toBe(6);
    expect(await epochs('max')).toBe(3);
    expect(await epochs(null, 'max')).toBe(3);
    await expect(epochs(null)).rejects.toThrow(/mode: 'min' or 'max'/);
  });
});

describe('what is wrong with a metric is said', () => {
  const compile = (...metrics: unknown[]) => dense().compile({ loss: 'mse', metrics: metrics as MetricLike[] });

  class Stateless extends Metric {
    update() {}
    result() {
      return 0;
    }
  }

  test.each([
    ['a class', () => compile(AbsoluteMetric), /metrics\[0\] is class AbsoluteMetric: make one, new AbsoluteMetric\(\); it must be/],
    ['a function', () => compile(() => 1), /metrics\[0\] is .*; it must be/],
    [
      'a function',
      () => compile(((yTrue: number, yPred: number) => yTrue - yPred) as never),
      /metrics\[0\] is .*: a metric of your own is a class that extends Metric; it must be/,
    ],
    [
      'a loss that is not called',
      () => compile(meanAbsoluteError as never),
      /metrics\[0\] is .*: call it, meanAbsoluteError\(\); it must be/,
    ],
    ['two of one name', () => compile(new AbsoluteMetric(), new AbsoluteMetric()), /metrics has 'absoluteMetric' twice/],
    ['the name of the loss', () => compile(new AbsoluteMetric({ name: 'loss' })), /two values of the history would have the name 'loss'/],
    ['an empty name', () => new AbsoluteMetric({ name: '' }), /name must be a string, got ''/],
    ['no state', () => new Stateless(0), /length of the state must be an integer from 1 to 1048576, got 0/],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
  });
});
