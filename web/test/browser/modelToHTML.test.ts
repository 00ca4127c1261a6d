import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  Cropping1D,
  Dense,
  Embedding,
  Flatten,
  GlobalAveragePooling1D,
  Input,
  LSTM,
  Model,
  Multiply,
  modelToHTML,
  Reshape,
  Sequential,
  type SymbolicTensor,
  setBackend,
  setRandomSeed,
  type Tensor,
  TextVectorization,
} from 'backtime';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBrowser } from '../../../scripts/browser.mjs';
import { BROWSERS, chooseOption, fieldText, textOf, typeInto, waitForText } from './session.ts';

// The pages run the kernels that give the same bits everywhere.
setBackend('wasm', { deterministic: true });
setRandomSeed(5);

const folder = mkdtempSync(join(tmpdir(), 'backtime-html-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const words = new TextVectorization({ outputSequenceLength: 6 });
words.adapt(['a good film', 'a bad film', 'good actors in a bad film']);
const reviews = new Sequential([
  Input({ shape: [], dtype: 'string' }),
  words,
  new Embedding(words.vocabularySize, 4, { maskZero: true }),
  new LSTM(3),
  new Dense(2, { activation: 'softmax' }),
]);
const series = new Sequential([Input({ shape: [null, 2] }), new LSTM(3), new Dense(1)]);
const ids = Input({ shape: [null], name: 'ids' });
const numbers = Input({ shape: [3], name: 'numbers' });
const mean = new GlobalAveragePooling1D().apply(new Embedding(5, 2).apply(ids));
const several = new Model({ inputs: { ids, numbers }, outputs: { first: new Dense(2).apply(mean), second: new Dense(1).apply(numbers) } });

const shop = Input({ shape: [1], name: 'shop' });
const rows = Input({ shape: [3, 1], name: 'rows' });
const factors = new Embedding(2, 1);
const chosen = new Reshape([1]).apply(factors.apply(shop) as SymbolicTensor) as SymbolicTensor;
const last = new Flatten().apply(new Cropping1D([2, 0]).apply(rows) as SymbolicTensor) as SymbolicTensor;
const shops = new Model({ inputs: [shop, rows], outputs: new Multiply().apply([last, chosen]) as SymbolicTensor });
factors.setWeights([[[2], [10]]]);

const tagger = new Sequential([
  Input({ shape: [], dtype: 'string' }),
  new TextVectorization({ vocabulary: ['the', 'cook', 'fish'], standardize: null }),
  new Embedding(5, 4, { maskZero: true }),
  new LSTM(3, { returnSequences: true }),
  new Dense(2, { activation: 'softmax' }),
]);

const pages = {
  tagger: await modelToHTML(tagger, { classNames: ['noun', 'other'] }),
  reviews: await modelToHTML(reviews, { title: 'Good or bad?', classNames: ['bad', 'good'] }),
  series: await modelToHTML(series),
  several: await modelToHTML(several),
  shops: await modelToHTML(shops, {
    inputs: {
      shop: { label: 'Which shop?', choices: ['north', '<b>south'] },
      rows: { label: 'The last 3 days', examples: ['1 2 3', '4 5 6'] },
    },
  }),
};
for (const [name, html] of Object.entries(pages)) writeFileSync(join(folder, `${name}.html`), html);

describe.each(BROWSERS)('a page of modelToHTML in %s', (name) => {
  let browser: Browser;
  const problems: string[] = [];
  const requests: string[] = [];

  beforeAll(async () => {
    browser = await startBrowser(name);
  });
  afterAll(() => browser.close());

  /** Opens a page by its file, as a double click does. */
  async function open(file: keyof typeof pages): Promise<Page> {
    const page = await browser.newPage();
    problems.length = 0;
    requests.length = 0;
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => problems.push(message.text()));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(join(folder, `${file}.html`)).href);
    await waitForText(page, '#status', /^The model is ready\.$/);
    return page;
  }

  /** The numbers of a table, with all their digits. */
  const valuesOf = (page: Page, table = 0) =>
    page.$$eval(
      'table',
      (tables, index) => [...(tables[index] as Element).querySelectorAll('data')].map((cell) => Number((cell as HTMLDataElement).value)),
      table,
    );

  /** Presses the button by the keyboard. */
  async function run(page: Page, status: RegExp): Promise<void> {
    await page.focus('#run');
    await page.keyboard.press('Enter');
    await waitForText(page, '#status', status);
  }

  test('answers texts with the bits of model.predict and the names of classes', async () => {
    const page = await open('reviews');
    expect(await page.title()).toBe('Good or bad?');
    const texts = ['a good film', 'Bad actors, bad film!'];
    await typeInto(page, '#input-0', texts.join('\n'));
    await run(page, /^2 samples answered\.$/);
    const { data } = (await reviews.predict(texts)) as Tensor<Float32Array>;
    expect(await valuesOf(page)).toEqual(Array.from(data));
    const classes = [0, 1].map((row) => ((data[row * 2] as number) >= (data[row * 2 + 1] as number) ? 'bad' : 'good'));
    expect(await page.$$eval('td.text', (cells) => cells.map((cell) => cell.textContent))).toEqual(classes);
    expect(await page.$$eval('th[scope=col]', (cells) => cells.map((cell) => cell.textContent))).toEqual(['text', 'class', 'bad', 'good']);
    expect(problems).toEqual([]);
    expect(requests.filter((url) => !url.startsWith('file:'))).toEqual([]);
    await page.close();
  });

  test('answers every word of a text by its name, and none that a shorter text has not', async () => {
    const page = await open('tagger');
    const texts = ['the cook', 'the  cook can fish'];
    await typeInto(page, '#input-0', texts.join('\n'));
    await run(page, /^2 samples answered\.$/);
    const [short, long] = await Promise.all(texts.map((text) => tagger.predict([text]) as Promise<Tensor<Float32Array>>));
    expect(await valuesOf(page)).toEqual([...(short?.data ?? []), ...(long?.data ?? [])]);
    expect(await page.$$eval('th[scope=col]', (cells) => cells.map((cell) => cell.textContent))).toEqual([
      'text',
      'word',
      'class',
      'noun',
      'other',
    ]);
    const words = await page.$$eval('tbody tr', (rows) => rows.map((row) => row.children[1]?.textContent));
    expect(words).toEqual(['the', 'cook', 'the', 'cook', 'can', 'fish']);
    await page.close();
  });

  test('answers pasted numbers, and says in words what is wrong with others', async () => {
    const page = await open('series');
    await typeInto(page, '#input-0', '1 2\n3 x');
    await page.focus('#run');
    await page.keyboard.press('Enter');
    await waitForText(page, '#error', /^Line 2 has “x”, which is no number\./);
    await typeInto(page, '#input-0', '0.5, 2\n-1 0\n\n1 1\n2 2\n3 3');
    await run(page, /^2 samples answered\.$/);
    expect(await page.$eval('#error', (element) => (element as HTMLElement).hidden)).toBe(true);
    const samples = [
      [
        [0.5, 2],
        [-1, 0],
      ],
      [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
    ];
    const expected = await Promise.all(samples.map(async (sample) => (await series.predict([sample])).data[0]));
    expect(await valuesOf(page)).toEqual(expected);
    await page.close();
  });

  test('has a field for each input and a table for each output', async () => {
    const page = await open('several');
    expect(await page.$$eval('label', (labels) => labels.map((label) => label.textContent))).toEqual([
      'Numbers of ids',
      'Numbers of numbers',
    ]);
    await typeInto(page, '#input-0', '1 2 9');
    await typeInto(page, '#input-1', '1 2 3');
    await page.focus('#run');
    await page.keyboard.press('Enter');
    // The library's own message.
    await waitForText(page, '#error', /is 9, expected an id of layer embedding/);
    await typeInto(page, '#input-0', '1 2 4');
    await run(page, /^1 sample answered\.$/);
    const { first, second } = await several.predict({ ids: [[1, 2, 4]], numbers: [[1, 2, 3]] });
    expect([await valuesOf(page, 0), await valuesOf(page, 1)]).toEqual([Array.from(first.data), Array.from(second.data)]);
    expect(await page.$$eval('caption', (captions) => captions.map((caption) => caption.textContent))).toEqual([
      'Answer first',
      'Answer second',
    ]);
    await page.close();
  });

  test('has a list for an input that chooses, and what it chooses stands in the other field until that is typed into', async () => {
    const page = await open('shops');
    expect(await page.$$eval('label', (labels) => labels.map((label) => label.textContent))).toEqual(['Which shop?', 'The last 3 days']);
    expect(await page.$$eval('#input-0 option', (options) => options.map((option) => option.textContent))).toEqual(['north', '<b>south']);
    await run(page, /^1 sample answered\.$/);
    expect(await valuesOf(page)).toEqual([6]);
    await chooseOption(page, '#input-0', '1');
    expect(await fieldText(page, '#input-1')).toBe('4 5 6');
    await run(page, /^1 sample answered\.$/);
    expect(await valuesOf(page)).toEqual([60]);
    await typeInto(page, '#input-1', '7 8 9\n1 1 1');
    await chooseOption(page, '#input-0', '0');
    expect(await fieldText(page, '#input-1')).toBe('7 8 9\n1 1 1');
    await run(page, /^2 samples answered\.$/);
    expect(await valuesOf(page)).toEqual([18, 2]);
    expect(problems).toEqual([]);
    await page.close();
  });

  test('cannot connect to anything', async () => {
    const page = await open('series');
    const outcome = await page.evaluate(() =>
      fetch('data:text/plain,hello').then(
        () => 'connected',
        () => 'refused',
      ),
    );
    expect(outcome).toBe('refused');
    expect(await textOf(page, 'footer')).toMatch(/Nothing that you type leaves it/);
    await page.close();
  });
});
