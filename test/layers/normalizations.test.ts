import { describe, expect, test } from 'vitest';
import {
  AlphaDropout,
  Dense,
  Embedding,
  Flatten,
  GroupNormalization,
  Identity,
  IdentityLayer,
  Input,
  LSTM,
  Model,
  Rescaling,
  RMSNormalization,
  Sequential,
  ShapeError,
  SimpleRNN,
  type Tensor,
  UnitNormalization,
} from '../../ts/index.ts';
import { layerFromConfig, loadAllLayers } from '../../ts/layers/registry.ts';
import { availableBackends } from '../support/backends.ts';
import { describeLayer } from '../support/conformance.ts';
import { expectClose } from '../support/differences.ts';
import { givenWarnings } from '../support/givenWarnings.ts';
import { startOn } from '../support/modelBackends.ts';

await loadAllLayers();

const steps = { input: { shape: [4, 3] }, below: () => [new Dense(4)], above: () => [new SimpleRNN(2)] };

await describeLayer('GroupNormalization', {
  fromConfig: (config) => layerFromConfig('GroupNormalization', config),
  withOptions: (options) => new GroupNormalization(options),
  cases: [
    {
      label: 'two groups',
      make: () => new GroupNormalization({ groups: 2 }),
      ...steps,
      output: [4, 4],
      weights: { gamma: [4], beta: [4] },
    },
    {
      label: 'one group of images, without beta',
      make: () => new GroupNormalization({ groups: 1, center: false, gammaRegularizer: 'l2' }),
      input: { shape: [2, 3, 4] },
      below: () => [new Dense(3)],
      above: () => [new Flatten(), new Dense(2)],
      output: [2, 3, 3],
      weights: { gamma: [3] },
    },
    {
      label: 'over the steps',
      make: () => new GroupNormalization({ groups: 2, axis: 1 }),
      ...steps,
      output: [4, 4],
      weights: { gamma: [4], beta: [4] },
    },
  ],
  badValues: {
    'no groups': () => new GroupNormalization({ groups: 0 }),
    'minus two groups': () => new GroupNormalization({ groups: -2 }),
    'the batch as axis': () => new GroupNormalization({ axis: 0 }),
    'an epsilon of 0': () => new GroupNormalization({ epsilon: 0 }),
  },
  badInputs: [[4, 3]],
});

await describeLayer('RMSNormalization', {
  fromConfig: (config) => layerFromConfig('RMSNormalization', config),
  withOptions: (options) => new RMSNormalization(options),
  cases: [
    { label: 'features', make: () => new RMSNormalization(), ...steps, output: [4, 4], weights: { scale: [4] } },
    {
      label: 'all of a sequence',
      make: () => new RMSNormalization({ axis: [1, 2], epsilon: 0.25 }),
      ...steps,
      output: [4, 4],
      weights: { scale: [4, 4] },
    },
  ],
  badValues: {
    'the batch as axis': () => new RMSNormalization({ axis: [0, 1] }),
    'an epsilon of 1': () => new RMSNormalization({ epsilon: 1 }),
  },
  badInputs: [],
});

await describeLayer('UnitNormalization', {
  fromConfig: (config) => layerFromConfig('UnitNormalization', config),
  withOptions: (options) => new UnitNormalization(options),
  cases: [
    { label: 'features', make: () => new UnitNormalization(), ...steps, output: [4, 4], weights: {} },
    { label: 'all of a sequence', make: () => new UnitNormalization({ axis: [1, 2] }), ...steps, output: [4, 4], weights: {} },
  ],
  badValues: { 'no axis': () => new UnitNormalization({ axis: [] }) },
  badInputs: [],
});

await describeLayer('AlphaDropout', {
  fromConfig: (config) => layerFromConfig('AlphaDropout', config),
  withOptions: (options) => new AlphaDropout(0.2, options),
  cases: [{ label: 'sequences', make: () => new AlphaDropout(0.2, { seed: 3 }), ...steps, output: [4, 4], weights: {} }],
  badValues: { 'a rate of 1': () => new AlphaDropout(1) },
  badInputs: [],
});

