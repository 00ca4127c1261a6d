import { describe, expect, test } from 'vitest';
import { loadBackend } from '../../ts/backend/select.ts';
import {
  ArgumentError,
  Conv1D,
  type Conv1DOptions,
  Conv2D,
  type ConvolutionOptions,
  Dense,
  Embedding,
  Flatten,
  GlobalMaxPooling1D,
  Input,
  type Layer,
  LSTM,
  MaxNorm,
  Sequential,
  SGD,
  ShapeError,
  SimpleRNN,
  UnitNorm,
} from '../../ts/index.ts';
import { layerFromConfig, loadAllLayers } from '../../ts/layers/registry.ts';
import { availableBackends } from '../support/backends.ts';
import { describeLayer } from '../support/conformance.ts';
import { expectClose } from '../support/differences.ts';
import { givenWarnings } from '../support/givenWarnings.ts';
import { startOn } from '../support/modelBackends.ts';
import { builtModel, flatWeights, tensor } from '../support/models.ts';
import { RandomArrays } from '../support/randomArrays.ts';
import { streamTolerance, TRAIN_STEP_FLOAT32 } from '../support/tolerances.ts';

await loadAllLayers();

const conv1 = (options?: Conv1DOptions, filters = 4, size = 3) => new Conv1D(filters, size, options);
const conv2 = (options?: ConvolutionOptions, size: number | number[] = 2) => new Conv2D(4, size, options);
const bad = (options: object) => () => conv1(options as Conv1DOptions);
const steps = { input: { shape: [7, 2] }, above: () => [new SimpleRNN(2)] } as const;
const image = { input: { shape: [4, 5, 2] }, above: () => [new Dense(1)] } as const;
const weights = (...kernel: number[]) => ({ kernel, bias: [4] });

await describeLayer('Conv1D', {
  fromConfig: (config) => layerFromConfig('Conv1D', config),
  withOptions: (options) => conv1(options),
  cases: [
    { label: 'defaults', make: () => conv1(), ...steps, output: [5, 4], weights: weights(3, 2, 4) },
    { label: 'same', make: () => conv1({ padding: 'same', activation: 'tanh' }), ...steps, output: [7, 4], weights: weights(3, 2, 4) },
    { label: 'causal', make: () => conv1({ padding: 'causal', dilationRate: 2 }), ...steps, output: [7, 4], weights: weights(3, 2, 4) },
    { label: 'strides', make: () => conv1({ strides: 2, padding: 'same' }), ...steps, output: [4, 4], weights: weights(3, 2, 4) },
    {
      label: 'groups, between others',
      make: () => conv1({ groups: 2, useBias: false, activation: 'mish' }),
      ...steps,
      below: () => [new Dense(4)],
      output: [5, 4],
      weights: { kernel: [3, 2, 4] },
    },
    {
      label: 'on embedding rows',
      make: () => conv1({ kernelRegularizer: 'l2', kernelInitializer: 'orthogonal' }),
      input: { steps: 6, ids: 5 },
      below: () => [new Embedding(5, 3)],
      above: () => [new GlobalMaxPooling1D()],
      output: [4, 4],
      weights: weights(3, 3, 4),
    },
  ],
  badValues: {
    'no filters': () => conv1({}, 0),
    'windows of 0': () => conv1({}, 4, 0),
    'windows of two axes': () => new Conv1D(4, [2, 2]),
    'strides of 0': bad({ strides: 0 }),
    'strides and dilationRate': bad({ strides: 2, dilationRate: 2 }),
    'an unknown padding': bad({ padding: 'full' }),
    'groups that do not divide the filters': bad({ groups: 3 }),
    'an unknown activation': bad({ activation: 'none' }),
    'an unknown kernelInitializer': bad({ kernelInitializer: 'none' }),
    'useBias that is no boolean': bad({ useBias: 1 }),
  },
  badInputs: [[3], [2, 3, 4]],
});

