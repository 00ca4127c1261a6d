import { describe, expect, test } from 'vitest';
import {
  Dense,
  Embedding,
  GaussianDropout,
  GaussianNoise,
  Input,
  type Layer,
  LSTM,
  Model,
  Sequential,
  SGD,
  SpatialDropout1D,
  type Tensor,
  TimeDistributed,
} from '../../ts/index.ts';
import { layerFromConfig, loadAllLayers } from '../../ts/layers/registry.ts';
import { availableBackends } from '../support/backends.ts';
import { describeLayer, type LayerCase } from '../support/conformance.ts';
import { expectClose } from '../support/differences.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { TRAIN_STEP_FLOAT32 } from '../support/tolerances.ts';

await loadAllLayers();

const rows = (label: string, make: () => Layer): LayerCase => ({
  label,
  make,
  input: { shape: [5] },
  below: () => [new Dense(4)],
  above: () => [new Dense(2)],
  output: [4],
  weights: {},
});
const steps = (label: string, make: () => Layer): LayerCase => ({
  label,
  make,
  input: { steps: 4, ids: 6 },
  below: () => [new Embedding(6, 5, { maskZero: true })],
  above: () => [new LSTM(2)],
  output: [4, 5],
  weights: {},
});
const from = (className: string) => (config: object) => layerFromConfig(className, config as never);

await describeLayer('GaussianNoise', {
  fromConfig: from('GaussianNoise'),
  withOptions: (options) => new GaussianNoise(0.1, options),
  cases: [
    rows('a little', () => new GaussianNoise(0.05)),
    rows('much, with a seed', () => new GaussianNoise(1, { seed: 4 })),
    rows('none', () => new GaussianNoise(0)),
    steps('of masked steps', () => new GaussianNoise(0.3)),
  ],
  badValues: {
    'a deviation below 0': () => new GaussianNoise(-0.1),
    'a deviation above 1': () => new GaussianNoise(1.1),
    'no deviation': () => new GaussianNoise(undefined as never),
    'a seed that is none': () => new GaussianNoise(0.1, { seed: 0.5 }),
  },
  badInputs: [],
});

await describeLayer('GaussianDropout', {
  fromConfig: from('GaussianDropout'),
  withOptions: (options) => new GaussianDropout(0.1, options),
  cases: [
    rows('a little', () => new GaussianDropout(0.01)),
    rows('half, with a seed', () => new GaussianDropout(0.5, { seed: 4 })),
    steps('of masked steps', () => new GaussianDropout(0.3)),
  ],
  badValues: { 'a rate of 1': () => new GaussianDropout(1), 'a negative rate': () => new GaussianDropout(-0.1) },
  badInputs: [],
});

await describeLayer('SpatialDropout1D', {
  fromConfig: from('SpatialDropout1D'),
  withOptions: (options) => new SpatialDropout1D(0.1, options),
  cases: [steps('a little', () => new SpatialDropout1D(0.1)), steps('half, with a seed', () => new SpatialDropout1D(0.5, { seed: 4 }))],
  badValues: { 'a rate of 1': () => new SpatialDropout1D(1), 'no rate': () => new SpatialDropout1D(undefined as never) },
  badInputs: [[3], [2, 3, 4]],
});

