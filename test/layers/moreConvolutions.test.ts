import { describe, expect, test } from 'vitest';
import {
  Conv1DTranspose,
  Conv2DTranspose,
  Dense,
  DepthwiseConv1D,
  DepthwiseConv2D,
  type DepthwiseConvolutionOptions,
  SeparableConv1D,
  SeparableConv2D,
  type SeparableConvolutionOptions,
  Sequential,
  ShapeError,
  SimpleRNN,
  type TransposedConvolutionOptions,
} from '../../ts/index.ts';
import { layerFromConfig, loadAllLayers } from '../../ts/layers/registry.ts';
import { describeLayer } from '../support/conformance.ts';

await loadAllLayers();

const steps = { input: { shape: [7, 2] }, above: () => [new SimpleRNN(2)] } as const;
const image = { input: { shape: [4, 5, 2] }, above: () => [new Dense(1)] } as const;

await describeLayer('DepthwiseConv1D', {
  fromConfig: (config) => layerFromConfig('DepthwiseConv1D', config),
  withOptions: (options) => new DepthwiseConv1D(3, options as DepthwiseConvolutionOptions),
  cases: [
    { label: 'defaults', make: () => new DepthwiseConv1D(3), ...steps, output: [5, 2], weights: { kernel: [3, 2, 1], bias: [2] } },
    {
      label: 'several filters a channel, between others',
      make: () =>
        new DepthwiseConv1D(3, { depthMultiplier: 3, padding: 'same', strides: 2, activation: 'tanh', depthwiseRegularizer: 'l2' }),
      ...steps,
      below: () => [new Dense(4)],
      output: [4, 12],
      weights: { kernel: [3, 4, 3], bias: [12] },
    },
  ],
  badValues: {
    'a kernel of no steps': () => new DepthwiseConv1D(0),
    'no filters a channel': () => new DepthwiseConv1D(3, { depthMultiplier: 0 }),
    'causal padding': () => new DepthwiseConv1D(3, { padding: 'causal' as 'same' }),
    'strides and dilation': () => new DepthwiseConv1D(3, { strides: 2, dilationRate: 2 }),
    'an unknown initializer': () => new DepthwiseConv1D(3, { depthwiseInitializer: 'none' as 'zeros' }),
  },
  badInputs: [[4], [2, 3, 4]],
});

await describeLayer('DepthwiseConv2D', {
  fromConfig: (config) => layerFromConfig('DepthwiseConv2D', config),
  withOptions: (options) => new DepthwiseConv2D(2, options as DepthwiseConvolutionOptions),
  cases: [
    {
      label: 'two filters a channel',
      make: () => new DepthwiseConv2D([2, 3], { depthMultiplier: 2, useBias: false }),
      ...image,
      output: [3, 3, 4],
      weights: { kernel: [2, 3, 2, 2] },
    },
  ],
  badValues: { 'a kernel of three axes': () => new DepthwiseConv2D([2, 2, 2]) },
  badInputs: [[4], [2, 3]],
});

await describeLayer('SeparableConv1D', {
  fromConfig: (config) => layerFromConfig('SeparableConv1D', config),
  withOptions: (options) => new SeparableConv1D(4, 3, options as SeparableConvolutionOptions),
  cases: [
    {
      label: 'defaults',
      make: () => new SeparableConv1D(4, 3),
      ...steps,
      output: [5, 4],
      weights: { depthwiseKernel: [3, 2, 1], pointwiseKernel: [1, 2, 4], bias: [4] },
    },
    {
      label: 'several filters a channel, between others',
      make: () => new SeparableConv1D(4, 3, { depthMultiplier: 2, padding: 'same', activation: 'gelu', pointwiseRegularizer: 'l2' }),
      ...steps,
      below: () => [new Dense(3)],
      output: [7, 4],
      weights: { depthwiseKernel: [3, 3, 2], pointwiseKernel: [1, 6, 4], bias: [4] },
    },
  ],
  badValues: {
    'no filters': () => new SeparableConv1D(0, 3),
    'a padding of another kind': () => new SeparableConv1D(2, 3, { padding: 'full' as 'same' }),
  },
  badInputs: [[4], [2, 3, 4]],
});

