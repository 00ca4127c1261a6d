import { describe, expect, test } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import {
  AveragePooling1D,
  AveragePooling2D,
  Cropping1D,
  Dense,
  Embedding,
  GlobalAveragePooling1D,
  GlobalMaxPooling1D,
  Input,
  type Layer,
  LSTM,
  MaxPooling1D,
  MaxPooling2D,
  Sequential,
  ShapeError,
  TimeDistributed,
  UpSampling1D,
  ZeroPadding1D,
} from '../../ts/index.ts';
import { layerFromConfig, loadAllLayers } from '../../ts/layers/registry.ts';
import { describeLayer, type LayerCase } from '../support/conformance.ts';
import { expectClose } from '../support/differences.ts';
import { givenWarnings } from '../support/givenWarnings.ts';
import { startOn } from '../support/modelBackends.ts';

await loadAllLayers();
const reference = await loadBackend('reference');
const from = (className: string) => (config: object) => layerFromConfig(className, config as never);

const steps = (label: string, make: () => Layer, output: readonly number[]): LayerCase => ({
  label,
  make,
  input: { shape: [6, 2] },
  below: () => [new Dense(3, { activation: 'tanh' })],
  above: () => (output.length > 1 ? [new LSTM(2)] : [new Dense(2)]),
  output,
  weights: {},
});
const image = (label: string, make: () => Layer, output: readonly number[]): LayerCase => ({
  label,
  make,
  input: { shape: [4, 5, 2] },
  below: () => [new Dense(3, { activation: 'tanh' })],
  above: () => [new Dense(2)],
  output,
  weights: {},
});

for (const [name, Pooling] of Object.entries({ MaxPooling1D, AveragePooling1D }))
  await describeLayer(name, {
    fromConfig: from(name),
    withOptions: (options) => new Pooling(2, options),
    cases: [
      steps('pairs', () => new Pooling(), [3, 3]),
      steps('windows that overlap', () => new Pooling(3, { strides: 1 }), [4, 3]),
      steps('padding', () => new Pooling([4], { padding: 'same', strides: [2] }), [3, 3]),
    ],
    badValues: {
      'windows of 0': () => new Pooling(0),
      'windows of two axes': () => new Pooling([2, 2]),
      'strides of 0': () => new Pooling(2, { strides: 0 }),
      'an unknown padding': () => new Pooling(2, { padding: 'causal' as never }),
    },
    badInputs: [[3], [2, 3, 4]],
  });

for (const [name, Pooling] of Object.entries({ MaxPooling2D, AveragePooling2D }))
  await describeLayer(name, {
    fromConfig: from(name),
    withOptions: (options) => new Pooling(2, options),
    cases: [
      image('squares', () => new Pooling(), [2, 2, 3]),
      image('overlapping rectangles', () => new Pooling([3, 2], { strides: [1, 2] }), [2, 2, 3]),
      image('padding', () => new Pooling(2, { padding: 'same' }), [2, 3, 3]),
    ],
    badValues: { 'windows of three axes': () => new Pooling([2, 2, 2]), 'half a stride': () => new Pooling(2, { strides: [1, 0.5] }) },
    badInputs: [[3], [3, 4]],
  });

for (const [name, Pooling] of Object.entries({ GlobalMaxPooling1D, GlobalAveragePooling1D }))
  await describeLayer(name, {
    fromConfig: from(name),
    withOptions: (options) => new Pooling(options),
    cases: [
      steps('steps', () => new Pooling(), [3]),
      steps('an axis that stays', () => new Pooling({ keepDims: true }), [1, 3]),
      {
        ...steps('masked steps', () => new Pooling(), [3]),
        input: { steps: 4, ids: 5 },
        below: () => [new Embedding(5, 3, { maskZero: true })],
      },
    ],
    badValues: { 'keepDims that is no boolean': () => new Pooling({ keepDims: 1 as never }) },
    badInputs: [[3], [2, 3, 4]],
  });

await describeLayer('ZeroPadding1D', {
  fromConfig: from('ZeroPadding1D'),
  withOptions: (options) => new ZeroPadding1D(1, options),
  cases: [steps('both ends', () => new ZeroPadding1D(), [8, 3]), steps('each end', () => new ZeroPadding1D([0, 2]), [8, 3])],
  badValues: { 'a step below 0': () => new ZeroPadding1D(-1), 'three numbers': () => new ZeroPadding1D([1, 2, 3] as never) },
  badInputs: [[3], [2, 3, 4]],
});

