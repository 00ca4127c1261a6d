// What the project wants of each workload, and what a run says about it: ratios within that run
// only.
import { ENGINE_NAMES } from './names.mjs';
import { realShare, WORKLOADS } from './workloads.mjs';

/** @typedef {{ workload: string, aim: string, seen: string, reached: boolean }} Aim */

const PYTHON = ['pytorch', 'pytorch-2', 'keras-jax', 'keras-jax-2', 'keras-tensorflow', 'keras-tensorflow-2'];
const KERAS = PYTHON.slice(2);
const KERAS_ONE_THREAD = ['keras-jax', 'keras-tensorflow'];
const TWO_THREADS = ['pytorch-2', 'keras-jax-2', 'keras-tensorflow-2'];
const ALL = [...PYTHON, 'tfjs-wasm', 'tfjs-cpu', 'deepbox', 'brain'];

/**
 * The number of a workload, an engine of Backtime, and the largest ratio to the best of the others.
 * @typedef {[workload: string, own: string, most: number]} Goal
 */

/**
 * Inference of two workers beside PyTorch and Keras on two threads; a stream is of one thread.
 * @type {Goal[]}
 */
const INFERENCE_ON_TWO_THREADS = [
  ['1', 'relaxed-2', 1],
  ['2', 'relaxed-2', 1],
  ['3', 'relaxed-2', 1.5],
  ['3', 'wide-2', 1],
  ['4', 'relaxed-2', 2],
  ['4', 'wide-2', 1.5],
  ['4', 'int16-2', 1.3],
  ['5', 'relaxed-2', 1],
  ['5', 'wide-2', 1],
  ['6', 'relaxed-2', 2.8],
  ['6', 'wide-2', 2.1],
  ['7', 'relaxed', 1],
  ['8', 'relaxed-2', 1],
  ['8', 'wide-2', 1],
  ['8 padded', 'relaxed-2', 1],
  ['8 padded', 'wide-2', 1],
];

/**
 * Inference on one thread beside onnxruntime.
 * @type {[...Goal, rival: string][]}
 */
const INFERENCE_BESIDE_ONNXRUNTIME = [
  ['3', 'relaxed', 1 / 2.5, 'onnx-web'],
  ['3', 'relaxed', 1.5, 'onnx-node'],
  ['4', 'relaxed', 1 / 2, 'onnx-web'],
  ['4', 'int8', 1 / 2, 'onnx-web-int8'],
  ['5', 'relaxed', 1 / 2, 'onnx-web'],
  ['6', 'relaxed', 1 / 1.8, 'onnx-web'],
  ['6', 'int8', 1 / 1.5, 'onnx-web-int8'],
  ['7', 'relaxed', 1 / 10, 'onnx-web'],
];

/**
 * Training of the wide build beside PyTorch on as many threads.
 * @type {[...Goal, rival: string][]}
 */
const WIDE_TRAINING = ['3', '4', '5', '6'].flatMap((workload) =>
  ['', '-2'].map((threads) => [workload, `wide${threads}`, workload === '4' ? 1.1 : 1, `pytorch${threads}`]),
);

/**
 * The aims whose engines were measured.
 *
 * @param {(workload: string, kind: 'train' | 'infer', engine: string) => import('./results.mjs').Row | undefined}
 *   find
 * @returns {Aim[]}
 */
