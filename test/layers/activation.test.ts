import { beforeEach, describe, expect, test } from 'vitest';
import {
  Activation,
  type ActivationName,
  Dense,
  ELU,
  type ElementwiseName,
  Input,
  LeakyReLU,
  Model,
  ops,
  PReLU,
  ReLU,
  SGD,
  type SymbolicTensor,
} from '../../ts/index.ts';
import { ELEMENTWISE } from '../../ts/layers/elementwise.ts';
import { layerFromConfig, loadAllLayers } from '../../ts/layers/registry.ts';
import { availableBackends } from '../support/backends.ts';
import { describeLayer } from '../support/conformance.ts';
import { startOn } from '../support/modelBackends.ts';

const NAMES = ['relu', 'softmax', ...Object.keys(ELEMENTWISE), 'logSoftmax'] as (ActivationName | ElementwiseName | 'logSoftmax')[];

await loadAllLayers();

await describeLayer('Activation', {
  fromConfig: (config) => layerFromConfig('Activation', config),
  withOptions: (options) => new Activation('softsign', options),
  cases: NAMES.map((name) => ({
    label: name,
    make: () => new Activation(name),
    input: { shape: [3] },
    below: () => [new Dense(4)],
    above: () => [new Dense(2)],
    output: [4],
    weights: {},
  })),
  badValues: { 'a name that is none': () => new Activation('gelu2' as never) },
  badInputs: [],
});

describe.each(await availableBackends())('the derivative where pieces of a function meet, on $label', ({ backend }) => {
  beforeEach(() => startOn(backend));

  // Computed by Keras 3.15.1 on TensorFlow.
  test.each([
    ['relu', 0, 0],
    ['softplus', 0, 0.5],
    ['logSigmoid', 0, 0.5],
    ['relu6', 0, 0],
    ['relu6', 6, 0],
    ['hardSigmoid', -3, 0],
    ['hardSigmoid', 3, 0],
    ['hardSilu', -3, 0],
    ['hardSilu', 3, 1],
    ['hardTanh', -1, 1],
    ['sparseSigmoid', -1, 0],
    ['sparseSigmoid', 1, 0],
    ['selu', 0, 1.05070098],
    ['celu', 0, 2],
    ['elu', 0, 1],
    ['leakyRelu', 0, 0.2],
    ['hardTanh', 1, 1],
    ['hardShrink', 0.5, 0],
    ['softShrink', -0.5, 0],
    ['sparsePlus', -1, 0],
    ['sparsePlus', 1, 1],
    ['softsign', 0, 1],
    ['ReLU with maxValue 1', 0, 0],
    ['ReLU with maxValue 1', 1, 1],
    ['ReLU with maxValue 6', 0, 0],
    ['ReLU with maxValue 6', 6, 0],
    ['ReLU with maxValue 6 and a slope', 0, 0],
    ['ReLU with maxValue 6 and a slope', 6, 0],
    ['ReLU with a slope', 0, 0.25],
    ['ReLU with maxValue 1 and a slope', 0, 0],
    ['ReLU with maxValue 1 and a slope', 1, 1],
    ['ReLU with a threshold and a slope', 0.25, 0],
    ['ReLU with a threshold above maxValue', 0.25, 0],
    ['ReLU with a threshold above maxValue', 0.5, 0],
    ['ReLU with maxValue 6 and a threshold', 6, 1],
    ['LeakyReLU', 0, 0.3],
    ['ELU', 0, 0.7],
    ['PReLU', 0, 0],
    ['ops.relu', 0, 0],
    // One function of two operations on the same number.
    ['ops.relu and ops.maximum', 0, 1],
    ['ops.softplus and ops.relu', 0, 0.5],
  ] as const)('%s at %d: %d', async (name, at, derivative) => {
    const operations: Record<string, (z: SymbolicTensor) => SymbolicTensor> = {
      'ReLU with maxValue 1': (z) => new ReLU({ maxValue: 1 }).apply(z),
      'ReLU with maxValue 6': (z) => new ReLU({ maxValue: 6 }).apply(z),
      'ReLU with maxValue 6 and a slope': (z) => new ReLU({ maxValue: 6, negativeSlope: 0.25 }).apply(z),
      'ReLU with a slope': (z) => new ReLU({ negativeSlope: 0.25 }).apply(z),
      'ReLU with maxValue 1 and a slope': (z) => new ReLU({ maxValue: 1, negativeSlope: 0.25 }).apply(z),
      'ReLU with a threshold and a slope': (z) => new ReLU({ negativeSlope: 0.25, threshold: 0.25 }).apply(z),
      'ReLU with a threshold above maxValue': (z) => new ReLU({ maxValue: 0.25, threshold: 0.5 }).apply(z),
      'ReLU with maxValue 6 and a threshold': (z) => new ReLU({ maxValue: 6, threshold: 0.5 }).apply(z),
      LeakyReLU: (z) => new LeakyReLU(0.3).apply(z),
      ELU: (z) => new ELU(0.7).apply(z),
      PReLU: (z) => new PReLU({ alphaInitializer: 'ones' }).apply(z),
      'ops.relu': ops.relu,
      'ops.relu and ops.maximum': (z) => ops.add(ops.relu(z), ops.maximum(z, 0)),
      'ops.softplus and ops.relu': (z) => ops.add(ops.softplus(z), ops.relu(z)),
    };
    const x = Input({ shape: [1] });
    const z = new Dense(1, { useBias: false }).apply(x);
    const model = new Model({ inputs: x, outputs: operations[name]?.(z) ?? new Activation(name as ActivationName).apply(z) });
    const [kernel, ...others] = model.getWeights();
    model.setWeights([{ ...kernel, data: Float32Array.of(at) }, ...others]);
    const [value] = (await model.predictOnBatch([[1]])).data as Float32Array;
    model.compile({ optimizer: new SGD({ learningRate: 1 }), loss: 'mse' });
    // The gradient of this loss is 1.
    await model.trainOnBatch([[1]], [[(value as number) - 0.5]]);
    const [[moved]] = model.getWeights().map(({ data }) => data) as [Float32Array];
    expect(at - (moved as number)).toBeCloseTo(derivative, 5);
  });
});
