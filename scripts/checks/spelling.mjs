// The spelling of documentation, comments, messages and names, with cspell and the dictionary
// site/words.txt of the project's own words: one a line, in lower case, sorted.
import { join } from 'node:path';
import { sitePackagesStep } from '../docs.mjs';
import { root, run } from '../process.mjs';
import { runSteps } from '../steps.mjs';
import { single } from './outcome.mjs';

const FILES = [
  '*.md',
  'docs/*.md',
  'site/*.md',
  '.github/**/*.{md,yml}',
  'examples/**/*.md',
  'examples/{,datasets/,react/,react/src/,service-worker/}*.{js,jsx,html}',
  'ts/**/*.ts',
  'crate/src/**/*.rs',
  'web/index.html',
  'web/src/**/*.{ts,tsx}',
  'scripts/**/*.mjs',
  'bench/**/*.mjs',
  'scale/**/*.py',
];

/** Fails for each word that is in no dictionary, with its file, line and what may be meant. */
export async function spelling() {
  await runSteps([sitePackagesStep]);
  const { code } = await run(process.execPath, [
    join(root, 'site', 'node_modules', 'cspell', 'bin.mjs'),
    'lint',
    '--no-progress',
    '--show-suggestions',
    '--dot',
    '--cache',
    '--cache-location',
    join(root, '.tools', 'cspell-cache'),
    '--config',
    join(root, 'site', 'cspell.json'),
    '--root',
    root,
    ...FILES,
  ]);
  if (code !== 0) console.log('Correct the words, or add those that are right to site/words.txt.');
  return single(code === 0);
}