export function makeAims(find) {
  /** @type {Aim[]} */
  const aims = [];
  const time = (workload, engine, kind = /** @type {const} */ ('train')) => find(workload, kind, engine)?.ms ?? undefined;

  const fractionOfBest = (workload, own, rivals, most, aim, kind = /** @type {'train' | 'infer'} */ ('train')) => {
    const ownTime = find(workload, kind, own)?.ms ?? undefined;
    const times = rivals.map((engine) => find(workload, kind, engine)?.ms).filter((ms) => ms != null);
    if (ownTime === undefined || times.length === 0) return;
    const ratio = ownTime / Math.min(...times);
    aims.push({ workload, aim, seen: `${ratio.toFixed(2)} ×`, reached: ratio <= most });
  };
  const shareOfLimit = (workload, least, aim) => {
    const share = find(workload, 'train', 'relaxed')?.shareOfLimit;
    if (share == null) return;
    aims.push({ workload, aim, seen: `${(share * 100).toFixed(0)} %`, reached: share >= least });
  };

  const wasm = time('1', 'tfjs-wasm');
  const own = time('1', 'relaxed');
  if (wasm !== undefined && own !== undefined) {
    const ratio = wasm / own;
    aims.push({
      workload: '1',
      aim: "at least 30 times faster than TF.js' wasm backend",
      seen: `${ratio.toFixed(0)} times`,
      reached: ratio >= 30,
    });
  }
  fractionOfBest('1', 'relaxed', ALL, 1 / 2, 'at most half the time of the best other engine');
  fractionOfBest('2', 'relaxed', ALL, 1 / 3, 'at most a third of the time of the best other engine');
  fractionOfBest('3', 'relaxed', ['pytorch'], 1.5, 'at most 1.5 times the time of PyTorch on one thread');
  fractionOfBest('3', 'relaxed-2', ALL, 1, 'with 2 workers, ahead of all');
  shareOfLimit('4', 0.8, 'at least 80 % of the limit');
  fractionOfBest('4', 'relaxed-2', KERAS, 1, 'with 2 workers, ahead of both Keras backends');
  fractionOfBest('5', 'relaxed', KERAS, 1, 'ahead of both Keras backends');
  fractionOfBest('5', 'relaxed', KERAS_ONE_THREAD, 1, 'on one thread, ahead of both Keras backends on one');
  fractionOfBest('5', 'relaxed-2', ALL, 1, 'with 2 workers, ahead of all');
  shareOfLimit('6', 0.85, 'at least 85 % of the limit');
  fractionOfBest('7', 'relaxed', PYTHON.slice(0, 2), 1 / 4, "at most a quarter of the time of PyTorch's LSTMCell", 'infer');

  const masked = time('8', 'relaxed');
  const padded = time('8 padded', 'relaxed');
  if (masked !== undefined && padded !== undefined) {
    const share = realShare(WORKLOADS.find(({ id }) => id === '8'));
    const most = share * padded * 1.15 + padded * 0.1;
    const seen = `${masked.toFixed(0)} ms; ${(share * 100).toFixed(0)} % of ${padded.toFixed(0)} ms is ${(share * padded).toFixed(0)} ms`;
    aims.push({ workload: '8', aim: 'real steps × padded time, within 15 %, plus 10 % of the padded time', seen, reached: masked <= most });
  }
  const startUp = time('9', 'relaxed');
  if (startUp !== undefined) aims.push({ workload: '9', aim: 'under 75 ms', seen: `${startUp.toFixed(0)} ms`, reached: startUp < 75 });

  for (const [workload, own, most] of INFERENCE_ON_TWO_THREADS) {
    const aim = `inference, ${ownName(own)}: ${atMost(most)} the best of PyTorch and Keras on two threads`;
    fractionOfBest(workload, own, TWO_THREADS, most, aim, 'infer');
  }
  for (const [workload, own, most, rival] of INFERENCE_BESIDE_ONNXRUNTIME)
    fractionOfBest(workload, own, [rival], most, `inference, ${ownName(own)}: ${atMost(most)} ${ENGINE_NAMES[rival]}`, 'infer');
  for (const [workload, own, most, rival] of WIDE_TRAINING)
    fractionOfBest(workload, own, [rival], most, `training, ${ownName(own)}: ${atMost(most)} ${ENGINE_NAMES[rival]}`);
  return aims;
}

const ownName = (engine) => ENGINE_NAMES[engine].replace('backtime, ', '');
const atMost = (most) => (most === 1 ? 'ahead of' : `at most ${most < 1 ? `1/${Number((1 / most).toFixed(2))}` : most} times the time of`);
