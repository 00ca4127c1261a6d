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

/**
 * @param {import('./workloads.mjs').Workload} workload
 * @returns {{ x: Int32Array | Float32Array, xShape: number[], y: Int32Array | Float32Array, yShape: number[] }}
 *   All batches.
 */
export function makeData(workload) {
  const { batch, steps, batches, vocabulary, features, layers, loss, lengths } = workload;
  const next = numbers(1);
  const count = batch * batches;
  const ids = vocabulary !== undefined;
  const x = ids ? new Int32Array(count * steps) : new Float32Array(count * steps * features);
  const first = lengths ? 1 : 0;
  for (let index = 0; index < x.length; index++) x[index] = ids ? first + Math.floor(next() * (vocabulary - first)) : next() * 2 - 1;
  for (const [row, length] of (lengths ?? []).entries()) x.fill(0, row * steps, row * steps + steps - length);
  const classes = /** @type {import('./workloads.mjs').DenseLayer} */ (layers.at(-1)).units;
  const perStep = loss === 'sparseCategoricalCrossentropy';
  const y = perStep ? new Int32Array(count * steps) : new Float32Array(count * classes);
  for (let index = 0; index < y.length; index++) {
    y[index] = perStep ? Math.floor(next() * classes) : loss === 'binaryCrossentropy' ? Number(next() < 0.5) : next();
  }
  const xShape = ids ? [count, steps] : [count, steps, features];
  return { x, xShape, y, yShape: perStep ? [count, steps] : [count, classes] };
}
