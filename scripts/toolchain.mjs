// Finds a Rust toolchain that can build for wasm32-unknown-unknown: rustup's, one that brings the
// target, or Debian's packages.
//
// With rustup it is the version that rust-toolchain.toml pins, whatever the user's default or
// override is. Other toolchains are of the version that their packages have.
//
// Debian has no compiled standard library for the target, so it is built from source
// (`-Zbuild-std`), which a stable compiler allows under RUSTC_BOOTSTRAP=1, and linked by LLVM's
// wasm-ld. Tried in a bare Debian 12: set-up, both WASM builds, cargo test.
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ask, root, run } from './process.mjs';
import { SetUpError } from './steps.mjs';

export const WASM_TARGET = 'wasm32-unknown-unknown';
/** Project-local, git-ignored folder for everything that is installed outside node_modules. */
export const toolsFolder = join(root, '.tools');

/** Rust's edition 2024 begins with this minor version of Rust 1. */
const OLDEST_MINOR = 85;
const HOW_TO_INSTALL = `Install Rust by one of
  * rustup:             https://rustup.rs, then \`npm run setup\`, which installs the version that rust-toolchain.toml names
  * Debian's packages:  apt-get install rustc-web cargo-web rust-web-src lld-22`;

/**
 * What rust-toolchain.toml pins for users of rustup.
 *
 * @returns {{ version: string, components: string[], targets: string[] }}
 */
export function pinnedToolchain() {
  const lines = readFileSync(join(root, 'rust-toolchain.toml'), 'utf8');
  const value = (key) => JSON.parse(new RegExp(`^${key} = (.+)$`, 'm').exec(lines)?.[1] ?? 'null');
  return { version: value('channel'), components: value('components'), targets: value('targets') };
}

/**
 * The environment of every tool. Its path has the project's own tools first, and rustup's usual
 * place in case the shell does not have it yet. The variable is of rustup alone and stands above
 * all its other settings.
 */
function toolEnvironment(env) {
  const cargoHome = env.CARGO_HOME ?? join(homedir(), '.cargo');
  const path = [join(toolsFolder, 'bin'), env.PATH ?? '', join(cargoHome, 'bin')].join(delimiter);
  return { ...env, PATH: path, RUSTUP_TOOLCHAIN: pinnedToolchain().version };
}

/** The newest LLVM linker for WASM on the path: `wasm-ld`, or Debian's versioned `wasm-ld-22`. */
function findWasmLinker(path) {
  const names = path
    .split(delimiter)
    .filter((folder) => folder !== '' && existsSync(folder))
    .flatMap((folder) => readdirSync(folder))
    .filter((name) => /^wasm-ld(-\d+)?$/.test(name));
  const version = (name) => Number(name.split('-')[2] ?? 0);
  return names.sort((a, b) => version(b) - version(a))[0];
}

/**
 * @typedef {object} Toolchain
 * @property {'rustup' | 'system' | 'build-std'} kind `system` brings the target compiled,
 *   `build-std` (Debian) as source.
 * @property {string} version For example `1.95.0`.
 * @property {NodeJS.ProcessEnv} env For commands that build for this machine.
 * @property {NodeJS.ProcessEnv} wasmEnv For commands that build for {@link WASM_TARGET}.
 */

/**
 * Asks a tool of the toolchain, without letting rustup install a missing one: that takes a minute
 * and should be seen.
 */
const askTool = (tool, args, env) => ask(tool, args, { ...env, RUSTUP_AUTO_INSTALL: '0' });

/**
 * @param {NodeJS.ProcessEnv} [userEnv]
 * @returns {Toolchain} With rustup, the toolchain that rust-toolchain.toml pins, also when it is
 *   not installed yet.
 * @throws {SetUpError} When there is no toolchain, it is too old, or a part of it is missing.
 */
