// Jest runs this in a realm of its own, in another one than Node's own modules and what workers
// send.
import * as backtime from 'backtime';
import { train } from './train.js';

const { Dense, LSTM, loadModel, modelToBytes, padSequences, Sequential } = backtime;

test('everything that consumers do', async () => {
  expect(await train(backtime, { verbose: 0 })).toMatch(/^OK /);
}, 60_000);

test('what workers compute is of the classes that the test knows', async () => {
  const model = new Sequential([new LSTM(2, { inputShape: [null, 1] }), new Dense(1)]);
  model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });
  const x = { shape: [2, 2, 1], data: Float32Array.of(1, 2, 3, 4) };
  await model.fit(x, [0, 1], { workers: 1, verbose: 0 });
  for (const { data } of model.getWeights()) expect(data).toBeInstanceOf(Float32Array);
  const loaded = await loadModel(await modelToBytes(model));
  expect(loaded.getWeights()).toStrictEqual(model.getWeights());
  expect(await loaded.predict(x, { workers: 1 })).toStrictEqual(await model.predict(x));
  loaded.setWeights(JSON.parse(JSON.stringify(model.getWeights())));
  expect(await loaded.predict(x)).toStrictEqual(await model.predict(x));
}, 60_000);

test('arrays, files and errors are what they are to the test', async () => {
  expect(padSequences([[1], [2, 3]])).toStrictEqual({ shape: [2, 2], data: Int32Array.of(0, 1, 2, 3) });
  expect(() => new Dense(1n)).toThrow(backtime.ArgumentError);
  const bytes = await modelToBytes(new Sequential([new Dense(1, { inputShape: [1] })]));
  for (const source of [bytes, bytes.slice().buffer, new Blob([bytes]), new File([bytes], 'model.safetensors')])
    expect((await loadModel(source)).layers).toHaveLength(1);
});

test('a signal ends training by its reason', async () => {
  const model = new Sequential([new Dense(1)]);
  model.compile({ loss: 'meanSquaredError' });
  const reason = new RangeError('enough');
  for (const workers of [0, 1]) {
    const controller = new AbortController();
    const callbacks = [{ onEpochEnd: () => controller.abort(reason) }];
    const training = model.fit([[1]], [1], { epochs: 1000, verbose: 0, workers, signal: controller.signal, callbacks });
    await expect(training).rejects.toBe(reason);
  }
});
