// `npm run bench -- --workers`: from what size on do two workers pay? Networks whose work,
// parameters and batches differ by two decades are trained with one worker and with two, in turns;
// then calls of growing length without workers and with two, from start to end. What
// `workers: 'auto'` does (ts/model/autoWorkers.ts) was read off its table.
import * as backtime from '../dist/index.js';
import { prepareModel } from './engines/backtimeModel.mjs';
import { median } from './median.mjs';
import { GATES } from './operations.mjs';
import { formatTime } from './table.mjs';

const FEATURES = 32;
/** Multiply-adds of an epoch, forward: about a tenth of a second. */
const EPOCH = 5e8;
const CELLS = /** @type {const} */ (['SimpleRNN', 'GRU', 'LSTM']);
const SIZES = [
  ...[16, 64, 256].flatMap((units) => [16, 64].flatMap((batch) => [10, 100].map((steps) => ({ units, batch, steps })))),
  // One step, so that parameters weigh most.
  { units: 512, batch: 32, steps: 1 },
  { units: 512, batch: 256, steps: 1 },
];

/**
 * @typedef {object} Point
 * @property {string} name
 * @property {number} multiplyAdds Of a batch, forward.
 * @property {number} parameters
 * @property {number} one Milliseconds of a step with one worker.
 * @property {number} two
 */

/** Weights of the recurrent layer. */
const weightsOf = (cell, units) => GATES[cell] * units * (FEATURES + units + 1);

/** @returns {import('./workloads.mjs').Workload} */
function workloadOf(cell, { units, batch, steps }) {
  const layers = /** @type {import('./workloads.mjs').LayerDescription[]} */ ([
    { type: cell, units },
    { type: 'Dense', units: 1 },
  ]);
  // An epoch ends in a message with all weights, so it has many steps where they are short.
  const batches = Math.min(Math.max(Math.round(EPOCH / (weightsOf(cell, units) * batch * steps)), 1), 200);
  const common = { id: '', name: '', unit: /** @type {const} */ ('step'), batches, features: FEATURES };
  return { ...common, batch, steps, layers, optimizer: 'adam', loss: 'meanSquaredError' };
}

/** @returns {Promise<Point>} */
async function measurePoint(cell, size, { rounds, roundTime }) {
  const workload = workloadOf(cell, size);
  const prepared = await Promise.all([1, 2].map((workers) => prepareModel(workload, 'train', workers)));
  const runs = prepared.map((running) => ({ ...running, units: 1, samples: /** @type {number[]} */ ([]) }));
  // The first round finds how many steps fill one.
  for (let round = 0; round <= rounds; round++) {
    for (const run of runs) {
      const { units, ms } = /** @type {{ units: number, ms: number }} */ (await run.run(run.units));
      run.units = Math.max(1, Math.round((roundTime * units) / ms));
      if (round > 0) run.samples.push(ms / units);
    }
  }
  for (const { close } of runs) close();
  const { units, batch, steps } = size;
  const weights = weightsOf(cell, units);
  const [one, two] = runs.map(({ samples }) => median(samples));
  return { name: `${cell}(${units}), ${batch} × ${steps}`, multiplyAdds: weights * batch * steps, parameters: weights, one, two };
}

/**
 * Milliseconds from the call of `predict` on one sample to its result: starting workers and giving
 * them the model.
 */
async function startTime(workers, rounds) {
  const model = new backtime.Sequential([new backtime.Dense(1)]);
  const x = { shape: [workers, 1], data: new Float32Array(workers) };
  const samples = [];
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now();
    await model.predict(x, { batchSize: 1, workers });
    if (round > 0) samples.push(performance.now() - start);
  }
  return median(samples);
}

/** Samples of the calls: some are done before workers have started. */
const COUNTS = [256, 1024, 4096, 16_384];

/** Milliseconds that a whole call takes, of one epoch or none, without workers and with two. */
async function measureCalls(rounds) {
  const [units, steps, batchSize] = [64, 100, 64];
  const model = new backtime.Sequential([new backtime.LSTM(units), new backtime.Dense(1)]);
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  console.log(`\n| call on LSTM(${units}), ${batchSize} × ${steps} | samples | billion multiply-adds | 0 workers | 2 workers | ratio |`);
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const [name, passes] of /** @type {const} */ ([
    ['predict', 1],
    ['fit', 3],
  ])) {
    for (const count of COUNTS) {
      const x = { shape: [count, steps, FEATURES], data: new Float32Array(count * steps * FEATURES).fill(0.5) };
      const y = new Float32Array(count);
      const call = (workers) =>
        name === 'fit' ? model.fit(x, y, { batchSize, verbose: 0, workers }) : model.predict(x, { batchSize, workers });
      const samples = /** @type {[number[], number[]]} */ ([[], []]);
      for (let round = 0; round <= rounds; round++) {
        for (const [index, workers] of [0, 2].entries()) {
          const start = performance.now();
          await call(workers);
          if (round > 0) samples[index].push(performance.now() - start);
        }
      }
      const [none, two] = samples.map(median);
      const work = (passes * count * steps * weightsOf('LSTM', units)) / 1e9;
      console.log(`| ${[name, count, work.toPrecision(2), formatTime(none), formatTime(two), (two / none).toFixed(2)].join(' | ')} |`);
    }
  }
}

/** @param {import('./options.mjs').Options} options */
export async function measureWorkers(options) {
  backtime.setBackend('wasm');
  await backtime.loadBackend();
  for (const workers of [1, 2]) console.log(`starting ${workers}, and the answer: ${formatTime(await startTime(workers, options.rounds))}`);
  const points = [];
  for (const cell of CELLS) for (const size of SIZES) points.push(await measurePoint(cell, size, options));
  points.sort((a, b) => a.multiplyAdds - b.multiplyAdds);
  console.log('| network, batch × steps | million multiply-adds | thousand parameters | 1 worker | 2 workers | ratio |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const { name, multiplyAdds, parameters, one, two } of points) {
    const cells = [name, (multiplyAdds / 1e6).toPrecision(2), (parameters / 1e3).toPrecision(2), formatTime(one), formatTime(two)];
    console.log(`| ${[...cells, (two / one).toFixed(2)].join(' | ')} |`);
  }
  await measureCalls(options.rounds);
}
