// Floating-point operations of a workload, from its shapes: the one place where they are counted.
//
// Letters: B batch, T steps, D inputs of a layer, H units, G gates (SimpleRNN 1, GRU 3, LSTM 4),
// N = B·T rows (the valid ones). Only matrix products count, a multiply-add as two operations;
// activations, cells, losses and optimizers are free. Bidirectional counts its layer twice.
//
//   product                     forward    backward: weights   … input
//   recurrent: input · kernel   2·N·D·GH   2·N·D·GH            2·N·D·GH, if a layer before learns
//   recurrent: state · kernel   2·N·H·GH   2·N·H·GH            2·N·H·GH
//   Dense                       2·N·D·H    2·N·D·H             2·N·D·H, if a layer before learns
//
// A one-hot row times a matrix is a row of that matrix: no operations. Rows that come from an
// Embedding are counted twice over: `asDefined` multiplies every row (N of them), `needed` every
// distinct id once (min(N, vocabulary) rows, and as many in the backward products), which gives the
// same result.

export const GATES = { SimpleRNN: 1, GRU: 3, LSTM: 4 };

/**
 * @typedef {object} Operations
 * @property {number} asDefined
 * @property {number} needed
 */

/**
 * Rows that hold data in all batches of one measured unit.
 * @param {import('./workloads.mjs').Workload} workload
 */
export function validRows({ unit, batch, steps, batches, lengths, layers }) {
  const masked = layers.some((layer) => layer.type === 'Embedding' && layer.maskZero);
  if (masked && lengths) return lengths.reduce((sum, length) => sum + length, 0);
  return batch * steps * (unit === 'epoch' ? batches : 1);
}

/**
 * @param {import('./workloads.mjs').Workload} workload
 * @param {'train' | 'infer'} kind
 * @returns {Operations} Of one measured unit.
 */
export function countOperations(workload, kind) {
  const chains = chainsOf(workload).map((layers) => countChain(workload, layers, kind));
  const sum = (name) => chains.reduce((total, operations) => total + operations[name], 0);
  return { asDefined: sum('asDefined'), needed: sum('needed') };
}

/**
 * The encoder's layers, if there are any, and the others.
 * @param {import('./workloads.mjs').Workload} workload
 */
const chainsOf = ({ encoder, layers }) => (encoder ? [encoder, layers] : [layers]);
/** @param {import('./workloads.mjs').LayerDescription} layer */
const directions = (layer) => ('bidirectional' in layer && layer.bidirectional ? 2 : 1);

/**
 * @param {import('./workloads.mjs').Workload} workload
 * @param {import('./workloads.mjs').LayerDescription[]} layers
 * @param {'train' | 'infer'} kind
 * @returns {Operations}
 */
function countChain(workload, layers, kind) {
  const batches = workload.unit === 'epoch' ? workload.batches : 1;
  let rows = validRows(workload);
  let inputs = workload.features ?? 0;
  let learnsBelow = false;
  let distinctRows = rows;
  let asDefined = 0;
  let needed = 0;
  const backward = (below) => (kind === 'train' ? 1 + Number(below) : 0);
  for (const layer of layers) {
    if (layer.type === 'OneHot') {
      inputs = layer.depth;
      distinctRows = 0;
    } else if (layer.type === 'Embedding') {
      inputs = layer.units;
      learnsBelow = true;
      distinctRows = Math.min(rows, layer.vocabulary * batches);
    } else if (layer.type === 'Dense') {
      const product = 2 * rows * inputs * layer.units * (1 + backward(learnsBelow));
      asDefined += product;
      needed += product;
      inputs = layer.units;
      learnsBelow = true;
      distinctRows = rows;
    } else {
      const width = directions(layer) * GATES[layer.type] * layer.units;
      const projection = 2 * inputs * width * (1 + backward(learnsBelow));
      const recurrent = 2 * rows * layer.units * width * (1 + backward(true));
      asDefined += (distinctRows === 0 ? 0 : rows) * projection + recurrent;
      needed += distinctRows * projection + recurrent;
      inputs = directions(layer) * layer.units;
      learnsBelow = true;
      if (!layer.returnSequences) rows = workload.batch * batches;
      distinctRows = rows;
    }
  }
  return { asDefined, needed };
}

/**
 * The recurrent layers with D, the number of floats that each takes at a step. Ids count as floats
 * where `idsAreFloats`, otherwise as none.
 *
 * @param {import('./workloads.mjs').Workload} workload
 * @param {boolean} idsAreFloats
 */
function recurrentLayers(workload, idsAreFloats) {
  return chainsOf(workload).flatMap((layers) => {
    let inputs = workload.features ?? 0;
    return layers.flatMap((layer) => {
      const before = inputs;
      inputs = layer.type === 'OneHot' ? (idsAreFloats ? layer.depth : 0) : layer.units * directions(layer);
      return isRecurrent(layer) ? [{ layer, inputs: before }] : [];
    });
  });
}

/**
 * @param {import('./workloads.mjs').LayerDescription} layer
 * @returns {layer is import('./workloads.mjs').RecurrentLayer}
 */
const isRecurrent = (layer) => layer.type in GATES;

/**
 * The first of the largest.
 * @template Item
 * @param {Item[]} items
 * @param {(item: Item) => number} size
 */
const largestOf = (items, size) => items.reduce((largest, item) => (size(item) > size(largest) ? item : largest));

/**
 * The sizes of the recurrent layer with the most operations. Its input counts as floats, also when
 * it is ids.
 *
 * @param {import('./workloads.mjs').Workload} workload
 * @returns {import('./kernels.mjs').SequenceSizes}
 */
export function largestSequence(workload) {
  const cells = /** @type {const} */ ({ SimpleRNN: 'simpleRnn', LSTM: 'lstm', GRU: 'gru' });
  const { layer, inputs } = largestOf(recurrentLayers(workload, true), (item) => (item.inputs + item.layer.units) * item.layer.units);
  return { cell: cells[layer.type], steps: workload.steps, batch: workload.batch, features: inputs, units: layer.units };
}

/**
 * The largest product of a workload's recurrent layers, over all its steps:
 * `[rows, depth] · [depth, columns]`.
 *
 * @param {import('./workloads.mjs').Workload} workload
 */
export function largestProduct(workload) {
  const rows = workload.batch * workload.steps;
  const products = recurrentLayers(workload, false).map(({ layer, inputs }) => {
    return { rows, depth: inputs + layer.units, columns: GATES[layer.type] * layer.units };
  });
  return largestOf(products, ({ depth, columns }) => depth * columns);
}