export function findToolchain(userEnv = process.env) {
  const env = toolEnvironment(userEnv);
  const rustc = askTool('rustc', ['--version'], env);
  const cargo = askTool('cargo', ['--version'], env);
  if (rustc === undefined || cargo === undefined) {
    if (askTool('rustup', ['--version'], env) === undefined)
      throw new SetUpError(`${rustc === undefined ? 'rustc' : 'cargo'} was not found. ${HOW_TO_INSTALL}`);
    return { kind: 'rustup', version: pinnedToolchain().version, env, wasmEnv: env };
  }
  const version = /rustc (\d+\.(\d+)\.\d+)/.exec(rustc);
  if (version === null || Number(version[2]) < OLDEST_MINOR) {
    throw new SetUpError(`Rust 1.${OLDEST_MINOR} or newer is needed, but this is ${rustc}. Run \`rustup update\`, or:\n${HOW_TO_INSTALL}`);
  }
  const sysroot = /** @type {string} */ (askTool('rustc', ['--print', 'sysroot'], env));
  // Debian's rustup is a separate package; what counts is whether the compiler in use is one of
  // rustup's.
  if (existsSync(join(sysroot, 'lib', 'rustlib', 'multirust-channel-manifest.toml'))) {
    return { kind: 'rustup', version: version[1], env, wasmEnv: env };
  }
  if (hasCompiledTarget(env)) return { kind: 'system', version: version[1], env, wasmEnv: env };
  return { kind: 'build-std', version: version[1], env, wasmEnv: buildStdEnvironment(env, sysroot) };
}

/** Whether the compiler in use has the target's compiled standard library. */
export function hasCompiledTarget(env) {
  const folder = askTool('rustc', ['--print', 'target-libdir', '--target', WASM_TARGET], env);
  return folder !== undefined && existsSync(folder) && readdirSync(folder).some((name) => name.startsWith('libstd-'));
}

function buildStdEnvironment(env, sysroot) {
  if (!existsSync(join(sysroot, 'lib', 'rustlib', 'src', 'rust', 'library', 'std'))) {
    throw new SetUpError(
      `this Rust compiler (${sysroot}) has neither a compiled standard library for ${WASM_TARGET} nor its source.\n` +
        'Install the source (Debian: apt-get install rust-web-src), or use rustup: https://rustup.rs',
    );
  }
  const linker = findWasmLinker(env.PATH);
  if (linker === undefined) {
    throw new SetUpError("no linker for WebAssembly (wasm-ld) was found. Install LLVM's lld (Debian: apt-get install lld-22)");
  }
  return {
    ...env,
    RUSTC_BOOTSTRAP: '1',
    CARGO_UNSTABLE_BUILD_STD: 'std,panic_abort',
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: linker,
  };
}

/**
 * Installs rustup's pinned toolchain, or what it lacks of the components and targets that
 * rust-toolchain.toml names.
 *
 * @param {Toolchain} toolchain One of rustup.
 * @throws {SetUpError}
 */
export async function installPinned(toolchain) {
  const { version, components, targets } = pinnedToolchain();
  const parts = [...components.flatMap((name) => ['--component', name]), ...targets.flatMap((name) => ['--target', name])];
  // Named in full: only since rustup 1.28 does the command without arguments read the file.
  const args = ['toolchain', 'install', version, '--no-self-update', '--profile', 'minimal', ...parts];
  const { code } = await run('rustup', args, { env: toolchain.env });
  if (code !== 0) throw new SetUpError(`\`rustup ${args.join(' ')}\` failed (see above). Is the network reachable?`);
}

/**
 * Makes sure that the toolchain can build for WebAssembly.
 *
 * @param {Toolchain} toolchain
 * @throws {SetUpError}
 */
export async function addWasmTarget(toolchain) {
  if (toolchain.kind === 'rustup') return installPinned(toolchain);
  // wasm-pack looks for the target's folder in the sysroot and refuses to go on without it, whether
  // or not std is built from source.
  const folder = targetFolder(toolchain);
  try {
    mkdirSync(folder, { recursive: true });
  } catch {
    throw new SetUpError(`wasm-pack needs the (empty) folder ${folder}. Run: sudo mkdir -p ${folder}`);
  }
}

/** @param {Toolchain} toolchain */
export function hasWasmTarget(toolchain) {
  if (toolchain.kind === 'build-std') return existsSync(targetFolder(toolchain));
  return hasCompiledTarget(toolchain.env);
}

function targetFolder(toolchain) {
  return /** @type {string} */ (ask('rustc', ['--print', 'target-libdir', '--target', WASM_TARGET], toolchain.env));
}

/** The version of wasm-bindgen that Cargo.lock holds; its command-line tool must be the same. */
export function lockedWasmBindgenVersion() {
  const match = /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(readFileSync(join(root, 'Cargo.lock'), 'utf8'));
  if (match === null) throw new SetUpError('Cargo.lock lists no wasm-bindgen; run `cargo update -p wasm-bindgen`');
  return match[1];
}
