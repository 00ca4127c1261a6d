import { StateError } from '../core/errors.ts';
import { checkOptions, oneOf } from '../core/options.ts';
import type { Backend } from './backend.ts';
import { supportsRelaxedSimd, type WasmBuild } from './wasm/features.ts';
import type { WasmModule } from './wasm/wasmModule.ts';
import { WASM } from './wasmPart.ts';

/** `wasm`: float32 and SIMD. `reference`: float64 in plain TypeScript, slow and exact. */
export type BackendName = Backend['name'];

/** Options of `setBackend`. */
export interface BackendOptions {
  /**
   * true: use the build whose results have the same bits on every machine (simd128). false, the
   * default: use the faster build with fused multiply-add (relaxed-simd) where the runtime has it.
   * The reference backend is always deterministic.
   */
  deterministic?: boolean | undefined;
}

/**
 * Options of `loadBackend`. Workers use them to load the same backend as the thread that started
 * them.
 */
export interface LoadOptions extends BackendOptions {
  /** The build; it overrides `deterministic`. */
  build?: WasmBuild | undefined;
  /** The compiled module of that build (`WasmBackend.module`), which then need not be loaded. */
  module?: WasmModule | undefined;
}

const NAMES: readonly BackendName[] = ['wasm', 'reference'];

let selected: { readonly name: BackendName; readonly deterministic: boolean } = { name: 'wasm', deterministic: false };
/** The backends of this thread, one for each build. All models share their memory. */
const loaded = new Map<Backend['build'], Backend>();
const loading = new Map<Backend['build'], Promise<Backend>>();

/**
 * Chooses the backend of the models that are first used after this call. Default: `wasm`,
 * relaxed-simd where the runtime has it.
 * @throws {ArgumentError} for an unknown name or option
 */
export function setBackend(name: BackendName, options: BackendOptions = {}): void {
  checkOptions(options, ['deterministic'], 'setBackend');
  selected = {
    name: oneOf(name, NAMES, 'setBackend: name'),
    deterministic: oneOf(options.deterministic ?? false, [true, false], 'setBackend: deterministic'),
  };
}

/**
 * Loads the chosen backend, or another one by name.
 * @throws {ArgumentError} for an unknown name or option
 * @throws {BackendError} when the runtime has no SIMD, or the kernels cannot be loaded
 */
export async function loadBackend(name: BackendName = selected.name, options: LoadOptions = {}): Promise<Backend> {
  oneOf(name, NAMES, 'loadBackend: name');
  checkOptions(options, ['deterministic', 'build', 'module'], 'loadBackend');
  const build = buildOf(name, options);
  const ready = loaded.get(build);
  if (ready) return ready;
  let promise = loading.get(build);
  if (!promise) {
    promise = create(build, options.module)
      .then((backend) => keep(build, backend))
      .finally(() => loading.delete(build));
    loading.set(build, promise);
  }
  return promise;
}

/**
 * Gets the chosen backend without waiting. Outside of Node, and for the reference backend, await
 * `loadBackend` first.
 * @throws {StateError} when the backend is not loaded
 */
export function getBackend(): Backend {
  const build = buildOf(selected.name, {});
  const ready = loaded.get(build);
  if (ready) return ready;
  const wasm = build === 'float64' || !loadsWithoutWaiting() ? null : WASM.code;
  if (build === 'float64' || wasm === null) throw new StateError(`The ${selected.name} backend is not loaded: await loadBackend() first.`);
  return keep(build, wasm.loadWasmSync(build));
}

function keep(build: Backend['build'], backend: Backend): Backend {
  const first = loaded.get(build) ?? backend;
  loaded.set(build, first);
  return first;
}

function buildOf(name: BackendName, { build, deterministic = selected.deterministic }: LoadOptions): Backend['build'] {
  if (name === 'reference') return 'float64';
  return build ?? (!deterministic && supportsRelaxedSimd() ? 'relaxed-simd' : 'simd128');
}

async function create(build: Backend['build'], module: WasmModule | undefined): Promise<Backend> {
  if (build === 'float64') return (await import('./reference/referenceBackend.ts')).createReferenceBackend();
  return (await WASM.load()).loadWasm(build, module);
}

function loadsWithoutWaiting(): boolean {
  return typeof process === 'object' && typeof process.getBuiltinModule === 'function';
}
