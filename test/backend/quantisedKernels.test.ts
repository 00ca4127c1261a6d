import { afterEach, expect, test, vi } from 'vitest';
import type { Backend } from '../../ts/backend/backend.ts';
import { loadBackend } from '../../ts/backend/select.ts';
import { loadQuantisedKernels, requireQuantisedKernels } from '../../ts/backend/wasm/quantisedKernels.ts';
import type { WasmBackend } from '../../ts/backend/wasm/wasmBackend.ts';
import { StateError } from '../../ts/core/errors.ts';
import * as nodeModule from '../../ts/core/nodeModule.ts';
import { caught, expectError } from '../support/refusals.ts';

vi.mock('../../ts/core/nodeModule.ts', { spy: true });

afterEach(() => vi.restoreAllMocks());

/** A backend as it is before anyone loaded the kernels of quantised models. */
async function withoutThem(): Promise<WasmBackend> {
  const backend = (await loadBackend('wasm', { build: 'simd128' })) as WasmBackend;
  return new Proxy(backend, { get: (target, name) => (name === 'quantisedModule' ? null : Reflect.get(target, name, target)) });
}

test('where a module cannot be compiled without waiting, kernels of quantised models that are not loaded are a StateError', async () => {
  const backend = await withoutThem();
  vi.mocked(nodeModule.isNode).mockReturnValue(false);
  expectError(await caught(() => requireQuantisedKernels(backend)), StateError, /not loaded: await loadBackend\(\) first/);
});

test('kernels that are loaded, and those of the reference backend, are found without waiting', async () => {
  const backends: Backend[] = [await loadBackend('wasm', { build: 'simd128' }), await loadBackend('reference')];
  for (const backend of backends) {
    await loadQuantisedKernels(backend);
    vi.mocked(nodeModule.isNode).mockReturnValue(false);
    expect(() => requireQuantisedKernels(backend)).not.toThrow();
    vi.mocked(nodeModule.isNode).mockRestore();
  }
});
