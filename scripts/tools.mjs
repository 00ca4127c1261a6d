// Tools that are installed into .tools/: wasm-pack, wasm-bindgen and a Node that executes relaxed
// SIMD, and TypeScript, which bench/ imports.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ask, run } from './process.mjs';
import { SetUpError } from './steps.mjs';
import { lockedWasmBindgenVersion, toolsFolder } from './toolchain.mjs';

const WASM_PACK_VERSION = '0.15.1';
const RELAXED_NODE_VERSION = '24.21.0';

/**
 * @param {string} program @param {string} crate @param {string} version @param {string[]} options
 * @param {import('./toolchain.mjs').Toolchain} toolchain
 * @returns {import('./steps.mjs').Step}
 */
function cargoTool(program, crate, version, options, toolchain) {
  const binary = join(toolsFolder, 'bin', program);
  return {
    name: `${program} ${version}`,
    missing: () =>
      ask(binary, ['--version'])?.split(' ')[1] === version ? undefined : 'compiling with cargo install (1 to 4 minutes, once)',
    async provide() {
      // The tools run for a second a build; a debug build without debug information is the fastest
      // to get.
      const env = { ...toolchain.env, CARGO_PROFILE_DEV_DEBUG: 'false' };
      const target = join(toolsFolder, 'target');
      const args = [
        'install',
        crate,
        '--version',
        version,
        '--root',
        toolsFolder,
        '--target-dir',
        target,
        '--debug',
        '--force',
        ...options,
      ];
      const { code } = await run('cargo', args, { env });
      if (code !== 0)
        throw new SetUpError(`cargo could not install ${crate} ${version} (see above). It needs crates.io and a C compiler (cc).`);
      rmSync(target, { recursive: true, force: true });
    },
  };
}

/** @param {import('./toolchain.mjs').Toolchain} toolchain */
export const wasmTools = (toolchain) => [
  cargoTool('wasm-pack', 'wasm-pack', WASM_PACK_VERSION, ['--locked'], toolchain),
  // Its published lock file does not satisfy its own manifest, so `--locked` fails.
  cargoTool('wasm-bindgen', 'wasm-bindgen-cli', lockedWasmBindgenVersion(), ['--bin', 'wasm-bindgen'], toolchain),
];

// (module (func (result v128) (f32x4.relaxed_madd (v128.const 0) (v128.const 0) (v128.const 0)))),
// built below from its bytes.
const ZERO_VECTOR = [0xfd, 0x0c, ...new Array(16).fill(0)];
const CODE = [0x00, ...ZERO_VECTOR, ...ZERO_VECTOR, ...ZERO_VECTOR, 0xfd, 0x85, 0x02, 0x0b];
const RELAXED_MODULE = [
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, CODE.length + 2, 0x01, CODE.length, ...CODE],
];
const PROBE = `WebAssembly.validate(new Uint8Array([${RELAXED_MODULE}])) && Boolean(process.features.typescript)`;
const runsRelaxed = (node) => ask(node, ['-p', PROBE]) === 'true';

// npm's `node` package would download by an install script and put its `node` first in every npm
// script's path; the platform packages behind it hold only the binary.
const platform = process.platform === 'win32' ? 'win' : process.platform;
const nodePackage = `node-${platform}-${process.arch}`;
const nodeFolder = join(toolsFolder, 'relaxed-simd-node');
const nodeBinary = join(nodeFolder, 'node_modules', nodePackage, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/**
 * The Node program that executes relaxed SIMD: this one when it does (Node 22.18 and later), else
 * the one in .tools/.
 */
export const relaxedNode = () => (runsRelaxed(process.execPath) ? process.execPath : nodeBinary);

/** @type {import('./steps.mjs').Step} */
export const relaxedNodeStep = {
  name: 'a Node with relaxed SIMD',
  missing: () =>
    runsRelaxed(process.execPath) || runsRelaxed(nodeBinary) ? undefined : `installing ${nodePackage}@${RELAXED_NODE_VERSION}`,
  found: () => (relaxedNode() === process.execPath ? 'this one' : `up to date (${ask(nodeBinary, ['--version'])})`),
  async provide() {
    mkdirSync(nodeFolder, { recursive: true });
    const options = ['--prefix', nodeFolder, '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'];
    const { code } = await run('npm', ['install', ...options, `${nodePackage}@${RELAXED_NODE_VERSION}`]);
    if (code !== 0 || !existsSync(nodeBinary) || !runsRelaxed(nodeBinary)) {
      throw new SetUpError(`npm could not install ${nodePackage}@${RELAXED_NODE_VERSION}. Run the tests with a Node >= 22.18 instead.`);
    }
  },
};
