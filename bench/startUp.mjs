// `npm run bench -- --start-up`: whole processes of Node from their start to the end of their first
// trained step, in turns with processes that do nothing, with the times of their processor.
//   node bench/startUp.mjs STEP    is such a process, and says what it took until STEP
import { spawnSync } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { median } from './median.mjs';

const STARTS = 20;

/** Each does what those before it do, and more. */
const STEPS = /** @type {const} */ (['nothing', 'import', 'backend', 'step']);
const NAMES = {
  nothing: 'Node alone',
  import: "… and import 'backtime'",
  backend: '… and the kernels',
  step: '… and the first trained step of workload 2',
};

/** @typedef {{ wall: number, processor: number }} Times Milliseconds. */

/**
 * @param {typeof STEPS[number]} step
 * @returns {Times}
 */
function start(step) {
  const begin = performance.now();
  const { status, stdout } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), step], { encoding: 'utf8' });
  const wall = performance.now() - begin;
  if (status !== 0) throw new Error(`the process for '${step}' ended with ${status}`);
  return { wall, processor: JSON.parse(stdout) };
}

/** Prints a table of the medians. */
export function measureStartUp() {
  /** @type {Map<string, Times[]>} */
  const found = new Map(STEPS.map((step) => [step, []]));
  for (let turn = 0; turn < STARTS; turn++) for (const step of STEPS) found.get(step)?.push(start(step));
  console.log(`\nMedians of ${STARTS} starts in turns, ms:\n\n| | to the end of the process | user and system time |\n| --- | --- | --- |`);
  for (const [step, times] of found) {
    const of = (/** @type {keyof Times} */ key) => median(times.map((each) => each[key])).toFixed(1);
    console.log(`| ${NAMES[step]} | ${of('wall')} | ${of('processor')} |`);
  }
}

/** @param {number} count Of STEPS. */
async function run(count) {
  if (count === 0) return;
  const backtime = await import('../dist/node.js');
  if (count === 1) return;
  if (count === 2) return void (await backtime.loadBackend());
  const [{ makeData }, { WORKLOADS }] = await Promise.all([import('./data.mjs'), import('./workloads.mjs')]);
  const workload = WORKLOADS.find(({ id }) => id === '2');
  const { inputs, target } = makeData({ ...workload, batches: 1 });
  const { Dense, Embedding, Sequential, SimpleRNN } = backtime;
  const model = new Sequential([new Embedding(1000, 32), new SimpleRNN(8), new Dense(1, { activation: 'sigmoid' })]);
  model.compile({ optimizer: workload.optimizer, loss: workload.loss });
  await model.fit(inputs[0], target, { batchSize: workload.batch, epochs: 1, verbose: 0, workers: 0 });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [step] = /** @type {typeof STEPS[number][]} */ (process.argv.slice(2));
  await run(STEPS.indexOf(step));
  const { user, system } = process.cpuUsage();
  console.log((user + system) / 1000);
}
