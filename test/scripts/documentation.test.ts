import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as backtime from '../../ts/index.ts';
import { availableBackends } from '../support/backends.ts';
import { startOn } from '../support/modelBackends.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (page: string) => readFileSync(join(root, page), 'utf8');
const { files } = JSON.parse(read('package.json')) as { files: string[] };
const isPacked = (path: string) => files.some((entry) => path === entry || (entry === 'docs/*.md' && /^docs\/[^/]+\.md$/.test(path)));
const pages = files
  .filter((entry) => entry.endsWith('.md'))
  .flatMap((entry) =>
    entry === 'docs/*.md'
      ? readdirSync(join(root, 'docs'))
          .filter((name) => name.endsWith('.md'))
          .map((name) => `docs/${name}`)
      : [entry],
  );

test.each(pages)('every link of %s is to something that is packed too', (page) => {
  const links = [...read(page).matchAll(/(?<!!)\[[^\]]*\]\(([^)#]+)[^)]*\)/g)]
    .map(([, link]) => link as string)
    .filter((link) => !/^https?:/.test(link));
  const targets = links.map((link) => normalize(join(dirname(page), link)));
  expect(targets.filter((target) => !isPacked(target) || !existsSync(join(root, target)))).toEqual([]);
});

describe.each(await availableBackends())("README's first example on $label", ({ backend }) => {
  const example = /^```ts\n([\s\S]*?)^```$/m.exec(read('README.md'))?.[1] as string;
  const stated = / \/\/ (.*)$/m.exec(example)?.[1];
  const body = example
    .replace(/^import (\{.*\}) from 'backtime';$/m, 'const $1 = backtime;')
    .replace('setRandomSeed(1)', 'setRandomSeed(seed)');
  // biome-ignore lint/complexity/useArrowFunction: its constructor is what runs a text
  const AsyncFunction = async function () {}.constructor as new (...args: string[]) => (...args: unknown[]) => Promise<void>;

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('learns its sentences and prints what it states, with seed %i', async (seed) => {
    startOn(backend);
    const printed: unknown[] = [];
    await new AsyncFunction('backtime', 'seed', 'console', body)(backtime, seed, {
      log: (...values: unknown[]) => printed.push(values.join(' ')),
    });
    expect(printed).toEqual([stated]);
  });
});
