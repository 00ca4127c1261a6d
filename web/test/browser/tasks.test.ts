import { describe, expect, test } from 'vitest';
import {
  BROWSERS,
  chooseData,
  chooseEpochs,
  chooseOption,
  dropFile,
  pressIn,
  recordTexts,
  scoreOf,
  textOf,
  trainToEnd,
  typeInto,
  unfold,
  waitForText,
} from './session.ts';
import { useBrowser } from './visits.ts';

describe.each(BROWSERS)('in %s the page', (name) => {
  const { visit } = useBrowser(name);

  test('learns whether reviews are positive, and shows which words moved it', async () => {
    const { page } = await visit();
    await chooseData(
      page,
      'reviews',
      /^6,869 texts to learn from, 2,114 for validation and 1,585 for the test, in 2 classes \(negative, positive\)/,
    );
    await unfold(page, 'network-settings');
    expect(await textOf(page, '#parameters')).toBe('168,386 parameters to learn in all.');
    await chooseEpochs(page, 2);
    await trainToEnd(page);
    const score = await scoreOf(page);
    expect(score.model).toBeGreaterThan(74);
    expect(score.baseline).toBeLessThan(53);
    expect(score.count).toBe(1585);
    const validation = await scoreOf(page, 'validation');
    expect(validation.count).toBe(2114);
    expect(validation.model).toBeGreaterThan(74);
    await unfold(page, 'epochs-numbers');
    const lastEpoch = await page.$eval('#epochs-table tbody tr:last-child td:last-child', (cell) => cell.textContent);
    expect(lastEpoch).toBe(`${validation.model.toFixed(1)} %`);
    await waitForText(page, '#judgement', /Most probably/);
    await page.evaluate(() => {
      const shown: string[] = [];
      (globalThis as unknown as { shown: string[] }).shown = shown;
      const judgement = document.querySelector('#judgement') as HTMLElement;
      new MutationObserver(() => void shown.push(judgement.textContent ?? '')).observe(judgement, { subtree: true, childList: true });
    });
    await typeInto(page, '#sentence', 'A dull, boring and pointless film');
    await page.waitForFunction(() => document.querySelectorAll('.words li').length === 6);
    expect(await textOf(page, '#judgement')).toMatch(/Most probably: negative/);
    // No answer stood beside words that it was not about.
    expect(await page.evaluate(() => (globalThis as unknown as { shown: string[] }).shown[0])).toBe('Asking the model …');
    const words = await page.$$eval('.words li', (items) => items.map((item) => [item.textContent, item.className]));
    const effects = words.filter(([, className]) => className?.startsWith('for'));
    expect(effects.map(([text]) => text?.replace(/▲.*/, ''))).toEqual(expect.arrayContaining(['boring']));
  });

  test('learns to tell movements apart', async () => {
    const { page } = await visit();
    await chooseData(page, 'motions', /^52 series to learn from, 16 for validation and 12 for the test, in 4 classes/);
    await trainToEnd(page);
    expect((await scoreOf(page)).model).toBeGreaterThan(85);
    expect(await waitForText(page, '#judgement', /Most probably/)).toMatch(/Most probably: (badminton|running|standing|walking)/);
  });

  test('learns to predict a number from texts, with an interval', async () => {
    const { page } = await visit();
    await chooseData(page, 'ratings', /^6,869 texts to learn from, .* “rating” is from -3\.\d+ to 3\.\d+/);
    await unfold(page, 'target-values');
    expect(await textOf(page, '#target-values')).toMatch(/^How “rating” is distributed: from -4 to 4/);
    await chooseEpochs(page, 3);
    await trainToEnd(page);
    const { model, baselines } = await scoreOf(page);
    expect(baselines).toHaveLength(2);
    expect(model).toBeLessThan(0.9 * Math.min(...baselines));
    expect(await textOf(page, '#verdict')).toMatch(
      /^It is typically off by [\d.]+; the best guess, always guessing the mean, by [\d.]+: \d+ % less error/,
    );
    const say = async (text: string) => {
      const shown = await recordTexts(page, '#judgement');
      await typeInto(page, '#sentence', text);
      await shown.waitFor(/^Asking the model/);
      return Number(
        /rating: (-?[\d.]+), 9 of 10 times from -?[\d.]+ to -?[\d.]+\./.exec(await waitForText(page, '#judgement', /^rating: /))?.[1],
      );
    };
    expect(await say('A dull, boring and pointless film')).toBeLessThan(await say('A wonderful, moving and funny film'));
    await unfold(page, 'use-on-data');
    await typeInto(page, '#pasted', 'A wonderful film\nA boring film');
    await pressIn(page, '#ask-button', 'Enter');
    await waitForText(page, '#answered', /^2 answers\.$/);
    expect(await page.$$eval('#answers th', (cells) => cells.map((cell) => cell.textContent))).toEqual(['text', 'rating', 'from', 'to']);
  });

  test('learns to predict a number from rows, whose fields can be changed', async () => {
    const { page } = await visit();
    const rows = Array.from({ length: 300 }, (_, row) => [
      1 + (row % 6),
      40 + ((row * 37) % 100),
      1000 * (20 * (1 + (row % 6)) + 2 * ((row * 37) % 100)),
    ]);
    await dropFile(page, 'houses.csv', `rooms,area,price\n${rows.map((row) => row.join(',')).join('\n')}`);
    await waitForText(page, '#task-status', /^195 rows to learn from, .*; “price” is from .*; 2 numbers each\.$/);
    expect(await page.$eval('#task-predictNumber', (radio) => (radio as HTMLInputElement).checked)).toBe(true);
    // A row is no series, of which only some steps might be read.
    expect(await page.$$eval('#task input[id^=setting-]', (fields) => fields.map(({ id }) => id))).toEqual([]);
    await trainToEnd(page);
    const say = async () => Number(/^price: ([\d,]+),/.exec(await waitForText(page, '#judgement', /^price: /))?.[1].replaceAll(',', ''));
    await waitForText(page, '#judgement', /^price: .* Its price is really [\d,]+\.$/);
    await typeInto(page, '#try-0', 1);
    await waitForText(page, '#judgement', /^price: [^I]*\.$/);
    const cheap = await say();
    await typeInto(page, '#try-0', 6);
    await page.waitForFunction(
      (before) =>
        Number(/^price: ([\d,]+),/.exec((document.querySelector('#judgement') as HTMLElement).innerText)?.[1].replaceAll(',', '')) > before,
      {},
      cheap,
    );
    await chooseOption(page, '#column-target', '0');
    await waitForText(page, '#task-status', /“rooms” is from 1 to 6/);
    await chooseOption(page, '#from', 'text');
    await waitForText(page, '#task', /Column with the text/);
  });

  test('learns with its usual settings to forecast better than the best naive forecast', async () => {
    const { page } = await visit();
    await chooseData(page, 'carbon-dioxide', /^2,284 values \(59 missing ones filled in/);
    await trainToEnd(page);
    const { model, baseline, baselines } = await scoreOf(page);
    expect(baseline).toBeCloseTo(3.22, 1);
    expect(baselines).toHaveLength(4);
    expect(model).toBeLessThan(Math.min(...baselines));
    expect(await textOf(page, '#verdict')).toMatch(/^It is typically off by 0\.\d+; the best naive forecast, repeating the last season, /);
    // The future first: as a table, with what it is likely to lie between.
    await waitForText(page, '#try #judgement', /^There are no true values to compare with yet\.$/);
    const rows = await page.$$eval('#forecast-table tbody tr', (found) =>
      found.map((row) => [...row.children].map((cell) => Number(cell.textContent?.replace(',', '')))),
    );
    expect(rows).toHaveLength(26);
    for (const row of rows) expect(row.at(-2)).toBeLessThan(row.at(-1) ?? 0);
    await page.evaluate(() => {
      const Original = Worker;
      const counted = globalThis as unknown as { started: number };
      counted.started = 0;
      globalThis.Worker = class extends Original {
        constructor(url: string | URL, options?: WorkerOptions) {
          super(url, options);
          counted.started++;
        }
      };
    });
    await pressIn(page, '#start', 'ArrowLeft', 40);
    await waitForText(page, '#try #judgement', /^Off by [\d.]+ here; the naive forecast by [\d.]+\.$/);
    expect(await textOf(page, 'output[for=start]')).toMatch(/step 2,244 of 2,284: it had not seen this part$/);
    expect(await page.evaluate(() => (globalThis as unknown as { started: number }).started)).toBe(0);
    // One step of thousands is less than a finger's width of the slider.
    await pressIn(page, '#start-later', 'Enter');
    await waitForText(page, 'output[for=start]', /step 2,245 of 2,284/);
    await pressIn(page, '#start-earlier', 'Enter', 2);
    await waitForText(page, 'output[for=start]', /step 2,243 of 2,284/);
    await pressIn(page, '#start', 'End');
    await waitForText(page, '#try #judgement', /^There are no true values to compare with yet\.$/);
  });

  test('forecasts a column with another that is known ahead, restores that, and goes on from pasted rows', async () => {
    const { page } = await visit();
    const price = (day: number) => 10 + (Math.imul(day * day * day + 7, 0x9e3779b1) >>> 28);
    const rows = Array.from({ length: 300 }, (_, day) => [
      new Date(Date.UTC(2021, 0, 1 + day)).toISOString().slice(0, 10),
      price(day),
      100 - 4 * price(day),
    ]);
    // Of two days the price is set, and nothing is sold yet.
    const planned = [300, 301].map((day) => [new Date(Date.UTC(2021, 0, 1 + day)).toISOString().slice(0, 10), price(day), '']);
    await dropFile(page, 'shop.csv', `day,price,sales\n${[...rows, ...planned].map((row) => row.join(',')).join('\n')}`);
    await waitForText(page, '#task-status', /^300 values/);
    await typeInto(page, '#setting-window', 6);
    await typeInto(page, '#setting-horizon', 3);
    await unfold(page, 'other-inputs');
    await pressIn(page, '#input-1', ' ');
    await waitForText(page, '#task-status', /6 are read, the next 3 forecast\. Read beside it: price\./);
    expect(await textOf(page, '#other-inputs summary')).toBe('Read other columns too: 1 is chosen');
    await pressIn(page, '#calendar-weekday', ' ');
    await waitForText(page, '#task-status', /Read of the dates: day of the week\./);
    await pressIn(page, '#calendar-weekday', ' ');
    await waitForText(page, '#task-status', /forecast\. Read beside it: price\. (?!.*Read of the dates)/);
    await pressIn(page, '#ahead-1', ' ');
    await waitForText(
      page,
      '#task-status',
      /Known ahead, and read at the steps to forecast: price, in the table for 2 steps after the last value, of 3 to forecast\./,
    );
    await trainToEnd(page);
    const { model, baselines } = await scoreOf(page);
    expect(model).toBeLessThan(0.5 * Math.min(...baselines));
    const before = await waitForText(page, '#forecast-table', /\d/);
    expect(await page.$$eval('#forecast-table tbody tr', (found) => found.length)).toBe(2);
    expect(await textOf(page, '#unknown')).toMatch(/^Only 2 of 3 steps can be forecast: the model reads “price” /);
    await page.reload();
    await waitForText(page, '#model-status', /^The model of your last visit is back\.$/);
    expect(await waitForText(page, '#forecast-table', /\d/)).toBe(before);
    await unfold(page, 'use-on-data');
    expect(await textOf(page, '#use-on-data p')).toBe(
      'A table with the columns “sales”, “price”: it goes on from the last number of “sales”. After it come rows for the next 3 steps, with “price” and without “sales”.',
    );
    const asText = (table: readonly (readonly (string | number)[])[]) => table.map(([, paid, sold]) => `${paid},${sold}`).join('\n');
    await typeInto(page, '#pasted', `price,sales\n${asText(rows.slice(-20))}`);
    await pressIn(page, '#ask-button', 'Enter');
    await waitForText(page, '#use-on-data [role=alert]', / Nothing can be forecast: .* Add a row for each of the 3 steps/);
    await typeInto(page, '#pasted', `price,sales\n${asText([...rows.slice(-20), ...planned, planned[0] as (string | number)[]])}`);
    await pressIn(page, '#ask-button', 'Enter');
    await waitForText(page, '#answered', /^3 answers\.$/);
  });

  test('learns to write, and writes at a temperature', async () => {
    const { page } = await visit();
    await chooseData(page, 'critics', /^\d+,\d+ characters/);
    await typeInto(page, '#setting-characters', 60_000);
    await waitForText(page, '#task-status', /^59,\d+ characters/);
    await chooseEpochs(page, 3);
    await typeInto(page, '#batch-size', 16);
    await trainToEnd(page);
    const { model, baseline } = await scoreOf(page);
    expect(model).toBeGreaterThan(1.5 * baseline);
    await typeInto(page, '#beginning', 'The film');
    await typeInto(page, '#count', 100);
    await pressIn(page, '#temperature', 'Home');
    await pressIn(page, '#write-button', 'Enter');
    await waitForText(page, '#try', /The text is written\./);
    const written = await page.$eval('#written', (element) => element.textContent ?? '');
    expect(written).toMatch(/^The film[\s\S]{100}$/);
    // What a careful writer writes is mostly words that the critics wrote.
    expect(written).toMatch(/ (the|a|and|of|to|is|in) /);
    await typeInto(page, '#count', '1.5');
    expect(await textOf(page, '#count-problem')).toBe('Type a whole number from 1 to 5,000, not “1.5”.');
    expect(await page.$eval('#write-button', (button) => (button as HTMLButtonElement).disabled)).toBe(true);
  });
});
