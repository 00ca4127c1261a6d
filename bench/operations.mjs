// Floating-point operations of a workload, from its shapes: the one place where they are counted.
//
// Letters: B batch, T steps, D inputs of a layer, H units, G gates (SimpleRNN 1, GRU 3, LSTM 4), N
// = B·T rows (the valid ones). Only matrix products count, a multiply-add as two operations;
// activations, cells, losses and optimizers are free.
//
//   product forward backward, weights backward, input recurrent: input · kernel 2·N·D·GH 2·N·D·GH
//   2·N·D·GH, when a layer before it learns recurrent: state · kernel 2·N·H·GH 2·N·H·GH 2·N·H·GH
//   Dense 2·N·D·H 2·N·D·H 2·N·D·H, when a layer before it learns
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
  const batches = workload.unit === 'epoch' ? workload.batches : 1;
  let rows = validRows(workload);
  let inputs = workload.features ?? 0;
  let learnsBelow = false;
  let distinctRows = rows;
  let asDefined = 0;
  let needed = 0;
  const backward = (below) => (kind === 'train' ? 1 + Number(below) : 0);
  for (const layer of workload.layers) {
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
      const width = GATES[layer.type] * layer.units;
      const projection = 2 * inputs * width * (1 + backward(learnsBelow));
      const recurrent = 2 * rows * layer.units * width * (1 + backward(true));
      asDefined += (distinctRows === 0 ? 0 : rows) * projection + recurrent;
      needed += distinctRows * projection + recurrent;
      inputs = layer.units;
      learnsBelow = true;
      if (!layer.returnSequences) rows = workload.batch * batches;
      distinctRows = rows;
    }
  }
  return { asDefined, needed };
}

/**
 * The sizes of the recurrent layer with the most operations. Its input counts as floats, also when
 * it is ids.
 *
 * @param {import('./workloads.mjs').Workload} workload
 * @returns {import('./kernels.mjs').SequenceSizes}
 */
export function largestSequence({ steps, batch, features, layers }) {
  const cells = /** @type {const} */ ({ SimpleRNN: 'simpleRnn', LSTM: 'lstm', GRU: 'gru' });
  let inputs = features ?? 0;
  let largest;
  for (const layer of layers) {
    const work = ({ features, units }) => (features + units) * units;
    if (layer.type === 'SimpleRNN' || layer.type === 'LSTM' || layer.type === 'GRU') {
      const sizes = { cell: cells[layer.type], steps, batch, features: inputs, units: layer.units };
      if (!largest || work(sizes) > work(largest)) largest = sizes;
    }
    inputs = layer.type === 'OneHot' ? layer.depth : layer.units;
  }
  return largest;
}

/**
 * The largest product of a workload's recurrent layers, over all its steps:
 * `[rows, depth] · [depth, columns]`.
 *
 * @param {import('./workloads.mjs').Workload} workload
 */
export function largestProduct(workload) {
  const rows = workload.batch * workload.steps;
  let inputs = workload.features ?? 0;
  let largest = { rows, depth: 0, columns: 0 };
  for (const layer of workload.layers) {
    if (layer.type === 'SimpleRNN' || layer.type === 'GRU' || layer.type === 'LSTM') {
      const product = { rows, depth: inputs + layer.units, columns: GATES[layer.type] * layer.units };
      if (product.depth * product.columns > largest.depth * largest.columns) largest = product;
    }
    inputs = layer.type === 'OneHot' ? 0 : layer.units;
  }
  return largest;
}
