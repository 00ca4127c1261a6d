// What WebAssembly SIMD can do on this machine: multiply-adds in registers only (`limit`), and the crate's packed product (`gemm`)
// of a workload's size. Each says how many floating-point operations a unit has.
import { readFileSync } from 'node:fs';
import { ACTIVATIONS } from '../../dist/backend/kernels.generated.js';
import { instantiate } from '../../dist/backend/wasm/instance.js';
import { WasmBackend } from '../../dist/backend/wasm/wasmBackend.js';
import { largestProduct } from '../operations.mjs';

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

/** @param {import('../../dist/backend/wasm/instance.js').KernelInstance} instance @returns {import('./engine.mjs').Running} */
function multiplyAdds(instance) {
  const peak = instance.kernel('peak_multiply_add');
  const operations = ITERATIONS * instance.kernel('peak_multiply_add_operations')(0);
  const run = async (units) => {
    for (let unit = 0; unit < units; unit++) peak(ITERATIONS);
    return units;
  };
  return { run, operations };
}

/** A dense layer's forward pass without bias is the product alone. @returns {import('./engine.mjs').Running} */
function product(backend, workload) {
  const { rows, depth, columns } = largestProduct(workload);
  const buffer = (length) => ({ block: backend.allocate(length * 4, 'the benchmark'), byteOffset: 0, length });
  const operands = { x: buffer(rows * depth), kernel: buffer(depth * columns), y: buffer(rows * columns) };
  const sizes = { rows, features: depth, units: columns, activation: ACTIVATIONS.linear };
  const workspace = buffer(backend.workspaceLength('denseForward', { ...sizes, ...operands, workspace: operands.y }));
  for (const operand of [operands.x, operands.kernel])
    backend.floats(operand).set(Float32Array.from({ length: operand.length }, (_, index) => (index % 7) - 3));
  const call = backend.bind('denseForward', { ...sizes, ...operands, workspace }, buffer(backend.descriptorBytes('denseForward') / 4));
  const calls = [call];
  const run = async (units) => {
    for (let unit = 0; unit < units; unit++) backend.run(calls);
    return units;
  };
  return { run, operations: 2 * rows * depth * columns };
}
