// The examples in README.md and docs/. Every block of JavaScript or TypeScript is a module of its
// own that must type-check against dist/ and run: one that is marked `js` as it is, so that readers
// can run it on any Node; one that is marked `ts` as it is on Node 24 and newer, which strip types
// and know `using`, and compiled on others, as tsx runs it. A block marked `no-run` is only
// type-checked; one marked `elsewhere` is a program of another package. What follows `// prints ` at
// the end of a line must be a line of the output. A block runs in a folder of its own, with the
// models of examples/models. Lines `npx backtime …` of blocks of shell run in order, in a folder for
// each page with the files of examples/data, of README with the tables that its programs write: the
// package has no data. What follows `# prints ` on the next lines must be in the output.
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, run } from '../process.mjs';
import { total } from './outcome.mjs';

const folder = join(root, 'docs', '.examples');

/**
 * @typedef {object} Example
 * @property {string} page
 * @property {string} name The place, for example `README.md:12`.
 * @property {'js' | 'ts'} language
 * @property {string} module The file name of the extracted module, without its extension.
 * @property {string} source As many empty lines as stand above the block, then the block: line
 *   numbers are those of the page.
 * @property {boolean} runs
 * @property {string[]} prints Lines that it must print, in this order.
 */

/**
 * @param {string} page Path from the project's folder.
 * @param {string} text
 * @returns {Example[]}
 */
export function extractExamples(page, text) {
  const examples = [];
  for (const match of text.matchAll(/^```(js|ts)( no-run)?\n([\s\S]*?)^```$/gm)) {
    const [, language, mark, code] = match;
    const above = text.slice(0, match.index).split('\n').length;
    examples.push({
      page,
      name: `${page}:${above}`,
      language,
      module: `${page.replaceAll('/', '.')}.${above}`,
      source: `${'\n'.repeat(above)}${code}\nexport {};\n`,
      runs: mark === undefined,
      prints: Array.from(code.matchAll(/ \/\/ prints (.*)$/gm), ([, line]) => line),
    });
  }
  return examples;
}

/**
 * The commands in a page's blocks of shell.
 *
 * @param {string} page
 * @param {string} text
 * @returns {{ name: string, args: string, prints: string[] }[]}
 */
export function extractCommands(page, text) {
  const commands = [];
  for (const match of text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)) {
    const above = text.slice(0, match.index).split('\n').length;
    for (const [index, line] of match[1].split('\n').entries()) {
      const [, args] = /^npx backtime (.*)$/.exec(line) ?? [];
      const [, printed] = /^# prints (.*)$/.exec(line) ?? [];
      if (args !== undefined) commands.push({ name: `${page}:${above + index + 1}`, args, prints: [] });
      else if (printed !== undefined) commands.at(-1)?.prints.push(printed);
    }
  }
  return commands;
}

/** The tables in a folder and the folders in it. */
const tablesIn = (path) =>
  readdirSync(path, { recursive: true })
    .map((name) => join(path, String(name)))
    .filter((name) => /\.(csv|tsv)$/.test(name));

/**
 * Runs the commands of a page.
 *
 * @param {string} written The folder with the tables that the page's examples have written.
 */
async function runCommands(page, text, written) {
  const commands = extractCommands(page, text);
  if (commands.length === 0) return [];
  const cwd = mkdtempSync(join(tmpdir(), 'backtime-commands-'));
  const given = page === 'README.md' ? [] : tablesIn(join(root, 'examples', 'data'));
  for (const path of [...given, ...tablesIn(written)]) copyFileSync(path, join(cwd, basename(path)));
  const outcomes = [];
  for (const { name, args, prints } of commands) {
    const command = `"${process.execPath}" "${join(root, 'dist', 'command', 'cli.js')}" ${args}`;
    const { code, output } = await run('sh', ['-c', command], { cwd, capture: true });
    const missing = prints.find((part) => !output.includes(part));
    if (missing !== undefined) console.log(`${name} says that it prints this, and does not: ${missing}`);
    const passed = code === 0 && missing === undefined;
    console.log(`${passed ? 'ok    ' : 'FAILED'} ${name} npx backtime ${args}`);
    outcomes.push({ passed: Number(passed), failed: Number(!passed), skipped: 0 });
  }
  rmSync(cwd, { recursive: true, force: true });
  return outcomes;
}

