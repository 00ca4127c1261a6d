// In a service worker import() is forbidden: the entries have all that would load when used.
import * as backtime from './node_modules/backtime/dist/index.js';
import './node_modules/backtime/dist/formats/entry.js';
import './node_modules/backtime/dist/training.js';

async function run() {
  const { Bidirectional, Dense, LSTM, loadModel, modelToBytes, Sequential } = backtime;
  const model = new Sequential([new Bidirectional(new LSTM(2), { inputShape: [null, 1] }), new Dense(1)]);
  model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });
  const x = { shape: [2, 2, 1], data: Float32Array.of(1, 2, 3, 4) };
  await model.fit(x, [0, 1], { verbose: 0 });
  const loaded = await loadModel(await modelToBytes(model));
  const [before, after] = [await model.predict(x), await loaded.predict(x)];
  if (String(before.data) !== String(after.data)) throw new Error(`predicted ${before.data}, after loading ${after.data}`);
  const step = new Sequential([new LSTM(2, { inputShape: [null, 1] })]).stream().step([1]);
  if (step.length !== 2) throw new Error(`a step of a stream gave ${step}`);
  return 'in a service worker';
}

addEventListener('message', (event) => {
  const [port] = event.ports;
  event.waitUntil(
    run()
      .catch((error) => `FAILED in a service worker: ${error.stack}`)
      .then((outcome) => port.postMessage(outcome)),
  );
});
