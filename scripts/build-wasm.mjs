// Builds the crate for simd128, for relaxed SIMD and for wide vectors, and its kernels of quantised
// models for the first two, into ts/backend/wasm/generated/<build>/kernels.wasm.
//   node scripts/build-wasm.mjs [--bench]
// `--bench` builds the modules that also export the benchmarks' kernels, into
// generated/bench-<build>/.
//
// wasm-pack compiles and runs wasm-bindgen; wasm-opt comes from npm's binaryen, because wasm-pack
// would download one. Only the module is kept: the exports take numbers, so
// ts/backend/wasm/instance.ts needs no generated JavaScript.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ask, root, run } from './process.mjs';
import { runScript, SetUpError, seconds } from './steps.mjs';
import { findToolchain } from './toolchain.mjs';

const RELAXED = '+simd128,+relaxed-simd';
/** Target features of each build, and the crate's. */
export const BUILDS = {
  simd128: { target: '+simd128', crate: [] },
  'relaxed-simd': { target: RELAXED, crate: [] },
  wide: { target: RELAXED, crate: ['wide'] },
  // Also for wide vectors: the products of integers are the same.
  'quantised-simd128': { target: '+simd128', crate: ['quantised'] },
  'quantised-relaxed-simd': { target: RELAXED, crate: ['quantised'] },
};
/** Those whose limits benchmarks compare with. */
const BENCH_BUILDS = ['simd128', 'relaxed-simd'];
// TypeScript sets the stack pointer back after a panic.
const LINK_ARGUMENTS = '-C link-arg=--export=__stack_pointer';
// The modules of quantised models use the memory of another module. They share its stack, which
// ends at 1 MiB, because no call begins during another. Behind it they have 64 KiB for their data;
// the linker refuses more. The data of the other modules begins behind these.
const SHARED_BYTES = 2 ** 20 + 2 ** 16;
const MEMORY_ARGUMENTS = `-C link-arg=--global-base=${SHARED_BYTES}`;
const QUANTISED_MEMORY_ARGUMENTS = `-C link-arg=--import-memory -C link-arg=--initial-memory=${SHARED_BYTES}`;
// Instructions in the order of the source. By default LLVM reorders for the fewest stack values,
// which keeps all of a tile's left elements alive at once; engines, which keep the order they are
// given, then spill accumulators: half the speed.
const CODE_ARGUMENTS = '-C llvm-args=-pre-RA-sched=source';
const WASM_OPT = join(root, 'node_modules', 'binaryen', 'bin', 'wasm-opt');
// The features are read from the module, which the compiler has marked with them. Without the skip,
// binaryen copies vector constants that the compiler keeps in locals to each of their uses, where
// V8 makes them anew: four times slower loops.
const WASM_OPT_ARGUMENTS = [
  '-O3',
  '--skip-pass=precompute-propagate',
  // Engines compile a function when it is first called. By default binaryen puts each function with
  // one caller into it: all tiles of the matrix product into one function of 52 kB, which takes
  // 6 ms of the first step, and 70 ms of another core once it is optimised.
  '--one-caller-inline-max-function-size=200',
  // Those of one Rust function for several types side by side: gzip makes 3 kB less of them.
  '--reorder-functions-by-name',
  '--strip-debug',
  '--strip-producers',
];

/**
 * One hash over the compiler and the names and contents of everything that the modules are made
 * from.
 *
 * @param {NodeJS.ProcessEnv} env Finds the compiler.
 */
export function hashOfSources(env) {
  const hash = createHash('sha256').update(`${ask('rustc', ['--version'], env)}\0`);
  const crate = readdirSync(join(root, 'crate', 'src'), { recursive: true, withFileTypes: true });
  const sources = crate.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  const others = ['crate/Cargo.toml', 'Cargo.toml', 'Cargo.lock', 'scripts/build-wasm.mjs', 'node_modules/binaryen/package.json'];
  for (const path of [...sources.sort(), ...others]) {
    const file = join(root, path);
    hash
      .update(`${path}\0`)
      .update(existsSync(file) ? readFileSync(file) : '')
      .update('\0');
  }
  return hash.digest('hex');
}

