// TensorFlow.js: `trainOnBatch` and `predict` on tensors that were made before the clock starts.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import { batchOf, makeData } from '../data.mjs';
import { overBatches } from './engine.mjs';

/**
 * @param {import('../workloads.mjs').LayerDescription} layer
 * @param {number[]} [inputShape] Given to the first layer.
 * @param {boolean} [returnState] Of a recurrent layer.
 */
function makeLayer(layer, inputShape, returnState = false) {
  switch (layer.type) {
    case 'Embedding':
      return tf.layers.embedding({
        inputDim: layer.vocabulary,
        outputDim: layer.units,
        maskZero: layer.maskZero ?? false,
        inputLength: inputShape?.[0],
      });
    case 'Dense':
      return tf.layers.dense({ units: layer.units, activation: layer.activation });
    case 'SimpleRNN':
    case 'LSTM':
    case 'GRU': {
      const make = { SimpleRNN: tf.layers.simpleRNN, LSTM: tf.layers.lstm, GRU: tf.layers.gru }[layer.type];
      // Its orthogonal initializer takes minutes for the larger layers, before the first step.
      const initializer = { recurrentInitializer: 'glorotUniform' };
      // Its own default is the older hardSigmoid; the others compute a sigmoid.
      const options = layer.type === 'SimpleRNN' ? initializer : { ...initializer, recurrentActivation: 'sigmoid' };
      const { bidirectional, units, returnSequences = false } = layer;
      const recurrent = make({ units, returnSequences, returnState, inputShape: bidirectional ? undefined : inputShape, ...options });
      return bidirectional ? tf.layers.bidirectional({ layer: recurrent, mergeMode: 'concat', inputShape }) : recurrent;
    }
  }
}

/** @param {import('../workloads.mjs').Workload} workload */
function makeModel(workload) {
  const { optimizer, loss } = workload;
  const model = workload.encoder ? makeGraph(workload) : makeChain(workload);
  model.compile({ optimizer: { sgd: () => tf.train.sgd(0.01), adam: () => tf.train.adam(0.001) }[optimizer](), loss });
  return model;
}

/** @param {import('../workloads.mjs').Workload} workload */
function makeChain({ layers, steps, features }) {
  const oneHot = layers[0].type === 'OneHot' ? layers[0].depth : undefined;
  const model = tf.sequential();
  let inputShape = oneHot || features ? [steps, oneHot ?? features] : [steps];
  for (const layer of layers) {
    if (layer.type === 'OneHot') continue;
    model.add(makeLayer(layer, inputShape));
    inputShape = undefined;
  }
  return model;
}

/**
 * An encoder and a decoder of ids.
 * @param {import('../workloads.mjs').Workload} workload
 */
function makeGraph({ layers, encoder, steps }) {
  const inputs = [tf.input({ shape: [steps] }), tf.input({ shape: [steps] })];
  const begin = encoder.at(-1);
  const source = encoder.slice(0, -1).reduce((value, layer) => makeLayer(layer).apply(value), inputs[0]);
  const [, ...state] = makeLayer(begin, undefined, true).apply(source);
  const outputs = layers.reduce(
    (value, layer) => makeLayer(layer).apply(value, layer.type === begin.type ? { initialState: state } : {}),
    inputs[1],
  );
  return tf.model({ inputs, outputs });
}

/** Tensors of each batch. */
function makeTensors(workload) {
  const { inputs, target } = makeData(workload);
  const { batch, batches, layers } = workload;
  const tensorOf = ({ data, shape }) => tf.tensor(data, shape);
  const ids = workload.vocabulary !== undefined;
  const oneHot = layers[0].type === 'OneHot' ? layers[0].depth : undefined;
  return Array.from({ length: batches }, (_, index) => {
    const x = inputs.map((input) => {
      const values = tensorOf(batchOf(input, batch, index));
      return oneHot ? tf.oneHot(values.toInt(), oneHot).toFloat() : ids ? values.toFloat() : values;
    });
    const y = tensorOf(batchOf(target, batch, index));
    return {
      x: x.length === 1 ? x[0] : x,
      // Its sparse loss takes a last axis of length 1.
      y: workload.loss === 'sparseCategoricalCrossentropy' ? y.toFloat().expandDims(-1) : y,
    };
  });
}

/** @param {string} name @returns {Promise<import('./engine.mjs').Engine>} */
export async function openEngine(name) {
  const backend = name === 'tfjs-cpu' ? 'cpu' : 'wasm';
  const require = createRequire(import.meta.url);
  if (backend === 'wasm') setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  // Without its checks of arguments, as its guide says for production.
  tf.enableProdMode();
  await tf.setBackend(backend);
  await tf.ready();
  const versions = { 'TF.js': tf.version.tfjs, ...(backend === 'wasm' ? { 'TF.js wasm backend': version_wasm } : {}) };
  return { versions, prepare: async (workload, kind) => prepare(workload, kind) };
}

function prepare(workload, kind) {
  if (workload.unit === 'stream') return prepareStream(workload);
  const model = makeModel(workload);
  const batches = makeTensors(workload);
  const train = async ({ x, y }) => void (await model.trainOnBatch(x, y));
  const infer = async ({ x }) => {
    const output = model.predict(x, { batchSize: workload.batch });
    await output.data();
    output.dispose();
  };
  const close = () => {
    model.dispose();
    for (const { x, y } of batches) tf.dispose([x, y]);
  };
  return { run: overBatches(workload, batches, kind === 'train' ? train : infer), close };
}

/**
 * A cell called by hand: a model with `stateful` would take its state through a whole graph again.
 */
function prepareStream({ features, layers }) {
  const { units: size } = layers[0];
  const cell = tf.layers.lstmCell({ units: size, recurrentActivation: 'sigmoid', recurrentInitializer: 'glorotUniform' });
  cell.build([1, features]);
  const x = tf.range(0, features).div(features).expandDims(0);
  const run = async (units) => {
    let hidden = tf.zeros([1, size]);
    let state = tf.zeros([1, size]);
    for (let unit = 0; unit < units; unit++) {
      const [, nextHidden, nextState] = tf.tidy(() => cell.call([x, hidden, state], {}));
      tf.dispose([hidden, state]);
      [hidden, state] = [nextHidden, nextState];
    }
    await hidden.data();
    tf.dispose([hidden, state]);
    return units;
  };
  return { run, close: () => x.dispose() };
}
