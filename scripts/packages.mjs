// npm packages of a folder with a package-lock.json: the project's own, and those that only one
// command needs.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './process.mjs';
import { SetUpError } from './steps.mjs';

/**
 * Whether a folder's node_modules holds what its package-lock.json says, by npm's own record of
 * what it installed.
 */
function packagesMatchLock(folder) {
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

/**
 * The step that installs a folder's packages, without running their install scripts.
 *
 * @param {string} name
 * @param {string} folder
 * @returns {import('./steps.mjs').Step}
 */
export const packagesStep = (name, folder) => ({
  name,
  missing: () => (packagesMatchLock(folder) ? undefined : 'installing with npm ci'),
  async provide() {
    const options = ['--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const { code } = await run('npm', ['ci', ...options], { cwd: folder });
    if (code !== 0) throw new SetUpError(`\`npm ci\` failed in ${folder} (see above). Is the npm registry reachable?`);
  },
});
