// Backtime in Node, as a user has it: the built package.
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { largestSequence } from '../operations.mjs';
import { loadKernels, prepareModel } from './backtimeModel.mjs';
import { Cannot, repeat } from './engine.mjs';

/** The option `workers` of `fit` and `predict`. */
const WORKERS = { relaxed: 0, simd128: 0, 'relaxed-2': 2, wide: 0, 'wide-2': 2, int16: 0, 'int16-2': 2, int8: 0, 'int8-2': 2 };

/** The integers of a quantised model; undefined for floats. @param {string} name */
const typeOf = (name) => /** @type {const} */ (['int16', 'int8']).find((type) => name.startsWith(type));

/** @param {string} name */
function buildOf(name) {
  if (name.startsWith('wide')) return 'wide';
  return name === 'simd128' ? 'simd128' : 'relaxed-simd';
}

/** @param {string} name @returns {Promise<import('./engine.mjs').Engine>} */
export async function openEngine(name) {
  const build = buildOf(name);
  // Before the module is compiled, and for workers, too.
  if (build === 'wide') setFlagsFromString('--experimental-wasm-revectorize');
  const backend = await loadKernels(build);
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const workers = WORKERS[name];
  return {
    versions: { backtime: version },
    prepare: async (workload, kind) =>
      kind === 'kernels' ? prepareKernels(workload, backend, workers, typeOf(name)) : prepareModel(workload, kind, workers, typeOf(name)),
  };
}

/**
 * The largest recurrent layer's two kernels alone.
 * @returns {Promise<import('./engine.mjs').Running>}
 */
async function prepareKernels(workload, backend, workers, type) {
  if (type) throw new Cannot('kernels are of floats');
  if (workers > 0) throw new Cannot('kernels are of one thread');
  // Start-up times leave out what only this needs.
  const { sequence } = await import('../kernels.mjs');
  const { run, operations, free } = sequence(backend, largestSequence(workload));
  return { run: repeat(run), operations, close: free };
}
