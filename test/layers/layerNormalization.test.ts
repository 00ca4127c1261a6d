import { beforeEach, describe, expect, test } from 'vitest';
import {
  Dense,
  GRU,
  Input,
  LayerNormalization,
  LSTM,
  loadBackend,
  Masking,
  Model,
  Sequential,
  ShapeError,
  TimeDistributed,
} from '../../ts/index.ts';
import { layerFromConfig, loadAllLayers } from '../../ts/layers/registry.ts';
import { describeLayer } from '../support/conformance.ts';
import { startOn } from '../support/modelBackends.ts';

await loadAllLayers();

const dense = () => [new Dense(2)];

await describeLayer('LayerNormalization', {
  fromConfig: (config) => layerFromConfig('LayerNormalization', config),
  withOptions: (options) => new LayerNormalization(options),
  cases: [
    {
      label: 'vectors',
      make: () => new LayerNormalization(),
      input: { shape: [3] },
      below: () => [new Dense(5)],
      above: dense,
      output: [5],
      weights: { gamma: [5], beta: [5] },
    },
    {
      label: 'between recurrent layers',
      make: () => new LayerNormalization({ epsilon: 0.01, gammaRegularizer: 'l2', betaRegularizer: 'l1' }),
      input: { shape: [4, 2] },
      below: () => [new GRU(3, { returnSequences: true })],
      above: () => [new LSTM(3), new Dense(2)],
      output: [4, 3],
      weights: { gamma: [3], beta: [3] },
    },
    {
      label: 'padded sequences, without center',
      make: () => new LayerNormalization({ center: false }),
      input: { shape: [4, 2], padding: 0 },
      below: () => [new Masking(), new Dense(3)],
      above: () => [new LSTM(3), new Dense(2)],
      output: [4, 3],
      weights: { gamma: [3] },
    },
    {
      label: 'steps and features, without scale',
      make: () => new LayerNormalization({ axis: [1, 2], scale: false }),
      input: { shape: [3, 2] },
      below: () => [new Dense(4)],
      above: dense,
      output: [3, 4],
      weights: { beta: [3, 4] },
    },
    {
      label: 'the outer axis of three, without weights',
      make: () => new LayerNormalization({ axis: 1, center: false, scale: false }),
      input: { shape: [4, 3, 2] },
      below: () => [new TimeDistributed(new Dense(2))],
      above: dense,
      output: [4, 3, 2],
      weights: {},
    },
  ],
  badValues: {
    'the axis of the batch': () => new LayerNormalization({ axis: 0 }),
    'no axis': () => new LayerNormalization({ axis: [] }),
    'an axis twice': () => new LayerNormalization({ axis: [1, 1] }),
    'an epsilon of 0': () => new LayerNormalization({ epsilon: 0 }),
    'an epsilon that is no number': () => new LayerNormalization({ epsilon: '1' as never }),
    'an unknown initializer': () => new LayerNormalization({ gammaInitializer: 'one' as never }),
  },
  badInputs: [[2, 3, 4, 5]],
});

describe('LayerNormalization', () => {
  beforeEach(async () => startOn(await loadBackend('reference')));

  test('gives each row mean 0 and variance 1', async () => {
    const model = new Sequential([new LayerNormalization({ epsilon: 1e-9, inputShape: [4] })]);
    const { data } = await model.predict([[1001, 1002, 1003, 1004]]);
    const root = Math.sqrt(1.25);
    for (const [place, expected] of [-1.5, -0.5, 0.5, 1.5].entries()) expect(data[place]).toBeCloseTo(expected / root, 8);
  });

  test('takes streams where it treats each step alone', async () => {
    const input = Input({ shape: [null, 3] });
    const model = new Model({ inputs: input, outputs: new LayerNormalization().apply(input) });
    const stream = await model.stream();
    const whole = await model.predict([
      [
        [1, 2, 4],
        [3, 1, 1],
      ],
    ]);
    const steps = [await stream.step([[1, 2, 4]]), await stream.step([[3, 1, 1]])];
    expect(steps.flatMap((step) => Array.from(step))).toEqual(Array.from(whole.data));
    const fixed = Input({ shape: [2, 3] });
    const over = new Model({ inputs: fixed, outputs: new LayerNormalization({ axis: 1 }).apply(fixed) });
    await expect(async () => over.stream()).rejects.toThrow(/normalizes over steps and cannot run step by step$/);
  });

  test('refuses other sizes than those that its weights are for, and free ones', () => {
    const layer = new LayerNormalization({ axis: [1, 2], name: 'normal' });
    layer.apply(Input({ shape: [2, 6] }));
    expect(() => layer.apply(Input({ shape: [4, 3] }))).toThrow(
      /^layer normal .* was built for sizes \[2, 6\] of the normalized axes, got \[4, 3\]: inputs of other sizes need a layer of their own$/,
    );
    expect(() => new LayerNormalization({ axis: 1 }).apply(Input({ shape: [null, 3] }))).toThrow(ShapeError);
    expect(() => new LayerNormalization({ axis: 3 }).apply(Input({ shape: [2, 3] }))).toThrow(
      /that have axis 3, got samples of shape \[2, 3\]$/,
    );
  });
});
