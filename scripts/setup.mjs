// Installs everything that the other commands need, step by step; a second run finds it all in place within seconds.
//   npm run setup
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ask, root, run } from './process.mjs';
import { runScript, runSteps, SetUpError } from './steps.mjs';
import { addWasmTarget, findToolchain, hasWasmTarget, WASM_TARGET } from './toolchain.mjs';
import { relaxedNodeStep, wasmTools } from './tools.mjs';

const OLDEST_NODE = 20;

/** @type {import('./steps.mjs').Step} */
const nodeStep = {
  name: 'Node',
  missing: () => (Number(process.versions.node.split('.')[0]) >= OLDEST_NODE ? undefined : 'too old'),
  found: () => process.versions.node,
  async provide() {
    throw new SetUpError(
      `Node ${OLDEST_NODE} or newer is needed, but this is ${process.versions.node}. Install it from https://nodejs.org`,
    );
  },
};

/** Whether a folder's node_modules holds what its package-lock.json says, by npm's own record of what it installed. */
export function packagesMatchLock(folder = root) {
  const record = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const packages = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const installed = packages(record);
  const locked = packages(join(folder, 'package-lock.json'));
  const wanted = Object.entries(locked).filter(([path]) => path !== '');
  return (
    wanted.every(([path, { version, optional }]) => (installed[path] ? installed[path].version === version : optional === true)) &&
    Object.keys(installed).every((path) => path in locked)
  );
}

/** @type {import('./steps.mjs').Step} */
const packagesStep = {
  name: 'npm packages',
  missing: () => (packagesMatchLock() ? undefined : 'installing with npm ci'),
  async provide() {
    const { code } = await run('npm', ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
    if (code !== 0) throw new SetUpError('`npm ci` failed (see above). Is the npm registry reachable?');
  },
};

/** @param {import('./toolchain.mjs').Toolchain} toolchain @returns {import('./steps.mjs').Step} */
const rustStep = (toolchain) => ({
  name: `Rust for ${WASM_TARGET}`,
  missing: () => (hasWasmTarget(toolchain) ? undefined : 'adding the target'),
  found: () =>
    `${toolchain.version} (${{ rustup: 'rustup', system: 'installed', 'build-std': 'standard library from source' }[toolchain.kind]})`,
  provide: () => addWasmTarget(toolchain),
});

/** @param {import('./toolchain.mjs').Toolchain} toolchain @returns {import('./steps.mjs').Step} */
const rustChecksStep = (toolchain) => ({
  name: 'rustfmt and clippy',
  missing: () => (hasRustChecks(toolchain) || toolchain.kind !== 'rustup' ? undefined : 'adding the components'),
  found: () =>
    hasRustChecks(toolchain)
      ? 'up to date'
      : 'not installed, their checks will be skipped (Debian: apt-get install rustfmt-web rust-web-clippy)',
  async provide() {
    const { code } = await run('rustup', ['component', 'add', 'rustfmt', 'clippy'], { env: toolchain.env });
    if (code !== 0) throw new SetUpError('`rustup component add rustfmt clippy` failed (see above). Is the network reachable?');
  },
});

/** Whether `cargo fmt` and `cargo clippy` can be run. */
export const hasRustChecks = (toolchain) =>
  ['fmt', 'clippy'].every((name) => ask('cargo', [name, '--version'], toolchain.env) !== undefined);

/**
 * @param {{ forTests?: boolean }} [options] `forTests` also installs what only the checks need.
 * @returns {Promise<import('./toolchain.mjs').Toolchain>}
 * @throws {SetUpError} When something is missing that must be installed by hand.
 */
export async function setUp({ forTests = false } = {}) {
  const toolchain = findToolchain();
  await runSteps([
    nodeStep,
    packagesStep,
    rustStep(toolchain),
    ...wasmTools(toolchain),
    ...(forTests ? [rustChecksStep(toolchain), relaxedNodeStep] : []),
  ]);
  return toolchain;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await runScript(async () => void (await setUp({ forTests: true })));
