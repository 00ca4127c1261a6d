import { beforeEach, describe, expect, test } from 'vitest';
import {
  Activation,
  type ActivationName,
  Dense,
  type ElementwiseName,
  Input,
  Model,
  ops,
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
    ['ops.relu', 0, 0],
    // One function of two operations on the same number.
    ['ops.relu and ops.maximum', 0, 1],
    ['ops.softplus and ops.relu', 0, 0.5],
  ] as const)('%s at %d: %d', async (name, at, derivative) => {
    const operations: Record<string, (z: SymbolicTensor) => SymbolicTensor> = {
      'ops.relu': ops.relu,
      'ops.relu and ops.maximum': (z) => ops.add(ops.relu(z), ops.maximum(z, 0)),
      'ops.softplus and ops.relu': (z) => ops.add(ops.softplus(z), ops.relu(z)),
    };
    const x = Input({ shape: [1] });
    const z = new Dense(1, { useBias: false }).apply(x);
    const model = new Model({ inputs: x, outputs: operations[name]?.(z) ?? new Activation(name as ActivationName).apply(z) });
    model.setWeights([[[at]]]);
    const [value] = (await model.predictOnBatch([[1]])).data as Float32Array;
    model.compile({ optimizer: new SGD({ learningRate: 1 }), loss: 'mse' });
    // The gradient of this loss is 1.
    await model.trainOnBatch([[1]], [[(value as number) - 0.5]]);
    const [[moved]] = model.getWeights().map(({ data }) => data) as [Float32Array];
    expect(at - (moved as number)).toBeCloseTo(derivative, 5);
  });
});
