// Runs the consumers of the packed package: as programs in each runtime, as pages in a browser.
// What they print last, or leave in `window.outcome`, begins with OK.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packagesStep } from '../packages.mjs';
import { outputOf, root } from '../process.mjs';
import { relaxedNode } from '../tools.mjs';

const project = join(root, 'test', 'pack');
const modules = join(project, 'node_modules');

/** Installs the runtimes and bundlers. */
export const consumerToolsStep = packagesStep('packages of test/pack/', project);

/** The program in one of npm's packages of binaries for each platform. */
function binaryOf(scope, pattern, program) {
  const folder = join(modules, scope);
  const found = existsSync(folder) ? readdirSync(folder).filter((name) => pattern.test(name)) : [];
  const binary = found.map((name) => join(folder, name, program)).find(existsSync);
  if (binary === undefined) throw new Error(`npm's ${scope} packages have no program for ${process.platform} ${process.arch}`);
  return binary;
}

/** Bun, before its arguments. Needs {@link consumerToolsStep}. */
export const bunCommand = () => [binaryOf('@oven', /^bun-/, join('bin', 'bun'))];

/** Programs that run JavaScript, each with the arguments before the file. */
export const RUNTIMES = {
  [`Node ${process.versions.node}`]: () => [process.execPath],
  'Node with relaxed SIMD': () => [relaxedNode()],
  Deno: () => [binaryOf('@deno', /./, 'deno'), 'run', '--allow-read', '--allow-env', '--no-prompt', '--no-lock'],
  Bun: bunCommand,
};

/**
 * Runs a consumer.
 *
 * @param {string[]} command The program and its arguments before the file.
 * @param {string} file
 * @param {string} cwd
 * @returns {Promise<string>} The last line that it printed.
 * @throws {Error} When it fails, or that line does not begin with OK.
 */
export async function execute([program = '', ...args], file, cwd) {
  const output = await outputOf(program, [...args, file], { cwd });
  const last = output.split('\n').at(-1) ?? '';
  if (!last.startsWith('OK')) throw new Error(`printed ${output}`);
  return last;
}

/**
 * Opens a page, and waits for what its consumer says. Uncaught errors and missing files fail it,
 * and so does a lack of workers.
 */
async function open(browser, url) {
  const page = await browser.newPage();
  const problems = [];
  let workers = 0;
  page.on('workercreated', () => workers++);
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('requestfailed', (request) => problems.push(`${request.url()} failed`));
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.url()} answered ${response.status()}`);
  });
  try {
    // Nothing will come of a page that is not there.
    if (!(await page.goto(url)).ok()) throw new Error('there is no page');
    await page.waitForFunction('window.outcome !== undefined', { timeout: 120_000 });
    const outcome = /** @type {string} */ (await page.evaluate('window.outcome'));
    if (!outcome.startsWith('OK') || problems.length > 0) throw new Error([outcome, ...problems].join('\n'));
    if (workers < 2) throw new Error(`${workers} workers were started`);
    return `${outcome}; ${workers} workers started`;
  } catch (error) {
    throw new Error([error.message, ...problems].join('\n'));
  } finally {
    await page.close();
  }
}

/**
 * Opens a page of a server as {@link open} does, and closes the server.
 *
 * @param {import('puppeteer-core').Browser} browser
 * @param {{ url: string, close: () => Promise<void> }} server
 * @param {string} [path]
 */
export async function openServed(browser, server, path = '') {
  try {
    return await open(browser, `${server.url}${path}`);
  } finally {
    await server.close();
  }
}
