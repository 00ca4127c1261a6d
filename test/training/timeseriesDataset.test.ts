import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  ArgumentError,
  DataError,
  Dense,
  Embedding,
  type FitOptions,
  Flatten,
  Input,
  LSTM,
  Model,
  Sequential,
  ShapeError,
  type Tensor,
  type TimeseriesDataset,
  type TimeseriesDatasetOptions,
  timeseriesDatasetFromArray,
} from '../../ts/index.ts';
import { type GoldenTensor, readGolden } from '../golden/goldenFiles.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';
import { flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { collectGarbage } from '../support/steadyHeap.ts';

interface Case {
  readonly data: GoldenTensor;
  readonly targets: GoldenTensor | null;
  readonly options: TimeseriesDatasetOptions;
  readonly batches: readonly (readonly GoldenTensor[])[];
}

const { batches: cases } = readGolden<{ batches: Case[] }>('timeseries');

const floats = ({ shape, data }: GoldenTensor): Tensor => ({ shape, data: Float64Array.from(data) });

function datasetOf({ data, targets, options }: Case): TimeseriesDataset {
  return timeseriesDatasetFromArray(floats(data), targets && floats(targets), options);
}

/** The arrays that a data set stands for, as copies. */
function arraysOf(dataset: TimeseriesDataset): { x: Tensor; y: Tensor } {
  const join = (parts: readonly Tensor[]): Tensor => ({
    shape: [dataset.count, ...parts[0].shape.slice(1)],
    data: Float64Array.from(parts.flatMap(({ data }) => [...data])),
  });
  const batches = [...dataset];
  return { x: join(batches.map(([x]) => x)), y: join(batches.map(([, y]) => y as Tensor)) };
}

test.each(cases)('the batches are those of Keras: $options of $data.shape', (golden) => {
  const dataset = datasetOf(golden);
  const batches = [...dataset].map((batch) => batch.map((part) => ({ shape: part?.shape, data: [...(part?.data ?? [])] })));
  expect(batches).toEqual(golden.batches);
  expect(dataset.count).toBe(golden.batches.reduce((sum, [x]) => sum + x.shape[0], 0));
});

describe.each(await availableBackends())('on $label a data set gives the bits of its arrays', ({ backend }) => {
  /** Everything that a run leaves behind. */
  async function run(make: () => Sequential, train: (model: Sequential) => Promise<{ history: object }>) {
    startOn(backend);
    const model = make();
    const { history } = await train(model);
    return { history, weights: flatWeights(model), model };
  }

  const forecaster = () => {
    const model = new Sequential([new LSTM(3), new Dense(2)]);
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['meanAbsoluteError'] });
    return model;
  };

  test.each(cases.filter(({ data, targets }) => data.shape.length === 2 && targets?.shape[1] === 2))('$options', async (golden) => {
    const dataset = datasetOf(golden);
    const { x, y } = arraysOf(dataset);
    const { batchSize } = golden.options;
    const options: FitOptions = { epochs: 2, verbose: 0 };
    const sets = await run(forecaster, (model) => model.fit(dataset, { ...options, validationData: dataset }));
    const arrays = await run(forecaster, (model) => model.fit(x, y, { ...options, batchSize, shuffle: false, validationData: [x, y] }));
    expect(sets.history).toEqual(arrays.history);
    expect(sets.weights).toEqual(arrays.weights);
    expect(await sets.model.evaluate(dataset)).toEqual(await arrays.model.evaluate(x, y, { batchSize }));
    expect(await sets.model.predict(dataset)).toEqual(await arrays.model.predict(x, { batchSize }));
  });

  test('ids, with classes as targets and weights of the classes', async () => {
    const ids = new RandomArrays(3).integers(40, 6);
    const classes = ids.map((id) => (id > 2 ? 1 : 0));
    const dataset = timeseriesDatasetFromArray(ids, classes, { sequenceLength: 5, sequenceStride: 3, samplingRate: 2, batchSize: 4 });
    const { x, y } = arraysOf(dataset);
    const classifier = () => {
      const model = new Sequential([new Embedding(6, 3), new LSTM(3), new Dense(2, { activation: 'softmax' })]);
      model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
      return model;
    };
    const options: FitOptions = { classWeight: 'balanced', verbose: 0 };
    const sets = await run(classifier, (model) => model.fit(dataset, options));
    const arrays = await run(classifier, (model) => model.fit(x, y, { ...options, batchSize: 4, shuffle: false }));
    expect(sets.weights).toEqual(arrays.weights);
  });

  test('a series of matrices', async () => {
    const random = new RandomArrays(4);
    const dataset = timeseriesDatasetFromArray(tensor([20, 2, 3], random), tensor([20], random), { sequenceLength: 3, batchSize: 4 });
    const { x, y } = arraysOf(dataset);
    const flat = () => {
      const model = new Sequential([new Flatten(), new Dense(1)]);
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      return model;
    };
    const sets = await run(flat, (model) => model.fit(dataset, { verbose: 0 }));
    const arrays = await run(flat, (model) => model.fit(x, y, { batchSize: 4, shuffle: false, verbose: 0 }));
    expect(sets.weights).toEqual(arrays.weights);
  });

  test('sequences that are trained in windows', async () => {
    const random = new RandomArrays(5);
    const options = { sequenceLength: 600, samplingRate: 2, sequenceStride: 7, batchSize: 2 };
    const dataset = timeseriesDatasetFromArray(tensor([1230, 2], random), tensor([1230, 1], random), options);
    const { x, y } = arraysOf(dataset);
    const truncated = () => {
      const model = new Sequential([new LSTM(3, { truncate: 50 }), new Dense(1)]);
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      return model;
    };
    const sets = await run(truncated, (model) => model.fit(dataset, { verbose: 0 }));
    const arrays = await run(truncated, (model) => model.fit(x, y, { batchSize: 2, shuffle: false, verbose: 0 }));
    expect(sets.weights).toEqual(arrays.weights);
    expect(await sets.model.predict(dataset)).toEqual(await arrays.model.predict(x, { batchSize: 2 }));
  });

  test('shuffled: by the model, each epoch anew, as its arrays are; by a seed of its own, always the same', async () => {
    const random = new RandomArrays(6);
    const [series, targets] = [tensor([30, 3], random), tensor([30, 2], random)];
    const shuffled = (seed?: number) => {
      const options = { sequenceLength: 4, batchSize: 5, shuffle: true, ...(seed === undefined ? {} : { seed }) };
      return timeseriesDatasetFromArray(series, targets, options);
    };
    const { x, y } = arraysOf(shuffled());
    const sets = await run(forecaster, (model) => model.fit(shuffled(), { epochs: 3, verbose: 0 }));
    const arrays = await run(forecaster, (model) => model.fit(x, y, { batchSize: 5, epochs: 3, verbose: 0 }));
    expect(sets.weights).toEqual(arrays.weights);
    const weights = async (seed: number) => (await run(forecaster, (model) => model.fit(shuffled(seed), { verbose: 0 }))).weights;
    expect(await weights(1)).toEqual(await weights(1));
    expect(await weights(1)).not.toEqual(await weights(2));
    expect(await sets.model.predict(shuffled())).toEqual(await sets.model.predict(x, { batchSize: 5 }));
  });
});

