// Deepbox as its guide writes training: modules, a loss, `backward`, an optimizer step. Tensors are
// made before the clock starts.
import { readFileSync } from 'node:fs';
import { concatGrad, GradTensor, noGrad, tensor } from 'deepbox/ndarray';
import * as nn from 'deepbox/nn';
import { Adam, SGD } from 'deepbox/optim';
import { batchOf, makeData } from '../data.mjs';
import { Cannot, overBatches } from './engine.mjs';

/** @returns {Promise<import('./engine.mjs').Engine>} */
export async function openEngine() {
  const { version } = JSON.parse(readFileSync(new URL('../node_modules/deepbox/package.json', import.meta.url), 'utf8'));
  return { versions: { Deepbox: version }, prepare: async (workload, kind) => prepare(workload, kind) };
}

/**
 * Layers one after the other: their modules, and a function from a batch to the output and the
 * state of the last recurrent layer.
 *
 * @param {import('../workloads.mjs').LayerDescription[]} layers
 * @param {number} steps T
 * @param {number} features D
 */
function makeChain(layers, steps, features) {
  const modules = [];
  let size = features;
  for (const layer of layers) {
    if (layer.type === 'OneHot') {
      size = layer.depth;
      continue;
    }
    const directions = 'bidirectional' in layer && layer.bidirectional ? 2 : 1;
    modules.push({ module: makeModule(layer, size), layer, directions });
    size = layer.units * directions;
  }
  const forward = (x, begin = []) => {
    let value = x;
    let state;
    for (const { module, layer, directions } of modules) {
      if (!('forwardWithState' in module)) {
        value = module.forward(value);
        continue;
      }
      [value, state] = module.forwardWithState(value, ...begin);
      if (!layer.returnSequences) value = lastOf(value, steps, layer.units, directions);
    }
    return { value, state };
  };
  return { parameters: modules.flatMap(({ module }) => [...module.parameters()]), forward };
}

function makeModule(layer, size) {
  if (layer.type === 'Embedding') return new nn.Embedding(layer.vocabulary, layer.units);
  if (layer.type === 'Dense') return new nn.Linear(size, layer.units);
  const { bidirectional = false, units } = layer;
  return new { SimpleRNN: nn.RNN, LSTM: nn.LSTM, GRU: nn.GRU }[layer.type](size, units, { bidirectional });
}

/** The last step; of the direction back, the first. */
function lastOf(value, steps, units, directions) {
  if (directions === 1) return value.slice({}, steps - 1);
  return concatGrad([value.slice({}, steps - 1, { end: units }), value.slice({}, 0, { start: units })], 1);
}

/**
 * A network's parameters, and a function from a batch to logits.
 * @param {import('../workloads.mjs').Workload} workload
 */
function makeNetwork({ layers, encoder, steps, features = 0 }) {
  const chain = makeChain(layers, steps, features);
  if (encoder === undefined) return { parameters: chain.parameters, forward: ([x]) => chain.forward(x).value };
  const before = makeChain(encoder, steps, features);
  const forward = ([source, x]) => chain.forward(x, [before.forward(source).state]).value;
  return { parameters: [...before.parameters, ...chain.parameters], forward };
}

/** The inputs and the target of each batch. */
function makeTensors(workload) {
  const { inputs, target } = makeData(workload);
  const { batch, batches, layers } = workload;
  const nested = (values, shape) => tensor([...values], { dtype: values instanceof Int32Array ? 'int32' : 'float32' }).reshape(shape);
  return Array.from({ length: batches }, (_, index) => {
    const x = inputs.map((input) => {
      const { data, shape } = batchOf(input, batch, index);
      if (layers[0].type !== 'OneHot') return nested(data, shape);
      const { depth } = layers[0];
      const rows = new Float32Array(data.length * depth);
      for (const [row, id] of data.entries()) rows[row * depth + id] = 1;
      return nested(rows, [...shape, depth]);
    });
    const y = batchOf(target, batch, index);
    return { x, y: nested(y.data, y.data instanceof Int32Array ? [y.data.length] : y.shape) };
  });
}

function prepare(workload, kind) {
  if (workload.unit === 'stream') return prepareStream(workload);
  if (workload.layers.some((layer) => layer.type === 'Embedding' && layer.maskZero)) throw new Cannot('its recurrent layers take no masks');
  const { parameters, forward } = makeNetwork(workload);
  const optimizer = workload.optimizer === 'adam' ? new Adam(parameters, { lr: 0.001 }) : new SGD(parameters, { lr: 0.01 });
  const classes = workload.layers.at(-1).units;
  const lossOf = {
    binaryCrossentropy: (logits, y) => nn.binaryCrossEntropyWithLogitsLoss(logits, y),
    sparseCategoricalCrossentropy: (logits, y) => nn.crossEntropyLoss(logits.reshape([y.size, classes]), y),
    meanSquaredError: (prediction, y) => nn.mseLoss(prediction, GradTensor.fromTensor(y)),
  }[workload.loss];
  const batches = makeTensors(workload);
  const train = ({ x, y }) => {
    optimizer.zeroGrad();
    lossOf(forward(x), y).backward();
    optimizer.step();
  };
  const infer = ({ x }) => void noGrad(() => forward(x));
  return { run: overBatches(workload, batches, kind === 'train' ? train : infer) };
}

function prepareStream({ features, layers }) {
  const layer = new nn.LSTM(features, layers[0].units);
  const x = tensor(Array.from({ length: features }, (_, index) => index / features)).reshape([1, 1, features]);
  const run = async (units) => {
    let [hidden, cell] = [undefined, undefined];
    noGrad(() => {
      for (let unit = 0; unit < units; unit++) [, [hidden, cell]] = layer.forwardWithState(x, hidden, cell);
    });
    return units;
  };
  return { run };
}
