// Inputs and targets of a workload, the same in every run.

/** A generator of numbers in [0, 1) (mulberry32). @param {number} seed */
function numbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @typedef {{ shape: number[], data: Int32Array | Float32Array }} Values */

/**
 * @param {import('./workloads.mjs').Workload} workload
 * @returns {{ inputs: Values[], target: Values }} All batches. A workload with an encoder has its
 *   input first.
 */
export function makeData(workload) {
  const next = numbers(1);
  const inputs = [...(workload.encoder ? [makeInput(workload, next)] : []), makeInput(workload, next)];
  return { inputs, target: makeTarget(workload, next) };
}

/**
 * @param {import('./workloads.mjs').Workload} workload
 * @param {() => number} next
 * @returns {Values}
 */
function makeInput({ batch, batches, steps, vocabulary, features, lengths }, next) {
  const count = batch * batches;
  const ids = vocabulary !== undefined;
  const data = ids ? new Int32Array(count * steps) : new Float32Array(count * steps * features);
  const first = lengths ? 1 : 0;
  for (let index = 0; index < data.length; index++) data[index] = ids ? first + Math.floor(next() * (vocabulary - first)) : next() * 2 - 1;
  for (const [row, length] of (lengths ?? []).entries()) data.fill(0, row * steps, row * steps + steps - length);
  return { shape: ids ? [count, steps] : [count, steps, features], data };
}

/**
 * @param {import('./workloads.mjs').Workload} workload
 * @param {() => number} next
 * @returns {Values}
 */
function makeTarget({ batch, batches, steps, layers, loss }, next) {
  const count = batch * batches;
  const classes = /** @type {import('./workloads.mjs').DenseLayer} */ (layers.at(-1)).units;
  const perStep = loss === 'sparseCategoricalCrossentropy';
  const data = perStep ? new Int32Array(count * steps) : new Float32Array(count * classes);
  for (let index = 0; index < data.length; index++) {
    data[index] = perStep ? Math.floor(next() * classes) : loss === 'binaryCrossentropy' ? Number(next() < 0.5) : next();
  }
  return { shape: perStep ? [count, steps] : [count, classes], data };
}

/**
 * The rows of one batch.
 * @param {Values} values
 * @param {number} batch B
 * @param {number} index Of the batch.
 * @returns {Values}
 */
export function batchOf({ shape: [count, ...rest], data }, batch, index) {
  const size = (data.length / count) * batch;
  return { shape: [batch, ...rest], data: data.subarray(index * size, (index + 1) * size) };
}
