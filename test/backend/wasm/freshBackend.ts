import type { WasmBuild } from '../../../ts/backend/wasm/features.ts';
import { instantiate, loadModuleSync } from '../../../ts/backend/wasm/instance.ts';
import { WasmBackend } from '../../../ts/backend/wasm/wasmBackend.ts';
import { kernelBackends } from '../../support/backends.ts';

/** The builds that suites run over. */
export const BUILDS: readonly WasmBuild[] = (await kernelBackends()).map(({ backend }) => backend.build as WasmBuild);

/** A backend on an instance that no other test uses. */
export function freshBackend(build: WasmBuild, memoryLimit?: number): WasmBackend {
  return new WasmBackend(instantiate(build, loadModuleSync(build)), memoryLimit);
}
