// Runs every example with small settings, and reads from what it prints or shows that it has
// learned.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ATIS } from '../../examples/datasets/atis.js';
import { NAMES } from '../../examples/datasets/names.js';
import { SHARED_FOLDER } from '../../examples/datasets/sharedFolder.js';
import { browserStep, startBrowser } from '../browser.mjs';
import { compileExamples } from '../compile-examples.mjs';
import { outputOf, root } from '../process.mjs';
import { serveFolder } from '../static-server.mjs';
import { runSteps } from '../steps.mjs';
import { report, skippedOnce, total } from './outcome.mjs';

const examples = join(root, 'examples');

/** The number that the pattern's group finds in a text. */
function numberIn(text, pattern) {
  const found = pattern.exec(text);
  if (found === null) throw new Error(`expected ${pattern} in what it printed:\n${text}`);
  return Number(found[1]);
}

async function classifyReviews() {
  const output = await outputOf(process.execPath, [join(examples, 'classify-reviews.js')]);
  const [good, bad] = [numberIn(output, /(\d+) % good: a warm/), numberIn(output, /(\d+) % good: a dull/)];
  if (good < 80 || bad > 20) throw new Error(output);
  return `${good} % and ${bad} % for a good and a bad sentence`;
}

async function forecast() {
  const output = await outputOf(process.execPath, [join(examples, 'forecast-co2.js'), '4']);
  const [network, constant] = [numberIn(output, /([\d.]+) ppm {2}network/), numberIn(output, /([\d.]+) ppm {2}stays/)];
  if (!(network < constant / 2)) throw new Error(output);
  return `an error of ${network} ppm after 4 epochs`;
}

/**
 * Runs an example that prints one figure after a label, and checks that the figure is at least so
 * high.
 */
async function figureOf(name, args, label, least) {
  const output = await outputOf(process.execPath, [join(examples, name), ...args]);
  const figure = numberIn(output, new RegExp(`${label}: ([\\d.]+)`));
  if (!(figure >= least)) throw new Error(`expected at least ${least}:\n${output}`);
  return `${label}: ${figure} with ${args.join(' ')}`;
}

/**
 * Reports an example with data of the shared folder, or that it is skipped because the data is
 * missing.
 */
async function reportWithData(name, data, part) {
  const path = join(SHARED_FOLDER, data);
  if (existsSync(path)) return report(name, part);
  console.log(`skip   ${name}: there is no ${path}`);
  return skippedOnce;
}

async function followValves() {
  const output = await outputOf(process.execPath, [join(examples, 'follow-valves.js')]);
  const [states, none] = [numberIn(output, /with states: ([\d.]+)/), numberIn(output, /without states: ([\d.]+)/)];
  if (!(states >= 0.95 && none <= 0.65)) throw new Error(output);
  return `${states} of the steps are right with states, ${none} without`;
}

async function followLongSeries() {
  const output = await outputOf(process.execPath, [join(examples, 'follow-long-series.js'), '--steps', '1000000']);
  const [first, last] = [numberIn(output, /fell from ([\d.]+)/), numberIn(output, /fell from .* to ([\d.]+)/)];
  const megabytes = numberIn(output, /training added: (\d+) MB/);
  if (!(last < 0.9 * first && megabytes < 100)) throw new Error(output);
  return `a loss of ${last} after ${first}, with ${megabytes} MB beside the data`;
}

async function serveWaves() {
  const output = await outputOf(process.execPath, [join(examples, 'serve-waves.js'), '--clients', '64']);
  const [models, right] = [numberIn(output, /models: (\d+)/), numberIn(output, /of the wave: ([\d.]+)/)];
  if (!(models === 2 && right >= 0.95 && /a short series: series must be 16 numbers/.test(output))) throw new Error(output);
  return `${right} of the answers are right while the model is replaced`;
}

/** Without its data an example ends with an error that says what to do. */
async function missingData() {
  for (const name of ['tag-words.js', 'tell-nationalities.js']) {
    const run = outputOf(process.execPath, [join(examples, name), '--data', tmpdir()]);
    const said = await run.then(
      () => 'nothing',
      ({ message }) => message,
    );
    if (!/^There is no .*\nThis example needs .*https:.*\n.*--data FOLDER/.test(said)) throw new Error(`${name} said: ${said}`);
  }
  return 'an error that says what to do';
}

