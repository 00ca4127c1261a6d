import { beforeEach, describe, expect, test } from 'vitest';
import {
  AveragePooling1D,
  Cropping1D,
  Dense,
  Embedding,
  Flatten,
  GlobalAveragePooling1D,
  Input,
  type Layer,
  LSTM,
  loadModel,
  MaxPooling1D,
  Model,
  modelToBytes,
  Permute,
  RepeatVector,
  Reshape,
  Sequential,
  ShapeError,
  SpatialDropout1D,
  type SymbolicTensor,
  TimeDistributed,
  UnitNormalization,
  UpSampling1D,
  ZeroPadding1D,
} from '../../ts/index.ts';
import { layerFromConfig, loadAllLayers } from '../../ts/layers/registry.ts';
import { availableBackends } from '../support/backends.ts';
import { describeLayer } from '../support/conformance.ts';
import { givenWarnings } from '../support/givenWarnings.ts';
import { startOn } from '../support/modelBackends.ts';
import { RandomArrays } from '../support/randomArrays.ts';

const below = () => [new LSTM(4, { returnSequences: true })];
const dense = () => [new Dense(2)];

await loadAllLayers();

await describeLayer('RepeatVector', {
  fromConfig: (config) => layerFromConfig('RepeatVector', config),
  withOptions: (options) => new RepeatVector(3, options),
  cases: [
    {
      label: 'before a decoder',
      make: () => new RepeatVector(3),
      input: { shape: [2] },
      below: () => [new Dense(4)],
      above: () => [new LSTM(3), new Dense(2)],
      output: [3, 4],
      weights: {},
    },
  ],
  badValues: { 'no steps': () => new RepeatVector(0), 'half a step': () => new RepeatVector(1.5) },
  badInputs: [[4, 2]],
});

await describeLayer('Flatten', {
  fromConfig: (config) => layerFromConfig('Flatten', config),
  withOptions: (options) => new Flatten(options),
  cases: [
    { label: 'sequences', make: () => new Flatten(), input: { shape: [3, 2] }, below, above: dense, output: [12], weights: {} },
    {
      label: 'three axes',
      make: () => new Flatten(),
      input: { shape: [2, 3, 2] },
      below: () => [new TimeDistributed(new LSTM(2, { returnSequences: true }))],
      above: dense,
      output: [12],
      weights: {},
    },
  ],
  badValues: {},
  badInputs: [],
});

await describeLayer('Reshape', {
  fromConfig: (config) => layerFromConfig('Reshape', config),
  withOptions: (options) => new Reshape([2, 3], options),
  cases: [
    {
      label: 'a vector as a sequence',
      make: () => new Reshape([3, -1]),
      input: { shape: [2] },
      below: () => [new Dense(6)],
      above: () => [new LSTM(2), new Dense(2)],
      output: [3, 2],
      weights: {},
    },
    {
      label: 'a sequence as another',
      make: () => new Reshape([6, 2]),
      input: { shape: [3, 2] },
      below,
      above: () => [new LSTM(2), new Dense(2)],
      output: [6, 2],
      weights: {},
    },
  ],
  badValues: { 'two sizes that are left': () => new Reshape([-1, -1]), 'a size of 0': () => new Reshape([0]) },
  badInputs: [],
});

await describeLayer('Permute', {
  fromConfig: (config) => layerFromConfig('Permute', config),
  withOptions: (options) => new Permute([2, 1], options),
  cases: [
    {
      label: 'features as steps',
      make: () => new Permute([2, 1]),
      input: { shape: [3, 2] },
      below,
      above: () => [new LSTM(2), new Dense(2)],
      output: [4, 3],
      weights: {},
    },
    {
      label: 'three axes',
      make: () => new Permute([2, 3, 1]),
      input: { shape: [2, 3, 2] },
      below: () => [new TimeDistributed(new LSTM(4, { returnSequences: true }))],
      above: () => [new Flatten(), new Dense(2)],
      output: [3, 4, 2],
      weights: {},
    },
  ],
  badValues: { 'an axis twice': () => new Permute([1, 1]), 'the batch': () => new Permute([0, 1]) },
  badInputs: [],
});

