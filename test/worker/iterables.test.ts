import { beforeEach, describe, expect, test } from 'vitest';
import { type BatchLike, Dense, type FitOptions, LSTM, Sequential, SGD, type Tensor } from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { regression, regressionModel, rows } from '../support/regression.ts';
import { WORKERS_FLOAT32, WORKERS_FLOAT64 } from '../support/tolerances.ts';
import { nextIdModel, nextIds } from '../support/workerCases.ts';

const batchesOf = (x: Tensor, y: Tensor, batchSize: number): BatchLike[] =>
  Array.from({ length: Math.ceil(x.shape[0] / batchSize) }, (_, number) => {
    const [from, to] = [number * batchSize, Math.min((number + 1) * batchSize, x.shape[0])];
    return [rows(x, from, to), rows(y, from, to)];
  });

describe.each(await availableBackends())('iterables in workers on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  const tolerance = backend.name === 'reference' ? WORKERS_FLOAT64 : WORKERS_FLOAT32;

  async function run(make: () => Sequential, train: (model: Sequential) => Promise<{ history: Record<string, number[]> }>) {
    startOn(backend);
    const model = make();
    const { history } = await train(model);
    return { history, weights: flatWeights(model), iterations: model.iterations, model };
  }

  /** A run of arrays and of an iterable of their batches, in the same workers. */
  async function both(make: () => Sequential, x: Tensor, y: Tensor, workers: number, more: FitOptions = {}) {
    const options: FitOptions = { epochs: 2, workers, verbose: 0, ...more };
    const arrays = await run(make, (model) =>
      model.fit(x, y, { ...options, batchSize: 5, shuffle: false, validationData: [x, y], validationBatchSize: 5 }),
    );
    const batches = () => batchesOf(x, y, 5);
    const iterated = await run(make, (model) => model.fit(batches, { ...options, validationData: batches }));
    return { arrays, iterated };
  }

  test.each([1, 2, 3])('%i workers give the bits that they give for arrays', async (workers) => {
    // The last batch has one row, so some workers have none of it.
    const { x, y } = nextIds(11);
    const { arrays, iterated } = await both(nextIdModel, x, y, workers);
    expect({ ...iterated, model: null }).toEqual({ ...arrays, model: null });
    const here = await both(nextIdModel, x, y, 0);
    expectClose(iterated.weights, here.iterated.weights, tolerance, 'weights');
    const batches = () => batchesOf(x, y, 5);
    expect(await iterated.model.evaluate(batches, { workers })).toEqual(await arrays.model.evaluate(x, y, { batchSize: 5, workers }));
    expect(await iterated.model.predict(batches, { workers })).toEqual(await arrays.model.predict(x, { batchSize: 5, workers }));
  });

  test.each([1, 2])('%i workers get the batches of each epoch', async (workers) => {
    const { x, y } = nextIds(11);
    const epochs: number[] = [];
    const turned = (epoch: number) => {
      epochs.push(epoch);
      const items = batchesOf(x, y, 5);
      return items.map((_, place) => items[(place + epoch) % items.length] as BatchLike);
    };
    const iterated = await run(nextIdModel, (model) => model.fit(turned, { epochs: 3, workers, verbose: 0 }));
    expect(epochs).toEqual([0, 1, 2]);
    const here = await run(nextIdModel, (model) => model.fit(turned, { epochs: 3, workers: 0, verbose: 0 }));
    expectClose(iterated.weights, here.weights, tolerance, 'weights');
  });

  test('a learning rate that is a function, with and without functions for every batch', async () => {
    const { x, y } = regression(23);
    const make = () => regressionModel(new SGD({ learningRate: (step) => 0.1 / (1 + step) }));
    for (const callbacks of [[], [{ onTrainBatchEnd() {} }]]) {
      const { arrays, iterated } = await both(make, x, y, 2, { callbacks });
      expect(iterated.weights).toEqual(arrays.weights);
    }
  });

  test('stateful layers', async () => {
    const random = new RandomArrays(6);
    const make = () => {
      const model = new Sequential([new LSTM(3, { stateful: true }), new Dense(1)]);
      model.compile({ optimizer: new SGD(), loss: 'meanSquaredError' });
      return model;
    };
    const [x, y] = [tensor([10, 4, 2], random), tensor([10, 1], random)];
    const options: FitOptions = { epochs: 2, workers: 2, verbose: 0 };
    const arrays = await run(make, (model) => model.fit(x, y, { ...options, batchSize: 5, shuffle: false }));
    const iterated = await run(make, (model) => model.fit(() => batchesOf(x, y, 5), options));
    expect({ ...iterated, model: null }).toEqual({ ...arrays, model: null });
    await expect(
      run(make, (model) => model.fit(x, y, { ...options, batchSize: 5, shuffle: false, validationData: () => batchesOf(x, y, 5) })),
    ).rejects.toThrow(/validationData as an iterable.*stateful/);
  });
});

describe.each([1, 2])('with %i workers', (workers) => {
  const { x, y } = regression(8);
  const good = batchesOf(x, y, 4);

  test('an error names the batch, and the weights are those of the step before', async () => {
    const model = regressionModel();
    const bad: BatchLike = [{ shape: [1, 3], data: Float32Array.of(1, Number.NaN, 2) }, [[1]]];
    await expect(model.fit(() => [...good, bad], { workers, verbose: 0 })).rejects.toThrow('fit: batch 2: x[0][1] is NaN');
    expect(model.iterations).toBe(2);
    const whole = regressionModel();
    await whole.fit(() => good, { workers, verbose: 0 });
    expect(flatWeights(model)).toEqual(flatWeights(whole));
    await model.fit(() => good, { workers, verbose: 0 });
    expect(model.iterations).toBe(4);
  });

  test('reads no further than the workers need, and frees the iterable when training is stopped', async () => {
    const log = { read: 0, closed: 0 };
    const model = regressionModel();
    let ahead = 0;
    const endless = function* () {
      try {
        for (;;) {
          log.read++;
          yield good[log.read % 2] as BatchLike;
        }
      } finally {
        log.closed++;
      }
    };
    await model.fit(endless, {
      workers,
      verbose: 0,
      callbacks: [
        {
          async onTrainBatchEnd(batch, _logs, { iterations }) {
            await new Promise((resolve) => setTimeout(resolve, 2));
            ahead = Math.max(ahead, log.read - iterations);
            if (batch === 5) model.stopTraining = true;
          },
        },
      ],
    });
    expect(model.iterations).toBe(6);
    expect(ahead).toBeLessThanOrEqual(3);
    expect(log.closed).toBe(1);
  });

  test('a signal ends the wait for a batch', async () => {
    const abort = new AbortController();
    const model = regressionModel();
    const callbacks = [{ onTrainBatchEnd: () => void setTimeout(() => abort.abort(new Error('enough')), 5) }];
    const stuck = async function* () {
      yield good[0] as BatchLike;
      await new Promise(() => {});
    };
    await expect(model.fit(stuck, { workers, signal: abort.signal, verbose: 0, callbacks })).rejects.toThrow('enough');
    expect(model.iterations).toBe(1);
  });
});
