// The documentation site: it builds below a path, its links lead to pages and headings, its pages
// are accessible and light, its search finds the terms of the field, and its examples run in
// Chromium. On each page the first example that can run there runs; all examples run in Node in the
// check `docs`.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { browserStep, startBrowser } from '../browser.mjs';
import { buildSite, serveSite, sitePackagesStep } from '../docs.mjs';
import { root, run } from '../process.mjs';
import { runSteps } from '../steps.mjs';
import { buildPage, webPackagesStep } from '../web.mjs';
import { firstMissing } from './documentation.mjs';
import { report, total } from './outcome.mjs';
import { deadLinks, readSitePages, repositoryTexts, siteSearch, thrownClasses } from './sitePages.mjs';

const BASE = '/backtime/';
/** Milliseconds that a page or an example may take on a machine that does other work. */
const PATIENCE = 180_000;
/** Bytes that a first visit of a page loads, packed as servers pack them. */
const BUDGET = 350_000;

const PAGES = [
  '',
  'docs/start',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md') && name !== 'start.md')
    .map((name) => `docs/${name.replace(/\.md$/, '')}`),
  'FEATURES',
  'examples/README',
  'examples/find-anomalies-js',
  'api/',
  'api/backtime/classes/LSTM',
];

/** What a newcomer searches for, and the heading that must come first. */
const TERMS = {
  'gradient clipping': 'docs/training.html#gradient-clipping',
  'prediction intervals': 'docs/sequence-tools.html#prediction-intervals',
  'time series forecasting': 'docs/sequence-tools.html#time-series-forecasting',
  trend: 'docs/sequence-tools.html#a-series-with-a-trend',
  detrend: 'docs/sequence-tools.html#a-series-with-a-trend',
  monthly: 'docs/sequence-tools.html#a-series-with-a-trend',
  'anomaly detection': 'docs/recipes.html#anomaly-detection-outliers-in-a-stream',
  anomaly: 'docs/recipes.html#anomaly-detection-outliers-in-a-stream',
  outlier: 'docs/recipes.html#anomaly-detection-outliers-in-a-stream',
  regression: 'docs/data.html#regression-from-a-csv-to-a-number',
  'truncated BPTT': 'docs/training.html#truncated-backpropagation-through-time-truncated-bptt',
  'backpropagation through time': 'docs/training.html#truncated-backpropagation-through-time-truncated-bptt',
  stateful: 'docs/guide.html#stateful-layers',
  tokenize: 'docs/guide.html#tokenize-and-classify-texts',
  'teacher forcing': 'docs/recipes.html#an-encoder-and-a-decoder-with-teacher-forcing',
  'greedy search': 'docs/sequence-tools.html#generating-sampling-greedy-and-beam-search',
  'beam search': 'docs/sequence-tools.html#generating-sampling-greedy-and-beam-search',
  'attention mask': 'docs/recipes.html#attention-masks',
  'variable length': 'docs/recipes.html#series-of-variable-length',
  padding: 'docs/recipes.html#padding-and-its-mask',
  mask: 'docs/recipes.html#padding-and-its-mask',
  NER: 'docs/sequence-tools.html#sentences-with-tags-named-entity-recognition-ner-parts-of-speech',
  autograd: 'docs/training.html#automatic-differentiation-autograd-what-you-derive-by-hand',
  GradientTape: 'docs/from-keras.html#code-of-your-own-train_step-gradienttape-classes',
  webgpu: 'docs/runtimes.html#webgpu-and-what-backtime-uses-instead',
  'one-hot': 'docs/data.html#one-hot-encoding-of-categorical-columns',
  'one hot encoding': 'docs/data.html#one-hot-encoding-of-categorical-columns',
  'categorical columns': 'docs/data.html#one-hot-encoding-of-categorical-columns',
  'mixed columns': 'docs/data.html#tables-with-mixed-columns-numbers-categories-and-dates',
  weekday: 'docs/data.html#calendar-features-weekday-month-time-of-the-year',
  'day of the week': 'docs/data.html#calendar-features-weekday-month-time-of-the-year',
  'functional API': 'docs/guide.html#graphs-the-functional-api-multi-input-models',
  'multi input': 'docs/guide.html#graphs-the-functional-api-multi-input-models',
  streaming: 'docs/guide.html#streaming-streams-of-steps',
  'plot loss': 'docs/training.html#plot-the-loss-training-curves',
  'inverse transform': 'docs/data.html#inverse-transform-predictions-in-units',
  'feature importance': 'docs/recipes.html#feature-importance-by-permutation',
  'run typescript': 'docs/start.html#run-javascript-and-typescript',
  'early stopping': 'docs/training.html#early-stopping',
  'class weights': 'docs/training.html#class-weights-for-imbalanced-classes-and-sample-weights',
  'imbalanced classes': 'docs/training.html#class-weights-for-imbalanced-classes-and-sample-weights',
  'learning rate schedule': 'docs/training.html#learning-rate-schedules',
  'custom training loop': 'docs/training.html#a-training-loop-with-validation-best-weights-and-gradient-clipping',
  'transfer learning': 'docs/guide.html#transfer-learning-freezing-and-fine-tuning',
  freezing: 'docs/guide.html#transfer-learning-freezing-and-fine-tuning',
  'fine-tuning': 'docs/guide.html#transfer-learning-freezing-and-fine-tuning',
  'folder of files': 'docs/data.html#train-on-a-folder-of-files',
  'larger than memory': 'docs/memory.html#data-larger-than-the-memory',
  'named entity recognition': 'docs/sequence-tools.html#sentences-with-tags-named-entity-recognition-ner-parts-of-speech',
  'custom cell': 'docs/own-layers.html#custom-cells',
  'HTTP server': 'docs/recipes.html#a-model-behind-an-http-server',
  'save model': 'docs/guide.html#save-and-load-a-model',
  'load model': 'docs/guide.html#save-and-load-a-model',
  reproducible: 'docs/guide.html#reproducible-runs',
  GPU: 'docs/beyond-one-machine.html#when-to-use-it-gpus-clusters-large-data',
  'hyperparameter search': 'docs/beyond-one-machine.html#hyperparameter-search',
  'confusion matrix': 'docs/sequence-tools.html#classification-reports-and-the-confusion-matrix',
  'word vectors': 'docs/guide.html#pretrained-word-vectors',
  TensorBoard: 'docs/training.html#tensorboard',
  'missing values': 'docs/data.html#missing-values',
  resampling: 'docs/data.html#resampling',
  'data augmentation': 'docs/data.html#data-augmentation',
  checkpoint: 'docs/training.html#save-a-checkpoint-and-resume-after-a-crash',
  overfitting: 'docs/not-learning.html#overfitting',
  ONNX: 'docs/onnx.html#onnx-files',
  quantization: 'docs/quantised.html#quantization',
};