function allPages() {
  const docs = join(root, 'docs');
  const pages = existsSync(docs)
    ? readdirSync(docs)
        .filter((name) => name.endsWith('.md'))
        .map((name) => `docs/${name}`)
    : [];
  if (existsSync(join(root, 'README.md'))) pages.unshift('README.md');
  return pages.map((page) => ({ page, text: readFileSync(join(root, page), 'utf8') }));
}

async function compile(examples) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { module, source, language } of examples) {
    writeFileSync(join(folder, `${module}.ts`), source);
    if (language === 'js') writeFileSync(join(folder, `${module}.mjs`), source);
  }
  // The options of the project's tsconfig.json allow only types that can be stripped.
  const compilerOptions = { rootDir: '.', outDir: 'compiled', declaration: false, noUnusedLocals: false, noUnusedParameters: false };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: ['*.ts'] }));
  const { output } = await run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', folder], { capture: true });
  return output;
}

/**
 * The file of an example that runs, from the folder of the examples.
 * @param {Example} example
 */
function programOf({ module, language }) {
  if (language === 'js') return `${module}.mjs`;
  const runsTypes = Number(process.versions.node.split('.')[0]) >= 24;
  return runsTypes ? `${module}.ts` : join('compiled', `${module}.js`);
}

/**
 * The first of the lines that does not come in the output behind those before it; undefined when
 * all do.
 */
export function firstMissing(lines, output) {
  let next = 0;
  return lines.find((line) => {
    const found = output.indexOf(line, next);
    next = found + 1;
    return found === -1;
  });
}

/**
 * Extracts, compiles and runs every example, or those of some pages.
 *
 * @param {string[]} [only]
 */
export async function documentationExamples(only = []) {
  const pages = allPages().filter(({ page }) => only.length === 0 || only.includes(page));
  const examples = pages.flatMap(({ page, text }) => extractExamples(page, text));
  const written = mkdtempSync(join(tmpdir(), 'backtime-written-'));
  for (const { page } of pages) mkdirSync(join(written, page), { recursive: true });
  if (examples.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  const messages = await compile(examples);
  const outcomes = [];
  for (const example of examples) {
    const { page, name, module, runs, prints } = example;
    let passed = !messages.includes(`${module}.ts(`);
    if (passed && runs) {
      // A folder of its own, so that an example may write files.
      const cwd = mkdtempSync(join(tmpdir(), 'backtime-example-'));
      cpSync(join(root, 'examples', 'models'), cwd, { recursive: true });
      const { code, output } = await run(process.execPath, [join(folder, programOf(example))], { cwd, capture: true });
      const missing = firstMissing(prints, output.split('\n'));
      if (code === 0 && missing !== undefined) console.log(`${name} says that it prints this, and does not: ${missing}`);
      passed = code === 0 && missing === undefined;
      for (const path of tablesIn(cwd)) copyFileSync(path, join(written, page, basename(path)));
      rmSync(cwd, { recursive: true, force: true });
    }
    console.log(`${passed ? 'ok    ' : 'FAILED'} ${name}${runs ? '' : ' (type-checked only)'}`);
    outcomes.push({ passed: Number(passed), failed: Number(!passed), skipped: 0 });
  }
  rmSync(folder, { recursive: true, force: true });
  for (const { page, text } of pages) outcomes.push(...(await runCommands(page, text, join(written, page))));
  rmSync(written, { recursive: true, force: true });
  return total(outcomes);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  process.exitCode = (await documentationExamples(process.argv.slice(2))).failed === 0 ? 0 : 1;