describe('memory', () => {
  afterEach(() => vi.restoreAllMocks());

  test('a series of 420,000 x 14 with sequences of 120 steps takes at most twice its own memory', async () => {
    const used = () => {
      collectGarbage();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    const [rows, features] = [420_000, 14];
    // Twice, because memory of WASM modules is freed after what holds it.
    used();
    const before = used();
    const data = new Float32Array(rows * features);
    for (let index = 0; index < data.length; index++) data[index] = Math.sin(index / 1000);
    const dataset = timeseriesDatasetFromArray({ shape: [rows, features], data }, data.subarray(0, rows), {
      sequenceLength: 120,
      batchSize: 256,
      shuffle: true,
    });
    expect(dataset.count).toBe(rows - 119);
    const model = new Sequential([new LSTM(2), new Dense(1)]);
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    let most = 0;
    await model.fit(dataset, {
      verbose: 0,
      callbacks: [
        {
          onTrainBatchEnd(batch, _logs, { stopTraining: _ }) {
            most = Math.max(most, used());
            if (batch === 2) model.stopTraining = true;
          },
        },
      ],
    });
    const own = data.byteLength;
    expect(most - before).toBeGreaterThan(0.9 * own);
    expect(most - before).toBeLessThan(2 * own);
  });
});

describe('what cannot work is refused, before anything has changed', () => {
  const random = new RandomArrays(7);
  const series = tensor([10, 2], random);
  const targets = tensor([10, 1], random);
  const dataset = (options: Partial<TimeseriesDatasetOptions> = {}, of = series) =>
    timeseriesDatasetFromArray(of, targets, { sequenceLength: 3, ...options });
  const compiled = () => {
    const model = new Sequential([new LSTM(2), new Dense(1)]);
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    return model;
  };

  test.each<[string, () => unknown, new (...args: never[]) => Error, RegExp]>([
    ['no length', () => timeseriesDatasetFromArray(series, targets, {} as never), ArgumentError, /sequenceLength is missing/],
    ['an unknown option', () => dataset({ stride: 2 } as never), ArgumentError, /unknown option 'stride'/],
    ['a stride of 0', () => dataset({ sequenceStride: 0 }), ArgumentError, /sequenceStride must be an integer of at least 1, got 0/],
    ['no rows between the ends', () => dataset({ startIndex: 4, endIndex: 4 }), ArgumentError, /startIndex < endIndex <= 10, got 4 and 4/],
    ['an end beyond the rows', () => dataset({ endIndex: 11 }), ArgumentError, /got 0 and 11/],
    ['too few rows', () => dataset({ samplingRate: 5 }), DataError, /3 steps with samplingRate 5 needs 11 rows, but data has 10/],
    [
      'too few rows between the ends',
      () => dataset({ startIndex: 8 }),
      DataError,
      /needs 3 rows, but data has 2 from startIndex 8 to endIndex 10/,
    ],
    [
      'targets that end before',
      () => timeseriesDatasetFromArray(series, targets.data.subarray(0, 2), { sequenceLength: 3, startIndex: 2 }),
      DataError,
      /targets has 2 rows, but the first sequence begins with row 2/,
    ],
    [
      'a single number',
      () => timeseriesDatasetFromArray({ shape: [], data: new Float32Array(1) }, null, { sequenceLength: 1 }),
      ShapeError,
      /data must have rows/,
    ],
    ['a wrong seed', () => dataset({ seed: 0.5 }), ArgumentError, /random seed 0.5/],
  ])('%s', (_label, make, type, message) => {
    expect(make).toThrow(type);
    expect(make).toThrow(message);
  });

  test.each<[string, (model: Sequential) => Promise<unknown>, RegExp]>([
    [
      'batchSize',
      (model) => model.fit(dataset(), { batchSize: 4 }),
      /fit: a data set decides batchSize: give timeseriesDatasetFromArray batchSize/,
    ],
    ['shuffle', (model) => model.fit(dataset(), { shuffle: false }), /decides shuffle/],
    [
      'validationSplit',
      (model) => model.fit(dataset(), { validationSplit: 0.5 }),
      /give timeseriesDatasetFromArray startIndex and endIndex/,
    ],
    ['batchSize of predict', (model) => model.predict(dataset(), { batchSize: 4 }), /predict: a data set decides batchSize/],
    [
      'targets beside it',
      (model) => model.fit(dataset() as never, targets),
      /fit: a data set and an iterable of batches have their targets, so call fit\(data, options\)/,
    ],
    [
      'targets and options',
      (model) => model.evaluate(dataset() as never, targets as never, {}),
      /evaluate: a data set and an iterable of batches have their targets/,
    ],
    [
      'no targets',
      (model) => model.fit(timeseriesDatasetFromArray(series, null, { sequenceLength: 3 })),
      /fit: the data set has no targets/,
    ],
    [
      'no targets to validate with',
      (model) => model.fit(dataset(), { validationData: timeseriesDatasetFromArray(series, null, { sequenceLength: 3 }) }),
      /validationData has no targets/,
    ],
    ['an unknown option', (model) => model.fit(dataset(), { epoch: 2 } as never), /unknown option 'epoch'/],
  ])('%s', async (_label, call, message) => {
    const model = compiled();
    await expect(call(model)).rejects.toThrow(ArgumentError);
    await expect(call(model)).rejects.toThrow(message);
    expect(model.built).toBe(false);
  });

  test('a value that is not finite is named by its place in the whole series', async () => {
    const data = series.data.slice();
    data[7 * 2 + 1] = Number.NaN;
    const bad = dataset({ startIndex: 3 }, { shape: series.shape, data });
    await expect(compiled().fit(bad)).rejects.toThrow('data[7][1] is NaN');
    await expect(compiled().fit(dataset(), { validationData: bad })).rejects.toThrow('validationData: data[7][1] is NaN');
    // Not used, so not refused.
    await compiled().fit(dataset({ startIndex: 3, endIndex: 7 }, { shape: series.shape, data }), { verbose: 0 });
    const goals = targets.data.slice();
    goals[5] = Number.POSITIVE_INFINITY;
    const wrong = timeseriesDatasetFromArray(
      series,
      { shape: [10, 1], data: goals },
      { sequenceLength: 3, startIndex: 4, sequenceStride: 1 },
    );
    await expect(compiled().fit(wrong)).rejects.toThrow('targets[5][0] is Infinity');
  });

  test('targets of another shape', async () => {
    const wrong = timeseriesDatasetFromArray(series, tensor([10, 3], random), { sequenceLength: 3 });
    await expect(compiled().fit(wrong)).rejects.toThrow(/targets has shape \[8, 3\]/);
  });

  test('a model of several inputs', async () => {
    const inputs = [Input({ shape: [3, 2], name: 'a' }), Input({ shape: [3, 2], name: 'b' })];
    const model = new Model({ inputs, outputs: inputs.map((input) => new LSTM(1).apply(input)) });
    await expect(model.predict(dataset())).rejects.toThrow(/one input, but the model has a, b/);
  });

  test('a samplingRate over rows of rows', async () => {
    const images = tensor([10, 2, 2], random);
    const model = new Sequential([new Flatten(), new Dense(1)]);
    await expect(model.predict(timeseriesDatasetFromArray(images, null, { sequenceLength: 2, samplingRate: 2 }))).rejects.toThrow(
      /samplingRate 2 needs steps that are one row/,
    );
  });
});
