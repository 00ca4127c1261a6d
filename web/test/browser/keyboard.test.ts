import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeXlsx } from 'hucre/xlsx';
import type { ElementHandle, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textOf, waitForText } from './session.ts';
import { useBrowser } from './visits.ts';

/** Presses of Tab that lead once through the page. */
const ROUND = 150;

/** Goes with the Tab key to what has an id, from wherever the focus is. */
async function tabTo(page: Page, id: string): Promise<void> {
  await page.waitForSelector(`#${id}`);
  for (let presses = 0; presses < ROUND; presses++) {
    if ((await page.evaluate(() => document.activeElement?.id)) === id) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${id}`);
}

async function press(page: Page, id: string, key: 'Enter' | ' '): Promise<void> {
  await tabTo(page, id);
  await page.keyboard.press(key);
}

/** Types in place of what a field holds. */
async function type(page: Page, id: string, text: string): Promise<void> {
  await tabTo(page, id);
  await page.keyboard.down('Control');
  await page.keyboard.press('a');
  await page.keyboard.up('Control');
  await page.keyboard.type(text);
}

/** Goes to an option of a list by the first letters of its text. */
async function choose(page: Page, id: string, value: string): Promise<void> {
  await tabTo(page, id);
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

/** From data to a model that is tried and can be taken away. */
async function trainAndTake(page: Page, summary: RegExp): Promise<string> {
  await waitForText(page, '#task-status', summary);
  await page.waitForSelector('#start-button[aria-disabled=false]');
  await press(page, 'start-button', 'Enter');
  await waitForText(page, '#model-status', /^The model is trained\. It is kept/);
  await press(page, 'to-try', 'Enter');
  await tabTo(page, 'download-button');
  await tabTo(page, 'use-on-data-summary');
  return textOf(page, '#verdict');
}

const lines = (count: number, line: (row: number) => string) => Array.from({ length: count }, (_, row) => line(row)).join('\n');
const REVIEWS = `text,liked\n${lines(80, (row) => `${row % 2 ? 'good fine nice' : 'bad poor dire'} thing ${row},${row % 2 ? 'yes' : 'no'}`)}`;

describe('by the keyboard alone a person', () => {
  const { visit } = useBrowser('chromium');
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'backtime-keyboard-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Picks files in the system's dialogue, of which no test presses the keys. */
  async function pick(page: Page, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
    const paths = Object.keys(files).map((file) => join(folder, file));
    for (const [file, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), content);
    }
    await tabTo(page, 'file');
    await ((await page.$('#file')) as ElementHandle<HTMLInputElement>).uploadFile(...paths);
  }

  test('pastes rows, and learns classes', async () => {
    const { page } = await visit();
    await tabTo(page, 'file');
    // What the browser does for Control and V; a driven one may not read the clipboard.
    await page.evaluate((text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', text);
      document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, REVIEWS);
    expect(await trainAndTake(page, /in 2 classes \(no, yes\)/)).toMatch(/right/);
  });

  test('picks several texts, each a class', async () => {
    const { page } = await visit();
    await pick(page, {
      'good.txt': lines(60, (row) => `a fine nice film of number ${row}`),
      'bad.txt': lines(60, (row) => `a dull poor film of number ${row}`),
    });
    expect(await trainAndTake(page, /in 2 classes \(bad, good\)/)).toMatch(/right/);
  });

  test('picks a workbook, and says which class is which', async () => {
    const { page } = await visit();
    const rows = REVIEWS.split('\n').map((line) => line.split(','));
    await pick(page, { 'book.xlsx': await writeXlsx({ sheets: [{ name: 'Reviews', rows }] }) });
    await waitForText(page, '#task-status', /in 2 classes/);
    await choose(page, 'column-label', '1');
    expect(await trainAndTake(page, /in 2 classes \(no, yes\)/)).toMatch(/right/);
  });

  test('chooses the encoding of a file', async () => {
    const { page } = await visit();
    const text = `text,klasse\n${lines(80, (row) => `${row % 2 ? 'schöne gute' : 'öde trübe'} Sache ${row},${row % 2 ? 'schön' : 'trüb'}`)}`;
    await pick(page, { 'deutsch.csv': Uint8Array.from(text, (character) => character.charCodeAt(0)) });
    await waitForText(page, '#task-status', /in 2 classes \(schön, trüb\)/);
    await press(page, 'reading-summary', 'Enter');
    await choose(page, 'read-encoding', 'windows-1251');
    await waitForText(page, '#task-status', /in 2 classes \(schцn, trьb\)/);
    // The table is another one, and what is folded in it begins folded.
    if (!(await page.$('details[open] > #reading-summary'))) await press(page, 'reading-summary', 'Enter');
    await choose(page, 'read-encoding', 'windows-1252');
    expect(await trainAndTake(page, /in 2 classes \(schön, trüb\)/)).toMatch(/right/);
  });

  test('predicts a number of a row', async () => {
    const { page } = await visit();
    await pick(page, {
      'houses.csv': `rooms,area,price\n${lines(120, (row) => `${row % 6},${(row * 37) % 100},${20 * (row % 6) + ((row * 37) % 100)}`)}`,
    });
    expect(await trainAndTake(page, /rows to learn from/)).toMatch(/^It is typically off by/);
    await type(page, 'try-0', '5');
    await waitForText(page, '#judgement', /^price: [\d.]+/);
  });

  test('forecasts a series', async () => {
    const { page } = await visit();
    await pick(page, {
      'load.csv': `day,load\n${lines(150, (day) => `${new Date(Date.UTC(2023, 0, 1 + day)).toISOString().slice(0, 10)},${50 + 10 * Math.sin(day / 3)}`)}`,
    });
    await waitForText(page, '#task-status', /^150 values/);
    await type(page, 'setting-window', '12');
    await type(page, 'setting-horizon', '4');
    expect(await trainAndTake(page, /12 are read, the next 4 forecast/)).toMatch(/off by/);
    await tabTo(page, 'start');
    await page.keyboard.press('ArrowLeft');
    await waitForText(page, '#try #judgement', /^Off by/);
  });

  test('teaches it to write', async () => {
    const { page } = await visit();
    await pick(page, { 'poem.txt': 'The rose is red, the violet is blue.\n'.repeat(60) });
    expect(await trainAndTake(page, /characters/)).toMatch(/characters/);
    await press(page, 'write-button', 'Enter');
    await waitForText(page, '#try', /The text is written\./);
  });

  test('cuts a sensor log into pieces', async () => {
    const { page } = await visit();
    const log = lines(
      1200,
      (row) => `${Math.floor(row / 200) % 2 ? Math.sin(row) : 0.1 * ((row * 7919) % 7)},${Math.floor(row / 200) % 2 ? 'walk' : 'rest'}`,
    );
    await pick(page, { 'log.csv': `acceleration,activity\n${log}` });
    await waitForText(page, '#task-status', /pieces/);
    await type(page, 'setting-window', '20');
    expect(await trainAndTake(page, /20 steps of 1 number each/)).toMatch(/right/);
  });

  test('takes an example of the gallery, uses it, and restores an earlier model', async () => {
    const { page } = await visit();
    await tabTo(page, 'bundled-reviews');
    for (let presses = 0; presses < 3; presses++) await page.keyboard.press('ArrowDown');
    await trainAndTake(page, /^52 series/);
    const first = await textOf(page, '#trained-on');
    await press(page, 'bar-train-button', 'Enter');
    await page.waitForFunction((before) => (document.querySelector('#trained-on') as HTMLElement).innerText !== before, {}, first);
    await page.waitForFunction(() => document.querySelectorAll('#runs-table tbody tr').length === 2);
    for (let presses = 0; presses < ROUND; presses++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(() => /^Use .*run 1$/.test(document.activeElement?.ariaLabel ?? ''))) break;
    }
    await page.keyboard.press('Enter');
    await page.waitForFunction((before) => (document.querySelector('#trained-on') as HTMLElement).innerText === before, {}, first);
  });
});
