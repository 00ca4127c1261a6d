// Makes a compiled dist/ work where nothing resolves package names or bundles workers: in a page without a bundler, and in bundles
// whose bundler only copies the worker's file.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from './process.mjs';

const comlink = join(root, 'node_modules', 'comlink');

/** Puts comlink into dist/vendor/, and its relative path in the place of its name. */
export function vendorComlink(dist) {
  const vendor = join(dist, 'vendor');
  mkdirSync(vendor);
  const copies = { 'comlink.mjs': 'comlink.js', 'comlink.d.ts': 'comlink.d.ts', 'protocol.d.ts': 'protocol.d.ts' };
  for (const [from, to] of Object.entries(copies)) {
    const text = readFileSync(join(comlink, 'dist', 'esm', from), 'utf8');
    writeFileSync(join(vendor, to), text.replace('"./protocol"', '"./protocol.js"').replace(/^\/\/# sourceMappingURL=.*\n/m, ''));
  }
  copyFileSync(join(comlink, 'LICENSE'), join(vendor, 'comlink.LICENSE'));
  for (const path of readdirSync(dist, { recursive: true }).map(String)) {
    if (!/\.(js|d\.ts)$/.test(path)) continue;
    const file = join(dist, path);
    const text = readFileSync(file, 'utf8');
    const address = relative(dirname(file), join(vendor, 'comlink.js'));
    if (text.includes("'comlink'"))
      writeFileSync(file, text.replaceAll("'comlink'", `'${address.startsWith('.') ? address : `./${address}`}'`));
  }
}

/**
 * Makes one script of worker/worker.js and all that it imports. It has no `import` and no `import.meta`, so that it may be taken for a
 * module or for a classic script. The worker is sent its WebAssembly module and never uses the address that it would load one from.
 */
export async function bundleWorker(dist) {
  const file = join(dist, 'worker', 'worker.js');
  // Imported when used: on a fresh machine this file is read before npm ci has run.
  const { build } = await import('rolldown');
  const { output } = await build({
    input: file,
    platform: 'neutral',
    transform: { define: { 'import.meta.url': 'globalThis.location.href' } },
    output: { format: 'iife', codeSplitting: false, minify: true },
    write: false,
    onLog(_level, { message }) {
      throw new Error(`bundling the worker: ${message}`);
    },
  });
  writeFileSync(file, output[0].code);
  // It tells the lines of the file that was bundled.
  rmSync(`${file}.map`);
}
