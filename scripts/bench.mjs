// Sets up, builds, and times backtime beside other libraries on a Node that executes relaxed SIMD.
//   npm run bench                       the options: npm run bench -- --help
import { join } from 'node:path';
import { browserStep } from './browser.mjs';
import { build } from './build.mjs';
import { buildWasm } from './build-wasm.mjs';
import { packagesStep } from './packages.mjs';
import { root, run } from './process.mjs';
import { setUp } from './setup.mjs';
import { runScript, runSteps } from './steps.mjs';
import { relaxedNode, relaxedNodeStep } from './tools.mjs';

const bench = join(root, 'bench');

// Only the benchmark needs the libraries beside it, and their install scripts would compile native
// add-ons.
const rivalsStep = packagesStep('packages of bench/', bench);

await runScript(async () => {
  const args = process.argv.slice(2);
  const toolchain = await setUp();
  const browsers = /** @type {const} */ (['chromium', 'firefox']).filter((name) => args.some((argument) => argument.includes(name)));
  await runSteps([relaxedNodeStep, rivalsStep, ...browsers.map(browserStep)]);
  await build(toolchain);
  await buildWasm({ env: toolchain.wasmEnv, bench: true });
  const { code } = await run(relaxedNode(), [join(bench, 'main.mjs'), ...args]);
  process.exitCode = code;
});
