import { beforeEach, describe, expect, test } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import {
  Dense,
  Embedding,
  GRU,
  Input,
  L1,
  L1L2,
  L2,
  LSTM,
  loadModel,
  Model,
  modelToBytes,
  Sequential,
  SGD,
  type SymbolicTensor,
  type Tensor,
} from '../../ts/index.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';

const RATE = 0.01;
const X = [[1], [2], [3], [-1], [0.5], [4]];
const Y = X.map(([x]) => [2 * (x as number)]);
/** The sum of |x|. */
const SUM = 11.5;

const sgd = () => new SGD({ learningRate: RATE });
const numbersOf = (model: Model) => model.getWeights().map(({ data }) => data[0] as number);

describe('how often penalties count', () => {
  beforeEach(async () => startOn(await loadBackend('reference')));

  test('a shared layer has one penalty on its weight and one on the outputs of each use', async () => {
    const run = async (ofWeight: number, ofOutputs: number) => {
      const shared = new Dense(1, { useBias: false, kernelRegularizer: new L2(ofWeight), activityRegularizer: new L1(ofOutputs) });
      const input = Input({ shape: [1] });
      const model = new Model({ inputs: input, outputs: shared.apply(shared.apply(input)) });
      model.compile({ optimizer: sgd(), loss: 'mse' });
      model.setWeights([[[0.5]]]);
      // The last batch of four rows has two.
      const inBatches = (await model.evaluate(X, Y, { batchSize: 4 })).loss as number;
      const { history } = await model.fit(X, Y, { epochs: 1, batchSize: 6, shuffle: false, verbose: 0 });
      return { inBatches, fit: history.loss?.[0] as number, weight: numbersOf(model)[0] as number };
    };
    const none = await run(0, 0);
    const both = await run(2, 3);
    // The uses give 0.5 x and 0.25 x.
    const penalty = 2 * 0.5 ** 2 + (3 * (0.5 * SUM + 0.25 * SUM)) / 6;
    expect(both.fit - none.fit).toBeCloseTo(penalty, 10);
    // Two smaller batches divide by their own numbers of rows: the mean over rows is the same.
    expect(both.inBatches - none.inBatches).toBeCloseTo(penalty, 10);
    // Of w |x| and of w² |x|, at w = 0.5.
    const gradient = 2 * 2 * 0.5 + (3 * (SUM + SUM)) / 6;
    expect(both.weight - none.weight).toBeCloseTo(-RATE * gradient, 10);
  });

  test('losses of outputs, weights of outputs and of samples leave penalties alone, inside of a model too', async () => {
    const run = async (ofWeights: number, ofOutputs: number) => {
      const inside = Input({ shape: [1] });
      const dense = new Dense(1, { useBias: false, kernelRegularizer: new L2(ofWeights), activityRegularizer: new L1(ofOutputs) });
      const inner = new Model({ inputs: inside, outputs: dense.apply(inside) });
      const input = Input({ shape: [1] });
      const hidden = inner.apply(input) as SymbolicTensor;
      const penalized = new Dense(1, { useBias: false, name: 'penalized', kernelRegularizer: new L1(ofWeights) });
      const plain = new Dense(1, { useBias: false, name: 'plain' });
      const model = new Model({ inputs: input, outputs: [penalized.apply(hidden), plain.apply(hidden)] });
      model.compile({ optimizer: sgd(), loss: 'mse', lossWeights: [2, 3] });
      model.setWeights([[[0.5]], [[-0.25]], [[2]]]);
      const weighted = { sampleWeight: [1, 0, 2, 3, 1, 1] };
      const { loss, ...ofEach } = await model.evaluate(X, [Y, Y], weighted);
      const loaded = (await loadModel(await modelToBytes(model))) as Model;
      expect(await loaded.evaluate(X, [Y, Y], weighted)).toEqual({ loss, ...ofEach });
      await model.trainOnBatch(X, [Y, Y]);
      return { loss: loss as number, ofEach, weights: numbersOf(model) };
    };
    const none = await run(0, 0);
    const both = await run(2, 3);
    expect(both.loss - none.loss).toBeCloseTo(2 * 0.5 ** 2 + 2 * 0.25 + (3 * 0.5 * SUM) / 6, 10);
    expect(both.ofEach).toEqual(none.ofEach);
    const moved = both.weights.map((weight, index) => (weight - (none.weights[index] as number)) / -RATE);
    expectClose(moved, [2 * 2 * 0.5 + (3 * SUM) / 6, -2, 0], { absolute: 1e-9 }, 'gradients of the penalties');
  });

  test('states are outputs with a penalty', async () => {
    const input = Input({ shape: [3, 2] });
    const outputs = new GRU(2, { returnSequences: true, returnState: true, activityRegularizer: new L1(1) }).apply(input);
    const model = new Model({ inputs: input, outputs });
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    const x = [
      [
        [1, 2],
        [3, -1],
        [0, 1],
      ],
    ];
    const predicted = (await model.predict(x)) as unknown as Tensor[];
    const sum = predicted.reduce((total, { data }) => Array.from(data).reduce((part, value) => part + Math.abs(value), total), 0);
    expect((await model.evaluate(x, predicted)).loss).toBeCloseTo(sum, 6);
  });
});

test('gradients with penalties are those of central differences of the loss', async () => {
  startOn(await loadBackend('reference'));
  const both = new L1L2({ l1: 0.125, l2: 0.25 });
  const rules = { kernelRegularizer: both, recurrentRegularizer: both, biasRegularizer: both, activityRegularizer: both };
  const model = new Sequential([
    new Embedding(4, 2, { maskZero: true, embeddingsRegularizer: both, activityRegularizer: both }),
    new LSTM(2, { ...rules, biasInitializer: 'randomNormal', returnSequences: true }),
    new Dense(2, { kernelRegularizer: both, biasRegularizer: both, biasInitializer: 'randomNormal', activityRegularizer: both }),
  ]);
  model.compile({ optimizer: new SGD({ learningRate: 1 }), loss: 'mse' });
  model.build([null, 3]);
  // Away from 0, where |w| has no derivative.
  const shapes = model.getWeights().map(({ shape }) => shape);
  const start = Float64Array.from(model.getWeights().flatMap(({ data }) => Array.from(data, (value) => value + Math.sign(value) * 0.125)));
  const set = (values: Float64Array) => {
    let from = 0;
    const next = shapes.map((shape) => {
      const data = values.slice(from, from + shape.reduce((product, size) => product * size, 1));
      from += data.length;
      return { shape, data };
    });
    model.setWeights(next);
  };
  const x = [
    [1, 2, 3],
    [2, 1, 0],
  ];
  const y = [
    [
      [1, 0],
      [0, 1],
      [1, 1],
    ],
    [
      [0, 0],
      [1, 0],
      [0, 1],
    ],
  ];
  set(start);
  await model.trainOnBatch(x, y);
  const after = model.getWeights().flatMap(({ data }) => Array.from(data));
  const gradient = after.map((value, index) => (start[index] as number) - value);
  const differences: number[] = [];
  for (const index of start.keys()) {
    const [above, below] = [1e-5, -1e-5].map((step) => start.map((value, at) => (at === index ? value + step : value)));
    const losses: number[] = [];
    for (const values of [above, below] as Float64Array[]) {
      set(values);
      losses.push((await model.evaluate(x, y)).loss as number);
    }
    differences.push(((losses[0] as number) - (losses[1] as number)) / 2e-5);
  }
  expectClose(gradient, differences, { absolute: 1e-7, relative: 1e-7 }, 'gradients');
});
