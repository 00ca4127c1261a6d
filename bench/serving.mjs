// `npm run bench -- --serving`: how long do the answers of a server take? Clients in this process
// ask one after the other for the outputs of one sample, so what HTTP costs is not in it.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as backtime from '../dist/index.js';
import { releaseWorkers } from '../dist/worker/entry.js';
import { formatTime } from './table.mjs';

const STEPS = 50;
const FEATURES = 16;
const CLIENTS = [1, 64];

/** How the server calls `predict`. */
const WAYS = /** @type {const} */ ([
  { name: 'each call by itself', options: { workers: 0 } },
  { name: 'maxDelay: 2', options: { workers: 0, maxDelay: 2, batchSize: 64 } },
  { name: 'workers: 1, maxDelay: 0', options: { workers: 1, maxDelay: 0, batchSize: 64 } },
  { name: 'workers: 1, maxDelay: 2', options: { workers: 1, maxDelay: 2, batchSize: 64 } },
  { name: 'workers: 2, maxDelay: 2', options: { workers: 2, maxDelay: 2, batchSize: 64 } },
]);

/**
 * The times of the answers to so many clients, sorted, and how long the event loop was held.
 * @param {(client: number) => Promise<unknown>} ask
 */
async function answerTimes(ask, clients, duration) {
  /** @type {number[]} */
  const times = [];
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const end = performance.now() + duration;
  const client = async (number) => {
    while (performance.now() < end) {
      const start = performance.now();
      await ask(number);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  delays.disable();
  return { times: times.sort((a, b) => a - b), held: delays.max / 1e6, duration };
}

/** The time that a part of the answers takes at most. */
const quantile = (sorted, part) => sorted[Math.min(Math.floor(part * sorted.length), sorted.length - 1)];

/** @param {{ rounds: number, roundTime: number }} options */
export async function measureServing({ rounds, roundTime }) {
  backtime.setRandomSeed(1);
  const model = new backtime.Sequential([new backtime.LSTM(128), new backtime.Dense(10, { activation: 'softmax' })]);
  const samples = Array.from({ length: Math.max(...CLIENTS) }, (_, client) => ({
    shape: [1, STEPS, FEATURES],
    data: Float32Array.from({ length: STEPS * FEATURES }, (_, index) => Math.sin(client + index)),
  }));
  console.log(`\nLSTM(128) on one sample of ${STEPS} steps:\n`);
  console.log('| clients | predict | half of the answers | 99 % | answers a second | event loop held at most |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const clients of CLIENTS) {
    for (const { name, options } of WAYS) {
      const ask = (client) => model.predict(samples[client], options);
      // Programs are compiled and workers started before.
      await answerTimes(ask, clients, roundTime);
      const { times, held, duration } = await answerTimes(ask, clients, rounds * roundTime);
      const cells = [clients, name, formatTime(quantile(times, 0.5)), formatTime(quantile(times, 0.99))];
      console.log(`| ${[...cells, Math.round((1000 * times.length) / duration), formatTime(held)].join(' | ')} |`);
    }
  }
  await releaseWorkers();
}
