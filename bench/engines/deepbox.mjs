// Deepbox as its guide writes training: modules, a loss, `backward`, an optimizer step. Tensors are
// made before the clock starts.
import { readFileSync } from 'node:fs';
import { GradTensor, noGrad, tensor } from 'deepbox/ndarray';
import * as nn from 'deepbox/nn';
import { Adam, SGD } from 'deepbox/optim';
import { makeData } from '../data.mjs';
import { Cannot, overBatches } from './engine.mjs';

/** @returns {Promise<import('./engine.mjs').Engine>} */
export async function openEngine() {
  const { version } = JSON.parse(readFileSync(new URL('../node_modules/deepbox/package.json', import.meta.url), 'utf8'));
  return { versions: { Deepbox: version }, prepare: async (workload, kind) => prepare(workload, kind) };
}

/** A network's modules, and a function from a batch to logits. */
function makeNetwork({ layers, steps, features }) {
  const modules = [];
  let size = features ?? 0;
  for (const layer of layers) {
    if (layer.type === 'OneHot') {
      size = layer.depth;
      continue;
    }
    const last = !('returnSequences' in layer && layer.returnSequences);
    if (layer.type === 'Embedding') modules.push({ module: new nn.Embedding(layer.vocabulary, layer.units), last: false });
    else if (layer.type === 'Dense') modules.push({ module: new nn.Linear(size, layer.units), last: false });
    else modules.push({ module: new { SimpleRNN: nn.RNN, LSTM: nn.LSTM, GRU: nn.GRU }[layer.type](size, layer.units), last });
    size = layer.units;
  }
  const forward = (x) => {
    let value = x;
    for (const { module, last } of modules) {
      value = module.forward(value);
      if (last) value = value.slice({}, steps - 1);
    }
    return value;
  };
  return { parameters: modules.flatMap(({ module }) => [...module.parameters()]), forward };
}

function makeTensors(workload) {
  const { x, xShape, y, yShape } = makeData(workload);
  const { batch, batches, layers } = workload;
  const nested = (values, shape) => tensor([...values], { dtype: values instanceof Int32Array ? 'int32' : 'float32' }).reshape(shape);
  return Array.from({ length: batches }, (_, index) => {
    const part = (values) => values.subarray((index * values.length) / batches, ((index + 1) * values.length) / batches);
    let inputs = part(x);
    let shape = [batch, ...xShape.slice(1)];
    if (layers[0].type === 'OneHot') {
      const { depth } = layers[0];
      const rows = new Float32Array(inputs.length * depth);
      for (const [row, id] of inputs.entries()) rows[row * depth + id] = 1;
      inputs = rows;
      shape = [...shape, depth];
    }
    return {
      x: nested(inputs, shape),
      y: nested(part(y), yShape.length > 1 && y instanceof Int32Array ? [part(y).length] : [batch, ...yShape.slice(1)]),
    };
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