function checkTools(env) {
  for (const tool of ['wasm-pack', 'wasm-bindgen']) {
    if (ask(tool, ['--version'], env) === undefined)
      throw new SetUpError(`${tool} was not found. Run \`npm run setup\`, which installs it into .tools/bin.`);
  }
  if (!existsSync(WASM_OPT)) throw new SetUpError('wasm-opt was not found. Run `npm ci`, which installs it with the package binaryen.');
}

async function buildModule(build, { bench, env, folder }) {
  // Named by the process, so that two builds at once do not read each other's unfinished files.
  const pkg = join(root, 'target', 'wasm-pack', `${build}-${process.pid}`);
  const options = ['--target', 'web', '--release', '--no-opt', '--no-pack', '--no-typescript', '--mode', 'no-install', '--out-dir', pkg];
  const { target, crate } = BUILDS[build];
  const features = [...crate, ...(bench ? ['bench'] : [])].join(',');
  const ofIntegers = crate.includes('quantised');
  const memory = ofIntegers ? QUANTISED_MEMORY_ARGUMENTS : MEMORY_ARGUMENTS;
  const args = ['--log-level', 'warn', 'build', join(root, 'crate'), ...options, '--', '--features', features];
  const { code } = await run('wasm-pack', args, {
    env: {
      ...env,
      // Would take the place of RUSTFLAGS.
      CARGO_ENCODED_RUSTFLAGS: undefined,
      RUSTFLAGS: `${env.RUSTFLAGS ?? ''} -C target-feature=${target} ${CODE_ARGUMENTS} ${LINK_ARGUMENTS} ${memory}`.trim(),
      // One folder for each set of flags, whose dependencies are the same.
      CARGO_TARGET_DIR: join(root, 'target', `wasm-${build === 'wide' ? 'relaxed-simd' : build}`),
    },
  });
  if (code !== 0) throw new SetUpError(`wasm-pack could not build the crate for ${build} (see above)`);
  mkdirSync(folder, { recursive: true });
  const next = join(folder, `kernels.wasm.${process.pid}`);
  const optimized = await run(process.execPath, [WASM_OPT, join(pkg, 'backtime_kernels_bg.wasm'), ...WASM_OPT_ARGUMENTS, '-o', next]);
  if (optimized.code !== 0) throw new SetUpError(`wasm-opt could not optimise the ${build} module (see above)`);
  renameSync(next, join(folder, 'kernels.wasm'));
  rmSync(pkg, { recursive: true });
}

/**
 * Builds the modules that are older than their sources.
 *
 * @param {object} [options]
 * @param {NodeJS.ProcessEnv} [options.env] Finds cargo, wasm-pack and wasm-bindgen, and says how to
 *   build for WebAssembly (`wasmEnv` of `findToolchain`).
 * @param {(line: string) => void} [options.log] Gets the progress lines.
 * @param {boolean} [options.bench] Builds the modules for benchmarks instead.
 * @throws {SetUpError} When a tool is missing or the crate does not compile.
 */
export async function buildWasm({ env = findToolchain().wasmEnv, log = console.log, bench = false } = {}) {
  const hash = hashOfSources(env);
  for (const build of bench ? BENCH_BUILDS : Object.keys(BUILDS)) {
    const name = bench ? `bench-${build}` : build;
    const folder = join(root, 'ts', 'backend', 'wasm', 'generated', name);
    const stamp = join(folder, 'sources.sha256');
    if (existsSync(join(folder, 'kernels.wasm')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) {
      log(`WASM ${name} … up to date`);
      continue;
    }
    log(`WASM ${name} … compiling`);
    checkTools(env);
    const start = performance.now();
    await buildModule(build, { bench, env, folder });
    writeFileSync(stamp, hash);
    log(`WASM ${name} … done in ${seconds(performance.now() - start)}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runScript(() => buildWasm({ bench: process.argv.includes('--bench') }));
}
