import { beforeEach, expect, test } from 'vitest';
import { loadBackend } from '../../../ts/backend/select.ts';
import { Dense, Input, LSTM, loadModel, Model, modelToBytes, Normalization, Sequential } from '../../../ts/index.ts';
import { startOn } from '../../support/modelBackends.ts';

const reference = await loadBackend('reference');
beforeEach(() => startOn(reference));

const x = [
  [[1], [5], [9]],
  [[2], [4], [3]],
];

function normalization() {
  const layer = new Normalization();
  layer.adapt(x);
  return layer;
}

test('a graph whose input is prepared is kept by files', async () => {
  const input = Input({ shape: [3, 1] });
  const model = new Model({ inputs: input, outputs: new Dense(1).apply(new LSTM(2).apply(normalization().apply(input))) });
  const loaded = await loadModel(await modelToBytes(model));
  expect((await loaded.predict(x)).data).toEqual((await model.predict(x)).data);
});

test('inputs of a Sequential do not leave out what prepares its data', async () => {
  const model = new Sequential([normalization(), new LSTM(2), new Dense(1, { name: 'last' })]);
  const expected = await model.predict(x);
  expect(() => model.inputs).toThrow(/^inputs: begin the model with an Input before layer normalization/);
  const begun = new Sequential([Input({ shape: [3, 1] }), normalization(), new LSTM(2), new Dense(1, { name: 'last' })]);
  begun.setWeights(model.getWeights());
  const inner = new Model({ inputs: begun.inputs, outputs: begun.getLayer('last').output });
  expect((await inner.predict(x)).data).toEqual(expected.data);
});
