// The command line of `npm run bench`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { WORKLOADS } from './workloads.mjs';

/** Engines that a name on the command line stands for. */
const GROUPS = {
  relaxed: ['relaxed'],
  simd128: ['simd128'],
  'relaxed-2': ['relaxed-2'],
  wide: ['wide', 'wide-2'],
  quantised: ['int16', 'int8', 'int16-2', 'int8-2'],
  limit: ['limit', 'gemm', 'limit-simd128', 'gemm-simd128'],
  tfjs: ['tfjs-wasm', 'tfjs-cpu'],
  'tfjs-wasm': ['tfjs-wasm'],
  'tfjs-cpu': ['tfjs-cpu'],
  deepbox: ['deepbox'],
  brain: ['brain'],
  onnxruntime: ['onnx-web', 'onnx-web-int8', 'onnx-node', 'onnx-node-int8', 'onnx-node-2', 'onnx-node-int8-2'],
  'onnx-web': ['onnx-web', 'onnx-web-int8'],
  chromium: ['chromium'],
  firefox: ['firefox'],
  before: ['before'],
  pytorch: ['pytorch', 'pytorch-2'],
  'keras-jax': ['keras-jax', 'keras-jax-2'],
  'keras-tensorflow': ['keras-tensorflow', 'keras-tensorflow-2'],
};
const PYTHON_GROUPS = ['pytorch', 'keras-jax', 'keras-tensorflow'];
const SCRIPT_GROUPS = ['relaxed', 'simd128', 'relaxed-2', 'wide', 'quantised', 'limit', 'tfjs', 'deepbox', 'brain', 'onnxruntime'];

export const USAGE = `npm run bench -- [options]
  --workloads 1,3    only these: ${WORKLOADS.map(({ id }) => id)
    .filter((id) => !id.includes(' '))
    .join(' ')} (default: all)
  --engines a,b      only these: ${Object.keys(GROUPS).join(' ')}
                     (default: all but the browsers; those of Python when --python is given)
  --kinds a,b        train, infer, and kernels: forward and backward of the largest recurrent layer alone (default: train,infer)
  --against FOLDER   a built clone of another version: its engine, before, runs beside this version's, in turns
  --python PATH      a Python with torch, keras, jax and tensorflow, and for int8 files with onnx and onnxruntime
  --rounds N         measurements of each engine, interleaved; the median counts (default 5)
  --quick            shorter measurements, three rounds
  --budget SECONDS   engines that need a fifth of it for a step are measured once; after three times it they are given up (default 20)
  --json FILE        writes the rows; rows that FILE has already of other workloads and engines stay
  --performance      all rows of docs/performance.md on the engines that it needs, most important first, and the page;
                     --workloads and --kinds choose among them
  --minutes N        rows that would begin later than that are left out and named (default 25)
  --scaling          time against steps, batch and parameters instead, and a plot (docs/scaling.svg)
  --workers          what two workers gain on networks of many sizes instead: the data behind workers: 'auto'
  --wrappers         what Bidirectional, TimeDistributed and two layers cost beside one LSTM instead
  --long-tasks       how long fit and predict hold the calling thread instead, with and without workers
  --quantised        what models of int16 and int8 gain beside those of floats instead, in one process
  --start-up         what processes of Node take to their first trained step instead, beside Node alone
  --serving          how long the answers to 1 and 64 clients take instead, one by one and in one batch
  --streaming FOLDER what training on files costs that are larger than the memory, instead; FOLDER has them meanwhile
  --gigabytes N      the size of these files (default: more than the memory)`;

/** The user asked for something that is not there. */
export class UsageError extends Error {}

