// Bundles the consumer: for browsers into out/<bundler>/ with an index.html, for Node into
// out/<bundler>-node/. Warnings are errors.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build as buildByRolldown } from 'rolldown';
import { build as buildByVite, createLogger, createServer } from 'vite';
import webpack from 'webpack';

/** The page that the entry in a bundle needs; Vite makes its own. */
const pageOf = (entry) => `<!doctype html><link rel="icon" href="data:," /><script type="module" src="./${entry}"></script>\n`;

function viteLogger() {
  const logger = createLogger('warn');
  const refuse = (message) => {
    throw new Error(message);
  };
  return { ...logger, warn: refuse, warnOnce: refuse };
}

/** A slow machine is no fault of the package. */
const CHECKS = { bundlerTimings: false };

async function vite(folder) {
  // A worker of the consumer's own loads parts of the package when they are used.
  const worker = { format: 'es' };
  const common = { root: folder, configFile: false, base: './', customLogger: viteLogger(), logLevel: 'warn', worker };
  await buildByVite({ ...common, build: { outDir: 'out/vite', rolldownOptions: { checks: CHECKS } } });
  await buildByVite({ ...common, build: { outDir: 'out/vite-node', ssr: 'node.js', rolldownOptions: { checks: CHECKS } } });
}

async function webpackTwice(folder) {
  const bundle = (target, entry, out) =>
    new Promise((resolve, reject) => {
      const config = {
        context: folder,
        mode: 'production',
        target,
        entry: `./${entry}`,
        experiments: { outputModule: true },
        output: { module: true, path: join(folder, 'out', out), filename: entry },
        // The WASM modules are larger than the 244 kB at which webpack warns.
        performance: { hints: false },
      };
      webpack(config, (error, stats) => {
        if (error) reject(error);
        else if (stats.hasErrors() || stats.hasWarnings()) reject(new Error(stats.toString('errors-warnings')));
        else resolve();
      });
    });
  await bundle('web', 'browserOwn.js', 'webpack');
  writeFileSync(join(folder, 'out', 'webpack', 'index.html'), pageOf('browserOwn.js'));
  await bundle('node20', 'node.js', 'webpack-node');
}

async function rolldown(folder) {
  const bundle = (platform, input, out) =>
    buildByRolldown({
      cwd: folder,
      input,
      platform,
      // Without it rolldown leaves `new URL('….wasm', import.meta.url)` and the file where they
      // are.
      experimental: { resolveNewUrlToAsset: true },
      checks: CHECKS,
      output: { dir: join('out', out) },
      onLog(_level, { message }) {
        throw new Error(message);
      },
    });
  await bundle('browser', 'browser.js', 'rolldown');
  writeFileSync(join(folder, 'out', 'rolldown', 'index.html'), pageOf('browser.js'));
  await bundle('node', 'node.js', 'rolldown-node');
}

/**
 * Each makes both bundles of the consumer in `folder`.
 * @throws when there is an error or a warning
 */
export const BUNDLERS = { vite, webpack: webpackTwice, rolldown };

/** Vite's server for development, which bundles dependencies in its own way. */
export async function startViteServer(folder) {
  const server = await createServer({
    root: folder,
    configFile: false,
    customLogger: viteLogger(),
    server: { host: '127.0.0.1', port: 0 },
    // Otherwise the server finds the second entry when the worker starts, and loads the page anew.
    optimizeDeps: { include: ['backtime', 'backtime/worker'] },
  });
  await server.listen();
  return { url: server.resolvedUrls.local[0], close: () => server.close() };
}