await describeLayer('Conv2D', {
  fromConfig: (config) => layerFromConfig('Conv2D', config),
  withOptions: (options) => conv2(options),
  cases: [
    { label: 'defaults', make: () => conv2(), ...image, output: [3, 4, 4], weights: weights(2, 2, 2, 4) },
    {
      label: 'same, strides',
      make: () => conv2({ padding: 'same', strides: [1, 2], activation: 'tanh' }, [3, 2]),
      ...image,
      output: [4, 3, 4],
      weights: weights(3, 2, 2, 4),
    },
    {
      label: 'dilated groups',
      make: () => conv2({ groups: 2, dilationRate: 2 }),
      ...image,
      below: () => [new Dense(4)],
      output: [2, 3, 4],
      weights: weights(2, 2, 2, 4),
    },
  ],
  badValues: {
    'causal padding': () => conv2({ padding: 'causal' as never }),
    'windows of three axes': () => conv2({}, [2, 2, 2]),
  },
  badInputs: [[3], [3, 4]],
});

const reference = await loadBackend('reference');

describe('convolution', () => {
  const applied = (layer: Layer, shape: readonly (number | null)[]) => layer.apply(Input({ shape }));

  test('refuses samples that are too short and channels that no group divides', () => {
    expect(() => applied(new Conv1D(2, 3, { dilationRate: 2, name: 'conv' }), [4, 2])).toThrow(ShapeError);
    expect(() => applied(new Conv1D(2, 3, { dilationRate: 2, name: 'conv' }), [4, 2])).toThrow(
      "layer conv (Conv1D) has windows of 5 places, which do not fit on axis 1 of samples of shape [4, 2]: give longer samples, or padding: 'same'",
    );
    expect(() => applied(new Conv1D(4, 3, { groups: 2, name: 'conv' }), [4, 3])).toThrow(
      'layer conv (Conv1D) takes samples whose channels are a multiple of groups, 2, got samples of shape [4, 3]',
    );
    expect(applied(conv1(), [null, 2]).shape).toEqual([null, 4]);
  });

  test('start values depend on the taps as in Keras', () => {
    startOn(reference);
    const limits = [conv1({}, 40, 5), new Dense(40)].map((layer) => {
      new Sequential([layer]).build([null, ...(layer instanceof Conv1D ? [null, 30] : [30])]);
      return Math.max(...Array.from(layer.getWeights()[0]?.data as ArrayLike<number>, Math.abs));
    });
    expect(limits[0]).toBeGreaterThan(0.97 * Math.sqrt(6 / (5 * 30 + 5 * 40)));
    expect(limits[0]).toBeLessThan(Math.sqrt(6 / (5 * 30 + 5 * 40)));
    expect(limits[1]).toBeGreaterThan(0.97 * Math.sqrt(6 / 70));
  });

  test('constraints of kernels are over the axes that they say', async () => {
    startOn(reference);
    const norms = async (axis: number | readonly number[]) => {
      const layer = conv1({ kernelConstraint: new UnitNorm({ axis }) });
      const model = builtModel([layer, new Flatten()], [5, 2], new RandomArrays(2));
      const x = tensor([2, 5, 2], new RandomArrays(3));
      const pass = await model.forward(x);
      pass.backward(tensor([2, 12], new RandomArrays(4)));
      model.applyGradients(new SGD({ learningRate: 0.1 }));
      const [kernel] = layer.getWeights();
      const axes = [axis].flat().map((one) => (one + 3) % 3);
      const sums = new Map<string, number>();
      for (let index = 0; index < 24; index++) {
        const places = [Math.floor(index / 8), Math.floor(index / 4) % 2, index % 4];
        const key = places.map((place, at) => (axes.includes(at) ? '-' : place)).join();
        sums.set(key, (sums.get(key) ?? 0) + (kernel?.data[index] as number) ** 2);
      }
      return sums;
    };
    for (const [axis, count] of [
      [0, 8],
      [[0, 1], 4],
      [-1, 6],
      [[1, 2], 3],
      [[0, 1, 2], 1],
    ] as const) {
      const sums = await norms(axis);
      expect(sums.size).toBe(count);
      expectClose([...sums.values()], new Array(count).fill(1), { relative: 1e-6 }, `norms over ${axis}`);
    }
    for (const axis of [1, [0, 2]])
      expect(() => builtModel([conv1({ kernelConstraint: new MaxNorm({ axis }) })], [5, 2], new RandomArrays(2))).toThrow(
        /norms are over the first axes or over the last ones/,
      );
    expect(() => builtModel([conv1({ kernelConstraint: new MaxNorm({ axis: 1 }) })], [5, 2], new RandomArrays(2))).toThrow(ArgumentError);
  });

  test('gradients cross steps, but for windows of one step, so that no windows of sequences cut them', () => {
    expect(conv1({ padding: 'causal' }).gradientSteps).toBe(null);
    expect(conv1({}, 4, 1).gradientSteps).toBe(0);
  });

  test('a mask ends there, which a warning says', async () => {
    startOn(reference);
    const warnings = givenWarnings();
    await new Sequential([new Embedding(5, 3, { maskZero: true, inputShape: [4] }), conv1()]).predict([[1, 2, 0, 0]]);
    expect(warnings.map(({ code }) => code)).toEqual(['MASK_ENDS']);
  });
});

