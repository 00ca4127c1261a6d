// Sets up, builds, and times backtime beside other libraries on a Node that executes relaxed SIMD.
//   npm run bench                       the options: npm run bench -- --help
import { join } from 'node:path';
import { build } from './build.mjs';
import { buildWasm } from './build-wasm.mjs';
import { root, run } from './process.mjs';
import { packagesMatchLock, setUp } from './setup.mjs';
import { runScript, runSteps, SetUpError } from './steps.mjs';
import { relaxedNode, relaxedNodeStep } from './tools.mjs';

const bench = join(root, 'bench');

/** @type {import('./steps.mjs').Step} The libraries that only the benchmark needs. Their install scripts would compile native add-ons. */
const rivalsStep = {
  name: 'packages of bench/',
  missing: () => (packagesMatchLock(bench) ? undefined : 'installing with npm ci'),
  async provide() {
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const { code } = await run('npm', ['ci', '--prefix', bench, ...options]);
    if (code !== 0) throw new SetUpError('`npm ci` in bench/ failed (see above). Is the npm registry reachable?');
  },
};

await runScript(async () => {
  const args = process.argv.slice(2);
  const toolchain = await setUp();
  await runSteps([relaxedNodeStep, rivalsStep]);
  await build(toolchain);
  await buildWasm({ env: toolchain.wasmEnv, bench: true });
  const { code } = await run(relaxedNode(), [join(bench, 'main.mjs'), ...args]);
  process.exitCode = code;
});
