import type { Backend } from '../../ts/backend/backend.ts';
import { loadBackend } from '../../ts/backend/select.ts';
import { supportsRelaxedSimd } from '../../ts/backend/wasm/features.ts';

/** A backend under test and what to call it in test names. */
export interface TestBackend {
  readonly label: string;
  readonly backend: Backend;
}

/** Set to 1 where the tests must execute relaxed SIMD (see scripts/test.mjs). */
const REQUIRE_RELAXED = 'BACKTIME_REQUIRE_RELAXED';

/**
 * Every backend that this runtime can run; one suite runs over all of them. Where relaxed SIMD is
 * missing, a line on the terminal says so.
 * @throws {Error} when it is missing and BACKTIME_REQUIRE_RELAXED is 1
 * @throws {BackendError} when the kernels have not been built
 */
export async function availableBackends(): Promise<TestBackend[]> {
  return [{ label: 'reference', backend: await loadBackend('reference') }, ...(await wasmBackends())];
}

/** The builds of the wasm backend that this runtime can run. */
export async function wasmBackends(): Promise<TestBackend[]> {
  const backends = [{ label: 'simd128', backend: await loadBackend('wasm', { build: 'simd128' }) }];
  if (supportsRelaxedSimd()) backends.push({ label: 'relaxed-simd', backend: await loadBackend('wasm', { build: 'relaxed-simd' }) });
  else if (process.env[REQUIRE_RELAXED] === '1')
    throw new Error(`${REQUIRE_RELAXED} is 1, but Node ${process.version} refuses relaxed SIMD: use Node 22 or later.`);
  else console.warn(`Not tested: relaxed-simd, which Node ${process.version} refuses. Node 22 or later runs it.`);
  return backends;
}
