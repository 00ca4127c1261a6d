// Drives the examples that are pages, as a visitor does. Each function gives what the page showed.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packagesStep } from './packages.mjs';
import { outputOf, root, run } from './process.mjs';
import { serveFolder } from './static-server.mjs';
import { SetUpError } from './steps.mjs';

const examples = join(root, 'examples');
const react = join(examples, 'react');
const MODEL = join(examples, 'service-worker', 'model.safetensors');
/** Milliseconds that a page may take on a machine that does other work. */
const PATIENCE = 600_000;

/** What only the example of React needs. */
export const reactPackagesStep = packagesStep('packages of examples/react', react);

/**
 * Opens a page in a tab of its own.
 * @template Seen
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} url
 * @param {(tab: import('puppeteer-core').Page) => Promise<Seen>} visit
 * @returns {Promise<Seen>} What `visit` gives.
 * @throws {Error} when the page throws, or logs an error
 */
async function visitPage(browser, url, visit) {
  const tab = await browser.newPage();
  tab.setDefaultTimeout(PATIENCE);
  const problems = [];
  tab.on('pageerror', ({ message }) => problems.push(message));
  tab.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  try {
    await tab.goto(url);
    const seen = await visit(tab);
    if (problems.length > 0) throw new Error(problems.join('\n'));
    return seen;
  } catch (error) {
    throw new Error([error.message, ...problems].join('\n'), { cause: error });
  } finally {
    await tab.close();
  }
}

/**
 * Types a sentence in place of the one that is there, key by key, and waits for the answer to it.
 * @param {import('puppeteer-core').Page} tab
 * @param {string} sentence
 * @param {string} [submit] The button that asks; without one the page answers while one types.
 * @returns {Promise<number>} The percentage that the page shows.
 */
async function percentageFor(tab, sentence, submit) {
  await tab.click('#sentence', { count: 3 });
  await tab.type('#sentence', sentence);
  if (submit) await tab.click(submit);
  const start = `“${sentence}”`;
  const shown = await tab.waitForFunction(
    (text) => {
      const answer = document.querySelector('#answer')?.textContent ?? '';
      return answer.startsWith(text) && answer;
    },
    {},
    start,
  );
  return Number(/(\d+) %/.exec(String(await shown.jsonValue()))?.[1]);
}

/** @param {(url: string) => Promise<any>} use @param {string} folder */
async function withServer(folder, use) {
  const server = await serveFolder(folder);
  try {
    return await use(server.url);
  } finally {
    await server.close();
  }
}

/** Trains in page.html, then types sentences. @param {import('puppeteer-core').Browser} browser */
export const trainingPage = (browser, sentences = ['a wonderful and funny story', 'dull and badly played']) =>
  withServer(root, (url) =>
    visitPage(browser, `${url}examples/page.html`, async (tab) => {
      await tab.click('#train');
      await tab.waitForSelector('#train:enabled');
      const answers = [];
      for (const sentence of sentences) answers.push({ sentence, percentage: await percentageFor(tab, sentence) });
      return answers;
    }),
  );

/**
 * Builds the React example, trains in it and reads its curves while they grow.
 * @param {import('puppeteer-core').Browser} browser
 */
export async function reactPage(browser) {
  const vite = join(react, 'node_modules', 'vite', 'bin', 'vite.js');
  const { code } = await run(process.execPath, [vite, 'build', '--logLevel', 'error'], { cwd: react });
  if (code !== 0) throw new SetUpError('examples/react does not build (see above)');
  return withServer(join(react, 'dist'), (url) =>
    visitPage(browser, url, async (tab) => {
      // The page itself notes how many epochs each curve has that it shows, and stops the first
      // training at the first curve, as an impatient visitor does.
      await tab.evaluate(() => {
        globalThis.shown = [];
        globalThis.stopsAtOnce = true;
        new MutationObserver(() => {
          const epochs = document.querySelector('polyline')?.getAttribute('points')?.split(' ').length;
          if (!epochs || epochs === globalThis.shown.at(-1)) return;
          globalThis.shown.push(epochs);
          if (globalThis.stopsAtOnce) document.querySelector('button')?.click();
          globalThis.stopsAtOnce = false;
        }).observe(document.body, { subtree: true, childList: true, attributes: true });
      });
      const state = () => tab.$eval('output', (output) => output.textContent);
      await tab.click('button');
      await tab.waitForFunction(() => !globalThis.stopsAtOnce && document.querySelector('button')?.textContent === 'Train');
      const stopped = await state();
      await tab.evaluate(() => globalThis.shown.splice(0));
      await tab.click('button');
      await tab.waitForFunction(() => document.querySelectorAll('polyline').length === 3);
      const [losses, actual, predicted] = await tab.$$eval('polyline', (curves) =>
        curves.map((curve) => curve.getAttribute('points') ?? ''),
      );
      const [ended, growing] = [await state(), await tab.evaluate(() => globalThis.shown)];
      return { stopped, ended, growing, losses, actual, predicted };
    }),
  );
}

/**
 * Trains the model of the service worker by the command line, where it is not there yet; visits
 * the page, ends the server, and asks again after a reload.
 * @param {import('puppeteer-core').Browser} browser
 */
export async function serviceWorkerPage(browser, sentences = ['a warm, funny and moving film', 'a dull, lifeless mess']) {
  if (!existsSync(MODEL)) {
    const data = join(examples, 'data', 'movie-snippets', 'movie-snippets.tsv');
    const cli = join(root, 'dist', 'command', 'cli.js');
    await outputOf(process.execPath, [cli, 'train', data, '--task', 'classify-text', '--epochs', '3', '--model', MODEL], {
      timeout: PATIENCE,
    });
  }
  const server = await serveFolder(root);
  let isServed = true;
  const close = async () => {
    if (isServed) await server.close();
    isServed = false;
  };
  try {
    return await visitPage(browser, `${server.url}examples/service-worker/`, async (tab) => {
      const ask = async (sentence) => {
        await tab.waitForSelector('#ask:enabled');
        return percentageFor(tab, sentence, '#ask');
      };
      const online = await ask(sentences[0]);
      await close();
      await endServiceWorkers(browser);
      await tab.reload();
      const answers = [];
      for (const sentence of sentences) answers.push({ sentence, percentage: await ask(sentence) });
      return { online, answers };
    });
  } finally {
    await close();
  }
}

/** Ends them as a browser does when they have nothing to do: what they hold in memory is gone. */
async function endServiceWorkers(browser) {
  for (const target of browser.targets().filter((one) => one.type() === 'service_worker')) {
    const worker = await target.worker();
    await worker?.close();
  }
}
