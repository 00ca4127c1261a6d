import { describe, expect, test } from 'vitest';
import { FormatError } from '../../../ts/core/errors.ts';
import type { Model, Tensor } from '../../../ts/node.ts';
import { loadModel, modelToBytes } from '../../../ts/node.ts';
import { availableBackends } from '../../support/backends.ts';
import { startOn } from '../../support/modelBackends.ts';
import { caught, expectError } from '../../support/refusals.ts';
import { converted, filesOf, inputsOf, modelNamed, models } from './tfjsCases.ts';

async function outputsOf(model: Model, inputs: readonly Tensor[]): Promise<Tensor[]> {
  const outputs: Tensor | Tensor[] | Record<string, Tensor> = await model.predict(inputs.length === 1 ? (inputs[0] as Tensor) : inputs);
  return 'shape' in outputs ? [outputs as Tensor] : Object.values(outputs);
}

for (const { label, backend } of await availableBackends()) {
  describe(`models of TF.js on ${label}`, () => {
    test.each([...models, ...converted])('$name predicts as where it was made', async (golden) => {
      startOn(backend);
      const model = await loadModel<Model>(filesOf(golden));
      const outputs = await outputsOf(model, inputsOf(golden));
      expect(outputs.map(({ shape }) => shape)).toEqual(golden.outputs.map(({ shape }) => shape));
      // TF.js and tf-keras compute in float32, too.
      for (const [index, { data }] of golden.outputs.entries())
        for (const [at, value] of data.entries()) expect(outputs[index]?.data[at]).toBeCloseTo(value, 5);
    });
  });
}

test('the hard sigmoid of TF.js is saved as such', async () => {
  const golden = modelNamed('lstm');
  const loaded = await loadModel(filesOf(golden));
  expect(loaded.layers[0]?.getConfig()).toMatchObject({ recurrentActivation: 'hardSigmoid02', unitForgetBias: false });
  const again = await loadModel(await modelToBytes(loaded));
  const [input] = inputsOf(golden);
  expect((await again.predict(input)).data).toEqual((await loaded.predict(input)).data);
});

test('what the file leaves out has the defaults of TF.js', async () => {
  const { model, shards } = modelNamed('gru');
  const without = JSON.parse(JSON.stringify(model), (key, value) =>
    ['reset_after', 'recurrent_activation', 'kernel_initializer'].includes(key) || (key === 'use_bias' && value) ? undefined : value,
  );
  const [first] = (await loadModel(filesOf({ model: without, shards }))).layers;
  expect(first?.getConfig()).toMatchObject({
    resetAfter: false,
    recurrentActivation: 'hardSigmoid02',
    kernelInitializer: 'glorotNormal',
    useBias: true,
  });
});

test('frozen layers stay frozen, and frozen cells are refused by name', async () => {
  const { layers } = await loadModel(filesOf(modelNamed('frozen')));
  expect(layers.map(({ trainable }) => trainable)).toEqual([false, false, true, true, true]);
  const { model, shards } = modelNamed('cells');
  const frozen = JSON.parse(JSON.stringify(model), (_, value) =>
    value?.class_name === 'GRUCell' ? { ...value, config: { ...value.config, trainable: false } } : value,
  );
  const message = /layer \w+ \(GRUCell\): trainable is false, but Backtime has no such option/;
  expectError(await caught(() => loadModel(filesOf({ model: frozen, shards }))), FormatError, message);
});

test('the metadata of the user comes back', async () => {
  expect((await loadModel(filesOf(modelNamed('dense')))).metadata).toEqual({ labels: ['yes', 'no'] });
});

