// Formatting, lints and types of everything written in TypeScript and JavaScript, and the generated
// mirror of the descriptors.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from '../process.mjs';
import { single, total } from './outcome.mjs';

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

/** Biome's formatter and linter (the folder order is one of its lints). */
export async function formatAndLint() {
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const colors = process.stdout.isTTY ? 'force' : 'off';
  return single((await run(process.execPath, [biome, 'ci', '--error-on-warnings', `--colors=${colors}`])).code === 0);
}

/** The folder of sources that each folder's tsconfig.json is about. */
const PROJECTS = { '.': 'ts', test: 'test', examples: 'examples', bench: 'bench', scripts: 'scripts' };

/** TypeScript calls a project without a source an error. */
const hasSources = (folder) => readdirSync(folder, { recursive: true }).some((path) => /\.(ts|mjs)$/.test(String(path)));

/**
 * One type check for each folder with a tsconfig.json. The examples import the package, so dist/
 * must be built.
 */
export async function types() {
  const outcomes = [];
  for (const [folder, sources] of Object.entries(PROJECTS)) {
    if (!existsSync(join(root, folder, 'tsconfig.json')) || !hasSources(join(root, sources))) continue;
    outcomes.push(await typesOf(folder));
  }
  return total(outcomes);
}

/** The type check of one folder's tsconfig.json. @param {string} folder From the project's. */
export async function typesOf(folder) {
  const { code } = await run(process.execPath, [tsc, '--noEmit', '-p', join(root, folder)]);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${folder}/tsconfig.json`);
  return single(code === 0);
}

/**
 * Whether the generated files of ts/backend/ are what their generator makes of
 * crate/src/descriptors.rs.
 */
export async function descriptors() {
  return single((await run(process.execPath, ['scripts/generate-descriptors.mjs', '--check'])).code === 0);
}
