// `npm run bench -- --long-tasks`: how long does a call hold its thread at a time, with data and
// networks of a size that would show? The page of a browser does not answer meanwhile.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import * as backtime from '../dist/index.js';
import { formatTime } from './table.mjs';

const SAMPLES = 125_000;
const STEPS = 100;
const IDS = 1000;
const ROUNDS = 3;
const options = /** @type {const} */ ({ batchSize: 512, verbose: 0 });

const ids = () => Int32Array.from({ length: SAMPLES * STEPS }, (_, index) => index % IDS);
const targets = () => new Float32Array(SAMPLES).fill(0.5);

/** @param {import('../dist/index.js').Layer[]} layers */
function compiled(layers) {
  const model = new backtime.Sequential(layers);
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  return model;
}
const small = () => compiled([new backtime.Embedding(IDS, 4), new backtime.SimpleRNN(4), new backtime.Dense(1)]);

/** @type {{ name: string, prepare: () => (workers: number) => Promise<unknown> }[]} */
const CALLS = [
  {
    name: `fit on ${(SAMPLES * STEPS) / 1e6} million ids in a typed array`,
    prepare: () => {
      const x = { shape: [SAMPLES, STEPS], data: ids() };
      const y = targets();
      return (workers) => small().fit(x, y, { ...options, workers });
    },
  },
  {
    name: 'the same in nested arrays',
    prepare: () => {
      const flat = ids();
      const x = Array.from({ length: SAMPLES }, (_, row) => Array.from(flat.subarray(row * STEPS, (row + 1) * STEPS)));
      const y = Array.from(targets());
      return (workers) => small().fit(x, y, { ...options, workers });
    },
  },
  {
    name: 'predict as many values',
    prepare: () => {
      const x = { shape: [SAMPLES, STEPS], data: ids() };
      const model = new backtime.Sequential([new backtime.Embedding(IDS, 1), new backtime.SimpleRNN(1, { returnSequences: true })]);
      return (workers) => model.predict(x, { ...options, workers });
    },
  },
  {
    name: 'fit a network of 10 million parameters',
    prepare: () => {
      const x = { shape: [64, 1], data: new Int32Array(64) };
      const y = new Float32Array(64);
      return (workers) =>
        compiled([new backtime.Embedding(100_000, 100), new backtime.SimpleRNN(4), new backtime.Dense(1)]).fit(x, y, {
          ...options,
          epochs: 2,
          workers,
        });
    },
  },
];

/**
 * Milliseconds for which the thread was held at most, the least of some rounds: what else the
 * machine did is not the call's.
 */
async function longestTask(call) {
  const longest = [];
  for (let round = 0; round < ROUNDS; round++) {
    const delays = monitorEventLoopDelay({ resolution: 1 });
    delays.enable();
    await wait(20);
    delays.reset();
    await call();
    await wait(2);
    delays.disable();
    longest.push(delays.max / 1e6);
  }
  return Math.min(...longest);
}

export async function measureLongTasks() {
  backtime.setBackend('wasm');
  await backtime.loadBackend();
  console.log(`The longest that the calling thread is held, least of ${ROUNDS} rounds`);
  for (const { name, prepare } of CALLS) {
    console.log(`  ${name}`);
    const call = prepare();
    for (const workers of [0, 1, 2]) {
      const ms = await longestTask(() => call(workers));
      console.log(`    workers: ${workers}  ${formatTime(ms).padStart(10)}`);
    }
  }
}
