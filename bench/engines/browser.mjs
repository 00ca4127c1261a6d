// Backtime in a page of a browser, on the page's own thread: how fast its JavaScript engine (V8 in
// Chromium, SpiderMonkey in Firefox) runs the kernels. backtime.html prepares and times; this
// drives it.
import { fileURLToPath } from 'node:url';
import { startBrowser } from '../../scripts/browser.mjs';
import { serveFolder } from '../../scripts/static-server.mjs';
import { Cannot } from './engine.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** @param {string} name @returns {Promise<import('./engine.mjs').Engine>} */
export async function openEngine(name) {
  const server = await serveFolder(root);
  const browser = await startBrowser(/** @type {import('../../scripts/browser.mjs').BrowserName} */ (name));
  const page = await browser.newPage();
  const failed = new Promise((_, reject) => {
    page.once('pageerror', reject);
  });
  await page.goto(`${server.url}bench/engines/backtime.html`);
  await Promise.race([page.waitForFunction('globalThis.bench !== undefined'), failed]);
  const [title, version] = (await browser.version()).split('/');
  return {
    versions: { [title]: version },
    async prepare(workload, kind) {
      if (kind === 'kernels') throw new Cannot('kernels are timed in Node');
      await page.evaluate((...args) => globalThis.bench.prepare(...args), workload, kind);
      return {
        run: (units) => page.evaluate((count) => globalThis.bench.run(count), units),
        close: () => page.evaluate(() => globalThis.bench.close()),
      };
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