/**
 * @typedef {object} Options
 * @property {import('./workloads.mjs').Workload[]} workloads
 * @property {string[]} engines
 * @property {('train' | 'infer' | 'kernels')[]} kinds
 * @property {string | undefined} python
 * @property {string | undefined} against
 * @property {number} rounds
 * @property {number} roundTime Milliseconds that an engine runs in a round.
 * @property {number} budget Milliseconds.
 * @property {string | undefined} json
 * @property {boolean} performance
 * @property {number} minutes
 * @property {boolean} scaling
 * @property {boolean} workers
 * @property {boolean} wrappers
 * @property {boolean} longTasks
 * @property {boolean} quantised
 * @property {boolean} startUp
 * @property {boolean} serving
 * @property {string | undefined} streaming
 * @property {number | undefined} gigabytes
 * @property {boolean} help
 */

/** @param {string[]} args @returns {Options} @throws {UsageError} */
export function readOptions(args) {
  const { values } = parse(args);
  const quick = values.quick ?? false;
  const groups = choose(values.engines, Object.keys(GROUPS), 'engines') ?? [
    ...SCRIPT_GROUPS,
    ...(values.python ? PYTHON_GROUPS : []),
    ...(values.against ? ['before'] : []),
  ];
  const { against } = values;
  if (against !== undefined && !existsSync(join(against, 'dist', 'index.js')))
    throw new UsageError(`--against: ${against} has no dist/index.js: give the folder of a built clone`);
  if (against === undefined && groups.includes('before')) throw new UsageError('the engine before needs --against FOLDER');
  const engines = groups.flatMap((name) => GROUPS[name]);
  if (!values.python && groups.some((name) => PYTHON_GROUPS.includes(name)))
    throw new UsageError('these engines need --python PATH, a Python that has them');
  const ids = choose(values.workloads, [...new Set(WORKLOADS.map(family))], 'workloads');
  return {
    workloads: WORKLOADS.filter((workload) => ids === undefined || ids.includes(family(workload))),
    engines,
    kinds: /** @type {any} */ (choose(values.kinds, ['train', 'infer', 'kernels'], 'kinds')) ?? ['train', 'infer'],
    python: values.python,
    against,
    rounds: positive(values.rounds ?? (quick ? '3' : '5'), 'rounds'),
    roundTime: quick ? 150 : 500,
    budget: positive(values.budget ?? '20', 'budget') * 1000,
    json: values.json,
    performance: values.performance ?? false,
    minutes: positive(values.minutes ?? '25', 'minutes'),
    scaling: values.scaling ?? false,
    workers: values.workers ?? false,
    wrappers: values.wrappers ?? false,
    longTasks: values['long-tasks'] ?? false,
    quantised: values.quantised ?? false,
    startUp: values['start-up'] ?? false,
    serving: values.serving ?? false,
    streaming: values.streaming,
    gigabytes: values.gigabytes === undefined ? undefined : positive(values.gigabytes, 'gigabytes'),
    help: values.help ?? false,
  };
}

const family = ({ id }) => id.split(' ')[0];

function parse(args) {
  try {
    return parseArgs({
      args,
      options: {
        workloads: { type: 'string' },
        engines: { type: 'string' },
        kinds: { type: 'string' },
        python: { type: 'string' },
        against: { type: 'string' },
        rounds: { type: 'string' },
        quick: { type: 'boolean' },
        budget: { type: 'string' },
        json: { type: 'string' },
        performance: { type: 'boolean' },
        minutes: { type: 'string' },
        scaling: { type: 'boolean' },
        workers: { type: 'boolean' },
        wrappers: { type: 'boolean' },
        'long-tasks': { type: 'boolean' },
        quantised: { type: 'boolean' },
        'start-up': { type: 'boolean' },
        serving: { type: 'boolean' },
        streaming: { type: 'string' },
        gigabytes: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error.message);
  }
}

/** @param {string | undefined} text @param {string[]} known @param {string} option */
function choose(text, known, option) {
  const names = text?.split(',').map((name) => name.trim());
  const unknown = names?.filter((name) => !known.includes(name)) ?? [];
  if (unknown.length > 0) throw new UsageError(`--${option}: ${unknown.join(', ')} is not one of ${known.join(', ')}`);
  return names;
}

function positive(text, option) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new UsageError(`--${option} takes a whole number of at least 1, got ${text}`);
  return number;
}
