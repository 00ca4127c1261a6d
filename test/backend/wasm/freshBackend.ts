import { supportsRelaxedSimd, type WasmBuild } from '../../../ts/backend/wasm/features.ts';
import { instantiate, loadModuleSync } from '../../../ts/backend/wasm/instance.ts';
import { WasmBackend } from '../../../ts/backend/wasm/wasmBackend.ts';

/** The builds that this runtime executes. */
export const BUILDS: readonly WasmBuild[] = supportsRelaxedSimd() ? ['simd128', 'relaxed-simd'] : ['simd128'];

/** A backend on an instance that no other test uses. */
export function freshBackend(build: WasmBuild, memoryLimit?: number): WasmBackend {
  return new WasmBackend(instantiate(build, loadModuleSync(build)), memoryLimit);
}
