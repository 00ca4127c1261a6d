import { beforeEach, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  BinaryFocalCrossentropy,
  CategoricalFocalCrossentropy,
  CategoricalGeneralizedCrossEntropy,
  CategoricalHinge,
  CosineSimilarity,
  Dense,
  Huber,
  type Loss,
  loadModel,
  Metric,
  type MetricBatch,
  modelToBytes,
  QuantileLoss,
  registerClass,
  Sequential,
  SGD,
  ShapeError,
  sparseCategoricalCrossentropy,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { centralDifferences, expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { setFlatWeights } from '../support/modelGradients.ts';
import { builtModel, flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { GRADIENT_FLOAT64 } from '../support/tolerances.ts';

const random = new RandomArrays(5);
const x = tensor([6, 3], random);
const column = tensor([6, 1], random);
const dense = (units: number) => builtModel([new Dense(units)], [3], new RandomArrays(6));

/** The pinball loss of a target t and a prediction p, by its definition. */
const pinball = (quantile: number, t: number, p: number) => Math.max(quantile * (t - p), (quantile - 1) * (t - p));

describe.each(await availableBackends())('classes of losses on $label', ({ label, backend }) => {
  beforeEach(() => startOn(backend));

  test.each([
    ['one quantile of several outputs', new QuantileLoss({ quantile: 0.2 }), 2],
    ['several quantiles of one target', new QuantileLoss({ quantile: [0.1, 0.5, 0.9] }), 3],
  ] as const)('QuantileLoss: %s', async (_, loss, units) => {
    const model = dense(units);
    model.compile({ optimizer: new SGD({ learningRate: 1 }), loss, metrics: [loss] });
    const several = Array.isArray(loss.quantile);
    const y = several ? column : tensor([6, units], random);
    const { data } = await model.predict(x);
    const values = Array.from(data, (p, index) => {
      const [quantile, t] = several
        ? [(loss.quantile as number[])[index % units], y.data[Math.floor(index / units)]]
        : [0.2, y.data[index]];
      return pinball(quantile as number, t as number, p);
    });
    const logs = await model.evaluate(x, y, { verbose: 0 });
    const expected = values.reduce((sum, value) => sum + value, 0) / values.length;
    expectClose([logs.loss, logs.quantileLoss] as number[], [expected, expected], { relative: 1e-6 }, 'loss');
    const loaded = await loadModel(await modelToBytes(model));
    expect(await loaded.evaluate(x, y, { verbose: 0 })).toEqual(logs);
    expect(loaded.getState().compile?.lossConfig).toEqual({ quantile: loss.quantile });
    if (label !== 'reference') return;
    const weights = flatWeights(model);
    await model.trainOnBatch(x, y);
    const gradient = flatWeights(model).map((after, index) => (weights[index] as number) - after);
    const losses: number[] = [];
    const points: Float64Array[] = [];
    const probe = weights.slice();
    centralDifferences(() => points.push(probe.slice()), probe);
    for (const point of points) {
      setFlatWeights(model, point);
      losses.push((await model.evaluate(x, y, { verbose: 0 })).loss as number);
    }
    let next = 0;
    expectClose(
      gradient,
      centralDifferences(() => losses[next++] as number, probe),
      GRADIENT_FLOAT64,
      'gradient',
    );
  });

  test('the median has the least error of one quantile of a half', async () => {
    const model = dense(1);
    model.compile({ loss: new QuantileLoss() });
    const { loss } = await model.evaluate(x, column, { verbose: 0 });
    model.compile({ loss: 'mae' });
    expectClose([2 * (loss as number)], [(await model.evaluate(x, column, { verbose: 0 })).loss as number], { relative: 1e-6 }, 'loss');
  });

  test('rows of an ignored class count in no metric, and have no weight of a class', async () => {
    const seen: number[][] = [];
    class Seen extends Metric {
      constructor() {
        super(1);
      }
      update({ yTrue, weights }: MetricBatch) {
        seen.push([...yTrue], [...weights]);
      }
      result() {
        return 0;
      }
    }
    const y = [0, -1, 2, -1, 1, 0];
    const loss = sparseCategoricalCrossentropy({ ignoreClass: -1, fromLogits: true });
    const model = dense(3);
    model.compile({
      optimizer: 'sgd',
      loss,
      metrics: ['accuracy', 'sparseCategoricalCrossentropy'],
    });
    const all = await model.evaluate(x, y, { verbose: 0, batchSize: 6 });
    const rows = [0, 2, 4, 5];
    const kept = { shape: [4, 3], data: Float64Array.from(rows.flatMap((row) => Array.from(x.data.slice(3 * row, 3 * row + 3)))) };
    const labels = rows.map((row) => y[row] as number);
    expectClose(
      Object.values(all) as number[],
      Object.values(await model.evaluate(kept, labels, { verbose: 0 })) as number[],
      { relative: 1e-6 },
      'logs',
    );
    model.compile({ optimizer: new SGD({ learningRate: 0.5 }), loss, metrics: [new Seen()] });
    await model.evaluate(x, y, { verbose: 0 });
    expect(seen).toEqual([
      [0, 0, 2, 0, 1, 0],
      [1, 0, 1, 0, 1, 1],
    ]);
    for (const classWeight of ['balanced', { 0: 2, 2: 0.5 }] as const) {
      const before = flatWeights(model);
      await model.fit(x, y, { classWeight, batchSize: 6, shuffle: false, verbose: 0 });
      const one = flatWeights(model);
      setFlatWeights(model, before);
      await model.fit(kept, labels, { classWeight, batchSize: 6, shuffle: false, verbose: 0 });
      expectClose(one, flatWeights(model), { relative: 1e-6 }, 'weights');
      expect(one).not.toEqual(before);
    }
  });

  test('a class that extends one of these is no built-in class', async () => {
    class Twice extends Huber {}
    const model = dense(1);
    model.compile({ loss: new Twice() });
    await expect(modelToBytes(model)).rejects.toThrow(/has no registered name/);
    registerClass(Twice, { name: 'Twice' });
    expect(model.getState().compile?.loss).toBe('Custom>Twice');
  });
});

test.each([
  [() => new Huber({ delta: 0 }), /Huber: delta must be a number above 0, got 0/],
  [() => new Huber({ alpha: 1 } as never), /Huber: unknown option 'alpha'; the options are delta, name/],
  [() => new Huber({ name: '' }), /Huber: name must be a string/],
  [() => new BinaryFocalCrossentropy({ gamma: -1 }), /gamma/],
  [() => new BinaryFocalCrossentropy({ labelSmoothing: 1 }), /labelSmoothing/],
  [() => new CategoricalFocalCrossentropy({ alpha: [1, -1] }), /alpha/],
  [() => new CategoricalGeneralizedCrossEntropy({ q: 1 }), /q must be a number between 0 and 1, got 1/],
  [() => new QuantileLoss({ quantile: 1 }), /quantile must be a number between 0 and 1/],
  [() => new QuantileLoss({ quantile: [] }), /at least one number/],
  [() => sparseCategoricalCrossentropy({ ignoreClass: 0.5 }), /ignoreClass must be an integer/],
  [() => sparseCategoricalCrossentropy({ labelSmoothing: 0.5 } as never), /unknown option 'labelSmoothing'/],
])('wrong options are refused: %#', (make: () => Loss, message) => {
  expect(make).toThrow(ArgumentError);
  expect(make).toThrow(message);
});

test('a loss that does not fit the output, and one of an unknown name, are refused with the remedy', async () => {
  const compiled = (units: number, loss: unknown, metrics: unknown[] = []) =>
    new Sequential([new Dense(units, { inputShape: [3] })]).compile({ loss, metrics } as never);
  expect(() => compiled(1, new CategoricalHinge())).toThrow(ShapeError);
  expect(() => compiled(2, new CategoricalFocalCrossentropy({ alpha: [1, 2, 3] }))).toThrow(/one for each of 2 classes, got 3/);
  expect(() => compiled(2, new QuantileLoss({ quantile: [0.1, 0.5, 0.9] }))).toThrow(/3 quantiles, but the last axis .* has 2/);
  expect(() => compiled(2, 'cosine_similarity')).toThrow(/did you mean 'cosineSimilarity'\?/);
  expect(() => compiled(2, CosineSimilarity)).toThrow(/make one, new CosineSimilarity\(\)/);
  expect(() => compiled(3, 'sparseCategoricalCrossentropy', [sparseCategoricalCrossentropy({ ignoreClass: 0 })])).toThrow(
    /has ignoreClass 0, but the loss has null: give it to the loss/,
  );
  const model = new Sequential([new Dense(3, { inputShape: [3] })]);
  model.compile({ loss: sparseCategoricalCrossentropy({ ignoreClass: -1 }) });
  await expect(model.evaluate(x, [0, -2, 1, 1, 1, 1])).rejects.toThrow(
    /y\[1\] is -2, expected a class of the output: integers 0 to 2, or ignoreClass, -1/,
  );
});
