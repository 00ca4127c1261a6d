// Rates of kernels beside each other, for the check scripts/checks/ratios.mjs: prints one line of
// JSON, for each kernel its GFLOP/s in every round.
import { compileModule, instantiate, moduleURL } from '../ts/backend/wasm/instance.ts';
import { WasmBackend } from '../ts/backend/wasm/wasmBackend.ts';
import { naiveProduct, packedProduct, sequence } from './kernels.mjs';

const ROUNDS = 15;
const ROUND_MS = 20;
const PRODUCT = { rows: 240, depth: 256, columns: 240 };
const SEQUENCE = /** @type {const} */ ({ cell: 'lstm', steps: 20, batch: 32, features: 64, units: 128 });

/** @param {import('../ts/backend/wasm/features.ts').WasmBuild} build */
const makeBackend = async (build) => new WasmBackend(instantiate(build, await compileModule(moduleURL(build))));

const simd128 = await makeBackend('simd128');
const relaxed = await makeBackend('relaxed-simd');
const kernels = {
  naive: naiveProduct(PRODUCT),
  'product simd128': packedProduct(simd128, PRODUCT),
  'product relaxed': packedProduct(relaxed, PRODUCT),
  'sequence simd128': sequence(simd128, SEQUENCE),
  'sequence relaxed': sequence(relaxed, SEQUENCE),
};

/** GFLOP/s over at least ROUND_MS. @param {import('./kernels.mjs').Kernel} kernel */
function rate({ run, operations }) {
  const start = performance.now();
  let runs = 0;
  let time = 0;
  while (time < ROUND_MS) {
    run();
    runs++;
    time = performance.now() - start;
  }
  return (runs * operations) / time / 1e6;
}

// The first round is the compilers'.
for (const kernel of Object.values(kernels)) rate(kernel);
/** @type {Record<string, number[]>} */
const rates = Object.fromEntries(Object.keys(kernels).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  // There and back, so that no kernel always comes after the same other one.
  const order = Object.keys(kernels);
  if (round % 2 === 1) order.reverse();
  for (const name of order) rates[name].push(rate(kernels[name]));
}
console.log(JSON.stringify(rates));
