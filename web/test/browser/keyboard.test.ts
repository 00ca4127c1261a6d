import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeXlsx } from 'hucre/xlsx';
import type { ElementHandle, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { conll, taggedSentences } from '../taggedFiles.ts';
import { BROWSERS, textOf, waitForText } from './session.ts';
import { useBrowser } from './visits.ts';

/** Presses of Tab that lead once through the page. */
const ROUND = 150;

/** Where an element is from the focus on; null when it is not there. */
type Way = 'here' | 'ahead' | 'back' | null;

/**
 * Goes with Tab, or back with Shift and Tab, to an element. It never goes round by the end of the
 * page: there the focus leaves it for Firefox's own buttons, and keys do nothing any more.
 */
async function tabTo(page: Page, selector: string): Promise<void> {
  await page.waitForSelector(selector);
  const wayOf = (query: string): Way => {
    const [wanted, at] = [document.querySelector(query), document.activeElement];
    if (!wanted || !at || wanted === at) return wanted && 'here';
    return at.compareDocumentPosition(wanted) & Node.DOCUMENT_POSITION_FOLLOWING ? 'ahead' : 'back';
  };
  const first = await page.evaluate(wayOf, selector);
  for (let presses = 0; presses < ROUND; presses++) {
    const way = await page.evaluate(wayOf, selector);
    if (way === 'here') return;
    if (way !== first) break;
    if (way === 'back') await page.keyboard.down('Shift');
    await page.keyboard.press('Tab');
    if (way === 'back') await page.keyboard.up('Shift');
  }
  throw new Error(`Tab does not lead to ${selector}`);
}

async function press(page: Page, id: string, key: 'Enter' | ' ' = 'Enter'): Promise<void> {
  await tabTo(page, `#${id}`);
  await page.keyboard.press(key);
}

/** Types in place of what a field holds. */
async function type(page: Page, id: string, text: string): Promise<void> {
  await tabTo(page, `#${id}`);
  await page.keyboard.down('Control');
  await page.keyboard.press('a');
  await page.keyboard.up('Control');
  await page.keyboard.type(text);
}

/** Goes to an option of a list by the arrow keys. */
async function choose(page: Page, id: string, value: string): Promise<void> {
  await tabTo(page, `#${id}`);
  const steps = await page.$eval(
    `#${id}`,
    (field, wanted) => {
      const { options, selectedIndex } = field as HTMLSelectElement;
      return [...options].findIndex((option) => option.value === wanted) - selectedIndex;
    },
    value,
  );
  for (let presses = 0; presses < Math.abs(steps); presses++) await page.keyboard.press(steps > 0 ? 'ArrowDown' : 'ArrowUp');
}

/** From data to a model that is tried and can be taken away. @returns the verdict */
async function train(page: Page, summary: RegExp): Promise<string> {
  await waitForText(page, '#task-status', summary);
  await page.waitForSelector('#start-button[aria-disabled=false]');
  await press(page, 'start-button');
  await waitForText(page, '#model-status', /^The model is trained\. It is kept/);
  await press(page, 'to-try');
  return textOf(page, '#verdict');
}

/** Asks the model about typed rows, whose answers can be taken away. */
async function ask(page: Page, rows: string, answers: RegExp): Promise<void> {
  await press(page, 'use-on-data-summary');
  await type(page, 'pasted', rows);
  await press(page, 'ask-button');
  await waitForText(page, '#answered', answers);
  await tabTo(page, '#download-answers');
}

const lines = (count: number, line: (row: number) => string) => Array.from({ length: count }, (_, row) => line(row)).join('\n');
const REVIEWS = `text,liked\n${lines(80, (row) => `${row % 2 ? 'good fine nice' : 'bad poor dire'} thing ${row},${row % 2 ? 'yes' : 'no'}`)}`;
const dayOf = (day: number) => new Date(Date.UTC(2023, 0, 1 + day)).toISOString().slice(0, 10);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backtime-keyboard-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Files = Readonly<Record<string, string | Uint8Array>>;

/** Picks files in the system's dialogue, of which no test presses the keys. */
async function pick(page: Page, files: Files): Promise<void> {
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content);
  }
  await tabTo(page, '#file');
  await ((await page.$('#file')) as ElementHandle<HTMLInputElement>).uploadFile(...Object.keys(files).map((file) => join(folder, file)));
}

