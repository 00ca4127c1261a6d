import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Adam, Dense, type FitOptions, RMSprop, type Sequential, SGD, type Tensor } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { expectSameWeights, flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { regression, regressionModel } from '../support/regression.ts';
import { WORKERS_FLOAT32, WORKERS_FLOAT64 } from '../support/tolerances.ts';
import { nextIdModel, nextIds, sentimentModel } from '../support/workerCases.ts';

describe.each(await availableBackends())('fit in workers on $label', ({ backend }) => {
  afterEach(() => vi.unstubAllGlobals());
  beforeEach(() => startOn(backend));

  const tolerance = backend.name === 'reference' ? WORKERS_FLOAT64 : WORKERS_FLOAT32;

  /**
   * A run with everything that it leaves behind; afterwards the model trains on, here, as far as
   * its optimizer remembers.
   */
  async function run(make: () => Sequential, x: Tensor, y: Tensor, options: FitOptions) {
    startOn(backend);
    const model = make();
    const { history, epoch } = await model.fit(x, y, { verbose: 0, ...options });
    const weights = flatWeights(model);
    await model.fit(x, y, { verbose: 0, batchSize: options.batchSize ?? 32 });
    return { model, history, epoch, weights, iterations: model.iterations, after: flatWeights(model) };
  }

  /**
   * Fails unless a run comes to the same on this thread, in one worker (to the bit), and in two and
   * three (within rounding; to the bit in another run that exchanges messages, which would show
   * also what varies from run to run).
   */
  async function expectSame(make: () => Sequential, x: Tensor, y: Tensor, options: FitOptions): Promise<void> {
    const here = await run(make, x, y, options);
    const one = await run(make, x, y, { ...options, workers: 1 });
    expect({ ...one, model: null }).toEqual({ ...here, model: null });
    for (const workers of [2, 3]) {
      const split = await run(make, x, y, { ...options, workers });
      expect(split.epoch).toEqual(here.epoch);
      expect(split.iterations).toBe(here.iterations);
      expectClose(split.weights, here.weights, tolerance, `weights of ${workers} workers`);
      expectClose(split.after, here.after, tolerance, `weights of ${workers} workers, trained on`);
      expect(Object.keys(split.history)).toEqual(Object.keys(here.history));
      for (const [name, values] of Object.entries(here.history))
        expectClose(split.history[name], values, tolerance, `${name} of ${workers} workers`);
      vi.stubGlobal('crossOriginIsolated', false);
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
      const messages = await run(make, x, y, { ...options, workers });
      expect({ ...messages, model: null }).toEqual({ ...split, model: null });
      warn.mockRestore();
      vi.unstubAllGlobals();
    }
  }

  test('a mask up to the loss, dropout, sample weights, a validation, a smaller last batch', async () => {
    const { x, y } = nextIds(11);
    const sampleWeight = new RandomArrays(8).float32s(11, 0, 2);
    await expectSame(nextIdModel, x, y, { epochs: 3, batchSize: 4, sampleWeight, validationData: [x, y], validationBatchSize: 5 });
  });

  test('weighted metrics, of steps with a mask and weights, and a root of a mean', async () => {
    const { x, y } = nextIds(11);
    const sampleWeight = { shape: [11, 6], data: new RandomArrays(8).float32s(66, 0, 2) };
    const make = () => {
      const model = nextIdModel();
      const names = ['accuracy', 'sparseCategoricalCrossentropy'] as const;
      model.compile({
        optimizer: new SGD({ learningRate: 0.5 }),
        loss: 'sparseCategoricalCrossentropy',
        metrics: names,
        weightedMetrics: names,
      });
      return model;
    };
    await expectSame(make, x, y, { epochs: 2, batchSize: 4, sampleWeight, validationData: [x, y, sampleWeight], validationBatchSize: 5 });
    const { x: features, y: targets } = regression(10);
    const root = () => {
      const model = regressionModel();
      model.compile({ optimizer: 'sgd', loss: 'mse', metrics: ['rootMeanSquaredError'], weightedMetrics: ['rootMeanSquaredError'] });
      return model;
    };
    await expectSame(root, features, targets, { epochs: 2, batchSize: 4, sampleWeight: new RandomArrays(9).float32s(10, 0, 2) });
  });

  test('batches with fewer samples than workers, and rows without a step that counts', async () => {
    const { x, y } = nextIds(7);
    await expectSame(nextIdModel, { ...x, data: x.data.map((id, index) => (index < 12 ? 0 : id)) as Int32Array }, y, {
      epochs: 2,
      batchSize: 2,
      shuffle: false,
    });
    await expectSame(sentimentModel, x, { shape: [7], data: Float32Array.from([0, 1, 1, 0, 1, 0, 1]) }, { epochs: 2, batchSize: 1 });
  });

  test.each([
    ['SGD with momentum and limited values', () => new SGD({ momentum: 0.9, nesterov: true, clipvalue: 0.05 })],
    ['RMSprop with a limited norm of each weight', () => new RMSprop({ centered: true, momentum: 0.5, clipnorm: 0.1, epsilon: 1e-3 })],
    ['Adam with a limited global norm', () => new Adam({ globalClipnorm: 0.1 })],
    ['a learning rate that is a function', () => new SGD({ learningRate: (iteration) => 0.1 / (1 + iteration) })],
  ])('%s', async (_name, optimizer) => {
    const { x, y } = regression(10);
    await expectSame(() => regressionModel(optimizer()), x, y, { epochs: 4, batchSize: 3, validationSplit: 0.2 });
  });

  test('frozen layers, and more workers than parameters need', async () => {
    const { x, y } = regression(6);
    const layers = () => [new Dense(4, { trainable: false }), new Dense(1)];
    await expectSame(() => regressionModel(undefined, 9, layers()), x, y, { epochs: 2, batchSize: 6 });
  });

  test('again and again, here and there in turn', async () => {
    const { x, y } = regression(7);
    const [mixed, here] = [0, 1].map(() => regressionModel(new Adam()));
    for (const workers of [1, 0, 2, 1, 3, 0]) {
      await mixed.fit(x, y, { batchSize: 2, shuffle: false, verbose: 0, workers });
      await here.fit(x, y, { batchSize: 2, shuffle: false, verbose: 0 });
      expectClose(flatWeights(mixed), flatWeights(here), tolerance, `weights after ${workers} workers`);
    }
  });

  test('data in any array: it stays the caller’s', async () => {
    const { x, y } = regression(6);
    const shared = new Float32Array(new SharedArrayBuffer(x.data.length * 4));
    shared.set(x.data);
    const kinds: Tensor[] = [x, { shape: x.shape, data: Float64Array.from(x.data) }, { shape: x.shape, data: shared }];
    for (const isolated of [true, false]) {
      vi.stubGlobal('crossOriginIsolated', isolated);
      for (const kind of kinds) {
        const [here, there] = [0, 1].map(() => regressionModel());
        await here.fit(kind, y, { shuffle: false, verbose: 0 });
        await there.fit(kind, y, { shuffle: false, verbose: 0, workers: 1 });
        expectSameWeights(there, here);
        expect(kind.data.length).toBe(18);
      }
    }
  });

  test('weights that a callback sets are those that training goes on from', async () => {
    const { x, y } = regression(6);
    const runs: Sequential[] = [];
    for (const workers of [0, 1, 2]) {
      startOn(backend);
      const model = regressionModel();
      const random = new RandomArrays(2);
      const set = () => model.setWeights(model.getWeights().map(({ shape }) => tensor(shape, random)));
      await model.fit(x, y, { epochs: 3, verbose: 0, workers, callbacks: [{ onEpochEnd: (epoch) => void (epoch === 1 && set()) }] });
      runs.push(model);
    }
    expectSameWeights(runs[1], runs[0]);
    expectClose(flatWeights(runs[2]), flatWeights(runs[0]), tolerance, 'weights of 2 workers');
  });

  test('the number of workers is a whole one, and layers are registered', async () => {
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
