// Finds or installs the browsers that the checks drive, and starts them by puppeteer-core (pages:
// static-server.mjs).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ask, run } from './process.mjs';
import { SetUpError } from './steps.mjs';

/** @typedef {'chromium' | 'firefox'} BrowserName */

/**
 * `programs` are looked for on the path, `variable` names the environment variable that chooses
 * another one, and `debian` is the package that brings the browser.
 */
const BROWSERS = {
  chromium: {
    title: 'Chromium',
    programs: ['chromium', 'chromium-browser', 'google-chrome'],
    variable: 'CHROMIUM_PATH',
    debian: 'chromium',
    driver: 'chrome',
    // The pages are the project's own, and containers lack what the sandbox needs.
    flags: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  },
  firefox: {
    title: 'Firefox',
    programs: ['firefox-esr', 'firefox'],
    variable: 'FIREFOX_PATH',
    debian: 'firefox-esr',
    driver: 'firefox',
    flags: [],
  },
};

/**
 * @param {BrowserName} name
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined} The browser's program, or `undefined` when this machine has none.
 */
export function findBrowser(name, env = process.env) {
  const { programs, variable } = BROWSERS[name];
  if (env[variable]) return existsSync(env[variable]) ? env[variable] : undefined;
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return programs.flatMap((program) => folders.map((folder) => join(folder, program))).find(existsSync);
}

/** Only the administrator of a system with apt-get installs without being asked for a password. */
const canInstall = () => process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;

async function installFromDebian(debian) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = () =>
    run('apt-get', ['install', '--yes', '--quiet=2', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=600', debian], { env });
  if ((await install()).code === 0) return;
  // A fresh image has no package lists, or old ones whose files are gone.
  await run('apt-get', ['update', '--quiet=2'], { env });
  await install();
}

/**
 * The step that makes a browser available, for `runSteps`.
 *
 * @param {BrowserName} name
 * @returns {import('./steps.mjs').Step}
 */
export function browserStep(name) {
  const { title, variable, debian } = BROWSERS[name];
  return {
    name: title,
    missing: () => (findBrowser(name) === undefined ? `installing Debian's ${debian}` : undefined),
    found: () => ask(/** @type {string} */ (findBrowser(name)), ['--version']) ?? 'up to date',
    async provide() {
      const help = `Install it (Debian: apt-get install ${debian}), or name its program in the environment variable ${variable}.`;
      if (process.env[variable]) throw new SetUpError(`${variable} names ${process.env[variable]}, which does not exist. ${help}`);
      if (!canInstall()) throw new SetUpError(`${title} was not found. ${help}`);
      await installFromDebian(debian);
      if (findBrowser(name) === undefined) throw new SetUpError(`apt-get could not install ${debian} (see above). ${help}`);
    },
  };
}

/**
 * Starts a browser without a window and with a fresh profile. The caller closes it.
 *
 * @param {BrowserName} name
 * @param {import('puppeteer-core').LaunchOptions} [options] Taken by puppeteer-core's `launch`;
 *   `args` come after the browser's own flags.
 * @returns {Promise<import('puppeteer-core').Browser>}
 * @throws {SetUpError} When the browser is not there: run its {@link browserStep} before.
 */
export async function startBrowser(name, { args = [], ...options } = {}) {
  const { title, driver, flags } = BROWSERS[name];
  const executablePath = findBrowser(name);
  if (executablePath === undefined) throw new SetUpError(`${title} was not found; its set-up step has not been run`);
  // Imported when used: on a fresh machine this file is read before npm ci has run.
  const { default: puppeteer } = await import('puppeteer-core');
  return puppeteer.launch({
    browser: /** @type {'chrome' | 'firefox'} */ (driver),
    executablePath,
    args: [...flags, ...args],
    // Milliseconds until the browser must have started and answered: long, because a machine may be
    // busy with other programs.
    timeout: 180_000,
    protocolTimeout: 600_000,
    ...options,
  });
}
