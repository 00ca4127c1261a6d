import type { JSHandle, Page } from 'puppeteer-core';
import { describe, expect, test } from 'vitest';
import { longestTask, measureOfTasks } from './longestTask.ts';
import { chooseEpochs, drop, makeFile, pressIn, waitForText } from './session.ts';
import { useBrowser } from './visits.ts';

/**
 * The longest that a task may take, in {@link measureOfTasks}. Reading on the page's own thread takes
 * tens of it.
 */
const LONGEST = 3;
/** Other programs and a cold cache lengthen the CPU time of a task too: the best of some counts. */
const ATTEMPTS = 3;

const lines = (count: number, line: (row: number) => string) => Array.from({ length: count }, (_, row) => `${line(row)}\n`).join('');

// Only Chromium reports the CPU time of tasks.
describe('the page is free while it reads, checks and learns', () => {
  const { visit } = useBrowser('chromium');

  test.each([
    {
      what: '500,000 texts',
      name: 'texts.csv',
      head: 'text,label\n',
      block: lines(1000, (row) => `"a sentence, of number ${row}",${row % 3 ? 'up' : 'down'}`),
      times: 500,
      summary: /^325,000 texts to learn from/,
    },
    {
      what: 'a series of 500,000 steps',
      name: 'series.csv',
      head: 'load\n',
      block: lines(1000, (row) => String(Math.sin(row / 7) + ((row * 7919) % 13) / 10)),
      times: 500,
      summary: /^500,000 values/,
    },
    {
      what: '500,000 rows of a sensor log',
      name: 'log.csv',
      head: 'x,y,activity\n',
      block: lines(1000, (row) => `${Math.sin(row / 7)},${(row * 7919) % 101},${row < 500 ? 'walk' : 'run'}`),
      times: 500,
      summary: /^[\d,]+ pieces to learn from/,
    },
    {
      what: '500,000 tagged words',
      name: 'words.conll',
      head: '',
      block: lines(1000, (row) =>
        row % 10 === 9 ? '' : `${row % 10 === 0 ? 'The' : `word${(row * 7919) % 997}`}\t${['DET', 'NOUN', 'VERB'][row % 3]}`,
      ),
      times: 556,
      summary: /^[\d,]+ sentences to learn from/,
    },
    {
      what: 'texts as long as a book',
      name: 'long.csv',
      head: 'text,label\n',
      block: lines(10, (row) => `"${`a sentence of number ${row} `.repeat(4000)}",${row % 3 ? 'up' : 'down'}`),
      times: 30,
      summary: /^195 texts to learn from/,
    },
  ])('$what', async ({ name, head, block, times, summary }) => {
    const best = new Map<string, number>();
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { page } = await visit();
      const file = await makeFile(page, name, head, block, times);
      for (const [phase, time] of await longestTasks(page, file, summary)) best.set(phase, Math.min(time, best.get(phase) ?? Infinity));
      if ([...best.values()].every((time) => time <= LONGEST)) break;
      await page.goto('about:blank');
    }
    expect(best.size).toBe(3);
    expect([...best].filter(([, time]) => time > LONGEST)).toEqual([]);
  });
});

/** The longest task of each phase, in {@link measureOfTasks}. */
async function longestTasks(page: Page, file: JSHandle<File>, summary: RegExp): Promise<[phase: string, time: number][]> {
  const measure = await measureOfTasks(page);
  const take = async (work: () => Promise<unknown>) => (await longestTask(page, work)) / measure;
  const reading = await take(async () => {
    await drop(page, file);
    await waitForText(page, '#task-status', summary);
    await page.waitForSelector('#train-button[aria-disabled=false]');
  });
  await chooseEpochs(page, 500);
  await page.waitForSelector('#train-button[aria-disabled=false]');
  const training = await take(async () => {
    await pressIn(page, '#train-button', 'Enter');
    await waitForText(page, '#train-status', /^epoch \d+ of at most 500, [\d,]+ examples a second/);
  });
  const ending = await take(async () => {
    await pressIn(page, '#stop-button', 'Enter');
    // A model that has made no step is not kept, another is judged and tried.
    await waitForText(
      page,
      '#model-status',
      /^(The model is trained as far as you let it|Training was stopped before the first (step|epoch))/,
    );
  });
  return [
    ['reading and checking', reading],
    ['training', training],
    ['stopping and judging', ending],
  ];
}
