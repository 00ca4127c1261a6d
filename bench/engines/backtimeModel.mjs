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
      const recurrent = makeRecurrent(layer, { returnSequences: layer.returnSequences ?? false });
      return layer.bidirectional ? new backtime.Bidirectional(recurrent) : recurrent;
    }
  }
}

/**
 * @param {import('../workloads.mjs').RecurrentLayer} layer
 * @param {{ returnSequences?: boolean, returnState?: boolean }} options
 */
function makeRecurrent({ type, units }, options) {
  return new { SimpleRNN: backtime.SimpleRNN, LSTM: backtime.LSTM, GRU: backtime.GRU }[type](units, options);
}

/**
 * The network of a workload, without weights of its own: an encoder and a decoder are a graph, all
 * others a chain.
 *
 * @param {import('../workloads.mjs').Workload} workload
 */
function makeNetwork({ steps, features, layers, encoder }) {
  if (encoder === undefined) return new backtime.Sequential(layers.map(makeLayer));
  const shape = features === undefined ? [steps] : [steps, features];
  const inputs = ['source', 'target'].map((name) => backtime.Input({ shape, name }));
  const begin = /** @type {import('../workloads.mjs').RecurrentLayer} */ (encoder.at(-1));
  const source = encoder.slice(0, -1).reduce((value, layer) => makeLayer(layer).apply(value), inputs[0]);
  const [, ...state] = [makeRecurrent(begin, { returnState: true }).apply(source)].flat();
  const outputs = layers.reduce(
    (value, layer) => makeLayer(layer).apply(value, layer.type === begin.type ? { initialState: state } : {}),
    inputs[1],
  );
  return new backtime.Model({ inputs, outputs });
}

/** @param {import('../workloads.mjs').Workload} workload */
export function makeModel(workload) {
  const model = makeNetwork(workload);
  model.compile({ optimizer: workload.optimizer, loss: workload.loss });
  return model;
}

/**
 * The ONNX file of a workload's network with its first weights. The file of a stream has the states
 * as inputs and outputs, after the others.
 *
 * @param {import('../workloads.mjs').Workload} workload
 * @returns {Promise<Uint8Array>}
 */
export async function onnxFile(workload) {
  const model = workload.unit === 'stream' ? stepModel(workload) : makeNetwork(workload);
  const { steps, features } = workload;
  // A graph is built already.
  if (model instanceof backtime.Sequential) model.build(features === undefined ? [null, steps] : [null, steps, features]);
  return backtime.modelToBytes(model, { format: 'onnx' });
}

/**
 * One step of a recurrent layer, whose states are inputs and outputs.
 * @param {import('../workloads.mjs').Workload} workload
 */
function stepModel({ features, layers }) {
  const layer = /** @type {import('../workloads.mjs').RecurrentLayer} */ (layers[0]);
  const x = backtime.Input({ shape: [1, features], name: 'x' });
  const states = ['h', 'c'].map((name) => backtime.Input({ shape: [layer.units], name }));
  const outputs = makeRecurrent(layer, { returnState: true }).apply(x, { initialState: states });
  return new backtime.Model({ inputs: [x, ...states], outputs });
}

/**
 * Loads the kernels of a build, and no other.
 *
 * @param {'relaxed-simd' | 'simd128' | 'wide'} build
 * @throws {Cannot} where it does not run
 */
export async function loadKernels(build) {
  backtime.setBackend('wasm', { deterministic: build === 'simd128', wide: build === 'wide' });
  const backend = await backtime.loadBackend();
  if (/** @type {import('../kernels.mjs').WasmBackend} */ (backend).build !== build)
    throw new Cannot(build === 'wide' ? 'this runtime does not join neighbouring vectors' : 'relaxed SIMD is not executed here');
  return backend;
}

/**
 * @param {import('../workloads.mjs').Workload} workload
 * @param {'train' | 'infer'} kind
 * @param {number} workers The option of `fit` and `predict`.
 * @param {'int16' | 'int8'} [type] The integers of a quantised model.
 * @returns {Promise<import('./engine.mjs').Running>}
 */
export async function prepareModel(workload, kind, workers, type) {
  if (type && kind !== 'infer') throw new Cannot('a quantised model only predicts');
  if (workload.unit === 'stream') return prepareStream(workload, workers, type);
  const { inputs, target } = makeData(workload);
  const data = inputs.length === 1 ? inputs[0] : inputs;
  const floats = makeModel(workload);
  // Predicts, so that it has weights.
  if (type) await floats.predict(data, { batchSize: workload.batch });
  const model = type ? await floats.quantize(type) : floats;
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
      await model.fit(data, target, { ...options, epochs: passes });
      return units;
    }
    // Each fit starts its workers anew, which one more epoch keeps out of the time.
    let start = 0;
    const onEpochEnd = (epoch) => {
      if (epoch === 0) start = performance.now();
    };
    await model.fit(data, target, { ...options, epochs: passes + 1, callbacks: [{ onEpochEnd }] });
    return { units, ms: performance.now() - start };
  };
  return { run, close: () => model.dispose() };
}

/**
 * @param {import('../workloads.mjs').Workload} workload
 * @param {number} workers
 * @param {'int16' | 'int8'} [type]
 * @returns {Promise<import('./engine.mjs').Running>}
 */
async function prepareStream({ features, layers }, workers, type) {
  if (workers > 0) throw new Cannot('a stream is of one thread');
  const floats = new backtime.Sequential(layers.map(makeLayer));
  floats.build([null, null, features]);
  const model = type ? await floats.quantize(type) : floats;
  const stream = model.stream();
  const x = Float32Array.from({ length: features }, (_, index) => index / features);
  const output = new Float32Array(/** @type {{ units: number }} */ (layers.at(-1)).units);
  return { run: repeat(() => stream.step(x, output)), close: () => model.dispose() };
}