/**
 * Throws an error that lists what was found, where there is any.
 * @param {readonly string[]} found
 * @param {string} what
 */
function refuse(found, what) {
  if (found.length > 0) throw new Error(`${found.length} ${what}:\n  ${found.slice(0, 40).join('\n  ')}`);
}

/** Checks of the built files. */
async function filesOutcomes() {
  const pages = readSitePages();
  return [
    await report('links', () => {
      refuse(deadLinks(pages, BASE), 'links lead to no page or to no heading');
      return `those of ${pages.size} pages`;
    }),
    await report('texts of the repository', () => {
      refuse(repositoryTexts(pages), 'texts are for readers of the repository');
      return 'none';
    }),
    await report('classes of errors', () => {
      const { named, unnamed } = thrownClasses(pages);
      refuse(unnamed, 'errors of the API have no class');
      if (named < 400) throw new Error(`the API pages name only ${named} errors`);
      return `${named} in the API`;
    }),
    await report('search', async () => {
      const search = await siteSearch();
      const found = Object.entries(TERMS).map(([term, expected]) => ({ term, expected, first: search(term)[0] }));
      refuse(
        found
          .filter(({ first, expected }) => first !== expected)
          .map(({ term, expected, first }) => `${term}: ${first}, expected ${expected}`),
        'terms lead elsewhere',
      );
      return `${found.length} terms`;
    }),
  ];
}

