import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'puppeteer-core';
import { describe, expect, test } from 'vitest';
import { BROWSERS, chooseEpochs, chooseOption, dropFile, fieldText, pressIn, trainToEnd, typeInto, waitForText } from './session.ts';
import { useBrowser } from './visits.ts';

/** What the page gives to be saved, instead of a dialogue of the system. */
async function savedPage(page: Page): Promise<string> {
  await page.evaluate(() => {
    const create = URL.createObjectURL.bind(URL);
    URL.createObjectURL = (blob: Blob) => {
      (globalThis as unknown as { saved: Blob }).saved = blob;
      return create(blob);
    };
    HTMLAnchorElement.prototype.click = () => {};
  });
  await pressIn(page, '#download-page', 'Enter');
  await page.waitForFunction(() => 'saved' in globalThis);
  return page.evaluate(() => (globalThis as unknown as { saved: Blob }).saved.text());
}

describe.each(BROWSERS)('in %s a page that was taken away', (name) => {
  const { visit } = useBrowser(name);

  test('forecasts each of several series as this page does, opened by a double click', async () => {
    const { page } = await visit();
    const stores = ['north', 'south', 'west'];
    const rows = Array.from({ length: 240 }, (_, row) => {
      const [day, store] = [Math.floor(row / 3), row % 3];
      const date = new Date(Date.UTC(2023, 0, 1 + day)).toISOString().slice(0, 10);
      return `${date},${stores[store]},${(10 ** store * (50 + 10 * Math.sin(day / 3 + store))).toFixed(2)}`;
    });
    await dropFile(page, 'stores.csv', `day,store,sales\n${rows.join('\n')}`);
    await waitForText(page, '#task-status', /^80 values/);
    await chooseOption(page, '#key-value', 'all');
    await waitForText(page, '#task-status', /^3 series of 80 values/);
    await typeInto(page, '#setting-window', 8);
    await typeInto(page, '#setting-horizon', 3);
    await waitForText(page, '#task-status', /8 are read, the next 3 forecast/);
    await chooseEpochs(page, 4);
    await trainToEnd(page);

    const folder = await mkdtemp(join(tmpdir(), 'backtime-taken-'));
    const problems: string[] = [];
    try {
      const file = join(folder, 'stores.html');
      await writeFile(file, await savedPage(page));
      const taken = await page.browser().newPage();
      taken.on('pageerror', (error) => problems.push(String(error)));
      await taken.goto(pathToFileURL(file).href);
      await waitForText(taken, '#status', /^The model is ready\.$/);
      expect(await taken.$$eval('#input-0 option', (options) => options.map(({ textContent }) => textContent))).toEqual(stores);
      for (const [place, store] of stores.entries()) {
        await page.bringToFront();
        await chooseOption(page, '#try-series', String(place));
        const size = 10 ** place;
        await page.waitForFunction(
          (scale) => {
            const value = Number(document.querySelector('#forecast-table tbody td:nth-of-type(2)')?.textContent?.replaceAll(',', ''));
            return value > 20 * scale && value < 200 * scale;
          },
          {},
          size,
        );
        const own = await page.$$eval('#forecast-table tbody tr', (lines) =>
          lines.map(({ children }) => Number(children[2]?.textContent?.replaceAll(',', ''))),
        );
        await taken.bringToFront();
        await chooseOption(taken, '#input-0', String(place));
        // Its last values stand ready.
        expect((await fieldText(taken, '#input-1')).split(/\s+/).at(-1), store).toBe(String(Number(rows[237 + place]?.split(',')[2])));
        await pressIn(taken, '#run', 'Enter');
        // Each series has its own size; before a number stands which step it is of.
        await taken.waitForFunction(
          (scale) => {
            const value = Number(document.querySelectorAll<HTMLDataElement>('table data')[1]?.value);
            return value > 20 * scale && value < 200 * scale;
          },
          {},
          size,
        );
        const cells = await taken.$$eval('table data', (found) => found.map((cell) => Number((cell as HTMLDataElement).value)));
        const answers = cells.filter((_, index) => index % 2 === 1);
        expect(answers).toHaveLength(own.length);
        // The page shows fewer digits.
        for (const [step, answer] of answers.entries()) expect(Math.abs(answer - (own[step] as number))).toBeLessThan(0.01 * answer);
      }
      await taken.close();
      expect(problems).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