async function foundingArticle() {
  const folder = mkdtempSync(join(tmpdir(), 'backtime-demo-'));
  try {
    await compileExamples();
    const main = join(examples, 'dist', 'founding-article', 'main.js');
    const output = await outputOf(process.execPath, [main, '--quick', '--seeds', '2', '--output', folder]);
    const accuracies = /SimpleRNN on one-hot words +[\d,]+ +[\d.]+ +([\d.]+) \(([\d.]+) to ([\d.]+)\)/.exec(output) ?? [];
    const [median, lowest, highest] = accuracies.slice(1).map(Number);
    if (!(lowest >= 0.55 && highest > lowest + 0.01)) throw new Error(`expected two seeds that learn differently:\n${output}`);
    if (Math.abs(median - (lowest + highest) / 2) > 0.001) throw new Error(`expected their median:\n${output}`);
    return `train accuracies of ${lowest} and ${highest} after one epoch`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Trains in the page, then types a sentence. */
async function page(browser) {
  const server = await serveFolder(root);
  const tab = await browser.newPage();
  try {
    const problems = [];
    tab.on('pageerror', (error) => problems.push(error.message));
    await tab.goto(`${server.url}examples/page.html`);
    await tab.click('#train');
    const good = await answerTo(tab, 'a wonderful and funny story', problems);
    await tab.$eval('#sentence', (element) => Object.assign(element, { value: '' }));
    await tab.type('#sentence', 'dull and badly played');
    const bad = await answerTo(tab, 'dull and badly played', problems);
    if (!(numberIn(good, /(\d+) %/) > 80 && numberIn(bad, /(\d+) %/) < 20)) throw new Error(`${good}\n${bad}`);
    if (problems.length > 0) throw new Error(problems.join('\n'));
    return `${good}; ${bad}`;
  } finally {
    await tab.close();
    await server.close();
  }
}

/** The page's answer to a sentence; while one is typed there are answers to its beginnings. */
async function answerTo(tab, sentence, problems) {
  const answer = () => tab.$eval('#answer', (element) => element.textContent);
  const start = JSON.stringify(`“${sentence}”`);
  await tab
    .waitForFunction(`document.querySelector('#answer').textContent.startsWith(${start})`, { timeout: 120_000 })
    .catch(async (cause) => {
      throw new Error([`The page should answer to ${start}, says: ${await answer()}`, cause.message, ...problems].join('\n'), { cause });
    });
  return answer();
}

/** Runs them one after the other. */
export async function runExamples() {
  await runSteps([browserStep('chromium')]);
  const browser = await startBrowser('chromium');
  try {
    return total([
      await report('examples/classify-reviews.js', classifyReviews),
      await report('examples/forecast-co2.js', forecast),
      await report('examples/add-numbers.js', () =>
        figureOf('add-numbers.js', ['--digits', '2', '--sums', '4500', '--epochs', '20'], 'right answers', 0.8),
      ),
      await report('examples/convert-dates.js', () => figureOf('convert-dates.js', ['--epochs', '12'], 'right answers', 0.97)),
      await report('examples/follow-valves.js', followValves),
      await report('examples/follow-long-series.js', followLongSeries),
      await reportWithData('examples/tag-words.js', ATIS, () => figureOf('tag-words.js', ['--epochs', '2'], 'right tags', 0.97)),
      await reportWithData('examples/tell-nationalities.js', NAMES, () =>
        figureOf('tell-nationalities.js', ['--epochs', '2', '--seeds', '1'], 'median of the seeds', 0.71),
      ),
      await report('examples without their data', missingData),
      await report('examples/serve-waves.js', serveWaves),
      await report('examples/founding-article', foundingArticle),
      await report('examples/page.html in Chromium', () => page(browser)),
    ]);
  } finally {
    await browser.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = (await runExamples()).failed === 0 ? 0 : 1;
