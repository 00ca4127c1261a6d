// A workload as a user of backtime would write it: `fit` for training (data checks, shuffling,
// batch writing and history included), `predict` for inference, `stream` for a step at a time. It
// runs in Node and in pages.
import * as backtime from '../../dist/index.js';
import { makeData } from '../data.mjs';
import { Cannot, repeat } from './engine.mjs';

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

/**
 * Loads the kernels of a build, and no other.
 *
 * @param {'relaxed-simd' | 'simd128'} build
 * @throws {Cannot} where it does not run
 */
export async function loadKernels(build) {
  backtime.setBackend('wasm', { deterministic: build === 'simd128' });
  const backend = await backtime.loadBackend();
  if (/** @type {import('../kernels.mjs').WasmBackend} */ (backend).build !== build) throw new Cannot('relaxed SIMD is not executed here');
  return backend;
}

/**
 * @param {import('../workloads.mjs').Workload} workload
 * @param {'train' | 'infer'} kind
 * @param {number} workers The option of `fit` and `predict`.
 * @returns {import('./engine.mjs').Running}
 */
export function prepareModel(workload, kind, workers) {
  if (workload.unit === 'stream') return prepareStream(workload, workers);
  const { x, xShape, y, yShape } = makeData(workload);
  const data = { shape: xShape, data: x };
  const targets = { shape: yShape, data: y };
  const model = makeModel(workload);
  const { batch: batchSize, batches } = workload;
  const options = /** @type {const} */ ({ batchSize, verbose: 0, workers });
  const batchesInUnit = workload.unit === 'epoch' ? batches : 1;
  const run = async (wanted) => {
    const passes = Math.ceil((wanted * batchesInUnit) / batches);
    const units = (passes * batches) / batchesInUnit;
    if (kind === 'infer') {
      for (let pass = 0; pass < passes; pass++) await model.predict(data, options);
      return units;
    }
    if (workers === 0) {
      await model.fit(data, targets, { ...options, epochs: passes });
      return units;
    }
    // Each fit starts its workers anew, which one more epoch keeps out of the time.
    let start = 0;
    const onEpochEnd = (epoch) => {
      if (epoch === 0) start = performance.now();
    };
    await model.fit(data, targets, { ...options, epochs: passes + 1, callbacks: [{ onEpochEnd }] });
    return { units, ms: performance.now() - start };
  };
  return { run, close: () => model.dispose() };
}

/**
 * @param {import('../workloads.mjs').Workload} workload
 * @param {number} workers
 * @returns {import('./engine.mjs').Running}
 */
function prepareStream({ features, layers }, workers) {
  if (workers > 0) throw new Cannot('a stream is of one thread');
  const model = new backtime.Sequential(layers.map(makeLayer));
  model.build([null, null, features]);
  const stream = model.stream();
  const x = Float32Array.from({ length: features }, (_, index) => index / features);
  const output = new Float32Array(/** @type {{ units: number }} */ (layers.at(-1)).units);
  return { run: repeat(() => stream.step(x, output)), close: () => model.dispose() };
}
