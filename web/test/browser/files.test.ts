import type { Page } from 'puppeteer-core';
import { describe, expect, test } from 'vitest';
import { BROWSERS, setField, textOf, trainToEnd, waitForText } from './session.ts';
import { useBrowser } from './visits.ts';

/** Drops a file onto the page. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  await page.$eval(
    '.drop',
    (element, fileName, content) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([content], fileName, { type: 'text/plain' }));
      element.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    },
    name,
    text,
  );
}

const sentences = Array.from(
  { length: 60 },
  (_, index) => `${index % 2 ? 'good fine nice' : 'bad poor dire'} thing ${index},${index % 2 ? 'up' : 'down'}`,
);

describe.each(BROWSERS)('in %s a file of the user', (name) => {
  const { visit } = useBrowser(name);

  test('is shown, its broken rows are named, and its columns can be chosen', async () => {
    const { page } = await visit();
    await drop(page, 'mine.csv', ['words,direction', ...sentences, ',up', 'only one cell', 'text without class,'].join('\n'));
    expect(await waitForText(page, '#data-status', /^mine\.csv/)).toBe('mine.csv: 62 rows in 2 columns.');
    await waitForText(page, '#task-status', /^48 texts to learn from and 12 to judge by, in 2 classes \(down, up\)/);
    expect(await textOf(page, '#row-problems')).toBe(
      [
        '3 rows are left out',
        'Row 62: column “words” has no text',
        'Row 63: has 1 cells, but there are 2 columns',
        'Row 64: column “direction” has no class',
      ].join('\n'),
    );
    await page.select('#column-label', '0');
    await waitForText(
      page,
      '#task',
      /The column of classes has 6\d different values; at most 50 can be told apart\. Is it the right column\?/,
    );
    expect(await page.$eval('#train-button', (button) => (button as HTMLButtonElement).disabled)).toBe(true);
    await page.select('#column-label', '1');
    await setField(page, '#epochs', 10);
    await trainToEnd(page);
    expect(await textOf(page, '#score')).toContain('It is right in 100.0 %');
  });

  test('that is a plain text can only be imitated', async () => {
    const { page } = await visit();
    await drop(page, 'poem.txt', 'The rose is red, the violet is blue.\n'.repeat(200));
    await waitForText(page, '#task-status', /^7,400 characters, \d+ different ones/);
    expect(await page.$$eval('input[name=task]:disabled', (inputs) => inputs.length)).toBe(3);
  });

  test('that cannot be read is refused with the reason', async () => {
    const { page } = await visit();
    await drop(page, 'empty.csv', '');
    await waitForText(page, '#data', /The file is empty\./);
  });
});