describe('training', () => {
  test('goes on with the optimizer, the loss and the metrics of the file', async () => {
    const golden = modelNamed('trained');
    const model = await loadModel(filesOf(golden));
    expect(model.getState(true).compile).toMatchObject({
      loss: 'meanSquaredError',
      metrics: ['accuracy'],
      optimizer: { className: 'SGD', config: { learningRate: 0.1, momentum: 0.5, nesterov: false } },
      iteration: 0,
    });
    await model.fit(inputsOf(golden)[0], [[1], [1], [1], [1]], { epochs: 1, verbose: 0 });
  });

  test('goes on with what Keras had compiled', async () => {
    const [golden] = converted.filter(({ name }) => name === 'quantizedAndCompiled') as [(typeof converted)[number]];
    expect((await loadModel(filesOf(golden))).getState(true).compile).toMatchObject({
      loss: 'categoricalCrossentropy',
      metrics: ['categoricalAccuracy'],
      optimizer: { className: 'Adam', config: { beta1: 0.8 } },
    });
  });

  test.each([
    [
      'scores instead of probabilities',
      {
        class_name: 'BinaryCrossentropy',
        config: { reduction: 'auto', from_logits: true, label_smoothing: 0, axis: -1, fn: 'binary_crossentropy' },
      },
      { loss: 'binaryCrossentropy', fromLogits: true },
    ],
    [
      'smoothed labels',
      { class_name: 'BinaryCrossentropy', config: { reduction: 'auto', from_logits: false, label_smoothing: 0.1, axis: -1 } },
      { loss: 'binaryCrossentropy', lossConfig: { labelSmoothing: 0.1 } },
    ],
    ['an option', { class_name: 'Huber', config: { reduction: 'auto', delta: 0.5 } }, { lossConfig: { delta: 0.5 } }],
  ])('keeps a loss with %s, as Keras had compiled it', async (_, loss, expected) => {
    const { model, shards } = modelNamed('trained');
    const trainingConfig = { ...(model.trainingConfig as object), loss };
    const loaded = await loadModel(filesOf({ model: { ...model, trainingConfig }, shards }));
    expect(loaded.getState(true).compile).toMatchObject(expected);
  });

  test('refuses a loss whose option changes what is computed', async () => {
    const { model, shards } = modelNamed('trained');
    const loss = { class_name: 'Huber', config: { reduction: 'sum', delta: 0.5 } };
    await expect(
      loadModel(filesOf({ model: { ...model, trainingConfig: { ...(model.trainingConfig as object), loss } }, shards })),
    ).rejects.toMatchObject({ code: 'FORMAT', message: expect.stringMatching(/reduction: 'sum'.*compile: false/) });
  });

  test('is left out by compile: false', async () => {
    const model = await loadModel(filesOf(modelNamed('trained')), { compile: false });
    expect(model.getState(true).compile).toBeNull();
  });

  test.each([
    ['an unknown loss', { loss: 'poissonn' }, /poissonn.*compile: false/],
    ['an unknown optimizer', { optimizer_config: { class_name: 'Own', config: {} } }, /optimizer class 'Own'.*compile: false/],
    ['an unknown option', { optimizer_config: { class_name: 'SGD', config: { speed: 1 } } }, /speed/],
    [
      'a decay of the learning rate',
      { optimizer_config: { class_name: 'SGD', config: { decay: 0.01 } } },
      /optimizer: decay is 0.01, but Backtime has no such option.*compile: false/,
    ],
    ['an optimizer that is none', { optimizer_config: 7 }, /optimizer should be an object.*compile: false/],
    ['metrics that are no names', { metrics: 7 }, /metrics should be an object with class_name and config, but is 7.*compile: false/],
  ])('%s is refused with the remedy', async (_, change, message) => {
    const { model, shards } = modelNamed('trained');
    const changed = { ...model, trainingConfig: { ...(model.trainingConfig as object), ...change } };
    await expect(loadModel(filesOf({ model: changed, shards }))).rejects.toMatchObject({
      code: 'FORMAT',
      message: expect.stringMatching(message),
    });
    await loadModel(filesOf({ model: changed, shards }), { compile: false });
  });

  test.each([
    ['RMSProp', { learningRate: 0.01, decay: 0.8, momentum: 0.1, epsilon: 1e-6, centered: true }, 'RMSprop', { rho: 0.8, centered: true }],
    ['Adam', { learningRate: 0.01, beta1: 0.8, beta2: 0.9, epsilon: 1e-6 }, 'Adam', { beta1: 0.8, beta2: 0.9, epsilon: 1e-6 }],
    ['Adagrad', { learningRate: 0.01, initialAccumulatorValue: 0.2 }, 'Adagrad', { initialAccumulatorValue: 0.2 }],
    ['Adadelta', { learningRate: 0.01, rho: 0.9, epsilon: 1e-6 }, 'Adadelta', { rho: 0.9 }],
    ['Adamax', { learningRate: 0.01, beta1: 0.8, beta2: 0.9, epsilon: 1e-6, decay: 0 }, 'Adamax', { beta1: 0.8 }],
  ])('%s of TF.js is %o', async (className, config, expected, options) => {
    const { model, shards } = modelNamed('trained');
    const trainingConfig = { ...(model.trainingConfig as object), optimizer_config: { class_name: className, config } };
    const loaded = await loadModel(filesOf({ model: { ...model, trainingConfig }, shards }));
    expect(loaded.getState(true).compile?.optimizer).toMatchObject({ className: expected, config: { learningRate: 0.01, ...options } });
  });
});