/** Picks a folder in the dialogue. A driven Firefox may not, so the field is given the files. */
async function pickFolder(page: Page, files: Readonly<Record<string, string>>): Promise<void> {
  await tabTo(page, '#folder');
  await page.$eval(
    '#folder',
    (field, all) => {
      const chosen = Object.entries(all).map(([path, text]) =>
        Object.defineProperty(new File([text], path.split('/').at(-1) ?? path), 'webkitRelativePath', { value: path }),
      );
      Object.defineProperty(field, 'files', { value: chosen, configurable: true });
      field.dispatchEvent(new Event('change', { bubbles: true }));
    },
    files,
  );
}

/** What people do, from their data to a result that they can use. */
const TASKS: readonly (readonly [string, (page: Page) => Promise<void>])[] = [
  [
    'pastes rows, learns classes, and asks about texts',
    async (page) => {
      await tabTo(page, '#file');
      // What the browser does for Control and V; a driven one may not read the clipboard.
      await page.evaluate((text) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', text);
        const event = new ClipboardEvent('paste', { bubbles: true, cancelable: true });
        Object.defineProperty(event, 'clipboardData', { value: clipboardData });
        document.activeElement?.dispatchEvent(event);
      }, REVIEWS);
      expect(await train(page, /in 2 classes \(no, yes\)/)).toMatch(/right/);
      await ask(page, 'a good thing\na bad thing', /^2 answers\.$/);
    },
  ],
  [
    'picks several texts, each a class',
    async (page) => {
      const kinds = ['ant', 'bee', 'cat', 'dog', 'elk', 'fox', 'gnu', 'hen', 'ibis', 'jay', 'kite', 'lynx'];
      await pick(page, Object.fromEntries(kinds.map((kind) => [`${kind}.txt`, lines(20, (row) => `a ${kind} was seen in year ${row}`)])));
      expect(await train(page, /in 12 classes \(ant, /)).toMatch(/right/);
      await type(page, 'sentence', 'a cat');
      await waitForText(page, '#judgement', /Most probably: /);
      // Those that are not listed are counted.
      await waitForText(page, '#try .probabilities .more', /^… and 2 classes more, [\d.]+ % together\.$/);
    },
  ],
  [
    'picks a folder with a folder of recordings for each class, and looks at what the model takes one for',
    async (page) => {
      const recording = (row: number) => `x,y\n${lines(20, (step) => `${row % 2 ? Math.sin(step + row) : 0.1},${row % 2 ? 0 : step % 3}`)}`;
      const files = Array.from({ length: 40 }, (_, row) => [`motions/${row % 2 ? 'walk' : 'rest'}/${row}.csv`, recording(row)] as const);
      await pickFolder(page, Object.fromEntries(files));
      expect(await train(page, /in 2 classes \(rest, walk\)/)).toMatch(/right/);
      await waitForText(page, '#judgement', /Most probably: (rest|walk)/);
      await tabTo(page, '#download-page');
    },
  ],
  [
    'has a text without spaces learnt from characters',
    async (page) => {
      const [good, bad] = [
        ['楽しい', '面白い', '美しい'],
        ['退屈な', '最悪の', '残念な'],
      ];
      const rows = lines(
        90,
        (row) => `とても${(row % 2 ? good : bad)[row % 3]}映画${'でした'.slice(0, 1 + (row % 3))},${row % 2 ? '良い' : '悪い'}`,
      );
      await pick(page, { 'eiga.csv': `感想,評価\n${rows}` });
      expect(await train(page, /characters are known/)).toMatch(/right/);
      await ask(page, 'これは面白い物語\nこれは退屈な物語', /^2 answers\.$/);
    },
  ],
  [
    'picks a workbook, and says which class is which',
    async (page) => {
      const rows = REVIEWS.split('\n').map((line) => line.split(','));
      await pick(page, { 'book.xlsx': await writeXlsx({ sheets: [{ name: 'Reviews', rows }] }) });
      await waitForText(page, '#task-status', /in 2 classes/);
      await choose(page, 'column-label', '1');
      expect(await train(page, /in 2 classes \(no, yes\)/)).toMatch(/right/);
      await tabTo(page, '#download-button');
    },
  ],
  [
    'chooses the encoding of a file',
    async (page) => {
      const text = `text,klasse\n${lines(80, (row) => `${row % 2 ? 'schöne gute' : 'öde trübe'} Sache ${row},${row % 2 ? 'schön' : 'trüb'}`)}`;
      await pick(page, { 'deutsch.csv': Uint8Array.from(text, (character) => character.charCodeAt(0)) });
      await waitForText(page, '#task-status', /in 2 classes \(schön, trüb\)/);
      await press(page, 'reading-summary');
      await choose(page, 'read-encoding', 'windows-1251');
      await waitForText(page, '#task-status', /in 2 classes \(schцn, trьb\)/);
      // The table is another one, and what is folded in it begins folded.
      if (!(await page.$('details[open] > #reading-summary'))) await press(page, 'reading-summary');
      await choose(page, 'read-encoding', 'windows-1252');
      expect(await train(page, /in 2 classes \(schön, trüb\)/)).toMatch(/right/);
      await tabTo(page, '#use-on-data-summary');
    },
  ],
  [
    'predicts a number of a row',
    async (page) => {
      await pick(page, {
        'houses.csv': `rooms,area,price\n${lines(120, (row) => `${row % 6},${(row * 37) % 100},${20 * (row % 6) + ((row * 37) % 100)}`)}`,
      });
      expect(await train(page, /rows to learn from/)).toMatch(/^It is typically off by/);
      await type(page, 'try-0', '5');
      await waitForText(page, '#judgement', /^price: [\d.]+/);
      await ask(page, 'rooms,area\n3,50', /^1 answer\.$/);
    },
  ],
  [
    'forecasts a series',
    async (page) => {
      await pick(page, { 'load.csv': `day,load\n${lines(150, (day) => `${dayOf(day)},${50 + 10 * Math.sin(day / 3)}`)}` });
      await waitForText(page, '#task-status', /^150 values/);
      await type(page, 'setting-window', '12');
      await type(page, 'setting-horizon', '4');
      expect(await train(page, /12 are read, the next 4 forecast/)).toMatch(/off by/);
      await tabTo(page, '#download-forecast');
      await tabTo(page, '#start');
      await page.keyboard.press('ArrowLeft');
      await waitForText(page, '#try #judgement', /^Off by/);
    },
  ],
  [
    'forecasts all series of a table',
    async (page) => {
      const stores = ['north', 'south', 'west'];
      const rows = lines(
        240,
        (row) => `${dayOf(Math.floor(row / 3))},${stores[row % 3]},${10 ** (row % 3) * (50 + 10 * Math.sin(row / 9))}`,
      );
      await pick(page, { 'stores.csv': `day,store,sales\n${rows}` });
      await waitForText(page, '#task-status', /^80 values/);
      await choose(page, 'key-value', 'all');
      await waitForText(page, '#task-status', /^3 series of 80 values/);
      await type(page, 'setting-window', '8');
      await type(page, 'setting-horizon', '3');
      expect(await train(page, /^3 series of 80 values, 240 values in all.* 8 are read, the next 3 forecast/)).toMatch(/off by/);
      await choose(page, 'try-series', '2');
      await page.waitForFunction(
        () => Number(document.querySelector('#forecast-table td:nth-of-type(2)')?.textContent?.replace(/,/g, '')) > 1000,
      );
      await tabTo(page, '#download-forecasts');
    },
  ],
  [
    'has words tagged, and takes the tags of new sentences',
    async (page) => {
      await pick(page, { 'train.conll': conll(taggedSentences(90)) });
      expect(await train(page, /in 3 tags \(DET, NOUN, VERB\)/)).toMatch(/words right/);
      await type(page, 'sentence', 'the dog');
      await page.waitForFunction(() => document.querySelectorAll('.tags li').length === 2);
      await ask(page, 'the dog sees\nsome ship', /^5 answers\.$/);
    },
  ],
  [
    'teaches it to write',
    async (page) => {
      await pick(page, { 'poem.txt': 'The rose is red, the violet is blue.\n'.repeat(60) });
      expect(await train(page, /characters/)).toMatch(/characters/);
      await press(page, 'write-button');
      await waitForText(page, '#try', /The text is written\./);
    },
  ],
  [
    'cuts a sensor log into pieces',
    async (page) => {
      const log = lines(
        1200,
        (row) => `${Math.floor(row / 200) % 2 ? Math.sin(row) : 0.1 * ((row * 7919) % 7)},${Math.floor(row / 200) % 2 ? 'walk' : 'rest'}`,
      );
      await pick(page, { 'log.csv': `acceleration,activity\n${log}` });
      await waitForText(page, '#task-status', /pieces/);
      await type(page, 'setting-window', '20');
      expect(await train(page, /20 steps of 1 number each/)).toMatch(/right/);
      await tabTo(page, '#download-page');
    },
  ],
  [
    'takes an example of the gallery, and restores an earlier model',
    async (page) => {
      await tabTo(page, '#bundled-reviews');
      for (let presses = 0; presses < 3; presses++) await page.keyboard.press('ArrowDown');
      await train(page, /^52 series/);
      const first = await textOf(page, '#trained-on');
      await press(page, 'bar-train-button');
      await page.waitForFunction((before) => (document.querySelector('#trained-on') as HTMLElement).innerText !== before, {}, first);
      await page.waitForFunction(() => document.querySelectorAll('#runs-table tbody tr').length === 2);
      // The button that was pressed is gone; the focus is still beside it.
      await page.waitForFunction(() => document.activeElement?.id === 'to-try');
      await tabTo(page, '#runs-table button[aria-label^="Use "][aria-label$="run 1"]');
      await page.keyboard.press('Enter');
      await page.waitForFunction((before) => (document.querySelector('#trained-on') as HTMLElement).innerText === before, {}, first);
    },
  ],
];

/** Each task is done in both browsers: in the other on another screen, and in other colours. */
const SCREENS = [
  { width: 1280, scheme: 'light' },
  { width: 390, scheme: 'light' },
  { width: 390, scheme: 'dark' },
  { width: 1280, scheme: 'dark' },
] as const;

const VISITS = BROWSERS.flatMap((browser) =>
  TASKS.map(([name, work], task) => ({ name, work, browser, ...SCREENS[(task + 2 * BROWSERS.indexOf(browser)) % SCREENS.length] })),
);

describe.each(BROWSERS.flatMap((browser) => (['light', 'dark'] as const).map((scheme) => [browser, scheme] as const)))(
  'in %s, %s, by the keyboard alone a person',
  (browser, scheme) => {
    const { visit } = useBrowser(browser, scheme);

    test.each(VISITS.filter((other) => other.browser === browser && other.scheme === scheme))(
      '$name ($width pixels)',
      async ({ work, width }) => {
        const { page } = await visit({ width });
        expect(await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)).toBe(scheme === 'dark');
        await work(page);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      },
    );
  },
);