await describeLayer('Cropping1D', {
  fromConfig: from('Cropping1D'),
  withOptions: (options) => new Cropping1D(1, options),
  cases: [steps('both ends', () => new Cropping1D(), [4, 3]), steps('each end', () => new Cropping1D([3, 0]), [3, 3])],
  badValues: { 'half a step': () => new Cropping1D(0.5), 'one number in an array': () => new Cropping1D([1] as never) },
  badInputs: [[3], [2, 3, 4]],
});

await describeLayer('UpSampling1D', {
  fromConfig: from('UpSampling1D'),
  withOptions: (options) => new UpSampling1D(2, options),
  cases: [steps('twice', () => new UpSampling1D(), [12, 3]), steps('once', () => new UpSampling1D(1), [6, 3])],
  badValues: { 'no times': () => new UpSampling1D(0) },
  badInputs: [[3], [2, 3, 4]],
});

describe('pooling', () => {
  const built = (layer: Layer, shape: readonly number[]) => layer.apply(Input({ shape }));

  test('windows must fit, and a step must be left', () => {
    expect(() => built(new MaxPooling1D(4, { name: 'pool' }), [3, 2])).toThrow(ShapeError);
    expect(() => built(new MaxPooling1D(4, { name: 'pool' }), [3, 2])).toThrow(
      "layer pool (MaxPooling1D) has windows of 4 places, which do not fit on axis 1 of samples of shape [3, 2]: give longer samples, or padding: 'same'",
    );
    expect(() => built(new AveragePooling2D([1, 6]), [3, 5, 2])).toThrow('windows of 6 places, which do not fit on axis 2');
    expect(() => built(new Cropping1D(2, { name: 'crop' }), [4, 2])).toThrow(
      'layer crop (Cropping1D) leaves no step of samples of shape [4, 2]',
    );
    expect(built(new MaxPooling1D(4, { padding: 'same' }), [3, 2]).shape).toEqual([1, 2]);
  });

  test('lengths that are free are checked when they are known', async () => {
    startOn(reference);
    const model = new Sequential([new MaxPooling1D(3, { inputShape: [null, 1] })]);
    expect(model.outputShape).toEqual([null, null, 1]);
    expect((await model.predict([[[1], [3], [2], [4], [0], [1]]])).data).toEqual(Float64Array.of(3, 4));
    await expect(model.predict([[[1], [3]]])).rejects.toThrow(/windows of 3 places/);
  });

  test('a sequence without a step that counts has the mean zero', async () => {
    startOn(reference);
    const table = [
      [1, 1],
      [2, 4],
      [3, 5],
    ];
    const words = new Embedding(3, 2, { maskZero: true, weights: [table], inputShape: [3] });
    const model = new Sequential([words, new GlobalAveragePooling1D()]);
    const rows = [
      [1, 0, 2],
      [0, 0, 0],
      [0, 0, 1],
    ];
    expectClose((await model.predict(rows)).data, [2.5, 4.5, 0, 0, 2, 4], { relative: 1e-15 }, 'means');
  });

  test('inside TimeDistributed each step is pooled by itself', async () => {
    startOn(reference);
    const model = new Sequential([
      new TimeDistributed(new MaxPooling1D(2), { inputShape: [2, 4, 1] }),
      new TimeDistributed(new GlobalAveragePooling1D()),
    ]);
    const y = await model.predict([
      [
        [[1], [5], [2], [0]],
        [[7], [1], [3], [3]],
      ],
    ]);
    expect(y).toEqual({ shape: [1, 2, 1], data: Float64Array.of(3.5, 5) });
  });

  test('a warning says where a mask ends; the mean over steps uses it', async () => {
    const warnings = givenWarnings();
    const run = (layer: Layer) => new Sequential([new Embedding(5, 3, { maskZero: true, inputShape: [4] }), layer]).predict([[1, 2, 0, 0]]);
    await run(new GlobalAveragePooling1D());
    expect(warnings).toEqual([]);
    for (const layer of [new GlobalMaxPooling1D(), new MaxPooling1D(), new ZeroPadding1D(), new Cropping1D(), new UpSampling1D()]) {
      await run(layer);
      expect(warnings.splice(0).map(({ code }) => code)).toEqual(['MASK_ENDS']);
    }
  });

  test('a stream names the layer that needs whole sequences', () => {
    startOn(reference);
    const model = new Sequential([new MaxPooling1D(2, { inputShape: [null, 1] }), new LSTM(1)]);
    expect(() => model.stream()).toThrow('layer max_pooling1d (MaxPooling1D) needs whole sequences and cannot run step by step');
  });
});
