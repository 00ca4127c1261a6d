// `npm run bench -- --quantised`: what integers gain and cost. A model of floats and its quantised
// models run in turns in this process; the fastest of the rounds counts, as other programs only
// slow down.
import * as backtime from '../dist/index.js';
import { makeData } from './data.mjs';
import { loadKernels, makeModel } from './engines/backtimeModel.mjs';
import { formatTime } from './table.mjs';

const TYPES = /** @type {const} */ (['int16', 'int8']);
/** Batches that a round predicts at most. */
const MOST_BATCHES = 2;

/** The calls that are timed, and how many units each has. */
async function callsOf(workload, models) {
  if (workload.unit === 'stream') {
    const x = Float32Array.from({ length: workload.features }, (_, index) => index / workload.features);
    return models.map((model) => {
      const stream = model.stream();
      const output = new Float32Array(stream.outputShape[1]);
      return async () => {
        for (let step = 0; step < 2000; step++) stream.step(x, output);
        return 2000;
      };
    });
  }
  const { inputs } = makeData({ ...workload, batches: Math.min(workload.batches, MOST_BATCHES) });
  const data = inputs.length === 1 ? inputs[0] : inputs;
  return models.map((model) => async () => {
    await model.predict(data, { batchSize: workload.batch, workers: 0 });
    return Math.min(workload.batches, MOST_BATCHES);
  });
}

/**
 * @param {{ workloads: import('./workloads.mjs').Workload[], rounds: number }} options
 */
export async function measureQuantised({ workloads, rounds }) {
  for (const build of /** @type {const} */ (['relaxed-simd', 'simd128'])) {
    await loadKernels(build);
    console.log(`\n${build}, one thread:\n`);
    console.log('| | floats | int16 | int8 | file of floats | int16 | int8 |');
    console.log('| --- | --- | --- | --- | --- | --- | --- |');
    for (const workload of workloads.filter(({ unit }) => unit !== 'startUp')) {
      backtime.setRandomSeed(1);
      const model = makeModel(workload);
      // Predicts, so that it has weights.
      if (workload.unit === 'stream') model.build([null, null, workload.features]);
      else await callsOf(workload, [model]).then(([call]) => call());
      const models = [model, ...(await Promise.all(TYPES.map((type) => model.quantize(type))))];
      const calls = await callsOf(workload, models);
      const times = calls.map(() => Number.POSITIVE_INFINITY);
      for (let round = 0; round <= rounds; round++) {
        for (const [index, call] of calls.entries()) {
          const start = performance.now();
          const units = await call();
          // The first round compiles the programs.
          if (round > 0) times[index] = Math.min(times[index], (performance.now() - start) / units);
        }
      }
      const sizes = await Promise.all(models.map(async (each) => (await backtime.modelToBytes(each, { includeOptimizer: false })).length));
      const [floats, ...others] = times;
      const ratios = others.map((time) => `${formatTime(time)}, ${(floats / time).toFixed(2)}x`);
      const files = sizes.map((size) => `${(size / 1000).toFixed(0)} kB`);
      console.log(`| ${workload.id} | ${[formatTime(floats), ...ratios, ...files].join(' | ')} |`);
      for (const each of models) each.dispose();
    }
  }
}
