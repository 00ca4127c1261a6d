import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type axe from 'axe-core';
import type { Page } from 'puppeteer-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { LAYER_KINDS, type LayerKind } from '../../src/model/layerList.ts';
import {
  chooseData,
  chooseEpochs,
  chooseOption,
  dropFile,
  pressIn,
  recordTexts,
  textOf,
  trainToEnd,
  typeInto,
  unfold,
  waitForText,
} from './session.ts';
import { useBrowser } from './visits.ts';

const { source } = createRequire(import.meta.url)('axe-core') as typeof axe;
const screenshots = fileURLToPath(new URL('../../../.tools/reports/web/', import.meta.url));

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(source);
  const { violations: found } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return found.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary}`));
}

/** The choices of lists that are cut, where they are folded too. */
function cutChoices(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
    const context = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D;
    return [...document.querySelectorAll('select')].flatMap((list) => {
      const { font, paddingLeft, paddingRight } = getComputedStyle(list);
      context.font = font;
      const room = list.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
      return [...list.options].map(({ text }) => text).filter((text) => context.measureText(text).width > room);
    });
  });
}

// What the page says to assistive technology is the same in every browser; one is enough.
describe('the page', () => {
  const { visit } = useBrowser('chromium');
  beforeAll(() => void mkdirSync(screenshots, { recursive: true }));

  test.each([
    { id: 'reviews', summary: /^6,869 texts/, epochs: 1 },
    { id: 'motions', summary: /^52 series/, epochs: 10 },
    { id: 'tagged', summary: /^975 sentences/, epochs: 1 },
    { id: 'ratings', summary: /^6,869 texts/, epochs: 1 },
    { id: 'carbon-dioxide', summary: /^2,284 values/, epochs: 2 },
    { id: 'critics', summary: /characters/, epochs: 1 },
  ])('has nothing that axe objects to, and fits a phone and a desk, light and dark: $id', async ({ id, summary, epochs }) => {
    const { page } = await visit({ width: 390 });
    await chooseData(page, id, summary);
    if (id === 'critics') {
      await typeInto(page, '#setting-characters', 20_000);
      await waitForText(page, '#task-status', /^19,/);
    }
    await chooseEpochs(page, epochs);
    await trainToEnd(page);
    if (id === 'critics') {
      await pressIn(page, '#write-button', 'Enter');
      await waitForText(page, '#try', /The text is written\./);
    } else await waitForText(page, '#try #judgement', /\S/);
    if (id === 'tagged') {
      await typeInto(page, '#sentence', 'The zebra cooks');
      await waitForText(page, '#unknown-words', /\S/);
      for (const details of ['class-counts', 'class-scores', 'wrong-answers']) await unfold(page, details);
    }
    for (const scheme of ['light', 'dark']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      for (const [device, width] of Object.entries({ small: 320, phone: 390, desk: 1280 })) {
        await page.setViewport({ width, height: 900 });
        await page.waitForFunction(() =>
          [...document.querySelectorAll('.chart')].every((chart) => chart.querySelector('.uplot')?.clientWidth === chart.clientWidth),
        );
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        await page.screenshot({ path: `${screenshots}${id}-${device}-${scheme}.png`, fullPage: true });
        expect(await violations(page)).toEqual([]);
      }
    }
  });

  test('says what is known ahead in words that fit a phone', async () => {
    const { page } = await visit({ width: 320 });
    const rows = Array.from(
      { length: 80 },
      (_, day) => `${new Date(Date.UTC(2021, 0, 1 + day)).toISOString().slice(0, 10)},${day % 9},${day % 7}`,
    );
    await dropFile(page, 'shop.csv', `day,a price that was planned,sales\n${rows.join('\n')}`);
    await waitForText(page, '#task-status', /^80 values/);
    await unfold(page, 'other-inputs');
    await pressIn(page, '#input-1', ' ');
    await pressIn(page, '#ahead-1', ' ');
    await pressIn(page, '#calendar-weekday', ' ');
    await waitForText(page, '#task-status', /Known ahead, .*: a price that was planned, .* Read of the dates: day of the week\./);
    for (const scheme of ['light', 'dark']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
      await page.screenshot({ path: `${screenshots}known-ahead-small-${scheme}.png`, fullPage: true });
      expect(await violations(page)).toEqual([]);
    }
  });

  test('says on a phone what each kind of layer does, and no list cuts its choice', async () => {
    const { page } = await visit({ width: 320 });
    await chooseData(page, 'reviews', /^6,869 texts/);
    await unfold(page, 'network-settings');
    const select = '.layers select';
    const kinds = await page.$eval(select, (field) => [...(field as HTMLSelectElement).options].map(({ value }) => value));
    expect(kinds.length).toBeGreaterThan(3);
    for (const kind of kinds) {
      await chooseOption(page, select, kind);
      await waitForText(page, '.layers label', /^Layer 1: .*\S/);
      expect(await textOf(page, '.layers label')).toBe(`Layer 1: ${LAYER_KINDS[kind as LayerKind]}`);
      expect(await page.$$eval('.layers label', (labels) => labels.filter((label) => label.scrollWidth > label.clientWidth).length)).toBe(
        0,
      );
    }
    expect(await cutChoices(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  });

  test('has no list that cuts a choice on a phone, whatever the data', async () => {
    const { page } = await visit({ width: 320 });
    const rows = (row: (index: number) => string) => Array.from({ length: 1600 }, (_, index) => row(index)).join('\n');
    await dropFile(page, 'log.csv', `x,activity\n${rows((row) => `${row % 9 === 4 ? '' : row % 7},${row % 400 < 200 ? 'walk' : 'run'}`)}`);
    await waitForText(page, '#task-status', /pieces to learn from/);
    expect(await cutChoices(page)).toEqual([]);
    await page.click('label[for=task-forecast]');
    await waitForText(page, '#task-status', /^1,600 values/);
    expect(await cutChoices(page)).toEqual([]);
    await dropFile(page, 'texts.csv', `text,label\n${rows((row) => `some words of ${row},${row % 2 ? 'yes' : 'no'}`)}`);
    await waitForText(page, '#task-status', /texts to learn from/);
    expect(await cutChoices(page)).toEqual([]);
    await page.click('label[for=task-predictNumber]');
    await page.click('label[for=task-tagWords]');
    await page.waitForSelector('#column-sentence');
    expect(await cutChoices(page)).toEqual([]);
  });

  test('is worked by keyboard alone: data, a layer more, training', async () => {
    const { page } = await visit();
    const focus = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent || '');
    const tabTo = async (wanted: string) => {
      for (let presses = 0; presses < 40; presses++) {
        await page.keyboard.press('Tab');
        if ((await focus()) === wanted) return;
      }
      throw new Error(`Tab does not lead to ${wanted}`);
    };
    await tabTo('bundled-reviews');
    for (let presses = 0; presses < 3; presses++) await page.keyboard.press('ArrowDown');
    await waitForText(page, '#task-status', /^52 series/);
    await unfold(page, 'network-settings');
    await tabTo('Add a layer');
    await page.keyboard.press('Enter');
    await waitForText(page, '#parameters', /^12,292 parameters/);
    await unfold(page, 'training-settings');
    await tabTo('epochs');
    await page.keyboard.press('ArrowDown');
    await tabTo('train-button');
    const shown = await recordTexts(page, '#train-status');
    await page.keyboard.press('Space');
    await shown.waitFor(/epoch \d+ of at most 79/);
    await waitForText(page, '#model-status', /^The model is trained/);
    // Whoever works by keyboard is still where they were.
    expect(await focus()).toBe('train-button');
    expect(await textOf(page, '#announcement')).toBe('Training is done.');
  });
});
