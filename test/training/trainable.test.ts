import { beforeEach, describe, expect, test } from 'vitest';
import {
  Adam,
  ArgumentError,
  BatchNormalization,
  Bidirectional,
  Dense,
  Dropout,
  GRU,
  type Layer,
  LSTM,
  loadModel,
  modelToBytes,
  Sequential,
  SGD,
  type Tensor,
} from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { givenWarnings } from '../support/givenWarnings.ts';
import { startOn } from '../support/modelBackends.ts';
import { expectSameWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';

const X = tensor([6, 4, 3], new RandomArrays(1));
const Y = tensor([6, 2], new RandomArrays(2));

const freeze = (layer: Layer | undefined) => {
  (layer as Layer).trainable = false;
};

function network(trainable: { gru?: boolean; dense?: boolean } = {}): Sequential {
  return new Sequential([
    new GRU(4, { trainable: trainable.gru ?? true }),
    new Dropout(0.2),
    new Dense(2, { trainable: trainable.dense ?? true }),
  ]);
}

const compile = (model: Sequential) => model.compile({ optimizer: new Adam({ learningRate: 0.1 }), loss: 'mse' });

/** Names of the layers of which a weight differs from before. */
const movedSince = (model: Sequential, before: readonly Tensor[]) => {
  const after = model.getWeights();
  const moved = model.weights.filter(
    (_, index) => !Object.is(JSON.stringify([...after[index].data]), JSON.stringify([...before[index].data])),
  );
  return [...new Set(moved.map(({ path }) => path.split('/')[0]))];
};

describe.each(await availableBackends())('compile settles what is trained on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  describe.each([
    ['built before compile', true],
    ['built by fit', false],
  ])('of a model %s', (_name, built) => {
    const made = (trainable = {}) => {
      const model = network(trainable);
      if (built) model.build([null, 4, 3]);
      return model;
    };

    const trained = async (model: Sequential, workers: number) => {
      model.build([null, 4, 3]);
      const before = model.getWeights();
      await model.fit(X, Y, { epochs: 2, batchSize: 4, verbose: 0, workers });
      return movedSince(model, before);
    };

    test.each([0, 1, 2])('a layer frozen after compile is trained, with %i workers', async (workers) => {
      const model = made();
      compile(model);
      freeze(model.getLayer('gru'));
      expect(await trained(model, workers)).toEqual(['gru', 'dense']);
    });

    test.each([0, 1, 2])('a layer set free after compile is not trained, with %i workers', async (workers) => {
      const model = made({ gru: false });
      compile(model);
      model.getLayer('gru').trainable = true;
      expect(await trained(model, workers)).toEqual(['dense']);
    });
  });

  test.each([1, 2])('a layer frozen between two fits is trained alike here and by %i workers', async (workers) => {
    const run = async (where: number) => {
      startOn(backend);
      const model = network();
      compile(model);
      await model.fit(X, Y, { verbose: 0, batchSize: 6, workers: where });
      freeze(model.getLayer('gru'));
      await model.fit(X, Y, { verbose: 0, batchSize: 6, epochs: 2, workers: where });
      return model;
    };
    const [here, there] = [await run(0), await run(workers)];
    const before = network();
    before.build([null, 4, 3]);
    for (const [index, { data }] of there.getWeights().entries()) {
      const expected = here.getWeights()[index].data;
      for (let at = 0; at < data.length; at++) expect(data[at]).toBeCloseTo(expected[at], 4);
    }
    expect(here.getState().compile?.slots.map(({ name }) => name)).toEqual(there.getState().compile?.slots.map(({ name }) => name));
  });

  test('a saved and loaded model trains as the original, before its first step and after it', async () => {
    for (const steps of [0, 1]) {
      const model = network({ dense: false });
      model.build([null, 4, 3]);
      compile(model);
      for (let step = 0; step < steps; step++) await model.trainOnBatch(X, Y);
      model.getLayer('dense').trainable = true;
      freeze(model.getLayer('gru'));
      const loaded = await loadModel(await modelToBytes(model));
      for (const each of [model, loaded]) await each.fit(X, Y, { verbose: 0 });
      expectSameWeights(loaded, model);
      expect(loaded.layers.map(({ trainable }) => trainable)).toEqual([false, true, true]);
    }
  });

  test('a layer that is added later is trained as it says when it is added', async () => {
    const model = new Sequential([new GRU(4, { inputShape: [null, 3], trainable: false })]);
    compile(model);
    model.getLayer('gru').trainable = true;
    const [free, frozen] = [new Dense(3, { name: 'free' }), new Dense(2, { name: 'frozen', trainable: false })];
    model.add(free);
    model.add(frozen);
    frozen.trainable = true;
    freeze(free);
    const before = model.getWeights();
    await model.fit(X, Y, { verbose: 0, epochs: 2 });
    expect(movedSince(model, before)).toEqual(['free']);
    // The same layer, taken away and put back: it is a new one.
    expect(model.pop()).toBe(frozen);
    model.add(frozen);
    const again = model.getWeights();
    await model.fit(X, Y, { verbose: 0, epochs: 2 });
    expect(movedSince(model, again)).toEqual(['free', 'frozen']);
  });

  test('the next compile trains what the layers say then, in other batch shapes too', async () => {
    const model = network();
    compile(model);
    freeze(model.getLayer('gru'));
    await model.fit(X, Y, { verbose: 0 });
    compile(model);
    for (const batchSize of [6, 4, 1]) {
      const before = model.getWeights();
      await model.fit(X, Y, { verbose: 0, batchSize });
      expect(movedSince(model, before)).toEqual(['dense']);
    }
  });

  test('trainable of a model sets that of all layers, and counts from the next compile', async () => {
    const model = new Sequential([new Bidirectional(new GRU(2)), new Dense(2)]);
    model.build([null, 4, 3]);
    compile(model);
    const [inside] = (model.layers[0] as Layer).sublayers;
    (inside as Layer).trainable = false;
    expect(model.trainable).toBe(true);
    model.trainable = false;
    expect(model.trainable).toBe(false);
    expect(model.layers.map(({ trainable }) => trainable)).toEqual([false, false]);
    const moved = async () => {
      const before = model.getWeights();
      await model.fit(X, Y, { verbose: 0, workers: 0 });
      return movedSince(model, before);
    };
    const warnings = givenWarnings();
    expect(await moved()).toEqual(['forward_gru', 'backward_gru', 'dense']);
    expect(warnings.map(({ code }) => code)).toEqual(['TRAINABLE_CHANGED']);
    compile(model);
    expect(await moved()).toEqual([]);
    model.trainable = true;
    expect((inside as Layer).trainable).toBe(true);
    compile(model);
    expect(await moved()).toEqual(['forward_gru', 'backward_gru', 'dense']);
    expect(() => Object.assign(model, { trainable: 0 })).toThrow(ArgumentError);
    expect(model.trainable).toBe(true);
  });

  test('freezing a layer leaves the start values of all layers as they are', () => {
    const startOf = (frozen: number) => {
      startOn(backend, 3);
      const layers = [new LSTM(3, { returnSequences: true }), new GRU(4), new Dense(2)];
      if (layers[frozen]) freeze(layers[frozen]);
      const model = new Sequential(layers);
      model.compile({ optimizer: new SGD(), loss: 'mse' });
      model.build([null, 4, 3]);
      return model;
    };
    for (const frozen of [0, 1, 2]) expectSameWeights(startOf(frozen), startOf(-1));
  });

  test('trainableWeights and nonTrainableWeights are all weights, in their order', () => {
    const model = new Sequential([new GRU(4), new BatchNormalization(), new Dense(2)]);
    const paths = () => [model.trainableWeights, model.nonTrainableWeights].map((weights) => weights.map(({ path }) => path));
    expect(paths()).toEqual([[], []]);
    model.build([null, 4, 3]);
    const recurrent = ['gru/kernel', 'gru/recurrentKernel', 'gru/bias'];
    const scale = ['batch_normalization/gamma', 'batch_normalization/beta'];
    const moving = ['batch_normalization/movingMean', 'batch_normalization/movingVariance'];
    const dense = ['dense/kernel', 'dense/bias'];
    expect(paths()).toEqual([[...recurrent, ...scale, ...dense], moving]);
    freeze(model.layers[0]);
    expect(paths()).toEqual([
      [...scale, ...dense],
      [...recurrent, ...moving],
    ]);
  });

  test('layers whose names read like those of gradients do not share memory', async () => {
    const run = async (names: readonly [string, string]) => {
      startOn(backend, 5);
      const model = new Sequential([new GRU(4, { name: names[0] }), new Dense(4, { name: names[1] }), new Dense(2)]);
      model.compile({ optimizer: new Adam({ learningRate: 0.05 }), loss: 'mse' });
      await model.fit(X, Y, { verbose: 0, epochs: 3, batchSize: 3 });
      return model;
    };
    const expected = await run(['first', 'second']);
    for (const names of [
      ['a', 'd a'],
      ['d a', 'a'],
      ['x', 'd d x'],
    ] as const)
      expectSameWeights(await run(names), expected);
  });
});
