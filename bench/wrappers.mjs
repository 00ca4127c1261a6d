// `npm run bench -- --wrappers`: what a wrapped recurrent layer costs beside one LSTM of the same
// size. All models take turns, and the median over the rounds counts.
import * as backtime from '../dist/index.js';
import { loadKernels } from './engines/backtimeModel.mjs';
import { median } from './median.mjs';
import { formatTime } from './table.mjs';

const BATCH = 32;
const STEPS = 100;
const FEATURES = 32;
const UNITS = 64;
const BATCHES = 8;

/** Every model ends in the same Dense, and takes the same samples. */
const LAYERS = {
  'LSTM(64)': () => [new backtime.LSTM(UNITS)],
  'Bidirectional(LSTM(64))': () => [new backtime.Bidirectional(new backtime.LSTM(UNITS))],
  'RNN(LSTMCell(64))': () => [new backtime.RNN(new backtime.LSTMCell(UNITS))],
  'TimeDistributed(Dense(64)) before LSTM(64)': () => [new backtime.TimeDistributed(new backtime.Dense(UNITS)), new backtime.LSTM(UNITS)],
  'Dense(64) before LSTM(64)': () => [new backtime.Dense(UNITS), new backtime.LSTM(UNITS)],
};

function prepare(makeLayers) {
  const count = BATCH * BATCHES;
  const x = { shape: [count, STEPS, FEATURES], data: Float32Array.from({ length: count * STEPS * FEATURES }, (_, i) => Math.sin(i)) };
  const y = { shape: [count, 1], data: Float32Array.from({ length: count }, (_, i) => Math.cos(i)) };
  const model = new backtime.Sequential([...makeLayers(), new backtime.Dense(1)]);
  model.compile({ optimizer: 'adam', loss: 'mse' });
  /** Trains epochs. @param {number} epochs */
  const run = async (epochs) => {
    const start = performance.now();
    await model.fit(x, y, { batchSize: BATCH, epochs, verbose: 0, workers: 0 });
    return (performance.now() - start) / (epochs * BATCHES);
  };
  return { run, epochs: 1, samples: /** @type {number[]} */ ([]), close: () => model.dispose() };
}

/** @param {import('./options.mjs').Options} options */
export async function measureWrappers({ rounds, roundTime }) {
  await loadKernels('relaxed-simd');
  const models = Object.entries(LAYERS).map(([name, makeLayers]) => ({ name, ...prepare(makeLayers) }));
  // The first two rounds compile, and find how many epochs fill one.
  for (let round = -2; round < rounds; round++) {
    for (const model of models) {
      const ms = await model.run(model.epochs);
      if (round < 0) model.epochs = Math.max(1, Math.round(roundTime / (ms * BATCHES)));
      else model.samples.push(ms);
    }
  }
  const [one] = models;
  console.log(`\na step of ${BATCH} samples of ${STEPS} steps, ${FEATURES} features`);
  for (const { name, samples, close } of models) {
    const ratio = median(samples.map((ms, round) => ms / one.samples[round]));
    console.log(`  ${name.padEnd(46)}${formatTime(median(samples)).padStart(10)}${ratio.toFixed(2).padStart(8)} ×`);
    close();
  }
}