await describeLayer('TimeDistributed', {
  fromConfig: (config) => layerFromConfig('TimeDistributed', config),
  withOptions: (options) => new TimeDistributed(new Dense(2), options),
  cases: [
    {
      label: 'Dense with softmax',
      make: () => new TimeDistributed(new Dense(3, { activation: 'softmax' })),
      input: { shape: [4, 2] },
      below,
      output: [4, 3],
      weights: { 'i/kernel': [4, 3], 'i/bias': [3] },
    },
    {
      label: 'LSTM of sequences of sequences',
      make: () => new TimeDistributed(new LSTM(3)),
      input: { shape: [2, 4, 3] },
      above: () => [new LSTM(2), new Dense(1)],
      output: [2, 3],
      weights: { 'i/kernel': [3, 12], 'i/recurrentKernel': [3, 12], 'i/bias': [12] },
    },
    {
      label: 'masked words',
      make: () => new TimeDistributed(new Dense(3, { activation: 'tanh' })),
      input: { steps: 5, ids: 6 },
      below: () => [new Embedding(6, 2, { maskZero: true })],
      above: () => [new LSTM(2)],
      output: [5, 3],
      weights: { 'i/kernel': [2, 3], 'i/bias': [3] },
    },
  ],
  badValues: { 'something that is no layer': () => new TimeDistributed('dense' as never) },
  badInputs: [[4]],
});

describe('a layer that needs the number of steps', () => {
  const reader = (steps: number | null) => new LSTM(4, { inputShape: [steps, 2], returnSequences: true });
  const samples = (steps: number) => [Array.from({ length: steps }, (_, step) => [step, -1])];

  test('takes it from the inputShape of the first layer', async () => {
    const model = new Sequential([reader(5), new Flatten(), new Dense(1)]);
    expect([model.inputShape, model.outputShape]).toEqual([
      [null, 5, 2],
      [null, 1],
    ]);
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    await model.fit(samples(5), [[1]], { verbose: 0 });
    const loaded = await loadModel(await modelToBytes(model));
    expect((await loaded.predict(samples(5))).data).toEqual((await model.predict(samples(5))).data);
    await expect(model.predict(samples(4))).rejects.toThrow(ShapeError);
  });

  test('keeps the weights of the layers before it when it is added', async () => {
    const model = new Sequential([reader(3), new Dense(2)]);
    const [before, steps] = [model.getWeights(), await model.predict(samples(3))];
    await expect(model.predict(samples(4))).rejects.toThrow(ShapeError);
    model.add(new Flatten());
    expect(model.getWeights()).toEqual(before);
    expect((await model.predict(samples(3))).data).toEqual(steps.data);
    expect(model.inputShape).toEqual([null, 3, 2]);
  });

  test('is refused when nothing gives it, and the model stays as it was', () => {
    const model = new Sequential([reader(null)]);
    expect(() => model.add(new Flatten())).toThrow(/needs samples of known sizes, got \[\?, 4\]: give the number of steps/);
    const known = new Sequential([reader(3)]);
    expect(() => known.add(new Reshape([5]))).toThrow(ShapeError);
    expect([known.layers.length, known.inputShape]).toEqual([1, [null, 3, 2]]);
  });
});

describe.each(await availableBackends())('Reshape of samples whose steps are free, on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  const reshaped = (steps: number | null, targetShape: readonly number[]) => {
    const x = Input({ shape: [steps, 6] });
    const y = new LSTM(2).apply(new Reshape(targetShape).apply(x));
    return new Model({ inputs: x, outputs: new Dense(1).apply(y) });
  };
  const samples = (steps: number) =>
    [0, 1].map((row) => Array.from({ length: steps }, (_, step) => [0, 1, 2, 3, 4, 5].map((f) => Math.sin(row + 2 * step + f))));

  test('leaves the size -1 free, and computes and trains as with known steps', async () => {
    const free = reshaped(null, [-1, 2]);
    expect((free.layers[1] as Layer).outputShape([null, 6])).toEqual([null, 2]);
    const loaded = await loadModel(await modelToBytes(free));
    for (const steps of [3, 1]) {
      const known = reshaped(steps, [-1, 2]);
      known.setWeights(free.getWeights());
      expect((await free.predict(samples(steps), { verbose: 0 })).data).toEqual((await known.predict(samples(steps), { verbose: 0 })).data);
      expect((await loaded.predict(samples(steps), { verbose: 0 })).data).toEqual(
        (await known.predict(samples(steps), { verbose: 0 })).data,
      );
      for (const model of [free, known, loaded]) {
        model.compile({ optimizer: 'sgd', loss: 'mse' });
        await model.trainOnBatch(samples(steps), [[1], [-1]]);
      }
      expect(free.getWeights()).toEqual(known.getWeights());
      expect(loaded.getWeights()).toEqual(known.getWeights());
    }
  });

  test('checks the values of each batch', async () => {
    await expect(reshaped(null, [-1, 4]).predict(samples(3), { verbose: 0 })).rejects.toThrow(
      /makes samples of shape \[-1, 4\], which do not have the 18 values of samples of shape \[3, 6\]/,
    );
    const pinned = reshaped(null, [9, 2]);
    expect((await pinned.predict(samples(3), { verbose: 0 })).shape).toEqual([2, 1]);
    await expect(pinned.predict(samples(2), { verbose: 0 })).rejects.toThrow(ShapeError);
  });

  test('refuses what no number of steps makes, and a last size that is free', () => {
    expect(() => reshaped(null, [2, 2])).toThrow(/which do not have a multiple of the 6 values of samples of shape \[\?, 6\]/);
    expect(() => reshaped(null, [2, -1])).toThrow(
      /needs samples of known sizes, got \[\?, 6\]: give the number of steps.*; or give the last size/,
    );
  });
});