describe.each(await availableBackends())('noise on $label', ({ backend }) => {
  const [BATCH, STEPS, FEATURES] = [40, 30, 20];
  /** What a layer makes of an array of one number in training. */
  async function trained(layer: Layer, value: number): Promise<Float64Array> {
    const model = new Sequential([layer]);
    model.build([null, STEPS, FEATURES]);
    const shape = [BATCH, STEPS, FEATURES];
    const pass = await model.forward({ shape, data: new Float64Array(BATCH * STEPS * FEATURES).fill(value) }, { training: true });
    return Float64Array.from((pass.outputs as Tensor).data);
  }
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = (values: Float64Array) => {
    const center = mean(values);
    return mean(values.map((value) => (value - center) ** 2));
  };

  test('GaussianNoise adds numbers of its deviation', async () => {
    startOn(backend);
    const y = await trained(new GaussianNoise(0.5), 3);
    expect(Math.abs(mean(y) - 3)).toBeLessThan(0.015);
    expect(Math.abs(variance(y) - 0.25)).toBeLessThan(0.01);
  });

  test('GaussianDropout multiplies by numbers around 1', async () => {
    startOn(backend);
    const y = await trained(new GaussianDropout(0.2), 3);
    expect(Math.abs(mean(y) - 3)).toBeLessThan(0.05);
    expect(Math.abs(variance(y) - 9 * 0.25)).toBeLessThan(0.1);
  });

  test('SpatialDropout1D drops features of all steps', async () => {
    startOn(backend);
    const y = await trained(new SpatialDropout1D(0.25), 3);
    let dropped = 0;
    for (let row = 0; row < BATCH; row++) {
      for (let feature = 0; feature < FEATURES; feature++) {
        const ofSteps = Array.from({ length: STEPS }, (_, step) => y[(row * STEPS + step) * FEATURES + feature]);
        expect(new Set(ofSteps).size).toBe(1);
        if (ofSteps[0] === 0) dropped++;
        else expect(ofSteps[0]).toBeCloseTo(4, 5);
      }
    }
    expect(Math.abs(dropped / (BATCH * FEATURES) - 0.25)).toBeLessThan(0.05);
  });

  test('two layers and two steps have other numbers; the same seed has the same', async () => {
    startOn(backend);
    const input = Input({ shape: [3] });
    const layers = [new GaussianNoise(1), new GaussianNoise(1), new GaussianNoise(1, { seed: 5 }), new GaussianNoise(1, { seed: 5 })];
    const model = new Model({ inputs: input, outputs: layers.map((layer) => layer.apply(input)) });
    const x = tensor([2, 3], new RandomArrays(1));
    const [first, second] = [await model.forward(x, { training: true }), await model.forward(x, { training: true })];
    const [a, b, c, d] = (first.outputs as unknown as Tensor[]).map(({ data }) => Array.from(data));
    expect(a).not.toEqual(b);
    expect(c).not.toEqual(d); // Two layers of one seed in one model stay apart, as two dropouts do.
    expect((second.outputs as unknown as Tensor[]).map(({ data }) => Array.from(data))[0]).not.toEqual(a);
    startOn(backend);
    const again = new Model({ inputs: input, outputs: layers.map((layer) => layer.clone().apply(input)) });
    const repeated = await again.forward(x, { training: true });
    expect((repeated.outputs as unknown as Tensor[]).map(({ data }) => Array.from(data))).toEqual([a, b, c, d]);
  });

  test('the steps inside TimeDistributed have numbers of their own', async () => {
    startOn(backend);
    const y = await trained(new TimeDistributed(new GaussianNoise(1)), 0);
    expect(new Set(y).size).toBeGreaterThan(0.99 * y.length);
  });

  test('workers draw the numbers of the whole batch', async () => {
    const random = new RandomArrays(3);
    const [x, y] = [tensor([6, 4, 2], random), tensor([6, 4, 1], random)];
    const train = async (options: object) => {
      startOn(backend);
      const layers = [new GaussianNoise(0.5), new SpatialDropout1D(0.5), new GaussianDropout(0.3), new LSTM(3, { returnSequences: true })];
      const model = builtModel([...layers, new Dense(1)], [4, 2], new RandomArrays(7));
      model.compile({ optimizer: 'sgd', loss: 'mse' });
      await model.fit(x, y, { epochs: 2, batchSize: 4, shuffle: false, verbose: 0, ...options });
      return flatWeights(model);
    };
    const whole = await train({});
    for (const workers of [1, 2]) expectClose(await train({ workers }), whole, TRAIN_STEP_FLOAT32, `${workers} workers`);
  });

  test('windows of long sequences draw the numbers of the whole sequences', async () => {
    const [x, y] = [tensor([3, 600, 2], new RandomArrays(3)), tensor([3, 600, 1], new RandomArrays(4))];
    const lossOf = async (truncate?: number) => {
      startOn(backend);
      const layers = [new GaussianNoise(0.5), new SpatialDropout1D(0.5), new LSTM(2, { returnSequences: true, truncate }), new Dense(1)];
      const model = builtModel(layers, [600, 2], new RandomArrays(7));
      model.compile({ optimizer: new SGD({ learningRate: 1e-30 }), loss: 'mse' });
      return (await model.fit(x, y, { batchSize: 3, verbose: 0 })).history.loss as number[];
    };
    expectClose(await lossOf(300), await lossOf(), TRAIN_STEP_FLOAT32, 'loss');
  });
});
