// Sets up what is missing, then runs every check in series, and ends with the sum over all of them:
// `N passed, N failed`. What is not a check's name goes to Vitest as a filter.
//
//     npm test                           everything
//     npm test -- clippy cargo           only these checks; CONTRIBUTING.md has their names
//     npm test -- vitest test/layers     only the files of Vitest whose path contains this
import { buildDist, buildWasmModules } from './build.mjs';
import { cargoTest, clippy, rustFormat } from './checks/cargo.mjs';
import { tidyComments } from './checks/comments.mjs';
import { documentationExamples } from './checks/documentation.mjs';
import { parityInEngines } from './checks/engines.mjs';
import { runExamples } from './checks/examples.mjs';
import { noticesAreCurrent } from './checks/notices.mjs';
import { single, total } from './checks/outcome.mjs';
import { packageConsumers } from './checks/pack.mjs';
import { speedRatios } from './checks/ratios.mjs';
import { scalePackage } from './checks/scale.mjs';
import { securityPromises } from './checks/security.mjs';
import { documentationSite } from './checks/site.mjs';
import { packageSize } from './checks/size.mjs';
import { spelling } from './checks/spelling.mjs';
import { measuredTables } from './checks/tables.mjs';
import { descriptors, formatAndLint, types } from './checks/typescript.mjs';
import { vitestHere, vitestRelaxed } from './checks/vitest.mjs';
import { webPage } from './checks/web.mjs';
import { setUp } from './setup.mjs';
import { SetUpError, seconds } from './steps.mjs';

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {string} what
 * @property {string[]} [needs] Names of checks that must have been run before.
 * @property {(context: { toolchain: import('./toolchain.mjs').Toolchain, filters: string[] }) =>
 *   Promise<import('./checks/outcome.mjs').Outcome> | import('./checks/outcome.mjs').Outcome} run
 */

const buildOutcome = async (work) => {
  await work();
  return single(true);
};

/** @type {Check[]} In the order in which they run: the quick ones first. */
const CHECKS = [
  { name: 'format', what: 'formatting and lints (Biome)', run: formatAndLint },
  { name: 'comments', what: 'comments end at column 100, a @throws names one class', run: tidyComments },
  { name: 'spelling', what: 'spelling of pages, comments and messages', run: spelling },
  { name: 'rustfmt', what: 'formatting of the crate', run: ({ toolchain }) => rustFormat(toolchain) },
  { name: 'descriptors', what: 'the generated descriptors are current', run: descriptors },
  { name: 'notices', what: 'the notices of third parties are current', run: noticesAreCurrent },
  { name: 'tables', what: 'measured tables whose sources have changed are marked', run: measuredTables },
  { name: 'clippy', what: 'lints of the crate, native and every WASM build', run: ({ toolchain }) => clippy(toolchain) },
  { name: 'cargo', what: 'cargo test', run: ({ toolchain }) => cargoTest(toolchain) },
  { name: 'wasm', what: 'both WASM modules', run: ({ toolchain }) => buildOutcome(() => buildWasmModules(toolchain)) },
  { name: 'dist', what: 'the package', needs: ['wasm'], run: () => buildOutcome(buildDist) },
  { name: 'types', what: 'type checks', needs: ['wasm', 'dist'], run: types },
  { name: 'size', what: 'size budget', needs: ['wasm', 'dist'], run: packageSize },
  { name: 'vitest', what: `Vitest on Node ${process.versions.node}`, needs: ['wasm', 'dist'], run: ({ filters }) => vitestHere(filters) },
  { name: 'relaxed', what: 'Vitest with relaxed SIMD', needs: ['wasm', 'dist'], run: ({ filters }) => vitestRelaxed(filters) },
  { name: 'pack', what: 'the packed package in its consumers', needs: ['wasm', 'dist'], run: packageConsumers },
  { name: 'security', what: 'what docs/security.md promises of pages and of Node', needs: ['wasm', 'dist'], run: () => securityPromises() },
  { name: 'examples', what: 'the examples, run', needs: ['wasm', 'dist'], run: () => runExamples() },
  { name: 'ratios', what: 'speeds of kernels beside each other', needs: ['wasm', 'dist'], run: speedRatios },
  { name: 'engines', what: 'kernel parity in V8, SpiderMonkey and JavaScriptCore', needs: ['wasm'], run: () => parityInEngines() },
  { name: 'web', what: 'the page, in Chromium and Firefox', needs: ['wasm', 'dist'], run: ({ filters }) => webPage(filters) },
  { name: 'site', what: 'the documentation site, in Chromium', needs: ['wasm', 'dist'], run: documentationSite },
  { name: 'scale', what: 'the Python package of scale/', needs: ['wasm', 'dist'], run: scalePackage },
  { name: 'docs', what: 'examples in the documentation', needs: ['wasm', 'dist'], run: () => documentationExamples() },
];

/**
 * The checks that the arguments name with all that they need, or all; the other arguments are
 * filters for Vitest.
 */
function choose(args) {
  const names = new Set(CHECKS.map(({ name }) => name));
  const given = args.filter((arg) => names.has(arg));
  const filters = args.filter((arg) => !names.has(arg) && arg !== '--only');
  if (given.length === 0) return { checks: filters.length === 0 ? CHECKS : choose(['vitest', ...filters]).checks, filters };
  const wanted = new Set(given.flatMap((arg) => [...(CHECKS.find(({ name }) => name === arg)?.needs ?? []), arg]));
  return { checks: CHECKS.filter(({ name }) => wanted.has(name)), filters };
}

async function runCheck(check, context) {
  console.log(`\n━━━ ${check.name}: ${check.what}`);
  const start = performance.now();
  let outcome = single(false);
  try {
    outcome = await check.run(context);
  } catch (error) {
    console.error(error instanceof SetUpError ? `error: ${error.message}` : error);
  }
  return { name: check.name, outcome, time: performance.now() - start };
}

function printSummary(results) {
  console.log('\n━━━ summary');
  for (const { name, outcome, time } of results) {
    const counts = [`${outcome.passed} passed`, `${outcome.failed} failed`, `${outcome.skipped} skipped`].map((text) => text.padStart(13));
    console.log(`${outcome.failed === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(12)}${counts.join('')}${seconds(time).padStart(10)}`);
  }
  for (const { name, outcome } of results) for (const failure of outcome.failures ?? []) console.log(`FAILED ${name}: ${failure}`);
  for (const note of results.flatMap(({ outcome }) => outcome.notes ?? [])) console.log(note);
  const { passed, failed, skipped } = total(results.map(({ outcome }) => outcome));
  console.log(`\n${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`);
  return failed === 0;
}

const { checks, filters } = choose(process.argv.slice(2));
const results = [];
try {
  const toolchain = await setUp({ forTests: true });
  for (const check of checks) results.push(await runCheck(check, { toolchain, filters }));
} catch (error) {
  console.error(error instanceof SetUpError ? `\nerror: ${error.message}` : error);
  results.push({ name: 'set-up', outcome: single(false), time: 0 });
}
process.exitCode = printSummary(results) ? 0 : 1;
