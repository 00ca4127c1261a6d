import { expect, it } from 'vitest';
import { Dense, Sequential, StateError } from '../../ts/index.ts';
import { CALLS } from '../../ts/model/callsPart.ts';

const compiled = () => {
  const model = new Sequential([new Dense(1, { inputShape: [1] })]);
  model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });
  return model;
};

// In this order: only the first call finds its code not loaded.
it('the model is in fit at once, although the code of fit still loads', async () => {
  const model = compiled();
  expect(CALLS.code).toBeNull();
  const first = model.fit([[1]], [1], { verbose: 0 });
  expect(CALLS.code).toBeNull();
  await expect(model.fit([[1]], [1], { verbose: 0 })).rejects.toThrow('model sequential is already in fit: await the first one');
  await expect(model.trainOnBatch([[1]], [1])).rejects.toThrow(/in fit: await it before trainOnBatch/);
  expect(() => model.compile({ loss: 'meanSquaredError' })).toThrow(/compile: model sequential is running fit/);
  expect(() => model.dispose()).toThrow(StateError);
  expect((await first).history.loss).toHaveLength(1);
  expect(CALLS.code).not.toBeNull();
  model.compile({ loss: 'meanSquaredError' });
  await model.fit([[1]], [1], { verbose: 0 });
});

it('a call whose code did not load leaves the model as it was', async () => {
  const model = compiled();
  const loaded = await CALLS.load();
  CALLS.provide(null as unknown as typeof loaded);
  const { load } = CALLS;
  CALLS.load = () => Promise.reject(new Error('offline'));
  await expect(model.fit([[1]], [1], { verbose: 0 })).rejects.toThrow('offline');
  await expect(model.predict([[1]])).rejects.toThrow('offline');
  CALLS.load = load;
  await model.fit([[1]], [1], { verbose: 0 });
  model.dispose();
});
