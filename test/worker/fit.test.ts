import { beforeEach, describe, expect, test } from 'vitest';
import { Adam, Dense, Dropout, Embedding, type FitOptions, LSTM, RMSprop, Sequential, SGD, type Tensor } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { expectSameWeights, samples, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { regression, regressionModel } from '../support/regression.ts';

/** Samples, lengths 1 to 6 padded to 6, and the next id at every step. */
function nextIds(count: number): { x: Tensor; y: Tensor } {
  const random = new RandomArrays(3);
  return { x: samples({ steps: 6, ids: 12 }, count, random), y: { shape: [count, 6], data: random.integers(count * 6, 12) } };
}

/** Everything at once: a mask up to the loss, dropout, class indices, weights that nobody has set. */
function nextIdModel(): Sequential {
  const model = new Sequential([
    new Embedding(12, 5, { maskZero: true }),
    new LSTM(7, { returnSequences: true, dropout: 0.2 }),
    new Dropout(0.3),
    new Dense(12, { activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

describe.each(await availableBackends())('fit in a worker on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  /** Histories and weights of the same run here and in a worker. */
  async function expectSame(make: () => Sequential, x: Tensor, y: Tensor, options: FitOptions): Promise<void> {
    const runs = [];
    for (const workers of [0, 1]) {
      startOn(backend);
      const model = make();
      const { history, epoch } = await model.fit(x, y, { verbose: 0, ...options, workers });
      runs.push({ model, history, epoch, iterations: model.iterations });
    }
    const [here, there] = runs;
    expect({ ...there, model: null }).toEqual({ ...here, model: null });
    expectSameWeights(there.model, here.model);
    // The optimizer goes on from where it was, too.
    for (const { model } of runs) await model.fit(x, y, { verbose: 0 });
    expectSameWeights(there.model, here.model);
    expect(there.model.getState()).toEqual(here.model.getState());
  }

  test('gives the same bits: history, weights, iterations, optimizer state', async () => {
    const { x, y } = nextIds(11);
    const sampleWeight = new RandomArrays(8).float32s(11, 0, 2);
    await expectSame(nextIdModel, x, y, { epochs: 3, batchSize: 4, sampleWeight, validationData: [x, y], validationBatchSize: 5 });
  });

  test.each([
    ['SGD', () => new SGD({ momentum: 0.9, nesterov: true, clipvalue: 0.01 })],
    ['RMSprop', () => new RMSprop({ centered: true, momentum: 0.5, clipnorm: 0.1 })],
    ['Adam', () => new Adam({ globalClipnorm: 0.1 })],
    ['a learning rate that is a function', () => new SGD({ learningRate: (iteration) => 0.1 / (1 + iteration) })],
  ])('with %s', async (_name, optimizer) => {
    const { x, y } = regression(10);
    const make = () => regressionModel(optimizer());
    const runs = [];
    for (const workers of [0, 1]) {
      startOn(backend);
      const model = make();
      const { history } = await model.fit(x, y, { epochs: 4, batchSize: 3, verbose: 0, validationSplit: 0.2, workers });
      runs.push({ model, history });
    }
    expect(runs[1].history).toEqual(runs[0].history);
    expectSameWeights(runs[1].model, runs[0].model);
  });

  test('again and again, here and there in turn', async () => {
    const { x, y } = regression(7);
    const [mixed, here] = [0, 1].map(() => regressionModel(new Adam()));
    for (const workers of [1, 0, 1, 1, 0]) {
      await mixed.fit(x, y, { batchSize: 2, shuffle: false, verbose: 0, workers });
      await here.fit(x, y, { batchSize: 2, shuffle: false, verbose: 0 });
      expectSameWeights(mixed, here);
    }
  });

  test('takes frozen layers, and whatever arrays data comes in', async () => {
    const { x, y } = regression(6);
    const layers = () => [new Dense(4, { trainable: false }), new Dense(1)];
    const floats = new SharedArrayBuffer(x.data.length * 4);
    new Float32Array(floats).set(x.data);
    const kinds: Tensor[] = [x, { shape: x.shape, data: Float64Array.from(x.data) }, { shape: x.shape, data: new Float32Array(floats) }];
    for (const kind of kinds) {
      const [here, there] = [0, 1].map(() => regressionModel(undefined, 9, layers()));
      await here.fit(kind, y, { shuffle: false, verbose: 0 });
      await there.fit(kind, y, { shuffle: false, verbose: 0, workers: 1 });
      expectSameWeights(there, here);
      // It is still the caller's.
      expect(kind.data.length).toBe(18);
    }
  });

  test('weights that a callback sets are those that training goes on from', async () => {
    const { x, y } = regression(6);
    const runs = [];
    for (const workers of [0, 1]) {
      startOn(backend);
      const model = regressionModel();
      const random = new RandomArrays(2);
      const set = () => model.setWeights(model.getWeights().map(({ shape }) => tensor(shape, random)));
      await model.fit(x, y, { epochs: 3, verbose: 0, workers, callbacks: [{ onEpochEnd: (epoch) => void (epoch === 1 && set()) }] });
      runs.push(model);
    }
    expectSameWeights(runs[1], runs[0]);
  });

  test('needs an integer, and classes that are registered', async () => {
    const { x, y } = regression(4);
    for (const workers of [-1, 1.5, '2', Number.NaN])
      await expect(regressionModel().fit(x, y, { workers: workers as number })).rejects.toMatchObject({ code: 'ARGUMENT' });
    class Unregistered extends Dense {
      override readonly className = 'Unregistered' as 'Dense';
    }
    const model = regressionModel(undefined, 9, [new Unregistered(4), new Dense(1)]);
    await expect(model.fit(x, y, { workers: 1 })).rejects.toMatchObject({
      name: 'ArgumentError',
      message: expect.stringContaining("'Unregistered'"),
    });
  });
});
