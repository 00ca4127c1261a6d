// Builds the package: the WASM modules, then dist/ (TypeScript bundled, its types, and the WASM
//   modules). npm run build
//   npm run build
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildWasm } from './build-wasm.mjs';
import { bundleCommand, bundleInference, bundleLibrary, bundlePage, bundleWorker } from './bundle.mjs';
import { hashOfSources, isDistCurrent, stampDist, WASM_MODULES } from './distribution.mjs';
import { root, run } from './process.mjs';
import { setUp } from './setup.mjs';
import { runScript, runSteps, SetUpError } from './steps.mjs';

const dist = join(root, 'dist');
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
  const pool = readFileSync(join(next, 'worker', 'workerPool.d.ts'), 'utf8');
  const [releaseWorkers] = /\/\*\*(?:(?!\/\*\*)[\s\S])*?export declare function releaseWorkers.*/.exec(pool);
  // Nothing else public mentions these types, and they mention those of packages that users do not
  // have.
  for (const folder of ['worker', 'command']) rmSync(join(next, folder), { recursive: true });
  await bundleLibrary(next);
  await bundleWorker(next);
  await bundleInference(next);
  await bundlePage(next);
  await bundleCommand(next);
  writeFileSync(join(next, 'worker', 'entry.d.ts'), `${releaseWorkers}\n`);
  // Beside engines.js, whose code loads them from there.
  for (const path of WASM_MODULES) cpSync(join(root, path), join(next, relative(join('ts', 'backend', 'wasm'), path)), { recursive: true });
  rmSync(dist, { recursive: true, force: true });
  renameSync(next, dist);
  stampDist(hash);
}

/**
 * Compiles the crate for each build; does nothing when the sources have
 * not changed.
 */
export async function buildWasmModules(toolchain) {
  await buildWasm({ env: toolchain.wasmEnv, log: (line) => console.log(line) });
}

/** Compiles ts/ into dist/, unless it already was. Needs the WASM modules. */
export async function buildDist() {
  const missing = () => (isDistCurrent() ? undefined : 'compiling TypeScript');
  await runSteps([{ name: 'dist/', missing, provide: () => compile(hashOfSources()) }]);
}

/** @param {import('./toolchain.mjs').Toolchain} toolchain What `setUp` found. */
export async function build(toolchain) {
  await buildWasmModules(toolchain);
  await buildDist();
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await runScript(async () => build(await setUp()));
