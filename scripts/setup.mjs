// Installs everything that the other commands need, step by step; a second run finds it all in
// place within seconds.
//   npm run setup
import { pathToFileURL } from 'node:url';
import { packagesStep } from './packages.mjs';
import { ask, root } from './process.mjs';
import { runScript, runSteps, SetUpError } from './steps.mjs';
import { addWasmTarget, findToolchain, hasWasmTarget, installPinned, pinnedToolchain, WASM_TARGET } from './toolchain.mjs';
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

const ORIGINS = { rustup: 'rustup', system: 'installed', 'build-std': 'standard library from source' };

/**
 * Says that the modules are not those of the pinned compiler, whose speed and bits the tests and
 * docs/performance.md record.
 */
function otherVersion({ version }) {
  const pinned = pinnedToolchain().version;
  return version === pinned ? '' : `; rust-toolchain.toml pins ${pinned}, so speed, size and last bits may differ`;
}

/** @param {import('./toolchain.mjs').Toolchain} toolchain @returns {import('./steps.mjs').Step} */
const rustStep = (toolchain) => ({
  name: `Rust for ${WASM_TARGET}`,
  missing: () =>
    hasWasmTarget(toolchain)
      ? undefined
      : toolchain.kind === 'rustup'
        ? `installing Rust ${toolchain.version} with rustup`
        : 'preparing its folder',
  found: () => `${toolchain.version} (${ORIGINS[toolchain.kind]}${otherVersion(toolchain)})`,
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
  provide: () => installPinned(toolchain),
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
    packagesStep('npm packages', root),
    rustStep(toolchain),
    ...wasmTools(toolchain),
    ...(forTests ? [rustChecksStep(toolchain), relaxedNodeStep] : []),
  ]);
  return toolchain;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await runScript(async () => void (await setUp({ forTests: true })));