describe.each(await availableBackends())('features whose number is free on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));
  const mean = (x: SymbolicTensor) => new GlobalAveragePooling1D().apply(x) as SymbolicTensor;

  test.each([
    ['ZeroPadding1D', (x: SymbolicTensor) => new ZeroPadding1D([1, 0]).apply(x)],
    ['Cropping1D', (x: SymbolicTensor) => new Cropping1D(1).apply(x)],
    ['UpSampling1D', (x: SymbolicTensor) => new UpSampling1D(2).apply(x)],
    ['MaxPooling1D', (x: SymbolicTensor) => new MaxPooling1D(2, { strides: 1 }).apply(x)],
    ['AveragePooling1D', (x: SymbolicTensor) => new AveragePooling1D(3, { padding: 'same' }).apply(x)],
    ['SpatialDropout1D', (x: SymbolicTensor) => new SpatialDropout1D(0).apply(x)],
    ['UnitNormalization', (x: SymbolicTensor) => new UnitNormalization().apply(x)],
    ['RepeatVector', (x: SymbolicTensor) => new RepeatVector(2).apply(mean(x))],
  ])('%s computes and trains as with a known number', async (_name, use) => {
    const make = (steps: number | null) => {
      const x = Input({ shape: [steps, 4] });
      const used = use(new Permute([2, 1]).apply(new Dense(4, { activation: 'tanh' }).apply(x)) as SymbolicTensor) as SymbolicTensor;
      return new Model({ inputs: x, outputs: new LSTM(2).apply(new Permute([2, 1]).apply(used) as SymbolicTensor) as SymbolicTensor });
    };
    const free = make(null);
    const random = new RandomArrays(7);
    for (const steps of [3, 5]) {
      const [x, y] = [random.float32s(2 * steps * 4), random.float32s(4)];
      const known = make(steps);
      known.setWeights(free.getWeights());
      for (const model of [free, known]) {
        model.compile({ optimizer: 'sgd', loss: 'mse' });
        await model.trainOnBatch({ shape: [2, steps, 4], data: x }, { shape: [2, 2], data: y });
      }
      expect(free.getWeights()).toEqual(known.getWeights());
    }
  });
});

test('a layer whose features are free says how they are given', () => {
  const swapped = new Permute([2, 1]).apply(Input({ shape: [null, 3] }));
  expect(() => new Dense(2).apply(swapped)).toThrow(/got samples of shape \[3, \?\]: give all sizes of the samples$/);
});

test('a warning says once where a mask ends', async () => {
  const warnings = givenWarnings();
  const masked = (layer: Layer) => new Sequential([new Embedding(5, 3, { maskZero: true, inputShape: [4] }), layer]);
  for (const layer of [new Flatten(), new Reshape([6, 2]), new Permute([2, 1])]) {
    const model = masked(layer);
    for (const ids of [[[1, 2, 0, 0]], [[0, 1, 2, 3]]]) await model.predict(ids);
    expect(warnings.splice(0)).toEqual([
      {
        code: 'MASK_ENDS',
        message:
          `layer ${layer.name} (${layer.className}) does not support masks, so the mask of its input ends there: ` +
          'layers after it, the loss and metrics count padding too.',
      },
    ]);
  }
  await masked(new Dense(2)).predict([[1, 2, 0, 0]]);
  await new Sequential([new Embedding(5, 3, { inputShape: [4] }), new Flatten()]).predict([[1, 2, 0, 0]]);
  expect(warnings).toEqual([]);
});