/** @param {import('puppeteer-core').Page} page */
async function accessible(page) {
  await page.addScriptTag({ content: readFileSync(join(root, 'site', 'node_modules', 'axe-core', 'axe.min.js'), 'utf8') });
  const violations = await page.evaluate(async () => {
    // The colours of highlighted code are those of a published scheme. The name of VitePress's own
    // search button, "Search", is the first word of what it shows, "Search Ctrl K".
    const { violations: found } = await globalThis.axe.run({ exclude: [['.shiki'], ['.DocSearch-Button']] });
    return found.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)}`);
  });
  if (violations.length > 0) throw new Error(`axe finds ${violations.join('; ')}`);
}

/**
 * Runs the first example of a page that can run there.
 * @param {import('puppeteer-core').Page} page
 * @returns {Promise<string | null>} What it printed; null where there is none.
 */
async function runFirstExample(page) {
  const example = await page.$('.live-example');
  if (!example) return null;
  const code = await example.$eval('pre', (element) => element.textContent ?? '');
  const run = await example.$('.run');
  await run?.click();
  await page.waitForFunction(
    (element) => /Done|It failed/.test(element.querySelector('[role=status]')?.textContent ?? ''),
    { timeout: PATIENCE },
    example,
  );
  const state = await example.$eval('[role=status]', (element) => element.textContent);
  const output = await example.evaluate((element) => element.querySelector('.output')?.textContent ?? '');
  if (state !== 'Done') throw new Error(`the example ended with: ${output}`);
  const prints = Array.from(code.matchAll(/ \/\/ prints (.*)$/gm), ([, line]) => line);
  const missing = firstMissing(prints, output.split('\n'));
  if (missing !== undefined) throw new Error(`the example should print ${missing}, and prints ${output}`);
  return output;
}

/** A person changes the code of an example, key by key, and runs it with the keyboard. */
async function changesCode(page) {
  const example = await page.$('.live-example');
  const buttons = await example.$$('.bar button');
  await buttons.at(-1).click();
  await page.waitForSelector('.cm-content', { timeout: PATIENCE });
  await page.keyboard.down('Control');
  await page.keyboard.press('KeyA');
  await page.keyboard.up('Control');
  await page.keyboard.type("import { Dense } from 'backtime';\nconsole.log(new Dense(3).units * 14);", { delay: 2 });
  await page.keyboard.down('Control');
  await page.keyboard.press('Enter');
  await page.keyboard.up('Control');
  await page.waitForFunction(() => document.querySelector('.live-example .output')?.textContent === '42', { timeout: PATIENCE });
}

/**
 * A person searches for a term in the page. The other terms are searched in the index alone.
 * @param {import('puppeteer-core').Page} page
 */
async function searches(page) {
  const [[term, expected]] = Object.entries(TERMS);
  await page.click('.DocSearch-Button');
  await page.waitForSelector('.VPLocalSearchBox input', { timeout: PATIENCE });
  await page.type('.VPLocalSearchBox input', term);
  await page.waitForFunction(
    (link) => document.querySelector('.VPLocalSearchBox .result')?.getAttribute('href')?.endsWith(link),
    { timeout: PATIENCE },
    expected,
  );
}

/** Builds and checks the site. */
export async function documentationSite() {
  await runSteps([sitePackagesStep, webPackagesStep, browserStep('chromium')]);
  if (!existsSync(join(root, 'web', 'dist'))) await buildPage();
  await buildSite({ base: BASE });
  const server = await serveSite({ base: BASE });
  const browser = await startBrowser('chromium');
  const outcomes = [
    await report('docs/api.txt', async () => {
      const { code, output } = await run(process.execPath, [join(root, 'site', 'apiText.mjs'), '--check'], { capture: true });
      if (code !== 0) throw new Error(output);
      return 'the present API';
    }),
    ...(await filesOutcomes()),
  ];
  try {
    let examples = 0;
    for (const path of PAGES) {
      outcomes.push(
        await report(`/${path}`, async () => {
          const page = await browser.newPage();
          try {
            const faults = [];
            let bytes = 0;
            page.on('pageerror', ({ message }) => faults.push(message));
            page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
            page.on(
              'request',
              (request) =>
                !/^(data|blob):/.test(request.url()) && !request.url().startsWith(server.url) && faults.push(`asks ${request.url()}`),
            );
            const weigh = (response) =>
              response.buffer().then(
                (body) => {
                  bytes += gzipSync(body).length;
                },
                () => {},
              );
            page.on('response', weigh);
            await page.goto(`${server.url}${path}${path === '' || path.endsWith('/') ? '' : '.html'}`, {
              waitUntil: 'networkidle0',
              timeout: PATIENCE,
            });
            page.off('response', weigh);
            await accessible(page);
            if (bytes > BUDGET) throw new Error(`a first visit loads ${bytes} bytes of ${BUDGET}`);
            const printed = await runFirstExample(page);
            if (printed !== null) examples++;
            if (path === 'docs/start') await changesCode(page);
            if (path === 'docs/onnx') await searches(page);
            if (faults.length > 0) throw new Error(faults.join('; '));
            return `${(bytes / 1000).toFixed(0)} kB${printed === null ? '' : ', its first example ran'}`;
          } finally {
            await page.close();
          }
        }),
      );
    }
    outcomes.push(
      await report('live examples', () => {
        if (examples < 10) throw new Error(`only ${examples} pages have an example that runs in the page`);
        return `${examples} pages`;
      }),
    );
  } finally {
    await browser.close();
    await server.close();
  }
  return total(outcomes);
}
