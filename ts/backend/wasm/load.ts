import type { WasmBuild } from './features.ts';
import { instantiate, loadModule, loadModuleSync } from './instance.ts';
import { WasmBackend } from './wasmBackend.ts';
import type { WasmModule } from './wasmModule.ts';

/**
 * Makes the backend of a build.
 * @param module the compiled module, which then need not be loaded
 * @throws {BackendError} when the module cannot be loaded
 */
export async function loadWasm(build: WasmBuild, module?: WasmModule): Promise<WasmBackend> {
  return new WasmBackend(instantiate(build, module ?? (await loadModule(build))));
}

/**
 * {@link loadWasm} without waiting, in Node.
 * @throws {BackendError} when the module cannot be loaded
 */
export function loadWasmSync(build: WasmBuild): WasmBackend {
  return new WasmBackend(instantiate(build, loadModuleSync(build)));
}
