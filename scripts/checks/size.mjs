// The size budget: what a page downloads to use the package, gzipped.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { lastLine } from '../historyFile.mjs';
import { root } from '../process.mjs';
import { total } from './outcome.mjs';

/** 120, and what packs the weights of streams. */
const WASM_BUDGET_KB = 120.5;
/** The build for wide vectors, which only loads where it was asked for. */
const WIDE_BUDGET_KB = 135;
/** The kernels of quantised models, which load with the first of these models. */
const QUANTISED_BUDGET_KB = 45;
/** Everything that the package's entry imports without waiting. */
const IMPORT_BUDGET_KB = 110;
/** What README's first program needs of it, by tree shaking. */
const PROGRAM_BUDGET_KB = 41;
/** The same with what its `fit` and `predict` load. */
const FIT_BUDGET_KB = 94.5;
/** The files of dist/ that these load. */
const LOADED_BY_FIT = ['calls', 'engines'];

const kilobytes = (bytes) => gzipSync(bytes, { level: 9 }).length / 1000;

/** Of files that a server compresses each by itself. */
const kilobytesOf = (files) => files.reduce((sum, file) => sum + kilobytes(file), 0);

/** The names that README's first program imports. */
function firstProgramImports() {
  const [, names] = /```js\nimport \{([^}]*)\} from 'backtime';/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  if (names === undefined) throw new Error("README.md has no program that begins with an import of 'backtime'");
  return names;
}

/**
 * What a bundler makes of a program that exports these names of the package, minified: the chunks
 * that load at once, and with them those of files that load later.
 * @param {string[]} [later] the names of these files
 */
async function chunksOf(dist, names, later = []) {
  const { rolldown } = await import('rolldown');
  const program = join(root, '.tools', 'size-program.mjs');
  mkdirSync(join(root, '.tools'), { recursive: true });
  writeFileSync(program, `export { ${names} } from ${JSON.stringify(join(dist, 'index.js'))};\n`);
  const input = names === '*' ? join(dist, 'index.js') : program;
  const bundle = await rolldown({ input, platform: 'browser', external: /^node:/, logLevel: 'silent' });
  const { output } = await bundle.generate({ minify: true });
  const chunks = new Map(output.flatMap((chunk) => (chunk.type === 'chunk' ? [[chunk.fileName, chunk]] : [])));
  const loaded = new Set();
  const load = (fileName) => {
    const chunk = chunks.get(fileName);
    if (chunk === undefined || loaded.has(chunk)) return;
    loaded.add(chunk);
    chunk.imports.forEach(load);
  };
  for (const chunk of chunks.values()) if (chunk.isEntry || later.includes(chunk.name)) load(chunk.fileName);
  const found = [...loaded].map(({ name }) => name);
  const missing = later.filter((name) => !found.includes(name));
  if (missing.length > 0) throw new Error(`the bundle of ${names} has no chunk ${missing.join(', ')}`);
  return [...loaded].map(({ code }) => code);
}

function wasmBudget(path) {
  if (path.includes('quantised')) return QUANTISED_BUDGET_KB;
  return path.includes('wide') ? WIDE_BUDGET_KB : WASM_BUDGET_KB;
}

/**
 * What every WASM module of dist/ weighs, and the package in three ways of importing it.
 * @typedef {{ name: string, kilobytes: number, budget: number }} Size kilobytes gzipped
 * @returns {Promise<Size[]>}
 */
export async function packageSizes() {
  const dist = join(root, 'dist');
  const modules = readdirSync(dist, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('.wasm'))
    .sort();
  const sizes = modules.map((path) => ({
    name: relative(root, join(dist, path)),
    kilobytes: kilobytes(readFileSync(join(dist, path))),
    budget: wasmBudget(path),
  }));
  const [all, program] = ['*', firstProgramImports()];
  const ways = /** @type {[string, string[], number][]} */ ([
    ["import 'backtime'", await chunksOf(dist, all), IMPORT_BUDGET_KB],
    ["README's first program", await chunksOf(dist, program), PROGRAM_BUDGET_KB],
    ["README's first program with what fit loads", await chunksOf(dist, program, LOADED_BY_FIT), FIT_BUDGET_KB],
  ]);
  for (const [name, chunks, budget] of ways) sizes.push({ name, kilobytes: kilobytesOf(chunks), budget });
  return sizes;
}

/** Checks every WASM module in dist/ and the default import against the budget. */
export async function packageSize() {
  if (!existsSync(join(root, 'dist'))) return { passed: 0, failed: 1, skipped: 0 };
  const before = await lastLine();
  const outcomes = (await packageSizes()).map(({ name, kilobytes, budget }) => {
    const passed = kilobytes <= budget;
    const then = Number(before?.[name]);
    const since = then > 0 ? `, ${then} at ${before.commit}` : '';
    console.log(`${passed ? 'ok    ' : 'FAILED'} ${name}: ${kilobytes.toFixed(1)} kB gzipped (budget ${budget} kB${since})`);
    return { passed: Number(passed), failed: Number(!passed), skipped: 0 };
  });
  return total(outcomes);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = (await packageSize()).failed === 0 ? 0 : 1;
