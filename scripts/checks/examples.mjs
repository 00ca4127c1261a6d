// Runs every example, some with small settings, and reads from what it prints or shows that it has
// learned more than what learns nothing.
//   node scripts/checks/examples.mjs forecast react    only those whose names contain this
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ATIS } from '../../examples/datasets/atisSource.js';
import { NAMES } from '../../examples/datasets/names.js';
import { SHARED_FOLDER } from '../../examples/datasets/sharedFolder.js';
import { browserStep, startBrowser } from '../browser.mjs';
import { compileExamples } from '../compile-examples.mjs';
import { reactPackagesStep, reactPage, serviceWorkerPage, trainingPage } from '../examplePages.mjs';
import { outputOf, root } from '../process.mjs';
import { runSteps } from '../steps.mjs';
import { report, skippedOnce, total } from './outcome.mjs';

const examples = join(root, 'examples');

/** The number that the pattern's group finds in a text. */
function numberIn(text, pattern) {
  const found = pattern.exec(text);
  if (found === null) throw new Error(`expected ${pattern} in what it printed:\n${text}`);
  return Number(found[1]);
}

/** Milliseconds that an example may take: what takes seconds takes minutes on a busy machine. */
const LIMIT = 1_800_000;

/**
 * Runs an example and gives what it prints.
 * @param {string} name
 * @param {string[]} args
 */
const outputOfExample = (name, ...args) => outputOf(process.execPath, [join(examples, name), ...args], { timeout: LIMIT });

/**
 * The numbers of some patterns in what an example prints.
 * @param {string} name
 * @param {RegExp[]} patterns
 */
async function numbersOf(name, ...patterns) {
  const output = await outputOfExample(name);
  return patterns.map((pattern) => numberIn(output, pattern));
}

/**
 * Fails when what an example has found is not better than what learns nothing, by much less than it
 * was with three seeds.
 * @param {boolean} isBetter
 * @param {string} found
 */
function expectBetter(isBetter, found) {
  if (!isBetter) throw new Error(`it has not learned enough: ${found}`);
  return found;
}

async function classifyReviews() {
  const patterns = [/(\d+) % good: a warm/, /(\d+) % good: a dull/, /right: ([\d.]+)/, /same answer: ([\d.]+)/];
  const [good, bad, right, baseline] = await numbersOf('classify-reviews.js', ...patterns);
  const found = `${right} of the sentences are right, ${baseline} with one answer; ${good} % and ${bad} % for a good and a bad one`;
  return expectBetter(good >= 80 && bad <= 20 && right >= 0.72 && baseline < 0.55, found);
}

async function tagSentences() {
  const [right, baseline] = await numbersOf('tag-sentences.js', /right tags: ([\d.]+)/, /each word: ([\d.]+)/);
  return expectBetter(right >= 0.97 && baseline <= 0.92, `${right} of the tags are right, ${baseline} with the most frequent ones`);
}

async function classifyMotions() {
  const [right, nearest] = await numbersOf('classify-motions.js', /right activities: ([\d.]+)/, /nearest recording: ([\d.]+)/);
  return expectBetter(right >= 0.9 && nearest <= 0.7, `${right} of the recordings are right, ${nearest} by the nearest one`);
}

async function forecastCO2() {
  const patterns = [/([\d.]+) ppm {2}network/, /([\d.]+) ppm {2}as last year\n/, /hold (\d+) %/];
  const [network, lastYear, coverage] = await numbersOf('forecast-co2.js', ...patterns);
  const found = `an error of ${network} ppm, ${lastYear} as last year, and intervals of 90 % that hold ${coverage} %`;
  return expectBetter(network < lastYear / 2 && coverage >= 75 && coverage <= 98, found);
}

async function findAnomalies() {
  const patterns = [/found: (\d+) of 12/, /with (\d+) false/, /usual value: (\d+)/];
  const [faults, falseAlarms, byLimits] = await numbersOf('find-anomalies.js', ...patterns);
  const found = `${faults} of 12 faults with ${falseAlarms} false alarms, ${byLimits} by limits`;
  return expectBetter(faults >= 10 && falseAlarms <= 3 && byLimits === 0, found);
}

async function composeTunes() {
  const [nats, baseline] = await numbersOf('compose-tunes.js', /each symbol: ([\d.]+)/, /of the symbols: ([\d.]+)/);
  return expectBetter(nats < baseline - 0.3, `${nats} nats a symbol, ${baseline} with the frequencies`);
}

async function inventNames() {
  const patterns = [/each letter: ([\d.]+)/, /of the letters: ([\d.]+)/, /new names: (\d+)/];
  const [nats, baseline, invented] = await numbersOf('invent-names.js', ...patterns);
  const found = `${nats} nats a letter, ${baseline} with the frequencies; ${invented} new names`;
  return expectBetter(nats < baseline - 0.35 && invented >= 50, found);
}

async function watchSensor() {
  const output = await outputOfExample('watch-sensor.js');
  const [right, byLimit] = [numberIn(output, /right: ([\d.]+)/), numberIn(output, /°C: ([\d.]+)/)];
  const readings = output.split('\n').filter((line) => /^ *\d+ s .* °C/.test(line)).length;
  if (readings !== 600) throw new Error(`expected a line for each of 600 readings, got ${readings}`);
  return expectBetter(right >= 0.95 && right > byLimit + 0.02, `${right} of the readings are right, ${byLimit} with a limit`);
}

/**
 * Runs an example that prints one figure after a label, and checks that the figure is at least so
 * high.
 */
async function figureOf(name, args, label, least) {
  const output = await outputOfExample(name, ...args);
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
  const output = await outputOfExample('follow-valves.js');
  const [states, none] = [numberIn(output, /with states: ([\d.]+)/), numberIn(output, /without states: ([\d.]+)/)];
  if (!(states >= 0.95 && none <= 0.65)) throw new Error(output);
  return `${states} of the steps are right with states, ${none} without`;
}

