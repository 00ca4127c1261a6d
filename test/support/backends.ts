import type { Backend } from '../../ts/backend/backend.ts';
import { loadBackend } from '../../ts/backend/select.ts';
import { supportsRelaxedSimd } from '../../ts/backend/wasm/features.ts';

/** A backend under test and what to call it in test names. */
export interface TestBackend {
  readonly label: string;
  readonly backend: Backend;
}

/**
 * Set to 1 where the tests must execute relaxed SIMD (see scripts/test.mjs): suites then run on
 * nothing else, because another Node has run them on the other backends.
 */
const REQUIRE_RELAXED = 'BACKTIME_REQUIRE_RELAXED';
/** Whether suites run on relaxed SIMD alone. */
export const isRelaxedRun = process.env[REQUIRE_RELAXED] === '1';

const isTested = ({ label }: TestBackend) => !isRelaxedRun || label === 'relaxed-simd';

/**
 * The backends that suites run over: all that this runtime can run, or in the run for relaxed SIMD
 * only that. Where relaxed SIMD is missing, a line on the terminal says so. What needs the
 * reference itself takes it from `loadBackend('reference')`.
 * @throws {Error} when it is missing and BACKTIME_REQUIRE_RELAXED is 1
 * @throws {BackendError} when the kernels have not been built
 */
export async function availableBackends(): Promise<TestBackend[]> {
  return (await everyBackend()).filter(isTested);
}

/** Those of {@link availableBackends} that are builds of the wasm backend. */
export async function wasmBackends(): Promise<TestBackend[]> {
  return (await everyWasmBackend()).filter(isTested);
}

/**
 * {@link wasmBackends} with the build for wide vectors, for tests of kernels. Others need no run on
 * it, as it computes the bits of relaxed-simd. In the run for relaxed SIMD the engine joins its
 * vectors.
 */
export async function kernelBackends(): Promise<TestBackend[]> {
  const backends = await wasmBackends();
  if (!supportsRelaxedSimd()) return backends;
  // Before the module is compiled.
  if (isRelaxedRun) process.getBuiltinModule?.('node:v8').setFlagsFromString('--experimental-wasm-revectorize');
  return [...backends, { label: 'wide', backend: await loadBackend('wasm', { build: 'wide' }) }];
}

/** {@link availableBackends} with the build for wide vectors. */
export async function quantisedBackends(): Promise<TestBackend[]> {
  const wide = (await kernelBackends()).filter(({ label }) => label === 'wide');
  return [...(await availableBackends()), ...wide];
}

/** Every backend that this runtime can run, the reference first: to compare them. */
export async function everyBackend(): Promise<TestBackend[]> {
  return [{ label: 'reference', backend: await loadBackend('reference') }, ...(await everyWasmBackend())];
}

async function everyWasmBackend(): Promise<TestBackend[]> {
  const backends = [{ label: 'simd128', backend: await loadBackend('wasm', { build: 'simd128' }) }];
  if (supportsRelaxedSimd()) backends.push({ label: 'relaxed-simd', backend: await loadBackend('wasm', { build: 'relaxed-simd' }) });
  else if (isRelaxedRun)
    throw new Error(`${REQUIRE_RELAXED} is 1, but Node ${process.version} refuses relaxed SIMD: use Node 22 or later.`);
  else console.warn(`Not tested: relaxed-simd, which Node ${process.version} refuses. Node 22 or later runs it.`);
  return backends;
}
