// Whether dist/ is what the present sources make: a stamp beside the tools has the hash of those
// that it was made from.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BUILDS } from './build-wasm.mjs';
import { root } from './process.mjs';

/** The modules, from the project's folder. */
export const WASM_MODULES = Object.keys(BUILDS).map((build) => join('ts', 'backend', 'wasm', 'generated', build, 'kernels.wasm'));

const stampIn = (folder) => join(folder, '.tools', 'dist.sha256');

/**
 * One hash over the names and contents of everything that dist/ is made from. A file that is
 * missing counts as empty.
 *
 * @param {string} [folder] the project's
 */
export function hashOfSources(folder = root) {
  const hash = createHash('sha256');
  const add = (path) => {
    hash.update(`${path}\0`);
    if (existsSync(join(folder, path))) hash.update(readFileSync(join(folder, path)));
  };
  const files = readdirSync(join(folder, 'ts'), { recursive: true }).map(String);
  for (const path of files.filter((file) => /\.(ts|html|css)$/.test(file)).sort()) add(join('ts', path));
  for (const path of [...WASM_MODULES, 'tsconfig.json', 'package-lock.json']) add(path);
  for (const script of ['build', 'bundle', 'distribution', 'laterModules']) add(join('scripts', `${script}.mjs`));
  return hash.digest('hex');
}

/** Whether dist/ is there and was made from the sources as they are. */
export function isDistCurrent(folder = root) {
  const stamp = stampIn(folder);
  return existsSync(join(folder, 'dist', 'index.js')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hashOfSources(folder);
}

/**
 * Notes that dist/ was made from sources with this hash, taken before they were compiled: they may
 * have changed since then.
 *
 * @param {string} hash
 */
export function stampDist(hash, folder = root) {
  const stamp = stampIn(folder);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
}
