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
  /**
   * true: use the build for wide vectors where a short test, at the first use, shows that it is
   * faster; elsewhere the default, with a warning. It needs an engine that joins two vectors into
   * one of twice the width, which engines do only with a flag (docs/runtimes.md, Wide vectors). The
   * results have the same bits as those of relaxed-simd. Default false.
   */
  wide?: boolean | undefined;
}

/**
 * Options of `loadBackend`. Workers use them to load the same backend as the thread that started
 * them.
 */
export interface LoadOptions extends BackendOptions {
  /** The build; it overrides `deterministic` and `wide`. */
  build?: WasmBuild | undefined;
  /** The compiled module of that build (`WasmBackend.module`), which then need not be loaded. */
  module?: WasmModule | undefined;
}

const NAMES: readonly BackendName[] = ['wasm', 'reference'];

let selected = { name: 'wasm' as BackendName, deterministic: false, wide: false };
/** Whether the wide build was found not to be faster here, since `setBackend` was last called. */
let wideRefused = false;
/** The backends of this thread, one for each build. All models share their memory. */
const loaded = new Map<Backend['build'], Backend>();
const loading = new Map<Backend['build'], Promise<Backend>>();

/**
 * Chooses the backend of the models that are first used after this call. Default: `wasm`,
 * relaxed-simd where the runtime has it. `deterministic` goes before `wide`.
 * @throws {ArgumentError} for an unknown name or option
 */
export function setBackend(name: BackendName, options: BackendOptions = {}): void {
  checkOptions(options, ['deterministic', 'wide'], 'setBackend');
  const flag = (option: keyof BackendOptions) => oneOf(options[option] ?? false, [true, false], `setBackend: ${option}`);
  wideRefused = false;
  selected = { name: oneOf(name, NAMES, 'setBackend: name'), deterministic: flag('deterministic'), wide: flag('wide') };
}

/**
 * Loads the chosen backend, or another one by name.
 * @throws {ArgumentError} for an unknown name or option
 * @throws {BackendError} when the runtime has no SIMD, or the kernels cannot be loaded
 */
export async function loadBackend(name: BackendName = selected.name, options: LoadOptions = {}): Promise<Backend> {
  oneOf(name, NAMES, 'loadBackend: name');
  checkOptions(options, ['deterministic', 'wide', 'build', 'module'], 'loadBackend');
  const build = buildOf(name, options);
  const ready = loaded.get(build);
  if (ready) return ready;
  let promise = loading.get(build);
  if (!promise) {
    promise = create(build, options)
      .then((backend) => (backend ? keep(build, backend) : loadBackend(name, options)))
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
  if (build !== 'wide') return keep(build, wasm.loadWasmSync(build));
  const wide = wasm.loadWideSync();
  wideRefused = !wide;
  return wide ? keep(build, wide) : getBackend();
}

/** The backends that are loaded. */
export function loadedBackends(): Iterable<Backend> {
  return loaded.values();
}

function keep(build: Backend['build'], backend: Backend): Backend {
  const first = loaded.get(build) ?? backend;
  loaded.set(build, first);
  return first;
}

function buildOf(
  name: BackendName,
  { build, deterministic = selected.deterministic, wide = selected.wide }: LoadOptions,
): Backend['build'] {
  if (name === 'reference') return 'float64';
  if (build || deterministic) return build ?? 'simd128';
  return wide && !wideRefused ? 'wide' : supportsRelaxedSimd() ? 'relaxed-simd' : 'simd128';
}

/** Null for a wide build that was not named, and is not faster. */
async function create(build: Backend['build'], options: LoadOptions): Promise<Backend | null> {
  if (build === 'float64') return (await import('./reference/referenceBackend.ts')).createReferenceBackend();
  const wasm = await WASM.load();
  if (build !== 'wide' || options.build) return wasm.loadWasm(build, options.module);
  const wide = await wasm.loadWide();
  wideRefused = !wide;
  return wide;
}

function loadsWithoutWaiting(): boolean {
  return typeof process === 'object' && typeof process.getBuiltinModule === 'function';
}