async function followLongSeries() {
  const output = await outputOfExample('follow-long-series.js', '--steps', '1000000');
  const [first, last] = [numberIn(output, /fell from ([\d.]+)/), numberIn(output, /fell from .* to ([\d.]+)/)];
  const megabytes = numberIn(output, /training added: (\d+) MB/);
  if (!(last < 0.9 * first && megabytes < 100)) throw new Error(output);
  return `a loss of ${last} after ${first}, with ${megabytes} MB beside the data`;
}

async function serveWaves() {
  const output = await outputOfExample('serve-waves.js', '--clients', '64');
  const [models, right] = [numberIn(output, /models: (\d+)/), numberIn(output, /of the wave: ([\d.]+)/)];
  if (
    !(
      models === 2 &&
      right >= 0.95 &&
      /a short series: series must be 16 numbers/.test(output) &&
      /without a series: status 400, 400, 400, 400/.test(output)
    )
  )
    throw new Error(output);
  return `${right} of the answers are right while the model is replaced`;
}

/** Without its data an example ends with an error that says what to do. */
async function missingData() {
  for (const name of ['tag-words.js', 'tell-nationalities.js']) {
    const run = outputOfExample(name, '--data', tmpdir());
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
    const output = await outputOf(process.execPath, [main, '--quick', '--seeds', '2', '--output', folder], { timeout: LIMIT });
    const accuracies = /SimpleRNN on one-hot words +[\d,]+ +[\d.]+ +([\d.]+) \(([\d.]+) to ([\d.]+)\)/.exec(output) ?? [];
    const [median, lowest, highest] = accuracies.slice(1).map(Number);
    if (!(lowest >= 0.55 && highest > lowest + 0.01)) throw new Error(`expected two seeds that learn differently:\n${output}`);
    if (Math.abs(median - (lowest + highest) / 2) > 0.001) throw new Error(`expected their median:\n${output}`);
    return `train accuracies of ${lowest} and ${highest} after one epoch`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function page(browser) {
  const answers = await trainingPage(browser);
  const [good, bad] = answers.map(({ percentage }) => percentage);
  return expectBetter(good > 80 && bad < 20, answers.map(({ sentence, percentage }) => `${sentence}: ${percentage} %`).join(', '));
}

async function react(browser) {
  const { stopped, ended, growing } = await reactPage(browser);
  const [last, loss] = [numberIn(stopped, /epoch (\d+) of 30/), numberIn(ended, /epoch 30 of 30, loss ([\d.]+)/)];
  if (!(last < 30)) throw new Error(`the button should have stopped the training, it says: ${stopped}`);
  if (growing.length < 4) throw new Error(`the curve should grow while it trains, it had these numbers of epochs: ${growing}`);
  return expectBetter(loss < 0.01, `a loss of ${loss}, stopped once after epoch ${last}`);
}

async function serviceWorker(browser) {
  const { online, answers } = await serviceWorkerPage(browser);
  const [good, bad] = answers.map(({ percentage }) => percentage);
  if (online !== good) throw new Error(`the answer was ${online} % with a server, and is ${good} % without`);
  return expectBetter(good > 80 && bad < 20, `${good} % and ${bad} % for a good and a bad sentence, after the server has ended`);
}

/**
 * Runs them one after the other.
 * @param {string[]} [only] Parts of their names. Default: all.
 */
export async function runExamples(only = []) {
  await runSteps([browserStep('chromium'), reactPackagesStep]);
  const browser = await startBrowser('chromium');
  /** @type {Record<string, () => Promise<string>>} */
  const parts = {
    'examples/classify-reviews.js': classifyReviews,
    'examples/tag-sentences.js': tagSentences,
    'examples/classify-motions.js': classifyMotions,
    'examples/forecast-co2.js': forecastCO2,
    'examples/find-anomalies.js': findAnomalies,
    'examples/compose-tunes.js': composeTunes,
    'examples/invent-names.js': inventNames,
    'examples/watch-sensor.js': watchSensor,
    'examples/add-numbers.js': () =>
      figureOf('add-numbers.js', ['--digits', '2', '--sums', '4500', '--epochs', '20'], 'right answers', 0.8),
    'examples/convert-dates.js': () => figureOf('convert-dates.js', ['--epochs', '12'], 'right answers', 0.97),
    'examples/follow-valves.js': followValves,
    'examples/follow-long-series.js': followLongSeries,
    'examples/tag-words.js': () => figureOf('tag-words.js', ['--epochs', '2'], 'right tags', 0.97),
    'examples/tell-nationalities.js': () =>
      figureOf('tell-nationalities.js', ['--epochs', '2', '--seeds', '1'], 'median of the seeds', 0.71),
    'examples without their data': missingData,
    'examples/serve-waves.js': serveWaves,
    'examples/founding-article': foundingArticle,
    'examples/page.html in Chromium': () => page(browser),
    'examples/react in Chromium': () => react(browser),
    'examples/service-worker in Chromium': () => serviceWorker(browser),
  };
  /** What the project cannot contain. @type {Record<string, string>} */
  const data = { 'examples/tag-words.js': ATIS, 'examples/tell-nationalities.js': NAMES };
  const outcomes = [];
  try {
    for (const [name, part] of Object.entries(parts)) {
      if (only.length > 0 && !only.some((wanted) => name.includes(wanted))) continue;
      outcomes.push(await (name in data ? reportWithData(name, data[name], part) : report(name, part)));
    }
    return total(outcomes);
  } finally {
    await browser.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  process.exitCode = (await runExamples(process.argv.slice(2))).failed === 0 ? 0 : 1;
