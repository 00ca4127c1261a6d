import { BackendError } from '../../core/errors.ts';
import { supportsRelaxedSimd, supportsSimd, type WasmBuild } from './features.ts';
import { compileModule, compileModuleSync, instantiate, moduleURL } from './instance.ts';
import { WasmBackend } from './wasmBackend.ts';
import type { WasmModule } from './wasmModule.ts';
import { WIDE } from './widePart.ts';

/**
 * Makes the backend of a build.
 * @param module the compiled module, which then need not be loaded
 * @throws {BackendError} when the runtime has no SIMD, or the module cannot be loaded
 */
export async function loadWasm(build: WasmBuild, module?: WasmModule): Promise<WasmBackend> {
  requireSupport(build);
  return new WasmBackend(instantiate(build, module ?? (await compileModule(moduleURL(build)))));
}

/**
 * {@link loadWasm} without waiting, in Node.
 * @throws {BackendError} when the runtime has no SIMD, or the module cannot be loaded
 */
export function loadWasmSync(build: WasmBuild): WasmBackend {
  requireSupport(build);
  return new WasmBackend(instantiate(build, compileModuleSync(moduleURL(build))));
}

/**
 * The wide build, if it is faster here than the others.
 * @throws {BackendError} when the module cannot be loaded
 */
export async function loadWide(): Promise<WasmBackend | null> {
  const { isFaster } = await WIDE.load();
  const instance = supportsRelaxedSimd() ? instantiate('wide', await compileModule(moduleURL('wide'))) : null;
  return isFaster(instance) && instance ? new WasmBackend(instance) : null;
}

/**
 * {@link loadWide} without waiting, in Node.
 * @throws {BackendError} when the module cannot be loaded
 */
export function loadWideSync(): WasmBackend | null {
  const { isFaster } = WIDE.loaded;
  const instance = supportsRelaxedSimd() ? instantiate('wide', compileModuleSync(moduleURL('wide'))) : null;
  return isFaster(instance) && instance ? new WasmBackend(instance) : null;
}

function requireSupport(build: WasmBuild): void {
  if (build === 'simd128' ? supportsSimd() : supportsRelaxedSimd()) return;
  const reason = typeof WebAssembly === 'object' ? '' : ': it has no WebAssembly (Node has none with --jitless)';
  throw new BackendError(
    `This runtime cannot execute the ${build} kernels${reason}. setBackend('reference') and await loadBackend() run anywhere, but slowly.`,
  );
}
