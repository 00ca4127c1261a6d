// The size budget: what a page downloads to use the package, gzipped.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { root } from '../process.mjs';
import { total } from './outcome.mjs';

const WASM_BUDGET_KB = 120;
const IMPORT_BUDGET_KB = 40;

const kilobytes = (bytes) => gzipSync(bytes, { level: 9 }).length / 1000;

function report(name, size, budget) {
  const passed = size <= budget;
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${name}: ${size.toFixed(1)} kB gzipped (budget ${budget} kB)`);
  return { passed: Number(passed), failed: Number(!passed), skipped: 0 };
}

/** What \`import 'backtime'\` makes a bundler put into the first chunk: everything imported statically, minified. */
async function defaultImport(dist) {
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({ input: join(dist, 'index.js'), platform: 'browser', external: /^node:/, logLevel: 'silent' });
  const { output } = await bundle.generate({ minify: true });
  const chunks = new Map(output.flatMap((chunk) => (chunk.type === 'chunk' ? [[chunk.fileName, chunk]] : [])));
  const loaded = new Set();
  const load = (fileName) => {
    const chunk = chunks.get(fileName);
    if (chunk === undefined || loaded.has(chunk)) return;
    loaded.add(chunk);
    chunk.imports.forEach(load);
  };
  for (const chunk of chunks.values()) if (chunk.isEntry) load(chunk.fileName);
  return [...loaded].map(({ code }) => code).join('\n');
}

/** Checks every WASM module in dist/ and the default import against the budget. */
export async function packageSize() {
  const dist = join(root, 'dist');
  if (!existsSync(dist)) return { passed: 0, failed: 1, skipped: 0 };
  const modules = readdirSync(dist, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('.wasm'));
  const outcomes = modules.map((path) =>
    report(relative(root, join(dist, path)), kilobytes(readFileSync(join(dist, path))), WASM_BUDGET_KB),
  );
  outcomes.push(report("import 'backtime'", kilobytes(await defaultImport(dist)), IMPORT_BUDGET_KB));
  return total(outcomes);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = (await packageSize()).failed === 0 ? 0 : 1;
