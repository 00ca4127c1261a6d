import { describe, expect, test } from 'vitest';
import { conll, taggedSentences, wordLines, wordTable } from '../taggedFiles.ts';
import {
  BROWSERS,
  chooseData,
  chooseEpochs,
  chooseOption,
  dropFile,
  pressIn,
  scoreOf,
  textOf,
  trainToEnd,
  typeInto,
  unfold,
  waitForText,
} from './session.ts';
import { useBrowser } from './visits.ts';

const sentences = taggedSentences(90);

describe.each(BROWSERS)('in %s the page', (name) => {
  const { visit } = useBrowser(name);

  test('learns to tag words from a file with a word a line, and says which row lacks a tag', async () => {
    const { page } = await visit({ width: 390 });
    const lines = wordLines(sentences, (word, tag, place) => `${word}${place === 1 ? '\t' : ' '}${tag}`, '\r\n').replace('\tNOUN', '');
    await dropFile(page, 'train.txt', lines);
    await waitForText(
      page,
      '#task-status',
      /^58 sentences to learn from, 18 for validation and 13 for the test, in 3 tags \(DET, NOUN, VERB\)/,
    );
    expect(await page.$eval('#task-tagWords', (radio) => (radio as HTMLInputElement).checked)).toBe(true);
    expect(await textOf(page, '#row-problems')).toBe(
      '1 row is left out\nRow 2: has 1 field, but most lines have 2: its sentence is left out',
    );
    await unfold(page, 'class-counts');
    expect(await textOf(page, '#class-counts')).toMatch(/^3 tags: from \d+ to \d+ words each/);
    expect(await textOf(page, '#lengths summary')).toMatch(/^How long they are: 5 words are read of each at most, none is cut/);
    await unfold(page, 'network-settings');
    expect(await textOf(page, '#network-settings .layers')).toMatch(/16,640 parameters[\s\S]*Output: 3 numbers \(Dense\)/);
    await waitForText(page, '#network-settings', /Layers with memory read every sentence from both ends/);
    await chooseEpochs(page, 25);
    await trainToEnd(page);
    const { model, baselines, count } = await scoreOf(page);
    expect(baselines).toHaveLength(2);
    expect(model).toBeGreaterThan(95);
    expect(count).toBeGreaterThan(13 * 3);
    expect(await textOf(page, '#verdict')).toMatch(/words right, (but )?giving each word its most frequent tag gets/);

    await unfold(page, 'class-scores');
    expect(await textOf(page, '#class-scores thead')).toMatch(/test words/i);
    expect(await textOf(page, '#class-scores tbody tr:last-child')).toMatch(/^all, each tag counted alike/);
    await typeInto(page, '#sentence', 'The teacher, paints some zebra');
    await page.waitForFunction(() => document.querySelectorAll('.tags li').length === 6);
    const words = await page.$$eval('.tags li', (items) =>
      items.map((item) => [item.querySelector('bdi, del')?.textContent, item.querySelector('.tag')?.textContent]),
    );
    expect(words.map(([word]) => word)).toEqual(['The', 'teacher', ',', 'paints', 'some', 'zebra']);
    expect([words[0], words[1], words[4]]).toEqual([
      ['The', 'DET'],
      ['teacher', 'NOUN'],
      ['some', 'DET'],
    ]);
    expect(await page.$$eval('.tags del', (unknown) => unknown.map((word) => word.textContent))).toEqual([',', 'zebra']);
    await waitForText(page, '#unknown-words', /^Crossed-out words are unknown to it/);

    await unfold(page, 'use-on-data');
    await typeInto(page, '#pasted', 'the dog sees\nsome ship');
    await pressIn(page, '#ask-button', 'Enter');
    await waitForText(page, '#answered', /^5 answers\.$/);
    const rows = await page.$$eval('#answers tr', (found) =>
      found.map((row) => [...row.children].slice(0, 3).map((cell) => cell.textContent)),
    );
    expect(rows.slice(0, 5)).toEqual([
      ['sentence', 'word', 'the model says'],
      ['1', 'the', 'DET'],
      ['1', 'dog', 'NOUN'],
      ['1', 'sees', 'VERB'],
      ['2', 'some', 'DET'],
    ]);
    const saved = await page.evaluate(() => {
      const files: Record<string, Blob> = {};
      (globalThis as unknown as { files: typeof files }).files = files;
      const named = new Map<string, Blob>();
      const create = URL.createObjectURL.bind(URL);
      URL.createObjectURL = (blob: Blob) => {
        const url = create(blob);
        named.set(url, blob);
        return url;
      };
      HTMLAnchorElement.prototype.click = function () {
        files[this.download] = named.get(this.href) as Blob;
      };
      return true;
    });
    expect(saved).toBe(true);
    await pressIn(page, '#download-answers', 'Enter');
    await pressIn(page, '#download-page', 'Enter');
    await page.waitForFunction(() => Object.keys((globalThis as unknown as { files: object }).files).length === 2);
    const files = await page.evaluate(async () => {
      const { files: found } = globalThis as unknown as { files: Record<string, Blob> };
      return Object.fromEntries(await Promise.all(Object.entries(found).map(async ([file, blob]) => [file, await blob.text()])));
    });
    const [csv, html] = Object.entries(files).sort(([a], [b]) => a.localeCompare(b)) as [[string, string], [string, string]];
    expect(csv[1].split('\r\n').slice(0, 2)).toEqual([
      'sentence,word,the model says,probability of DET,probability of NOUN,probability of VERB',
      expect.stringMatching(/^1,the,DET,/),
    ]);
    expect(html[0]).toMatch(/\.html$/);
    expect(html[1]).toContain('Write words and signs with spaces between them.');
    expect(await textOf(page, '#data-in-model')).toMatch(
      /the \d+ words that it knows, names of people among them if your sentences have them, and the names of the tags/,
    );
    await unfold(page, 'for-programs');
    expect(await textOf(page, '#snippet')).toContain('const tags = ["DET","NOUN","VERB"];');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);

    await page.reload();
    await waitForText(page, '#model-status', /^The model of your last visit is back\.$/);
    expect(await textOf(page, '#runs-table')).toMatch(/Tag words/);
    await typeInto(page, '#sentence', 'some dog');
    await page.waitForFunction(() => document.querySelectorAll('.tags li').length === 2);
  });

  test('reads words of a table, and what is guessed can be said otherwise', async () => {
    const { page } = await visit();
    const tagged = taggedSentences(30);
    await dropFile(page, 'words.csv', wordTable(tagged).replace('sentence,word,tag', 'sentence,tag,word'));
    await waitForText(page, '#data-status', /^words\.csv: /);
    await page.click('label[for=task-tagWords]');
    await chooseOption(page, '#column-word', '1');
    await chooseOption(page, '#column-tag', '2');
    await waitForText(page, '#task-status', /in 3 tags \(DET, NOUN, VERB\) of column “word”/);
    await chooseOption(page, '#column-sentence', '-1');
    await waitForText(page, '#task', /There is 1 usable sentence; at least 10 are needed\. Is there a column that tells sentences apart\?/);

    await dropFile(page, 'words.txt', conll(tagged));
    await waitForText(page, '#task-status', /^20 sentences to learn from/);
    expect(await textOf(page, '#header-reason')).toBe('Not taken for names, because “the” is not a usual name of such a column.');
    await pressIn(page, '#reading-summary', 'Enter');
    expect(await page.$$eval('#read-separator option', (options) => options.map(({ textContent }) => textContent))).toEqual([
      'tabs',
      'spaces',
    ]);
    await chooseOption(page, '#read-as', 'text');
    await waitForText(page, '#task-status', /characters/);
    // What is folded in a text begins folded.
    if (!(await page.$('details[open] > #reading-summary'))) await pressIn(page, '#reading-summary', 'Enter');
    await chooseOption(page, '#read-as', 'words');
    await waitForText(page, '#task-status', /^20 sentences to learn from/);
    expect(await page.$eval('#task-tagWords', (radio) => (radio as HTMLInputElement).checked)).toBe(true);
  });

  test('has an example of sentences, and marks each wrong word in its own', async () => {
    const { page } = await visit();
    await chooseData(page, 'tagged', /^975 sentences to learn from, 300 for validation and 225 for the test, in 6 tags/);
    await chooseEpochs(page, 1);
    await trainToEnd(page);
    const { model, baseline } = await scoreOf(page);
    expect(model).toBeGreaterThan(baseline);
    await unfold(page, 'wrong-answers');
    const wrong = await page.$$eval('#wrong-answers tbody tr', (rows) =>
      rows.map((row) => ({ text: row.children[1]?.textContent ?? '', marked: row.querySelector('mark')?.textContent ?? '' })),
    );
    expect(wrong.length).toBeGreaterThan(0);
    for (const { text, marked } of wrong) expect(text.split(' ')).toContain(marked);
  });
});
