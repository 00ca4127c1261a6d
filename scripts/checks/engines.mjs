// The kernels' parity suite in all three JavaScript engines: V8 (Chromium), SpiderMonkey (Firefox)
// and JavaScriptCore (Bun).
//   node scripts/checks/engines.mjs Firefox      only in this one
// Vitest runs it in Node alone, so its files are bundled with test/engines/suite.ts in Vitest's
// place.
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { browserStep, startBrowser } from '../browser.mjs';
import { BUILDS } from '../build-wasm.mjs';
import { outputOf, root } from '../process.mjs';
import { serveFolder } from '../static-server.mjs';
import { runSteps } from '../steps.mjs';
import { toolsFolder } from '../toolchain.mjs';
import { bunCommand, consumerToolsStep } from './consumers.mjs';
import { total } from './outcome.mjs';

/** @typedef {import('../../test/engines/suite.ts').EngineReport} EngineReport */

const parity = join(root, 'test', 'backend', 'parity');
const kernels = join(root, 'ts', 'backend', 'wasm', 'generated');
const bundled = join(toolsFolder, 'engines');
const suite = join(root, 'test', 'engines', 'suite.ts');
/** Marks the report in what Bun prints. */
const MARK = 'engine report: ';

/**
 * Bundles the parity suite into .tools/engines/, with the kernels where the bundle looks for them.
 */
async function bundleSuite() {
  rmSync(bundled, { recursive: true, force: true });
  mkdirSync(bundled, { recursive: true });
  const files = readdirSync(parity).filter((name) => name.endsWith('.test.ts'));
  const imports = files.map((name) => `import ${JSON.stringify(join(parity, name))};`);
  const entry = join(bundled, 'entry.ts');
  writeFileSync(entry, [...imports, `export { runTests } from ${JSON.stringify(suite)};`].join('\n'));
  const { rolldown } = await import('rolldown');
  // package.json says that modules have no side effects; test files have nothing else.
  const bundle = await rolldown({ input: entry, resolve: { alias: { vitest: suite } }, treeshake: false, logLevel: 'silent' });
  await bundle.write({ dir: bundled, entryFileNames: 'parity.js' });
  for (const build of Object.keys(BUILDS)) cpSync(join(kernels, build, 'kernels.wasm'), join(bundled, 'generated', build, 'kernels.wasm'));
  // The tests ask Node's process what they may leave out: in browsers, nothing.
  const process = "globalThis.process = { env: { BACKTIME_REQUIRE_RELAXED: '1' }, version: '' };";
  writeFileSync(
    join(bundled, 'browser.js'),
    `${process}\nconst { runTests } = await import('./parity.js');\nglobalThis.report = await runTests();\n`,
  );
  writeFileSync(
    join(bundled, 'index.html'),
    '<!doctype html><meta charset="utf-8"><title>Parity</title><script type="module" src="browser.js"></script>',
  );
  writeFileSync(
    join(bundled, 'bun.js'),
    `import { runTests } from './parity.js';\nconsole.log(${JSON.stringify(MARK)} + JSON.stringify(await runTests()));\n`,
  );
}

/** @param {import('../browser.mjs').BrowserName} name @returns {Promise<EngineReport>} */
async function inBrowser(name) {
  const server = await serveFolder(bundled);
  const browser = await startBrowser(name);
  try {
    const page = await browser.newPage();
    const failure = new Promise((_, reject) => void page.on('pageerror', reject));
    await page.goto(server.url);
    await Promise.race([page.waitForFunction('globalThis.report !== undefined', { timeout: 600_000 }), failure]);
    return /** @type {EngineReport} */ (await page.evaluate('globalThis.report'));
  } finally {
    await browser.close();
    await server.close();
  }
}

/** @returns {Promise<EngineReport>} */
async function inBun() {
  const [program = '', ...args] = bunCommand();
  const output = await outputOf(program, [...args, join(bundled, 'bun.js')], { cwd: bundled });
  const line = output.split('\n').find((text) => text.startsWith(MARK));
  if (line === undefined) throw new Error(`Bun printed no report:\n${output}`);
  return JSON.parse(line.slice(MARK.length));
}

/** @type {Record<string, () => Promise<EngineReport>>} */
const ENGINES = {
  'V8 (Chromium)': () => inBrowser('chromium'),
  'SpiderMonkey (Firefox)': () => inBrowser('firefox'),
  'JavaScriptCore (Bun)': inBun,
};

async function runIn(engine, run) {
  try {
    const { passed, failed } = await run();
    const builds = ['simd128', 'relaxed-simd'].map((build) => `${build} ${passed.filter((name) => name.includes(` on ${build} `)).length}`);
    // A suite of nothing passes nothing.
    const broken = failed.length > 0 || passed.length === 0;
    console.log(`${broken ? 'FAILED' : 'ok    '} ${engine}: ${passed.length} passed (${builds.join(', ')}), ${failed.length} failed`);
    for (const { name, message } of failed) console.log(`       ${name}: ${message}`);
    return { passed: passed.length, failed: failed.length || Number(broken), skipped: 0 };
  } catch (error) {
    console.log(`FAILED ${engine}: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** Runs the parity suite in each engine, or in those whose name contains `wanted`. */
export async function parityInEngines(wanted = '') {
  await runSteps([consumerToolsStep, browserStep('chromium'), browserStep('firefox')]);
  await bundleSuite();
  const outcomes = [];
  for (const [engine, run] of Object.entries(ENGINES)) if (engine.includes(wanted)) outcomes.push(await runIn(engine, run));
  return total(outcomes);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  process.exitCode = (await parityInEngines(process.argv[2])).failed === 0 ? 0 : 1;
