// What every consumer does with the package: it trains, predicts, saves and loads, on both
// backends.

/** The class of a sequence of ids is whether it begins with a 1. */
const x = [
  [1, 2, 3],
  [2, 1, 3],
  [1, 3, 2],
  [3, 2, 1],
];
const y = [1, 0, 1, 0];

function check(holds, what) {
  if (!holds) throw new Error(what);
}

async function trainModel({ Adam, Dense, Embedding, LSTM, loadModel, modelToBytes, Sequential, setRandomSeed }, options) {
  setRandomSeed(1);
  const model = new Sequential([new Embedding(4, 8), new LSTM(8), new Dense(1, { activation: 'sigmoid' })]);
  model.compile({ optimizer: new Adam({ learningRate: 0.05 }), loss: 'binaryCrossentropy' });
  const { loss } = (await model.fit(x, y, { epochs: 30, ...options })).history;
  const [first, last] = [loss[0], loss.at(-1)];
  check(last < first / 2, `the loss went from ${first} to ${last}`);
  const predicted = (await model.predict(x)).data;
  const right = y.every((label, row) => predicted[row] > 0.5 === (label === 1));
  check(right, `predicted ${predicted} for ${y}`);
  const again = (await (await loadModel(await modelToBytes(model))).predict(x)).data;
  const same = predicted.every((value, row) => value === again[row]);
  check(same, `predicted ${predicted}, and after saving and loading ${again}`);
  return `loss ${first.toFixed(3)} → ${last.toFixed(3)}`;
}

/** Minifiers rename classes; the names of errors stay. */
async function checkErrors({ Dense, Sequential }, workers) {
  const model = new Sequential([new Dense(1)]);
  model.compile({ loss: 'meanSquaredError' });
  const callbacks = [{ onEpochEnd: () => model.fit([[1]], [1]) }];
  const error = await model.fit([[1]], [1], { verbose: 0, workers, callbacks }).catch((caught) => caught);
  check(error.name === 'StateError' && error.code === 'STATE', `expected a StateError, got ${error}`);
}

/**
 * @param {typeof import('backtime')} backtime The package, however the consumer came by it.
 * @param {object} options Of `fit` on the WebAssembly backend.
 * @returns {Promise<string>} What happened, beginning with OK.
 * @throws When anything is not as it must be.
 */
export async function train(backtime, options = {}) {
  const { build } = await backtime.loadBackend();
  const wasm = [];
  for (const workers of [0, 1, 2]) {
    wasm.push(`${workers} workers: ${await trainModel(backtime, { ...options, workers })}`);
    await checkErrors(backtime, workers);
  }
  // Its code is loaded when it is used.
  backtime.setBackend('reference');
  const reference = await trainModel(backtime, { verbose: 0 });
  backtime.setBackend('wasm');
  const memory = globalThis.crossOriginIsolated ? ' with shared memory' : '';
  return `OK ${build}${memory}, ${wasm.join(', ')}; reference, ${reference}`;
}
