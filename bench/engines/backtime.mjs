// Backtime as a user has it: the built package, `fit` for training (data checks, shuffling, batch writing and history included)
// `predict` for inference, `stream` for a step at a time.
import { readFileSync } from 'node:fs';
import * as backtime from '../../dist/index.js';
import { makeData } from '../data.mjs';
import { largestSequence } from '../operations.mjs';
import { Cannot, repeat } from './engine.mjs';

/** The option `workers` of `fit`. */
const WORKERS = { relaxed: 0, simd128: 0, 'relaxed-2': 2 };

/** @param {import('../workloads.mjs').LayerDescription} layer */
function makeLayer(layer) {
  switch (layer.type) {
    case 'OneHot':
      return new backtime.OneHot(layer.depth);
    case 'Embedding':
      return new backtime.Embedding(layer.vocabulary, layer.units, { maskZero: layer.maskZero ?? false });
    case 'Dense':
      return new backtime.Dense(layer.units, { activation: layer.activation });
    default: {
      const Recurrent = { SimpleRNN: backtime.SimpleRNN, LSTM: backtime.LSTM, GRU: backtime.GRU }[layer.type];
      return new Recurrent(layer.units, { returnSequences: layer.returnSequences ?? false });
    }
  }
}

function makeModel(workload) {
  const model = new backtime.Sequential(workload.layers.map(makeLayer));
  model.compile({ optimizer: workload.optimizer, loss: workload.loss });
  return model;
}

/** @param {string} name @returns {Promise<import('./engine.mjs').Engine>} */
export async function openEngine(name) {
  backtime.setBackend('wasm', { deterministic: name === 'simd128' });
  const backend = /** @type {import('../kernels.mjs').WasmBackend} */ (await backtime.loadBackend());
  const { build } = backend;
  if ((build === 'simd128') !== (name === 'simd128')) throw new Cannot(`this Node (${process.version}) executes no relaxed SIMD`);
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return { versions: { backtime: version }, prepare: async (workload, kind) => prepare(workload, kind, backend, WORKERS[name]) };
}

function prepare(workload, kind, backend, workers) {
  if (workers > 0 && kind !== 'train') throw new Cannot('workers are for training');
  if (workload.unit === 'stream') return prepareStream(workload);
  if (kind === 'kernels') return prepareKernels(workload, backend);
  const { x, xShape, y, yShape } = makeData(workload);
  const data = { shape: xShape, data: x };
  const targets = { shape: yShape, data: y };
  const model = makeModel(workload);
  const batchesInUnit = workload.unit === 'epoch' ? workload.batches : 1;
  const { batch, batches } = workload;
  const close = () => model.dispose();
  if (kind === 'train') {
    const run = async (wanted) => {
      const epochs = Math.ceil((wanted * batchesInUnit) / batches);
      const options = /** @type {const} */ ({ batchSize: batch, verbose: 0, workers });
      const units = (epochs * batches) / batchesInUnit;
      if (workers === 0) {
        await model.fit(data, targets, { ...options, epochs });
        return units;
      }
      // Each fit starts its workers anew, which one more epoch keeps out of the time.
      let start = 0;
      const onEpochEnd = (epoch) => {
        if (epoch === 0) start = performance.now();
      };
      await model.fit(data, targets, { ...options, epochs: epochs + 1, callbacks: [{ onEpochEnd }] });
      return { units, ms: performance.now() - start };
    };
    return { run, close };
  }
  const run = async (units) => {
    const passes = Math.ceil((units * batchesInUnit) / batches);
    for (let pass = 0; pass < passes; pass++) await model.predict(data, { batchSize: batch });
    return (passes * batches) / batchesInUnit;
  };
  return { run, close };
}

/** @returns {import('./engine.mjs').Running} */
function prepareStream({ features, layers }) {
  const model = new backtime.Sequential(layers.map(makeLayer));
  model.build([null, null, features]);
  const stream = model.stream();
  const x = Float32Array.from({ length: features }, (_, index) => index / features);
  const output = new Float32Array(layers.at(-1).units);
  return { run: repeat(() => stream.step(x, output)), close: () => model.dispose() };
}

/** The largest recurrent layer's two kernels alone. @returns {Promise<import('./engine.mjs').Running>} */
async function prepareKernels(workload, backend) {
  // Start-up times leave out what only this needs.
  const { sequence } = await import('../kernels.mjs');
  const { run, operations, free } = sequence(backend, largestSequence(workload), { train: true });
  return { run: repeat(run), operations, close: free };
}
