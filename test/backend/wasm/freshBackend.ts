import type { WasmBuild } from '../../../ts/backend/wasm/features.ts';
import { compileModuleSync, instantiate, type KernelInstance, moduleURL } from '../../../ts/backend/wasm/instance.ts';
import { quantisedModuleURL } from '../../../ts/backend/wasm/quantisedKernels.ts';
import { WasmBackend } from '../../../ts/backend/wasm/wasmBackend.ts';
import { kernelBackends } from '../../support/backends.ts';

/** The builds that suites run over. */
export const BUILDS: readonly WasmBuild[] = (await kernelBackends()).map(({ backend }) => backend.build as WasmBuild);

/** The kernels of a build and those of its module for quantised models, in one memory. */
export function freshKernels(build: WasmBuild): Pick<KernelInstance, 'memory' | 'kernel' | 'recover'> {
  const own = instantiate(build, compileModuleSync(moduleURL(build)));
  const quantised = instantiate(build, compileModuleSync(quantisedModuleURL(build)), own.memory);
  return {
    memory: own.memory,
    kernel: (exportName) => own.kernel(exportName) ?? quantised.kernel(exportName),
    recover: () => own.recover() || quantised.recover(),
  };
}

/** A backend on an instance that no other test uses. */
export function freshBackend(build: WasmBuild, memoryLimit?: number): WasmBackend {
  return new WasmBackend(instantiate(build, compileModuleSync(moduleURL(build))), memoryLimit);
}
