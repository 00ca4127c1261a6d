// Builds the documentation site into site/dist/: the pages of docs/, the API reference from the doc
// comments, and examples that run in the page.
//   npm run docs                        static files, served until Ctrl+C
//   npm run docs -- --base /backtime/   for a site below a path
//   npm run docs -- --build             no server
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { sourcePage } from '../site/.vitepress/sourcePage.mjs';
import { build } from './build.mjs';
import { packagesStep } from './packages.mjs';
import { root, run } from './process.mjs';
import { setUp } from './setup.mjs';
import { serveFolder } from './static-server.mjs';
import { runScript, runSteps, SetUpError } from './steps.mjs';
import { forReaders } from './tables.mjs';
import { buildPage, webPackagesStep } from './web.mjs';

const site = join(root, 'site');
const pages = join(site, 'pages');
const PORT = 4174;

/** What only the site needs. */
export const sitePackagesStep = packagesStep('packages of site/', site);

/** Pages at the top of the project that the site has, too. */
const TOP_PAGES = ['FEATURES.md', 'CHANGELOG.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'];

/**
 * Copies the gallery of examples with its pictures, and makes a page of each source that it links
 * to, or that one of these imports.
 * @param {(from: string, to: string) => void} copy From the project's folder to that of the pages.
 */
function copyExamples(copy) {
  copy('examples/README.md', 'examples/README.md');
  copy('examples/pictures', 'examples/pictures');
  const linked = readFileSync(join(root, 'examples', 'README.md'), 'utf8').matchAll(/\]\(([\w/-]+\.(?:jsx?|html))\)/g);
  const sources = new Set(Array.from(linked, ([, path]) => `examples/${path}`));
  for (const path of sources) {
    const code = readFileSync(join(root, path), 'utf8').trimEnd();
    const imported = Array.from(code.matchAll(/ from '(\.[^']+)'/g), ([, name]) => join(dirname(path), name).replaceAll('\\', '/'));
    const beside = imported.filter((name) => name.startsWith('examples/'));
    for (const name of beside) sources.add(name);
    const links = ['examples/README.md', ...beside].map(
      (name) => `[${basename(name) === 'README.md' ? 'All examples' : basename(name)}](/${name})`,
    );
    const page = `# ${path.replace('examples/', '')}\n\n${links.join(' · ')}\n\n\`\`\`${extname(path).slice(1)}\n${code}\n\`\`\`\n`;
    mkdirSync(join(pages, dirname(path)), { recursive: true });
    writeFileSync(join(pages, sourcePage(path)), page);
  }
}

/**
 * Puts together what the site is built from: the pages with their pictures, the package that the
 * examples import, the page of `npm run web` and the API reference.
 * @throws {SetUpError} when TypeDoc fails
 */
async function collectPages() {
  rmSync(pages, { recursive: true, force: true });
  const copy = (from, to) => cpSync(join(root, from), join(pages, to), { recursive: true });
  mkdirSync(pages, { recursive: true });
  for (const name of TOP_PAGES) copy(name, name);
  for (const name of readdirSync(join(root, 'docs'))) if (/\.(md|svg|png)$/.test(name)) copy(`docs/${name}`, `docs/${name}`);
  copyExamples(copy);
  copy('site/home.md', 'index.md');
  copy('docs/backtime.svg', 'public/backtime.svg');
  copy('docs/api.txt', 'public/docs/api.txt');
  copy('site/icon.svg', 'public/icon.svg');
  copy('dist', 'public/package');
  copy('web/dist', 'public/playground');
  for (const path of readdirSync(pages, { recursive: true }).map(String)) {
    if (!path.endsWith('.md') || path.startsWith('public')) continue;
    writeFileSync(join(pages, path), forReaders(readFileSync(join(pages, path), 'utf8')));
  }
  await runTool('typedoc', join('typedoc', 'bin', 'typedoc'), []);
}

/** @throws {SetUpError} */
async function runTool(name, path, args) {
  const { code } = await run(process.execPath, [join(site, 'node_modules', path), ...args], { cwd: site });
  if (code !== 0) throw new SetUpError(`${name} failed (see above)`);
}

/**
 * Builds the site into site/dist/. Needs dist/, web/dist/ and the packages of site/.
 * @param {{ base?: string }} [options] The path of the site. Default `/`.
 * @throws {SetUpError} when it does not build, as with a link that leads nowhere
 */
export async function buildSite({ base = '/' } = {}) {
  await collectPages();
  await runTool('vitepress', join('vitepress', 'bin', 'vitepress.js'), ['build', '--base', base]);
}

/** Serves site/dist/. @param {{ base?: string, port?: number }} [options] */
export const serveSite = (options = {}) => serveFolder(join(site, 'dist'), options);

async function main() {
  const { values } = parseArgs({ options: { base: { type: 'string' }, build: { type: 'boolean' }, port: { type: 'string' } } });
  const { base = '/' } = values;
  await build(await setUp());
  await runSteps([sitePackagesStep, webPackagesStep]);
  await buildPage();
  await buildSite({ base });
  if (values.build) return;
  const { url } = await serveSite({ base, port: Number(values.port ?? PORT) });
  console.log(`The site is at ${url}. Ctrl+C ends the server.`);
  await new Promise(() => {});
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await runScript(main);