await describeLayer('Rescaling', {
  fromConfig: (config) => layerFromConfig('Rescaling', config),
  withOptions: (options) => new Rescaling(0.5, 1, options),
  cases: [{ label: 'sequences', make: () => new Rescaling(0.5, -0.25), ...steps, output: [4, 4], weights: {} }],
  badValues: {
    'no scale': () => new Rescaling(undefined as unknown as number),
    'an endless offset': () => new Rescaling(1, Number.POSITIVE_INFINITY),
  },
  badInputs: [],
});

await describeLayer('Identity', {
  fromConfig: (config) => layerFromConfig('Identity', config),
  withOptions: (options) => new IdentityLayer(options),
  cases: [{ label: 'sequences', make: () => new IdentityLayer(), ...steps, output: [4, 4], weights: {} }],
  badValues: {},
  badInputs: [],
});

describe.each(await availableBackends())('normalizations on $label', ({ backend }) => {
  test('dropout for selu keeps the mean and the variance of normal numbers, and drops to one number', async () => {
    startOn(backend);
    const model = new Sequential([new AlphaDropout(0.25, { inputShape: [500], seed: 5 })]);
    const x = Array.from({ length: 40 }, (_, row) =>
      Array.from({ length: 500 }, (_, column) => Math.SQRT2 * Math.sin(1 + row * 500 + column)),
    );
    const { outputs } = await model.forward(x, { training: true });
    const y = Array.from((outputs as { data: ArrayLike<number> }).data);
    const least = Math.min(...y);
    expect(y.filter((value) => value === least).length / y.length).toBeCloseTo(0.25, 1);
    const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(y.reduce((sum, value) => sum + (value - mean) ** 2, 0) / y.length).toBeCloseTo(1, 1);
    expect((await model.predict([x[0] as number[]])).data[3]).toBeCloseTo(x[0]?.[3] as number, 6);
  });

  test('a mask ends in RMSNormalization, as in Keras, and goes on through the others', async () => {
    startOn(backend);
    const warnings = givenWarnings();
    for (const [layer, ends] of [
      [new RMSNormalization(), true],
      [new UnitNormalization(), false],
      [new GroupNormalization({ groups: 1 }), false],
      [new IdentityLayer(), false],
      [new Rescaling(2), false],
      [new AlphaDropout(0.5), false],
    ] as const) {
      await new Sequential([new Embedding(5, 3, { maskZero: true, inputShape: [4] }), layer, new LSTM(1)]).predict([[1, 2, 0, 0]]);
      expect(warnings.splice(0).map(({ code }) => code)).toEqual(ends ? ['MASK_ENDS'] : []);
    }
  });
});

test('the channels of groups that do not fit are refused, and the initializer keeps the name Identity', () => {
  const model = new Sequential([new GroupNormalization({ groups: 3 })]);
  expect(() => model.build([null, 4])).toThrow(ShapeError);
  expect(() => model.build([null, 4])).toThrow(
    'takes samples whose channels, axis -1, are a multiple of groups, 3, got samples of shape [4]',
  );
  expect(new Dense(2, { name: 'mine', kernelInitializer: new Identity() }).getConfig().kernelInitializer).toMatchObject({
    className: 'Identity',
  });
});

test('RMSNormalization says what inputs of other sizes need', () => {
  const layer = new RMSNormalization();
  layer.apply(Input({ shape: [4, 3] }));
  expect(() => layer.apply(Input({ shape: [4, 1] }))).toThrow(
    /was built for sizes \[3\] of the normalized axes, got \[1\]: inputs of other sizes need a layer of their own$/,
  );
});

test('UnitNormalization has no weights, so its uses may have other sizes', async () => {
  const layer = new UnitNormalization();
  const [x, y] = [Input({ shape: [2] }), Input({ shape: [3] })];
  const model = new Model({ inputs: [x, y], outputs: [layer.apply(x), layer.apply(y)] });
  const [first, second] = (await model.predict([[[3, 4]], [[2, 3, 6]]], { verbose: 0 })) as readonly Tensor[];
  expectClose(first?.data, [0.6, 0.8], { relative: 1e-6 }, 'of two');
  expectClose(second?.data, [2 / 7, 3 / 7, 6 / 7], { relative: 1e-6 }, 'of three');
});
