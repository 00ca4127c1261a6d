import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'rolldown/parseAst';
import { describe, expect, test } from 'vitest';
import { extractExamples } from '../../scripts/checks/documentation.mjs';
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

/**
 * Where a link leads, a path from the project's folder and a heading, for the links of a page that
 * stay in the project.
 */
function linksOf(page: string, pattern: RegExp): { path: string; heading: string | undefined }[] {
  return [...read(page).matchAll(pattern)]
    .map(([, link]) => link as string)
    .filter((link) => !/^https?:/.test(link))
    .map((link) => {
      const [file, heading] = link.split('#');
      return { path: file === '' ? page : normalize(join(dirname(page), file as string)), heading };
    });
}

const LINK = /(?<!!)\[[^\]]*\]\(([^)\s]+)\)/g;
const IMAGE = /!\[[^\]]*\]\(([^)\s]+)\)/g;
const isPage = (path: string) => existsSync(join(root, path));

/** The names that GitHub gives the headings of a page. */
const headingsOf = (page: string) =>
  [
    ...read(page)
      .replace(/^```[\s\S]*?^```$/gm, '')
      .matchAll(/^#+ (.*)$/gm),
  ].map(([, text]) =>
    (text as string)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );

test.each(pages)('every link and picture of %s is packed too', (page) => {
  const links = linksOf(page, LINK).map(({ path }) => path);
  expect(links.filter((path) => !isPacked(path) || !isPage(path))).toEqual([]);
  const pictures = linksOf(page, IMAGE).map(({ path }) => path);
  expect(pictures.filter((path) => !(/^docs\/[^/]+\.svg$/.test(path) && files.includes('docs/*.svg')) || !isPage(path))).toEqual([]);
});

const repositoryPages = ['examples/README.md', 'web/data/README.md', ...pages];

test.each(repositoryPages)('every link of %s is to a file that exists and to a heading of it', (page) => {
  const broken = linksOf(page, LINK).filter(
    ({ path, heading }) => !isPage(path) || (heading !== undefined && !headingsOf(path).includes(heading)),
  );
  expect(broken).toEqual([]);
});

test('every page of docs/ can be reached from README by links', () => {
  const reached = new Set(['README.md']);
  for (const page of reached) {
    for (const { path } of linksOf(page, LINK)) if (path.endsWith('.md')) reached.add(path);
  }
  expect(pages.filter((page) => page.startsWith('docs/') && !reached.has(page))).toEqual([]);
});

test('docs/runtimes.md lists what a model of backtime/inference has, and what it lacks', () => {
  const [, api] = read('docs/api.txt').split('# backtime/inference\n');
  const [, members] = /^class InferenceModel\n((?: {2}.*\n)+)/m.exec(api as string) as RegExpExecArray;
  const present = [...(members as string).matchAll(/^ {2}(?!new )(\w+)/gm)].map(([, name]) => name as string);
  const said = /The loaded model has ([^:]*), and nothing else: no ([^.]*?), though/.exec(read('docs/runtimes.md'));
  const [has, lacks] = (said as RegExpExecArray).slice(1).map((list) => [...list.matchAll(/`(\w+)`/g)].map(([, name]) => name as string));
  expect(has?.toSorted()).toEqual(present.toSorted());
  const others = Object.getOwnPropertyNames(backtime.Model.prototype).concat(Object.keys(backtime));
  expect(lacks?.filter((name) => present.includes(name) || !others.includes(name))).toEqual([]);
});

function isJavaScript(code: string) {
  try {
    parseAst(code, { lang: 'js' });
    return true;
  } catch {
    return false;
  }
}

test.each(pages)('the programs of %s that are JavaScript are marked js, and others ts', (page) => {
  const examples = extractExamples(page, read(page));
  const wrong = examples.filter(({ source, language }) => isJavaScript(source) !== (language === 'js'));
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test('the programs of the pages for newcomers are JavaScript, which runs on every Node', () => {
  const programs = ['README.md', 'docs/start.md'].flatMap((page) => extractExamples(page, read(page))).filter(({ runs }) => runs);
  expect(programs.length).toBeGreaterThanOrEqual(8);
  expect(programs.filter(({ language }) => language !== 'js').map(({ name }) => name)).toEqual([]);
});

describe.each(await availableBackends())("README's first example on $label", ({ backend }) => {
  const example = /^```js\n([\s\S]*?)^```$/m.exec(read('README.md'))?.[1] as string;
  const stated = / \/\/ (.*)$/m.exec(example)?.[1];
  const body = example.replace(/^import (\{.*\}) from 'backtime';$/m, 'const $1 = backtime;');
  // biome-ignore lint/complexity/useArrowFunction: its constructor is what runs a text
  const AsyncFunction = async function () {}.constructor as new (...args: string[]) => (...args: unknown[]) => Promise<void>;

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('learns its sentences and prints what it states, with seed %i', async (seed) => {
    startOn(backend, seed);
    const printed: unknown[] = [];
    await new AsyncFunction('backtime', 'console', body)(backtime, {
      log: (...values: unknown[]) => printed.push(values.join(' ')),
    });
    expect(printed).toEqual([stated]);
  });
});