await describeLayer('SeparableConv2D', {
  fromConfig: (config) => layerFromConfig('SeparableConv2D', config),
  withOptions: (options) => new SeparableConv2D(3, 2, options as SeparableConvolutionOptions),
  cases: [
    {
      label: 'strides',
      make: () => new SeparableConv2D(3, 2, { strides: 2, padding: 'same' }),
      ...image,
      output: [2, 3, 3],
      weights: { depthwiseKernel: [2, 2, 2, 1], pointwiseKernel: [1, 1, 2, 3], bias: [3] },
    },
  ],
  badValues: { 'half a filter': () => new SeparableConv2D(1.5, 3) },
  badInputs: [[4], [2, 3]],
});

await describeLayer('Conv1DTranspose', {
  fromConfig: (config) => layerFromConfig('Conv1DTranspose', config),
  withOptions: (options) => new Conv1DTranspose(4, 3, options as TransposedConvolutionOptions),
  cases: [
    { label: 'defaults', make: () => new Conv1DTranspose(4, 3), ...steps, output: [9, 4], weights: { kernel: [3, 4, 2], bias: [4] } },
    {
      label: 'strides, between others',
      make: () => new Conv1DTranspose(4, 4, { strides: 3, padding: 'same', activation: 'tanh' }),
      ...steps,
      below: () => [new Dense(3)],
      output: [21, 4],
      weights: { kernel: [4, 4, 3], bias: [4] },
    },
    {
      label: 'more places',
      make: () => new Conv1DTranspose(2, 3, { strides: 2, outputPadding: 1, useBias: false }),
      ...steps,
      output: [16, 2],
      weights: { kernel: [3, 2, 2] },
    },
  ],
  badValues: {
    'no filters': () => new Conv1DTranspose(0, 3),
    'as much output padding as strides': () => new Conv1DTranspose(2, 3, { strides: 2, outputPadding: 2 }),
    'two output paddings': () => new Conv1DTranspose(2, 3, { strides: 2, outputPadding: [1, 1] }),
    'output padding below 0': () => new Conv1DTranspose(2, 3, { strides: 2, outputPadding: -1 }),
  },
  badInputs: [[4], [2, 3, 4]],
});

await describeLayer('Conv2DTranspose', {
  fromConfig: (config) => layerFromConfig('Conv2DTranspose', config),
  withOptions: (options) => new Conv2DTranspose(3, 2, options as TransposedConvolutionOptions),
  cases: [
    {
      label: 'strides of its own along each axis',
      make: () => new Conv2DTranspose(3, [2, 3], { strides: [1, 2], padding: 'same' }),
      ...image,
      output: [4, 10, 3],
      weights: { kernel: [2, 3, 3, 2], bias: [3] },
    },
  ],
  badValues: { 'one output padding for two axes': () => new Conv2DTranspose(3, 2, { strides: [1, 2], outputPadding: 1 }) },
  badInputs: [[4], [2, 3]],
});

describe('convolutions', () => {
  test('the lengths of sequences may be free', async () => {
    const model = new Sequential([
      new Conv1DTranspose(1, 2, { strides: 2, inputShape: [null, 1], kernelInitializer: 'ones' }),
      new SeparableConv1D(1, 2, { depthwiseInitializer: 'ones', pointwiseInitializer: 'ones' }),
    ]);
    expect(model.outputShape).toEqual([null, null, 1]);
    expect(Array.from((await model.predict([[[1], [2]]])).data)).toEqual([2, 3, 4]);
    expect((await model.predict([[[1], [2], [3]]])).shape).toEqual([1, 5, 1]);
  });

  test('a transposed convolution that leaves no place is refused', () => {
    const layer = new Conv1DTranspose(1, 2, { padding: 'same', outputPadding: 0 });
    expect(() => layer.outputShape([1, 1])).toThrow(ShapeError);
    expect(() => layer.outputShape([1, 1])).toThrow('leaves no place of samples of shape [1, 1] along axis 1');
  });
});
