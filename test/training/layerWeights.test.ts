import { beforeEach, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  DataError,
  Dense,
  Dropout,
  Embedding,
  Input,
  type Layer,
  LSTM,
  Model,
  Sequential,
  SGD,
  ShapeError,
  StateError,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, flatWeights } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { expectRefused } from '../support/refusals.ts';
import { regression, regressionModel } from '../support/regression.ts';

const IDS = [
  [1, 2, 3],
  [4, 0, 1],
];

/** A trained model of three layers, one of them without weights. */
async function trained(): Promise<Sequential> {
  const model = new Sequential([new Embedding(5, 3, { maskZero: true }), new LSTM(4), new Dropout(0.5), new Dense(2)]);
  model.compile({ optimizer: 'adam', loss: 'mse' });
  await model.fit(
    IDS,
    [
      [1, 0],
      [0, 1],
    ],
    { verbose: 0 },
  );
  return model;
}

const valuesOf = (layer: Layer) => layer.getWeights().map(({ data }) => data);

describe.each(await availableBackends())('the weights of layers on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  test('a layer gives and takes its own weights', async () => {
    const model = await trained();
    expect(model.layers.flatMap((layer) => layer.getWeights())).toEqual(model.getWeights());
    expect(model.getLayer('dropout').getWeights()).toEqual([]);
    const dense = model.getLayer('dense');
    const lstm = valuesOf(model.getLayer('lstm'));
    dense.setWeights([
      [
        [1, 2],
        [3, 4],
        [5, 6],
        [7, 8],
      ],
      [9, 10],
    ]);
    expect(Array.from(flatWeights(model).slice(-10))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(valuesOf(model.getLayer('lstm'))).toEqual(lstm);
  });

  test('weights of another number or shape, and such that are not finite, are refused before any has changed', async () => {
    const model = regressionModel();
    const { x, y } = regression(3);
    const layer = model.layers[0] as Layer;
    const [kernel, bias] = layer.getWeights();
    const train = () => model.fit(x, y, { verbose: 0 });
    const shaped = { ...kernel, data: kernel.data.map(() => 5) };
    await expectRefused(
      model,
      () => layer.setWeights([shaped]),
      ShapeError,
      /^setWeights: layer dense \(Dense\) has 2 weights, got an array of 1$/,
      train,
    );
    await expectRefused(
      model,
      () => layer.setWeights([shaped, kernel]),
      ShapeError,
      /^setWeights: weight 1, dense\/bias, has shape/,
      train,
    );
    const infinite = { ...bias, data: bias.data.map(() => Number.NaN) };
    const values = model.getWeights().with(1, infinite);
    for (const set of [() => layer.setWeights([shaped, infinite]), () => model.setWeights(values)])
      await expectRefused(
        model,
        set,
        DataError,
        /^setWeights: dense\/bias: weights\[1\]\[0\] is NaN: every value must be a finite float32/,
        train,
      );
  });

  test('a layer that is in no model, or in one that is not built, has none', () => {
    const layer = new LSTM(3);
    expect(() => layer.getWeights()).toThrow(new StateError('getWeights: layer LSTM has no weights yet: add it to a model and build that'));
    const model = new Sequential([layer]);
    expect(() => layer.setWeights([])).toThrow(
      new StateError('setWeights: layer lstm has no weights yet: add it to a model and build that'),
    );
    model.build([null, null, 2]);
    expect(layer.getWeights()).toEqual(model.getWeights());
    model.dispose();
    expect(() => layer.getWeights()).toThrow(StateError);
  });

  test('models that have a layer in common train the same weights, whichever of them goes first', async () => {
    const model = await trained();
    const lstm = model.getLayer('lstm');
    const other = new Sequential([lstm, new Dense(2, { name: 'head' })]);
    other.compile({ optimizer: 'adam', loss: 'mse' });
    other.build([null, null, 3]);
    const values = valuesOf(lstm);
    expect(other.getWeights().slice(0, 3)).toEqual(lstm.getWeights());
    const series = { shape: [2, 4, 3], data: new RandomArrays(8).float32s(24) };
    const targets = [
      [1, 0],
      [0, 1],
    ];
    const before = flatWeights(model);
    const { data: predicted } = await model.predict(IDS);
    await other.trainOnBatch(series, targets);
    const moved = valuesOf(lstm);
    expect(moved).not.toEqual(values);
    expect(flatWeights(model)).not.toEqual(before);
    expect((await model.predict(IDS)).data).not.toEqual(predicted);
    await model.trainOnBatch(IDS, targets);
    expect(valuesOf(lstm)).not.toEqual(moved);
    expect(other.getWeights().slice(0, 3)).toEqual(lstm.getWeights());
    // The one that goes leaves the other what it uses.
    const kept = valuesOf(lstm);
    model.dispose();
    expect(valuesOf(lstm)).toEqual(kept);
    await other.predict(series);
    other.compile({ optimizer: 'sgd', loss: 'mse' });
    expect(valuesOf(lstm)).toEqual(kept);
    await other.predict(series);
    other.dispose();
    expect(() => lstm.getWeights()).toThrow(StateError);
  });

  test('in turns, two models that share layers train as one model whose steps are theirs', async () => {
    const shared = new Dense(3, { name: 'shared' });
    const x = { shape: [4, 2], data: new RandomArrays(8).float32s(8) };
    const y = { shape: [4, 1], data: new RandomArrays(9).float32s(4) };
    const make = (name: string) => {
      const model = new Sequential([shared, new Dense(1, { name })]);
      model.compile({ optimizer: new SGD({ learningRate: 0.1 }), loss: 'mse' });
      model.build([null, 2]);
      return model;
    };
    const [first, second] = [make('first'), make('second')];
    startOn(backend, 3);
    const start = [first.getWeights(), second.getWeights()];
    // By hand: a copy of each step on models of their own that are given the shared weights before.
    const alone = ['first', 'second'].map((name, index) => {
      const model = new Sequential([new Dense(3, { name: 'shared' }), new Dense(1, { name })]);
      model.compile({ optimizer: new SGD({ learningRate: 0.1 }), loss: 'mse' });
      model.build([null, 2]);
      model.setWeights(start[index]);
      return model;
    });
    for (const step of [0, 1, 0, 1, 1]) {
      await (step === 0 ? first : second).trainOnBatch(x, y);
      const other = alone[1 - step];
      const mine = alone[step];
      await mine.trainOnBatch(x, y);
      other.setWeights([...mine.getWeights().slice(0, 2), ...other.getWeights().slice(2)]);
    }
    expect(first.getWeights()).toEqual(alone[0].getWeights());
    expect(second.getWeights()).toEqual(alone[1].getWeights());
  });

  test('clones carry the weights into another model and then go their own way', async () => {
    const model = await trained();
    const before = flatWeights(model);
    const clones = model.layers.slice(0, 3).map((layer) => layer.clone());
    const next = new Sequential([...clones, new Dense(1, { name: 'head' })]);
    next.compile({ optimizer: 'adam', loss: 'mse' });
    next.build([null, null]);
    for (const [index, layer] of clones.entries()) {
      expect(layer.getConfig()).toEqual(model.layers[index]?.getConfig());
      expect(layer.getWeights()).toEqual(model.layers[index]?.getWeights());
    }
    expect(clones[0]).toBeInstanceOf(Embedding);
    await next.fit(IDS, [[1], [0]], { verbose: 0 });
    expect(valuesOf(clones[1] as Layer)).not.toEqual(valuesOf(model.getLayer('lstm')));
    expect(flatWeights(model)).toEqual(before);
  });

  test('a clone keeps its weights until it is added, also through a clone of it and a model that could not be made', async () => {
    const model = await trained();
    const values = valuesOf(model.getLayer('dense'));
    const clone = model.getLayer('dense').clone('copied');
    model.dispose();
    const again = clone.clone();
    expect(() => new Sequential([clone, 5 as never])).toThrow(ArgumentError);
    for (const layer of [again, clone.clone()]) {
      const next = new Sequential([layer]);
      next.build([null, 4]);
      expect(layer.name).toBe('copied');
      expect(valuesOf(layer)).toEqual(values);
    }
  });

  test('a clone of a layer without weights is built with its model', () => {
    const model = new Sequential([new Dense(2, { inputShape: [3] }), new Dense(2)]);
    const unbuilt = new Sequential([new Dense(2)]);
    expect(new Sequential([model.layers[0]?.clone() as Layer]).inputShape).toEqual([null, 3]);
    expect(unbuilt.layers[0]?.clone().built).toBe(false);
    expect(() => new Dense(2).clone()).toThrow(StateError);
  });

  test('a layer that was taken away keeps its weights: add puts them back, also after the model has run', async () => {
    const model = await trained();
    const dense = model.pop();
    const dropout = model.pop();
    const values = valuesOf(dense);
    await model.predict(IDS);
    expect(valuesOf(dense)).toEqual(values);
    new Sequential([dropout]);
    model.add(dense);
    expect(valuesOf(dense)).toEqual(values);
    await model.predict(IDS);
    expect(valuesOf(dense)).toEqual(values);
  });

  test('a layer without values may move on: from a model that never ran, or that could not be made', () => {
    const layer = new Dense(2, { inputShape: [3] });
    expect(() => new Sequential([layer, 5 as never])).toThrow(ArgumentError);
    const model = new Sequential([layer]);
    expect(model.pop()).toBe(layer);
    expect(new Sequential([layer]).getWeights()).toHaveLength(2);
  });

  test('the list of layers is a copy, and cannot be changed', () => {
    const model = builtModel([new Dense(2), new Dense(1)], [3], new RandomArrays(1));
    const { layers } = model;
    expect(() => (layers as Layer[]).pop()).toThrow(TypeError);
    model.pop();
    expect(layers).toHaveLength(2);
    expect(model.layers).toHaveLength(1);
  });

  test('a model tells the names, shapes and places of its weights, and its own shapes', () => {
    const model = new Sequential([new Embedding(5, 3), new LSTM(4, { returnSequences: true }), new Dense(2)]);
    expect(model.weights).toEqual([]);
    expect(() => model.inputShape).toThrow(StateError);
    expect(() => model.outputShape).toThrow(StateError);
    model.build([null, 7]);
    expect(model.inputShape).toEqual([null, null]);
    expect(model.outputShape).toEqual([null, null, 2]);
    expect(model.weights.map(({ path }) => path)).toEqual([
      'embedding/embeddings',
      'lstm/kernel',
      'lstm/recurrentKernel',
      'lstm/bias',
      'dense/kernel',
      'dense/bias',
    ]);
    expect(model.weights.map(({ shape }) => shape)).toEqual(model.getWeights().map(({ shape }) => shape));
  });

  test('a layer of two models gives its weights when the last of them was disposed', () => {
    const [input, other] = [Input({ shape: [2] }), Input({ shape: [2] })];
    const dense = new Dense(3);
    const first = new Model({ inputs: input, outputs: dense.apply(input) });
    const last = new Model({ inputs: other, outputs: dense.apply(other) });
    last.dispose();
    const weights = dense.getWeights();
    expect(weights).toEqual(first.getWeights());
    expect(weights[0]?.data.some((value) => value !== 0)).toBe(true);
    first.dispose();
  });
});
