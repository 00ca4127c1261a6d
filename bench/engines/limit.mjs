// What WebAssembly SIMD can do on this machine: multiply-adds in registers only (`limit`), and the
// crate's packed product (`gemm`) of a workload's size. Each says how many floating-point
// operations a unit has.
import { readFileSync } from 'node:fs';
import { instantiate } from '../../ts/backend/wasm/instance.ts';
import { WasmBackend } from '../../ts/backend/wasm/wasmBackend.ts';
import { packedProduct } from '../kernels.mjs';
import { largestProduct } from '../operations.mjs';
import { repeat } from './engine.mjs';

/** About ten milliseconds. */
const ITERATIONS = 5_000_000;

/** @param {string} name @returns {Promise<import('./engine.mjs').Engine>} */
export async function openEngine(name) {
  const build = name.endsWith('simd128') ? 'simd128' : 'relaxed-simd';
  const url = new URL(`../../ts/backend/wasm/generated/bench-${build}/kernels.wasm`, import.meta.url);
  const instance = instantiate(build, new WebAssembly.Module(readFileSync(url)));
  const prepare = name.startsWith('gemm') ? (workload) => product(new WasmBackend(instance), workload) : () => multiplyAdds(instance);
  return { versions: {}, prepare: async (workload) => prepare(workload) };
}

/**
 * @param {import('../../ts/backend/wasm/instance.ts').KernelInstance} instance
 * @returns {import('./engine.mjs').Running}
 */
function multiplyAdds(instance) {
  const peak = instance.kernel('peak_multiply_add');
  const operations = ITERATIONS * instance.kernel('peak_multiply_add_operations')(0);
  return { run: repeat(() => peak(ITERATIONS)), operations };
}

/**
 * @param {WasmBackend} backend
 * @param {import('../workloads.mjs').Workload} workload
 * @returns {import('./engine.mjs').Running}
 */
function product(backend, workload) {
  const { run, operations, free } = packedProduct(backend, largestProduct(workload));
  return { run: repeat(run), operations, close: free };
}
