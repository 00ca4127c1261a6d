// `npm run bench -- --scaling`: does a training step cost in proportion to its steps, its batch and
// its parameters? Each is varied over two decades with the others fixed, timed through `fit`, and
// drawn with logarithmic axes beside the line of slope one.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as backtime from '../dist/index.js';
import { median } from './median.mjs';
import { drawScaling } from './scalingChart.mjs';
import { formatTime } from './table.mjs';

const FEATURES = 32;
/** What is not varied. */
const USUAL = { steps: 100, batch: 32, units: 64 };
/** @typedef {'steps' | 'batch' | 'units'} Axis */
const VALUES = /** @type {const} */ ({
  steps: [10, 20, 50, 100, 200, 500, 1000],
  batch: [4, 8, 20, 40, 80, 200, 400],
  units: [16, 32, 64, 96, 128, 192, 256],
});

/** Parameters of the measured network: LSTM(units) and Dense(1). @param {number} units */
const parameters = (units) => 4 * units * (FEATURES + units + 1) + units + 1;

/**
 * @typedef {object} Point
 * @property {number} value What was varied: steps, batch or parameters.
 * @property {number} ms A training step.
 *
 * @typedef {object} Series
 * @property {string} name
 * @property {Point[]} points
 * @property {number} slope Of the line fitted through the logarithms: 1 is proportional.
 */

/** Median milliseconds of a training step. */
async function timeStep({ steps, batch, units }, { rounds, roundTime }) {
  const model = new backtime.Sequential([new backtime.LSTM(units), new backtime.Dense(1)]);
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  const x = {
    shape: [batch, steps, FEATURES],
    data: Float32Array.from({ length: batch * steps * FEATURES }, (_, index) => (index % 13) / 13),
  };
  const y = new Float32Array(batch).fill(0.5);
  const timeEpochs = async (epochs) => {
    const start = performance.now();
    await model.fit(x, { shape: [batch, 1], data: y }, { batchSize: batch, epochs, verbose: 0 });
    return (performance.now() - start) / epochs;
  };
  let ms = await timeEpochs(1);
  for (let warm = 0; warm < 3; warm++) ms = await timeEpochs(Math.max(1, Math.round(roundTime / 4 / ms)));
  const samples = [];
  for (let round = 0; round < rounds; round++) samples.push(await timeEpochs(Math.max(1, Math.round(roundTime / ms))));
  model.dispose();
  return median(samples);
}

/** Least squares through the logarithms. @param {Point[]} points */
function slopeOf(points) {
  const logs = points.map(({ value, ms }) => [Math.log(value), Math.log(ms)]);
  const mean = (index) => logs.reduce((sum, pair) => sum + pair[index], 0) / logs.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const covariance = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}

/** @param {import('./options.mjs').Options} options */
export async function measureScaling(options) {
  backtime.setBackend('wasm');
  const { build } = await backtime.loadBackend();
  console.log(`LSTM(${USUAL.units}) on ${USUAL.batch}×${USUAL.steps}×${FEATURES}, Dense(1), Adam; ${build}; each varied by itself`);
  /** @type {Series[]} */
  const series = [];
  for (const axis of /** @type {Axis[]} */ (Object.keys(VALUES))) {
    const points = [];
    for (const value of VALUES[axis]) {
      const ms = await timeStep({ ...USUAL, [axis]: value }, options);
      points.push({ value: axis === 'units' ? parameters(value) : value, ms });
      console.log(`  ${axis} ${String(value).padStart(5)}  ${formatTime(ms).padStart(10)}`);
    }
    const name = axis === 'units' ? 'parameters' : axis;
    series.push({ name, points, slope: slopeOf(points) });
    console.log(`  ${name}: slope ${slopeOf(points).toFixed(2)} (1 is proportional)`);
  }
  const file = fileURLToPath(new URL('../docs/scaling.svg', import.meta.url));
  writeFileSync(file, `${drawScaling(series)}\n`);
  console.log(`wrote ${join('docs', 'scaling.svg')}`);
}
