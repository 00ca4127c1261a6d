import { BackendError } from '../../core/errors.ts';
import { decodeText } from '../../core/nodeGlobals.ts';
import { isNode, nodeModule } from '../../core/nodeModule.ts';
import { isError } from '../../core/tags.ts';
import type { WasmBuild } from './features.ts';

/** A kernel as the module exports it. It takes the byte address of a descriptor. */
export type KernelExport = (descriptor: number) => number;

/** An instance of a module of kernels. */
export interface KernelInstance {
  readonly build: WasmBuild;
  /** The compiled code. Workers that get it need not load it again. */
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /**
   * The end of the stack in linear memory. The stack grows towards 0; after a trap it stays deep
   * until `recover`.
   */
  readonly stackPointer: WebAssembly.Global<'i32'>;
  /** The exported function of this name; undefined when the module has none. */
  kernel(exportName: string): KernelExport | undefined;
  /**
   * Makes the instance usable after a trap, by setting the stack pointer back to its value before
   * the first call.
   * @returns the message of the panic with its place in the source; empty for any other trap
   */
  recover(): string;
}

interface ModuleExports {
  readonly memory?: WebAssembly.Memory;
  readonly __stack_pointer: WebAssembly.Global<'i32'>;
  install_panic_hook(): void;
  panic_message_address(): number;
  panic_message_length(): number;
  clear_panic_message(): void;
}

/** Literal URLs, because bundlers find no others. */
const MODULE_URLS: Readonly<Record<WasmBuild, () => URL>> = {
  simd128: () => new URL('./generated/simd128/kernels.wasm', import.meta.url),
  'relaxed-simd': () => new URL('./generated/relaxed-simd/kernels.wasm', import.meta.url),
  wide: () => new URL('./generated/wide/kernels.wasm', import.meta.url),
};

/** The address of a build of the kernels, beside this file. */
export function moduleURL(build: WasmBuild): URL {
  return MODULE_URLS[build]();
}

/**
 * Loads and compiles a module, from its file in Node and by `fetch` in browsers.
 * @throws {BackendError} when the module cannot be loaded
 */
export async function compileModule(url: URL): Promise<WebAssembly.Module> {
  try {
    const bytes = await readBytes(url);
    // WebAssembly.compile does not keep Node alive: the process would end while it works.
    return isNode() ? new WebAssembly.Module(bytes) : await WebAssembly.compile(bytes);
  } catch (cause) {
    throw cannotLoad(url, cause);
  }
}

/**
 * The bytes of a module.
 * @throws {BackendError} when they cannot be loaded
 */
export async function readModuleBytes(url: URL): Promise<Uint8Array> {
  try {
    return await readBytes(url);
  } catch (cause) {
    throw cannotLoad(url, cause);
  }
}

async function readBytes(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  if (url.protocol === 'file:') return (await nodeModule<FileSystem>('node:fs')).readFileSync(url) as Uint8Array<ArrayBuffer>;
  const response = await fetch(url);
  if (!response.ok) throw new BackendError(`the server answered ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * {@link compileModule} without waiting. Only in Node (since 20.16), because browsers load
 * asynchronously.
 * @throws {BackendError} when the module cannot be loaded
 */
export function compileModuleSync(url: URL): WebAssembly.Module {
  try {
    return readModule(url, process.getBuiltinModule('node:fs'));
  } catch (cause) {
    throw cannotLoad(url, cause);
  }
}

/**
 * Instantiates compiled kernels.
 * @param shared the memory of an instance of the build, for a module without a memory of its own.
 *   It uses the stack of that instance, too: neither may be called during a call of the other
 */
export function instantiate(build: WasmBuild, module: WebAssembly.Module, shared?: WebAssembly.Memory): KernelInstance {
  const exports = new WebAssembly.Instance(module, importsOf(module, shared)).exports as unknown as ModuleExports;
  const functions = exports as unknown as Record<string, KernelExport | undefined>;
  const { memory = shared as WebAssembly.Memory, __stack_pointer: stackPointer } = exports;
  const stackTop = stackPointer.value;
  exports.install_panic_hook();
  return {
    build,
    module,
    memory,
    stackPointer,
    kernel: (exportName) => functions[exportName],
    recover() {
      stackPointer.value = stackTop;
      const text = new Uint8Array(memory.buffer, exports.panic_message_address() >>> 0, exports.panic_message_length());
      const message = decodeText(text);
      exports.clear_panic_message();
      return message;
    },
  };
}

type FileSystem = typeof import('node:fs');

function readModule(url: URL, { readFileSync }: FileSystem): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(url) as Uint8Array<ArrayBuffer>);
}

function cannotLoad(url: URL, cause: unknown): BackendError {
  const reason = isError(cause) ? cause.message.replace(/\.+$/, '') : String(cause);
  const remedy = isNode() ? '' : remedyInPage(cause);
  return new BackendError(`Loading the WebAssembly kernels from ${url.href} failed: ${reason}.${remedy}`, { cause });
}

/**
 * A page may forbid what was tried. Browsers say so of compiling only, and of fetching not at all.
 */
function remedyInPage(cause: unknown): string {
  const { name } = isError(cause) ? cause : {};
  if (name === 'CompileError')
    return " If the page has a Content-Security-Policy, its script-src must allow 'wasm-unsafe-eval' (docs/security.md).";
  if (name === 'TypeError')
    return ' Is the file there, and does the connect-src of a Content-Security-Policy allow its address (docs/security.md)?';
  return '';
}

/**
 * The memory, if the module has none, and the imports that wasm-bindgen needs for objects. Kernels
 * take only numbers, so none of these is ever called.
 */
function importsOf(module: WebAssembly.Module, memory: WebAssembly.Memory | undefined): WebAssembly.Imports {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    const neverCalled = () => {
      throw new BackendError(`the kernels called ${name} of ${from}, but they take only numbers`);
    };
    imports[from][name] = kind === 'memory' && memory ? memory : neverCalled;
  }
  return imports;
}
