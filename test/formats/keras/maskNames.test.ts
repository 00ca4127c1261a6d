import { beforeEach, expect, test } from 'vitest';
import { loadBackend } from '../../../ts/backend/select.ts';
import {
  Adam,
  Concatenate,
  Dense,
  Embedding,
  Input,
  LSTM,
  loadModel,
  Model,
  modelToBytes,
  type SymbolicTensor,
} from '../../../ts/index.ts';
import { startOn } from '../../support/modelBackends.ts';

const reference = await loadBackend('reference');
beforeEach(() => startOn(reference));

// Keras makes functions called `concatenate` and `stack` where a file has masks, so layers of these
// names get others, also in what is compiled and in the optimizer's values.
test('a compiled model whose layers have names of functions of masks is written, and trains on', async () => {
  const ids = Input({ shape: [4] });
  const words = new Embedding(5, 3, { maskZero: true }).apply(ids);
  const both = new Concatenate().apply([words, new Dense(2, { name: 'stack' }).apply(words)]) as SymbolicTensor;
  const model = new Model({ inputs: ids, outputs: new Dense(1).apply(new LSTM(2).apply(both)) });
  model.compile({ optimizer: new Adam({ learningRate: 0.1 }), loss: 'mse' });
  const x = [
    [0, 1, 2, 3],
    [0, 0, 4, 1],
  ];
  const y = [1, 2];
  await model.fit(x, y, { epochs: 2, verbose: 0 });
  const loaded = await loadModel(await modelToBytes(model, { format: 'keras' }));
  expect(loaded.layers.map(({ name }) => name)).toEqual(expect.arrayContaining(['layer_concatenate', 'layer_stack']));
  for (const one of [model, loaded]) await one.fit(x, y, { epochs: 2, shuffle: false, verbose: 0 });
  const [expected, actual] = [model, loaded].map((one) => one.getWeights().flatMap(({ data }) => [...data])) as [number[], number[]];
  for (const [index, value] of actual.entries()) expect(value).toBeCloseTo(expected[index] as number, 6);
});