describe.each(await availableBackends())('convolution on $label', ({ backend }) => {
  const causal = (options: Conv1DOptions = {}) => conv1({ padding: 'causal', ...options });

  test('a stream of causal windows gives what predict gives, and its state can be kept', async () => {
    startOn(backend);
    const layers = [causal({ activation: 'tanh' }), causal({ dilationRate: 3 }), conv1({}, 3, 1), new LSTM(3, { returnSequences: true })];
    const model = builtModel([...layers, new Dense(2)], [9, 2], new RandomArrays(5));
    const x = tensor([3, 9, 2], new RandomArrays(6));
    const whole = await model.predict(x);
    const at = (data: ArrayLike<number>, step: number, size: number) =>
      Float64Array.from({ length: 3 * size }, (_, n) => data[(Math.floor(n / size) * 9 + step) * size + (n % size)] as number);
    let stream = model.stream({ batchSize: 3 });
    for (let step = 0; step < 9; step++) {
      const y = stream.step({ shape: [3, 2], data: at(x.data, step, 2) });
      expectClose(y, at(whole.data, step, 2), streamTolerance(backend), `step ${step}`);
      if (step !== 4) continue;
      const { state } = stream;
      expect(state.conv1d?.inputs?.shape).toEqual([3, 2 * 2]);
      expect(state.conv1d_1?.inputs?.shape).toEqual([3, 6 * 4]);
      stream = model.stream({ batchSize: 3 });
      stream.state = state;
    }
  });

  test('a stream names a convolution that sees later steps, or leaves steps out', () => {
    startOn(backend);
    const model = (options: Conv1DOptions) => new Sequential([new Conv1D(2, 3, { ...options, inputShape: [null, 2] })]);
    expect(() => model({ padding: 'same' }).stream()).toThrow(
      "layer conv1d (Conv1D) needs padding: 'causal' for streams and cannot run step by step",
    );
    expect(() => model({ padding: 'causal', strides: 2 }).stream()).toThrow('with strides 2 needs whole sequences');
  });

  test('trains before truncated layers and in workers as whole sequences do', async () => {
    const [x, y] = [tensor([6, 600, 2], new RandomArrays(8)), tensor([6, 600, 1], new RandomArrays(9))];
    const train = async (truncate: number | undefined, options: object) => {
      startOn(backend);
      const layers = [causal(), new LSTM(2, { returnSequences: true, truncate }), new Dense(1)];
      const model = builtModel(layers, [600, 2], new RandomArrays(7));
      model.compile({ optimizer: 'sgd', loss: 'mse' });
      await model.fit(x, y, { epochs: 1, batchSize: 4, shuffle: false, verbose: 0, ...options });
      return flatWeights(model);
    };
    const whole = await train(undefined, {});
    expectClose(await train(600, {}), whole, TRAIN_STEP_FLOAT32, 'truncated at the length');
    expectClose(await train(undefined, { workers: 2 }), whole, TRAIN_STEP_FLOAT32, 'workers');
  });
});
