import { beforeEach, describe, expect, test } from 'vitest';
import * as backtime from '../../ts/index.ts';
import {
  ArgumentError,
  BatchLoss,
  Dense,
  ElementwiseLoss,
  FormatError,
  GRU,
  Input,
  type LossLike,
  loadModel,
  Masking,
  type MetricLike,
  Model,
  modelToBytes,
  ops,
  Sequential,
  SGD,
  ShapeError,
  type Tensor,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { centralDifferences, expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { setFlatWeights } from '../support/modelGradients.ts';
import { builtModel, flatWeights, samples, tensor } from '../support/models.ts';
import { ownClasses } from '../support/ownClasses.mjs';
import { RandomArrays } from '../support/randomArrays.ts';
import { GRADIENT_FLOAT64 } from '../support/tolerances.ts';

const { AbsoluteMetric, Squared, Huber, SquaredRows, Pinball, Contrast, SumOverSteps } = ownClasses(backtime);

const random = new RandomArrays(5);
const x = tensor([7, 3], random);
const y = tensor([7, 2], random);
const masked = samples({ shape: [4, 3], padding: 9 }, 7, random);
const steps = tensor([7, 4, 2], random);
const labels: Tensor = { shape: [7], data: Int32Array.of(4, 0, 4, 900, 0, 4, 1) };
const single = tensor([7, 1], random);
const weights = { shape: [7], data: Float64Array.of(1, 0.5, 2, 0, 1.5, 3, 1) };

const stepWeights = { shape: [7, 4], data: Float64Array.from({ length: 28 }, (_, index) => (index % 5) / 2) };

const dense = (units = 2) => builtModel([new Dense(units, { activation: 'tanh' })], [3], new RandomArrays(6));
const sequences = () => builtModel([new Masking({ maskValue: 9 }), new GRU(2, { returnSequences: true })], [4, 3], new RandomArrays(7));

describe.each(await availableBackends())('losses of one’s own on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  const tolerance = { relative: backend.floatBytes === 8 ? 1e-13 : 2e-6 };

  async function trained(
    make: () => Sequential,
    loss: LossLike,
    data: [Tensor, Tensor],
    sampleWeight: Tensor | null,
    metrics: MetricLike[],
  ) {
    startOn(backend);
    const model = make();
    model.compile({ optimizer: 'adam', loss, metrics, weightedMetrics: [...metrics] });
    const options = { epochs: 3, batchSize: 3, verbose: 0 as const, validationData: data };
    const { history } = await model.fit(...data, sampleWeight ? { ...options, sampleWeight } : options);
    return { weights: flatWeights(model), history: Object.values(history).flat() };
  }

  describe.each([
    ['elementwise', () => new Squared()],
    ['by rows', () => new SquaredRows()],
  ])('an own mean squared error, %s, is the built-in one', (_, make) => {
    test.each([
      ['rows', dense, [x, y], null],
      ['weighted rows', dense, [x, y], weights],
      ['sequences with a mask', sequences, [masked, steps], null],
      ['weighted sequences with a mask', sequences, [masked, steps], weights],
    ] as const)('of %s, as loss and as metric', async (_, model, data, sampleWeight) => {
      const loss = make();
      const own = await trained(model, loss, data as never, sampleWeight, [loss]);
      const builtIn = await trained(model, 'mse', data as never, sampleWeight, ['mse']);
      expect(builtIn.history.length).toBe(3 * 6);
      expectClose(own.history, builtIn.history, tolerance, 'history');
      expectClose(own.weights, builtIn.weights, tolerance, 'weights');
    });

    test('of two outputs with weights', async () => {
      const histories: number[][] = [];
      for (const loss of [make(), 'mse'] as const) {
        startOn(backend);
        const input = Input({ shape: [3] });
        const model = new Model({
          inputs: input,
          outputs: [new Dense(2, { name: 'a' }).apply(input), new Dense(1, { name: 'b' }).apply(input)],
        });
        model.compile({ optimizer: 'sgd', loss: [loss, 'mae'], lossWeights: [0.25, 2], metrics: [[loss], ['mae']] });
        const { history } = await model.fit(x, [y, single], { epochs: 3, batchSize: 3, verbose: 0 });
        histories.push(Object.values(history).flat());
        if (loss !== 'mse') expect(Object.keys(history)[3]).toBe(`a${loss.name[0]?.toUpperCase()}${loss.name.slice(1)}`);
      }
      expectClose(histories[0], histories[1], tolerance, 'history');
    });
  });

  test('are computed by their formulas', async () => {
    const { loss } = await evaluated(dense(), new Huber({ delta: 0.4 }), x, y);
    const { data } = await dense().predict(x);
    const huber = Array.from(data, (value, index) => {
      const error = Math.abs(value - y.data[index]);
      return error < 0.4 ? error ** 2 / 2 : 0.4 * (error - 0.2);
    });
    expect(loss).toBeCloseTo(huber.reduce((sum, value) => sum + value, 0) / 14, 6);
  });

  test('of whole samples weigh each by the mean weight of its valid steps, and divide by all', async () => {
    const model = sequences();
    model.compile({ loss: new SumOverSteps(), metrics: [new SumOverSteps()], weightedMetrics: [new SumOverSteps()] });
    const { data } = await model.predict(masked);
    const weighted = [0, 0];
    let sum = 0;
    let counted = 0;
    for (let b = 0; b < 7; b++) {
      // Sample b begins with b modulo 4 masked steps.
      const valid = [0, 1, 2, 3].slice(b % 4);
      const value = [0, 1]
        .map((j) => valid.reduce((total, t) => total + (data[(b * 4 + t) * 2 + j] as number) - steps.data[(b * 4 + t) * 2 + j], 0))
        .reduce((total, difference) => total + difference ** 2, 0);
      const weight = valid.reduce((total, t) => total + stepWeights.data[b * 4 + t], 0) / valid.length;
      weighted[0] += weight * value;
      weighted[1] += weight;
      sum += value;
      counted++;
    }
    const logs = await model.evaluate(masked, steps, { sampleWeight: stepWeights, verbose: 0 });
    const expected = [weighted[0] / counted, sum / counted, weighted[0] / weighted[1]];
    const actual = [logs.loss, logs.sumOverSteps, logs.weightedSumOverSteps] as number[];
    expectClose(actual, expected, tolerance, 'values');
  });

  test('where the mask is, a loss that is not finite does not count', async () => {
    class Logarithm extends ElementwiseLoss {
      call(yTrue: backtime.Expression, yPred: backtime.Expression) {
        return ops.multiply(ops.log(yTrue), yPred);
      }
    }
    const positive = Float64Array.from(steps.data, (_, index) => (Math.floor(index / 2) % 4 < Math.floor(index / 8) % 4 ? 0 : 1.5));
    const model = compiled(sequences(), new Logarithm());
    const { history } = await model.fit(masked, { shape: steps.shape, data: positive }, { verbose: 0 });
    expect(history.loss[0]).not.toBeNaN();
    expect(flatWeights(model).every(Number.isFinite)).toBe(true);
  });

  test('of long truncated sequences come in windows, with metrics: as the built-in ones', async () => {
    const long = tensor([2, 600, 1], new RandomArrays(8));
    const targets = tensor([2, 600, 2], new RandomArrays(9));
    const model = () => builtModel([new GRU(2, { returnSequences: true, truncate: 100 })], [600, 1], new RandomArrays(7));
    const numbers: number[][] = [];
    const parts: number[] = [];
    class Rows extends backtime.Metric {
      override readonly perSample: boolean;
      constructor(perSample: boolean) {
        super(1);
        this.perSample = perSample;
      }
      update({ rows }: backtime.MetricBatch) {
        parts.push(rows);
        this.state[0] = rows;
      }
      result() {
        return this.state[0] as number;
      }
    }
    for (const [loss, metric] of [
      [new Squared(), new AbsoluteMetric()],
      ['mse', 'mae'],
    ] as const) {
      const made = model();
      made.compile({ optimizer: new SGD({ learningRate: 0.1 }), loss, metrics: [metric] });
      const logs = await made.trainOnBatch(long, targets);
      numbers.push([...Object.values(logs), ...flatWeights(made)]);
    }
    expectClose(numbers[0], numbers[1], tolerance, 'a step in windows');
    for (const perSample of [false, true]) {
      const made = model();
      made.compile({ loss: 'mse', metrics: [new Rows(perSample)] });
      expect((await made.trainOnBatch(long, targets)).metric).toBe(1200);
      expect(parts.splice(0).length > 1).toBe(!perSample);
    }
  });

  test('train', async () => {
    for (const [make, data] of CASES) {
      const model = make();
      const { history } = await compiled(model, data.loss()).fit(data.x, data.y, { epochs: 8, batchSize: 4, verbose: 0 });
      expect(history.loss[7]).toBeLessThan(history.loss[0] as number);
    }
  });

  test('are saved under a registered name with their options; training goes on with the same bits', async () => {
    for (const [make, data] of CASES) {
      const model = compiled(make(), data.loss(), 'adam');
      await model.fit(data.x, data.y, { epochs: 2, verbose: 0 });
      const loaded = await loadModel(await modelToBytes(model));
      for (const each of [model, loaded]) await each.fit(data.x, data.y, { epochs: 2, verbose: 0 });
      expect(flatWeights(loaded)).toEqual(flatWeights(model));
    }
    const state = compiled(dense(), new Huber({ delta: 0.4 })).getState();
    expect(state.compile).toMatchObject({ loss: 'test>Huber', lossConfig: { delta: 0.4 } });
  });

  test('a registered name stands for a loss with its defaults', async () => {
    const named = await evaluated(dense(), 'test>Huber', x, y);
    expect(named).toEqual(await evaluated(dense(), new Huber(), x, y));
  });

  test('an error of a loss reaches the caller, and the model trains on', async () => {
    class Broken extends BatchLoss {
      call() {
        throw new TypeError('no such thing');
      }
    }
    const model = compiled(dense(), new Broken());
    await expect(model.fit(x, y, { verbose: 0 })).rejects.toThrow(new TypeError('no such thing'));
    model.compile({ loss: 'mse' });
    await model.fit(x, y, { verbose: 0 });
  });

  test('memory that grows between two steps is no harm', async () => {
    const model = compiled(dense(), new SquaredRows());
    await model.trainOnBatch(x, y);
    const other = new Sequential([new Dense(2000, { inputShape: [2000] })]);
    await other.predict({ shape: [1, 2000], data: new Float32Array(2000) });
    expect((await model.trainOnBatch(x, y)).loss).toBeGreaterThan(0);
  });

  if (backend.name === 'reference')
    test.each(['Huber', 'SquaredRows', 'Pinball', 'Contrast', 'SumOverSteps', 'Squared, masked'])(
      'the gradient of %s is the derivative',
      async (name) => {
        const [make, data] = CASES[['Huber', 'SquaredRows', 'Pinball', 'Contrast', 'SumOverSteps', 'Squared, masked'].indexOf(name)];
        const model = compiled(make(), data.loss(), new SGD({ learningRate: 1 }));
        const before = flatWeights(model);
        await model.trainOnBatch(data.x, data.y, weights);
        const gradient = flatWeights(model).map((value, index) => (before[index] as number) - value);
        const points: Float64Array[] = [];
        const probe = before.slice();
        centralDifferences(() => points.push(probe.slice()), probe);
        const losses: number[] = [];
        for (const point of points) {
          setFlatWeights(model, point);
          losses.push((await model.evaluate(data.x, data.y, { sampleWeight: weights, verbose: 0 })).loss as number);
        }
        let next = 0;
        expect(gradient.some((value) => value !== 0)).toBe(true);
        expectClose(
          gradient,
          centralDifferences(() => losses[next++] as number, probe),
          GRADIENT_FLOAT64,
          name,
        );
      },
    );
});

const CASES: readonly [make: () => Sequential, data: { x: Tensor; y: Tensor; loss: () => LossLike }][] = [
  [dense, { x, y, loss: () => new Huber({ delta: 0.3 }) }],
  [dense, { x, y, loss: () => new SquaredRows() }],
  [() => dense(3), { x, y: single, loss: () => new Pinball() }],
  [dense, { x, y: labels, loss: () => new Contrast() }],
  [sequences, { x: masked, y: steps, loss: () => new SumOverSteps() }],
  [sequences, { x: masked, y: steps, loss: () => new Squared() }],
];

function compiled(model: Sequential, loss: LossLike, optimizer: 'adam' | SGD = new SGD({ learningRate: 0.05 })): Sequential {
  model.compile({ optimizer, loss });
  return model;
}

const evaluated = (model: Sequential, loss: LossLike, samples: Tensor, targets: Tensor) =>
  compiled(model, loss).evaluate(samples, targets, { verbose: 0 });

describe('what is wrong with a loss is said', () => {
  class Unregistered extends ElementwiseLoss {
    call(yTrue: backtime.Expression) {
      return yTrue;
    }
  }
  class NoExpression extends ElementwiseLoss {
    static className = 'NoExpression';
    call() {
      return 'x' as never;
    }
  }

  test.each([
    ['a function', () => compiled(dense(), ((a: number) => a) as never), ArgumentError, /class that extends ElementwiseLoss or BatchLoss/],
    ['a class', () => compiled(dense(), Squared as never), ArgumentError, /: make one, new Squared\(\)/],
    ['an unknown name', () => compiled(dense(), 'test>Nothing'), FormatError, /no loss 'test>Nothing': call registerClass/],
    [
      'the name of something else',
      () => compiled(dense(), 'test>cubic'),
      FormatError,
      /'test>cubic' is registered, but does not extend the loss class/,
    ],
  ])('%s', (_, call, type, message) => {
    expect(call).toThrow(type);
    expect(call).toThrow(message);
  });

  test('a result that is no expression', async () => {
    await expect(evaluated(dense(), new NoExpression(), x, y)).rejects.toThrow(/noExpression: call must return an expression/);
  });

  test('targets of another size', async () => {
    await expect(evaluated(dense(3), new Pinball(), x, y)).rejects.toThrow(ShapeError);
    await expect(evaluated(dense(3), new Pinball(), x, y)).rejects.toThrow(/loss 'pinball' take targets of shape \[7, 1\]/);
  });

  test('metrics that need other targets', async () => {
    const model = dense(3);
    const wrong = (loss: LossLike, metric: MetricLike) => () => model.compile({ loss, metrics: [metric] });
    expect(wrong(new Pinball(), 'mae')).toThrow(/metric 'mae' does not fit loss 'pinball', which takes targets whose last axis has 1/);
    expect(wrong('mse', new Pinball())).toThrow(/metric 'pinball' does not fit loss 'meanSquaredError'/);
    expect(wrong(new Contrast(), 'sparseCategoricalCrossentropy')).toThrow(/takes labels that need not be classes/);
    expect(wrong('sparseCategoricalCrossentropy', new Contrast())).not.toThrow();
  });

  test('a class without a name, when the model is saved', async () => {
    const model = compiled(dense(), new Unregistered());
    await expect(modelToBytes(model)).rejects.toThrow(ArgumentError);
    await expect(modelToBytes(model)).rejects.toThrow(/loss 'loss' is of .*Unregistered.*registerClass/);
    await modelToBytes(model, { includeOptimizer: false });
  });

  test('labels that are not integers, and weights of classes for them', async () => {
    const data = { shape: [7], data: Float64Array.of(0, 1, -1, 0, 0, 0, 0) };
    await expect(evaluated(dense(), new Contrast(), x, data)).rejects.toThrow(/integers of at least 0/);
    const model = compiled(dense(), new Contrast());
    await expect(model.fit(x, labels, { classWeight: { 0: 2 }, verbose: 0 })).rejects.toThrow(/loss 'contrast' takes any labels/);
  });
});
