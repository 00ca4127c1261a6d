import { BackendError } from '../../core/errors.ts';
import { supportsRelaxedSimd, supportsSimd, type WasmBuild } from './features.ts';
import { instantiate, loadModule, loadModuleSync } from './instance.ts';
import { WasmBackend } from './wasmBackend.ts';
import type { WasmModule } from './wasmModule.ts';

/**
 * Makes the backend of a build.
 * @param module the compiled module, which then need not be loaded
 * @throws {BackendError} when the runtime has no SIMD, or the module cannot be loaded
 */
export async function loadWasm(build: WasmBuild, module?: WasmModule): Promise<WasmBackend> {
  requireSupport(build);
  return new WasmBackend(instantiate(build, module ?? (await loadModule(build))));
}

/**
 * {@link loadWasm} without waiting, in Node.
 * @throws {BackendError} when the runtime has no SIMD, or the module cannot be loaded
 */
export function loadWasmSync(build: WasmBuild): WasmBackend {
  requireSupport(build);
  return new WasmBackend(instantiate(build, loadModuleSync(build)));
}

function requireSupport(build: WasmBuild): void {
  if (build === 'relaxed-simd' ? supportsRelaxedSimd() : supportsSimd()) return;
  const reason = typeof WebAssembly === 'object' ? '' : ': it has no WebAssembly (Node has none with --jitless)';
  throw new BackendError(
    `This runtime cannot execute the ${build} kernels${reason}. setBackend('reference') and await loadBackend() run anywhere, but slowly.`,
  );
}
