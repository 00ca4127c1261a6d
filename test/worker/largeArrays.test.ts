// Arrays that are too large to be copied for workers: here all beyond 64 bytes.
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type Callback,
  Dense,
  Dropout,
  Embedding,
  Input,
  LSTM,
  Model,
  Sequential,
  SGD,
  setRandomSeed,
  type Tensor,
  timeseriesDatasetFromArray,
} from '../../ts/index.ts';
import { GatheredBatches } from '../../ts/worker/gatheredBatches.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights } from '../support/models.ts';
import { FEATURES, regression, regressionModel } from '../support/regression.ts';
import { nextIdModel, nextIds } from '../support/workerCases.ts';

const { largest } = vi.hoisted(() => ({ largest: { bytes: 64 } }));
vi.mock('../../ts/feed/dataReader.ts', async (original) => {
  const real = await original<typeof import('../../ts/feed/dataReader.ts')>();
  return {
    ...real,
    get LARGEST_COPY() {
      return largest.bytes;
    },
  };
});

describe.each(await availableBackends())('large arrays in workers on $label', ({ backend }) => {
  afterEach(() => vi.restoreAllMocks());

  /** What a function gives with the arrays copied, and with the rows of each batch sent. */
  async function both<T>(run: () => Promise<T>): Promise<{ copied: T; sent: T }> {
    const gathered = vi.spyOn(GatheredBatches.prototype, 'next');
    largest.bytes = 64;
    startOn(backend);
    const sent = await run();
    expect(gathered).toHaveBeenCalled();
    gathered.mockClear();
    startOn(backend);
    largest.bytes = Number.POSITIVE_INFINITY;
    const copied = await run();
    expect(gathered).not.toHaveBeenCalled();
    return { copied, sent };
  }

  test.each([1, 2, 3])('%i workers train to the same bits, shuffled and validated', async (workers) => {
    const { x, y } = nextIds(43);
    const { copied, sent } = await both(async () => {
      const model = nextIdModel();
      const fit = { epochs: 3, batchSize: 5, validationBatchSize: 7, validationSplit: 0.3, workers, verbose: 0 } as const;
      const { history } = await model.fit(x, y, fit);
      return { history, weights: flatWeights(model), iterations: model.iterations };
    });
    expect(sent).toEqual(copied);
    expect(x.data.length * 4).toBeGreaterThan(64);
    // A transferred array would have no length.
    expect((x.data as Int32Array).byteLength).toBe(x.data.length * x.data.BYTES_PER_ELEMENT);
  });

  test.each([1, 2])('%i workers evaluate and predict to the same bits', async (workers) => {
    const { x, y } = nextIds(23);
    const { copied, sent } = await both(async () => {
      const model = nextIdModel();
      const options = { batchSize: 4, workers } as const;
      return { logs: await model.evaluate(x, y, options), outputs: await model.predict(x, options) };
    });
    expect(sent).toEqual(copied);
  });

  test('each batch of a prediction draws its own random numbers', async () => {
    const { x } = regression(23);
    const { copied, sent } = await both(async () => {
      const input = Input({ shape: [FEATURES] });
      const model = new Model({ inputs: input, outputs: new Dropout(0.5).apply(input, { training: true }) });
      return model.predict(x, { batchSize: 4, workers: 2 });
    });
    expect(sent).toEqual(copied);
  });

  test('weights of samples and steps, learning rates and sequences of a series keep their places', async () => {
    const { x, y } = nextIds(30);
    const sampleWeight = Float32Array.from({ length: 30 }, (_, row) => 1 + (row % 3));
    const weighted = await both(async () => {
      const model = nextIdModel();
      const learningRate = (step: number) => 0.1 / (1 + step);
      model.compile({ optimizer: new SGD({ learningRate }), loss: 'sparseCategoricalCrossentropy' });
      await model.fit(x, y, { epochs: 2, batchSize: 8, sampleWeight, workers: 2, verbose: 0 });
      return flatWeights(model);
    });
    expect(weighted.sent).toEqual(weighted.copied);

    const series: Tensor = { shape: [60, 2], data: Float32Array.from({ length: 120 }, (_, index) => Math.sin(index)) };
    const targets: Tensor = { shape: [60, 1], data: Float32Array.from({ length: 60 }, (_, row) => Math.cos(row)) };
    const sequences = await both(async () => {
      const model = new Sequential([new LSTM(3), new Dense(1)]);
      model.compile({ optimizer: 'adam', loss: 'mse' });
      const data = timeseriesDatasetFromArray(series, targets, {
        sequenceLength: 5,
        samplingRate: 2,
        sequenceStride: 3,
        batchSize: 4,
        shuffle: true,
        seed: 7,
      });
      await model.fit(data, { epochs: 2, workers: 2, verbose: 0 });
      return flatWeights(model);
    });
    expect(sequences.sent).toEqual(sequences.copied);
  });

  test('a callback may change the weights after a batch, and the epoch goes on with the next', async () => {
    const { x, y } = regression(20);
    const { copied, sent } = await both(async () => {
      const model = regressionModel();
      const batches: number[] = [];
      const callback: Callback = { onTrainBatchEnd: (batch) => void batches.push(batch) };
      await model.fit(x, y, { epochs: 2, batchSize: 6, workers: 2, callbacks: [callback], verbose: 0 });
      return { batches, weights: flatWeights(model) };
    });
    expect(sent).toEqual(copied);
    expect(sent.batches).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
  });

  test('the states of a stateful model go on from batch to batch, also in validation', async () => {
    const { x, y } = nextIds(12);
    const { copied, sent } = await both(async () => {
      const model = new Sequential([
        new Embedding(12, 3),
        new LSTM(4, { stateful: true, returnSequences: true }),
        new Dense(12, { activation: 'softmax' }),
      ]);
      model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
      const fit = {
        epochs: 2,
        batchSize: 4,
        validationBatchSize: 4,
        shuffle: false,
        validationData: [x, y],
        workers: 2,
        verbose: 0,
      } as const;
      const { history } = await model.fit(x, y, fit);
      return { history, weights: flatWeights(model) };
    });
    expect(sent).toEqual(copied);
    expect((x.data as Int32Array).length).toBe(12 * 6);
  });
});

test('an array in shared memory is still read by all workers in place', async () => {
  const { x, y } = nextIds(43);
  const shared = new Int32Array(new SharedArrayBuffer(x.data.length * 4));
  shared.set(x.data as Int32Array);
  const train = async (data: Tensor) => {
    setRandomSeed(1);
    const model = nextIdModel();
    await model.fit(data, y, { batchSize: 5, workers: 2, verbose: 0 });
    return flatWeights(model);
  };
  expect(await train({ shape: x.shape, data: shared })).toEqual(await train(x));
});
