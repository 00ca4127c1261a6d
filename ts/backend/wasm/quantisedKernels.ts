import { StateError } from '../../core/errors.ts';
import { isNode } from '../../core/nodeModule.ts';
import type { Backend } from '../backend.ts';
import type { WasmBuild } from './features.ts';
import { compileModule, compileModuleSync } from './instance.ts';
import type { WasmBackend } from './wasmBackend.ts';
import type { WasmModule } from './wasmModule.ts';

/**
 * Literal URLs, because bundlers find no others. The products of integers are the same with wide
 * vectors.
 */
const MODULE_URLS: Readonly<Record<WasmBuild, () => URL>> = {
  simd128: () => new URL('./generated/quantised-simd128/kernels.wasm', import.meta.url),
  'relaxed-simd': () => new URL('./generated/quantised-relaxed-simd/kernels.wasm', import.meta.url),
  wide: () => new URL('./generated/quantised-relaxed-simd/kernels.wasm', import.meta.url),
};

/** The address of the module with the kernels of quantised models for a build. */
export function quantisedModuleURL(build: WasmBuild): URL {
  return MODULE_URLS[build]();
}

/**
 * Gives a backend the kernels of quantised models. The reference backend has them.
 * @param module the compiled module, which then need not be loaded
 * @throws {BackendError} when the module cannot be loaded
 */
export async function loadQuantisedKernels(backend: Backend, module?: WasmModule | null): Promise<void> {
  const wasm = lackingThem(backend);
  if (!wasm) return;
  const compiled = module ?? (await compileModule(quantisedModuleURL(wasm.build)));
  // Another call may have been first.
  lackingThem(backend)?.addQuantised(compiled);
}

/**
 * {@link loadQuantisedKernels} without waiting. Outside of Node they must be there.
 * @throws {StateError} when they are not
 * @throws {BackendError} when the module cannot be loaded
 */
export function requireQuantisedKernels(backend: Backend): void {
  const wasm = lackingThem(backend);
  if (!wasm) return;
  if (!isNode()) throw new StateError('The kernels of quantised models are not loaded: await loadBackend() first.');
  wasm.addQuantised(compileModuleSync(quantisedModuleURL(wasm.build)));
}

function lackingThem(backend: Backend): WasmBackend | null {
  const wasm = backend.name === 'wasm' ? (backend as WasmBackend) : null;
  return wasm?.quantisedModule ? null : wasm;
}
