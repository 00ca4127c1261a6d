import { describe, expect, test } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import {
  ActivityRegularization,
  Dense,
  ELU,
  Embedding,
  type Layer,
  LeakyReLU,
  LSTM,
  PReLU,
  ReLU,
  Sequential,
  ShapeError,
  Softmax,
} from '../../ts/index.ts';
import { layerFromConfig, loadAllLayers } from '../../ts/layers/registry.ts';
import { describeLayer, type LayerCase } from '../support/conformance.ts';
import { startOn } from '../support/modelBackends.ts';

await loadAllLayers();
const reference = await loadBackend('reference');

const between = (label: string, make: () => Layer, weights = {}): LayerCase => ({
  label,
  make,
  input: { shape: [3] },
  below: () => [new Dense(4)],
  above: () => [new Dense(2)],
  output: [4],
  weights,
});
const onSteps = (label: string, make: () => Layer, weights = {}): LayerCase => ({
  label,
  make,
  input: { steps: 4, ids: 5 },
  below: () => [new Embedding(5, 3, { maskZero: true })],
  above: () => [new LSTM(2)],
  output: [4, 3],
  weights,
});
const from = (className: string) => (config: object) => layerFromConfig(className, config as never);

await describeLayer('LeakyReLU', {
  fromConfig: from('LeakyReLU'),
  withOptions: (options) => new LeakyReLU(0.2, options),
  cases: [between('default', () => new LeakyReLU()), onSteps('on masked steps', () => new LeakyReLU(0.1))],
  badValues: { 'a slope below 0': () => new LeakyReLU(-0.1), 'a slope that is none': () => new LeakyReLU('0.1' as never) },
  badInputs: [],
});

await describeLayer('ELU', {
  fromConfig: from('ELU'),
  withOptions: (options) => new ELU(1, options),
  cases: [between('default', () => new ELU()), onSteps('on masked steps', () => new ELU(0.5))],
  badValues: { 'alpha below 0': () => new ELU(-1), 'alpha NaN': () => new ELU(Number.NaN) },
  badInputs: [],
});

await describeLayer('ReLU', {
  fromConfig: from('ReLU'),
  withOptions: (options) => new ReLU(options),
  cases: [
    between('default', () => new ReLU()),
    between('every option', () => new ReLU({ maxValue: 1, negativeSlope: 0.1, threshold: 0.2 })),
    onSteps('on masked steps', () => new ReLU({ negativeSlope: 0.2 })),
  ],
  badValues: {
    'maxValue below 0': () => new ReLU({ maxValue: -1 }),
    'a slope below 0': () => new ReLU({ negativeSlope: -1 }),
    'a threshold below 0': () => new ReLU({ threshold: -1 }),
  },
  badInputs: [],
});

await describeLayer('PReLU', {
  fromConfig: from('PReLU'),
  withOptions: (options) => new PReLU(options),
  cases: [
    between('default', () => new PReLU(), { alpha: [4] }),
    onSteps('a slope for each element', () => new PReLU(), { alpha: [4, 3] }),
    onSteps('a slope for each feature', () => new PReLU({ sharedAxes: [1], alphaInitializer: 'ones' }), { alpha: [1, 3] }),
    onSteps('a penalty', () => new PReLU({ alphaRegularizer: 'l2' }), { alpha: [4, 3] }),
  ],
  badValues: {
    'sharedAxes that are no array': () => new PReLU({ sharedAxes: 1 as never }),
    'the batch as a shared axis': () => new PReLU({ sharedAxes: [0] }),
    'an unknown alphaConstraint': () => new PReLU({ alphaConstraint: 'none' as never }),
    'an unknown alphaInitializer': () => new PReLU({ alphaInitializer: 'none' as never }),
  },
  badInputs: [[2, 3, 4, 5]],
});

await describeLayer('Softmax', {
  fromConfig: from('Softmax'),
  withOptions: (options) => new Softmax(options),
  cases: [
    between('default', () => new Softmax()),
    onSteps('over the steps that count', () => new Softmax({ axis: 1 })),
    onSteps('over the features of masked steps', () => new Softmax()),
  ],
  badValues: { 'the batch as axis': () => new Softmax({ axis: 0 }), 'half an axis': () => new Softmax({ axis: 1.5 }) },
  badInputs: [],
});

await describeLayer('ActivityRegularization', {
  fromConfig: from('ActivityRegularization'),
  withOptions: (options) => new ActivityRegularization(options),
  cases: [
    between('both', () => new ActivityRegularization({ l1: 0.1, l2: 0.2 })),
    onSteps('on masked steps', () => new ActivityRegularization({ l2: 0.2 })),
  ],
  badValues: {
    'a factor below 0': () => new ActivityRegularization({ l1: -1 }),
    'a regularizer besides': () => new ActivityRegularization({ activityRegularizer: 'l2' } as never),
  },
  badInputs: [],
});

describe('layers of activations', () => {
  const built = (layer: Layer, shape: readonly (number | null)[]) => new Sequential([layer]).build([null, ...shape]);

  test('a slope for each step needs the number of steps, or shared slopes', () => {
    expect(() => built(new PReLU({ name: 'slopes' }), [null, 3])).toThrow(ShapeError);
    expect(() => built(new PReLU({ name: 'slopes' }), [null, 3])).toThrow(
      'layer slopes (PReLU) takes samples of known sizes, because each element has a slope, got samples of shape [?, 3]: share the slopes along the free axis, sharedAxes: [1]',
    );
    expect(() => built(new PReLU({ sharedAxes: [2] }), [3])).toThrow('the axes of sharedAxes, [2], got samples of shape [3]');
    const layer = new PReLU({ sharedAxes: [1] });
    built(layer, [null, 3]);
    expect(() => built(layer, [null, 4])).toThrow(/has slopes of shape \[1, 3\], got samples of shape \[\?, 4\]/);
  });

  test('Softmax refuses an axis that samples do not have', () => {
    expect(() => built(new Softmax({ axis: 3 }), [4, 2])).toThrow(/takes samples that have axis 3 .*, got samples of shape \[4, 2\]/);
    expect(() => built(new Softmax({ axis: -3 }), [4, 2])).toThrow(ShapeError);
  });

  test('Softmax over steps needs whole sequences; over features it runs step by step', async () => {
    startOn(reference);
    const model = (axis: number) => new Sequential([new Softmax({ axis, inputShape: [null, 2] })]);
    expect(() => model(1).stream()).toThrow(/layer softmax \(Softmax\) divides by a sum over steps and cannot run step by step/);
    const stream = model(-1).stream();
    expect(stream.step([1, 1])).toEqual(Float64Array.of(0.5, 0.5));
  });

  test('a clone of an unbuilt or a built PReLU has its slopes', () => {
    startOn(reference);
    const layer = new PReLU({ alphaInitializer: 'ones', name: 'slopes' });
    built(layer.clone('copy'), [2, 3]);
    built(layer, [2, 3]);
    expect(layer.clone().getWeights()).toEqual(layer.getWeights());
  });

  test('the penalty of ActivityRegularization is that of its factors, by the batch', async () => {
    startOn(reference);
    const model = new Sequential([
      new ActivityRegularization({ l1: 0.5, l2: 0.25, inputShape: [2] }),
      new Dense(1, { kernelInitializer: 'zeros' }),
    ]);
    model.compile({ loss: 'mse' });
    const { loss } = await model.evaluate(
      [
        [1, -2],
        [3, 0],
      ],
      [0, 0],
    );
    expect(loss).toBeCloseTo((0.5 * 6 + 0.25 * 14) / 2, 12);
  });
});
