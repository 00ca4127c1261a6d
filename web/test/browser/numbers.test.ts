import type { Page } from 'puppeteer-core';
import { describe, expect, test } from 'vitest';
import { BROWSERS, chooseData, chooseOption, fieldText, pressIn, textOf, typeInto, unfold, waitForText } from './session.ts';
import { useBrowser } from './visits.ts';

/** What the page takes a field to say, as it tells assistive technology. */
const valueNow = (page: Page, selector: string) => page.$eval(selector, ({ ariaValueNow }) => ariaValueNow);
const mayTrain = (page: Page) => page.$eval('#train-button', ({ ariaDisabled }) => ariaDisabled === 'false');

const unfoldSettings = async (page: Page) => {
  for (const id of ['network-settings', 'training-settings']) await unfold(page, id);
};

describe.each(BROWSERS)('in %s a number', (name) => {
  const { visit } = useBrowser(name);

  test('is taken as it is typed, with a point or a comma, and can be deleted and typed anew', async () => {
    const { page } = await visit();
    await chooseData(page, 'motions', /^52 series/);
    await unfoldSettings(page);
    for (const [typed, value] of [
      ['0.01', '0.01'],
      ['0.0005', '0.0005'],
      ['0,05', '0.05'],
      ['.02', '0.02'],
      ['1e-3', '0.001'],
    ]) {
      await typeInto(page, '#learning-rate', typed);
      expect(await valueNow(page, '#learning-rate')).toBe(value);
    }
    await pressIn(page, '#learning-rate', 'Backspace', 4);
    expect([await fieldText(page, '#learning-rate'), await valueNow(page, '#learning-rate')]).toEqual(['', null]);
    await page.keyboard.type('0.25');
    expect([await fieldText(page, '#learning-rate'), await valueNow(page, '#learning-rate')]).toEqual(['0.25', '0.25']);
    // In the middle of it.
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Backspace');
    await page.keyboard.type('7');
    expect([await fieldText(page, '#learning-rate'), await valueNow(page, '#learning-rate')]).toEqual(['0.75', '0.75']);
    expect(await mayTrain(page)).toBe(true);
  });

  test('is no other than the typed one for the layer either', async () => {
    const { page } = await visit();
    await chooseData(page, 'motions', /^52 series/);
    await unfoldSettings(page);
    await page.click('#network-settings .layers + .buttons button');
    await page.waitForSelector('.layers li:nth-child(2) select');
    const kind = await page.$eval('.layers li:nth-child(2) select', ({ id }) => `#${id}`);
    await chooseOption(page, kind, 'Dropout');
    const size = kind.replace('kind', 'size');
    expect(await fieldText(page, size)).toBe('0.2');
    for (const [typed, value] of [
      ['0.45', '0.45'],
      ['0.5', '0.5'],
      ['0,3', '0.3'],
    ]) {
      await typeInto(page, size, typed);
      expect(await valueNow(page, size)).toBe(value);
    }
    await pressIn(page, size, 'ArrowUp');
    expect(await fieldText(page, size)).toBe('0.35');
    await chooseOption(page, kind, 'GRU');
    expect(await fieldText(page, size)).toBe('32');
  });

  test('that is not whole is refused with a word where it must be, and the text stays', async () => {
    const { page } = await visit();
    await chooseData(page, 'motions', /^52 series/);
    await unfoldSettings(page);
    const layer = await page.$eval('.layers .number', ({ id }) => `#${id}`);
    for (const [field, message] of [
      ['#epochs', 'Type a whole number from 1 to 10,000, not “1.5”.'],
      ['#batch-size', 'Type a whole number from 1 to 4,096, not “1.5”.'],
      ['#setting-length', 'Type a whole number from 2 to 2,000, not “1.5”.'],
      [layer, 'Type a whole number from 1 to 1,024, not “1.5”.'],
    ]) {
      await page.waitForSelector('#train-button[aria-disabled=false]');
      const before = await fieldText(page, field);
      await typeInto(page, field, '1.5');
      expect(await waitForText(page, `${field}-problem`, /\S/)).toBe(message);
      expect(await page.$eval(field, ({ ariaInvalid }) => ariaInvalid)).toBe('true');
      expect(await mayTrain(page)).toBe(false);
      await typeInto(page, field, before);
      await waitForText(page, `${field}-problem`, /^$/);
    }
  });

  test('of the network that cannot be used leaves it unbuilt, and only the field complains', async () => {
    const { page } = await visit();
    await chooseData(page, 'reviews', /^6,869 texts/);
    await unfoldSettings(page);
    const layer = await page.$eval('.layers .number', ({ id }) => `#${id}`);
    for (const [field, message] of [
      ['#embedding-size', 'Type a whole number from 1 to 512, not “2.5”.'],
      [layer, 'Type a whole number from 1 to 1,024, not “2.5”.'],
    ]) {
      await waitForText(page, '#parameters', /^168,386 parameters/);
      await typeInto(page, field, '2.5');
      await waitForText(page, '#parameters', /^A field does not hold a number that can be used\.$/);
      expect(await textOf(page, `${field}-problem`)).toBe(message);
      expect(await textOf(page, '#network-settings')).not.toContain('Problem');
      expect(await mayTrain(page)).toBe(false);
      await typeInto(page, field, '32');
    }
  });

  test('that is only begun is not complained of while it is typed, but when the field is left', async () => {
    const { page } = await visit();
    await chooseData(page, 'carbon-dioxide', /^2,284 values/);
    await unfoldSettings(page);
    await page.evaluate(() => {
      const complaints: string[] = [];
      (globalThis as unknown as { complaints: string[] }).complaints = complaints;
      new MutationObserver(() => {
        for (const shown of document.querySelectorAll<HTMLElement>('.failure')) if (shown.innerText) complaints.push(shown.innerText);
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    await typeInto(page, '#learning-rate', '0.004');
    await typeInto(page, '#setting-window', '48');
    await waitForText(page, '#task-status', /48 are read/);
    expect(await page.evaluate(() => (globalThis as unknown as { complaints: string[] }).complaints)).toEqual([]);
    await typeInto(page, '#learning-rate', '0');
    await page.keyboard.press('Tab');
    expect(await waitForText(page, '#learning-rate-problem', /\S/)).toBe('Type a number above 0 and at most 1, not “0”.');
    await pressIn(page, '#setting-window', 'Backspace', 2);
    await page.keyboard.press('Enter');
    expect(await waitForText(page, '#setting-window-problem', /\S/)).toBe('Type a whole number from 2 to 1,000.');
    expect(await textOf(page, '#task-status')).toBe('A field does not hold a number that can be used.');
    expect(await mayTrain(page)).toBe(false);
  });

  test('is stepped by the arrow keys: whole ones by one, a learning rate along 1, 2, 5', async () => {
    const { page } = await visit();
    await chooseData(page, 'carbon-dioxide', /^2,284 values/);
    await unfoldSettings(page);
    const rates: string[] = [];
    for (const key of ['ArrowUp', 'ArrowUp', 'ArrowDown', 'ArrowDown', 'ArrowDown'] as const) {
      await pressIn(page, '#learning-rate', key);
      rates.push(await fieldText(page, '#learning-rate'));
    }
    expect(rates).toEqual(['0.005', '0.01', '0.005', '0.002', '0.001']);
    await pressIn(page, '#epochs', 'ArrowUp', 2);
    expect(await fieldText(page, '#epochs')).toBe('62');
    await pressIn(page, '#epochs', 'PageDown', 7);
    expect(await fieldText(page, '#epochs')).toBe('1');
  });

  test('of another task takes the place of what was typed', async () => {
    const { page } = await visit();
    await chooseData(page, 'motions', /^52 series/);
    await unfoldSettings(page);
    await typeInto(page, '#learning-rate', 'much');
    await chooseData(page, 'carbon-dioxide', /^2,284 values/);
    await unfoldSettings(page);
    expect(await fieldText(page, '#learning-rate')).toBe('0.003');
    expect(await textOf(page, '#learning-rate-problem')).toBe('');
  });
});
