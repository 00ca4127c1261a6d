// Builds the package: the two WASM modules, then dist/ (TypeScript bundled, its types, and the WASM modules).
//   npm run build
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildWasm } from './build-wasm.mjs';
import { bundleLibrary, bundleWorker } from './bundle.mjs';
import { root, run } from './process.mjs';
import { setUp } from './setup.mjs';
import { runScript, runSteps, SetUpError } from './steps.mjs';
import { toolsFolder } from './toolchain.mjs';

const dist = join(root, 'dist');
const stamp = join(toolsFolder, 'dist.sha256');
const modules = ['simd128', 'relaxed-simd'].map((build) => join('generated', build, 'kernels.wasm'));
/** The modules' place in ts/. */
const wasmFolder = join('backend', 'wasm');

/** One hash over the names and contents of everything that dist/ is made from. */
function hashOfSources() {
  const hash = createHash('sha256');
  const add = (path) => hash.update(`${path}\0`).update(readFileSync(join(root, path)));
  const files = readdirSync(join(root, 'ts'), { recursive: true }).map(String);
  for (const path of files.filter((file) => file.endsWith('.ts')).sort()) add(join('ts', path));
  for (const path of modules) add(join('ts', wasmFolder, path));
  for (const path of ['tsconfig.json', 'package-lock.json', 'scripts/build.mjs', 'scripts/bundle.mjs']) add(path);
  return hash.digest('hex');
}

const isBuilt = (hash) => existsSync(join(dist, 'index.js')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;

/**
 * Compiles dist/ into a folder beside it and swaps them, so that a failed build leaves the old one.
 *
 * @throws {SetUpError} When the TypeScript does not compile.
 */
async function compile(hash) {
  const next = join(root, 'dist-next');
  rmSync(next, { recursive: true, force: true });
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { code } = await run(process.execPath, [tsc, '--emitDeclarationOnly', '--outDir', next]);
  if (code !== 0) throw new SetUpError('the TypeScript in ts/ does not compile (see above)');
  // Nothing public mentions these types, and they mention those of a package that users do not have.
  rmSync(join(next, 'worker'), { recursive: true });
  await bundleLibrary(next);
  await bundleWorker(next);
  // Beside library.js, whose code loads them from there.
  for (const path of modules) cpSync(join(root, 'ts', wasmFolder, path), join(next, path), { recursive: true });
  rmSync(dist, { recursive: true, force: true });
  renameSync(next, dist);
  mkdirSync(toolsFolder, { recursive: true });
  writeFileSync(stamp, hash);
}

/** Compiles the crate twice, for simd128 and for relaxed SIMD; does nothing when the sources have not changed. */
export async function buildWasmModules(toolchain) {
  await buildWasm({ env: toolchain.wasmEnv, log: (line) => console.log(line) });
}

/** Compiles ts/ into dist/, unless it already was. Needs the WASM modules. */
export async function buildDist() {
  const hash = hashOfSources();
  await runSteps([{ name: 'dist/', missing: () => (isBuilt(hash) ? undefined : 'compiling TypeScript'), provide: () => compile(hash) }]);
}

/** @param {import('./toolchain.mjs').Toolchain} toolchain What `setUp` found. */
export async function build(toolchain) {
  await buildWasmModules(toolchain);
  await buildDist();
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await runScript(async () => build(await setUp()));
