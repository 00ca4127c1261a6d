import { describe, expect, test } from 'vitest';
import { BROWSERS, dropFile, scoreOf, setField, textOf, trainToEnd, waitForText } from './session.ts';
import { useBrowser } from './visits.ts';

const sentences = Array.from(
  { length: 60 },
  (_, index) => `${index % 2 ? 'good fine nice' : 'bad poor dire'} thing ${index},${index % 2 ? 'up' : 'down'}`,
);

describe.each(BROWSERS)('in %s a file of the user', (name) => {
  const { visit } = useBrowser(name);

  test('is shown, its broken rows are named, and its columns can be chosen', async () => {
    const { page } = await visit();
    await dropFile(page, 'mine.csv', ['words,direction', ...sentences, ',up', 'only one cell', 'text without class,'].join('\n'));
    expect(await waitForText(page, '#data-status', /^mine\.csv/)).toBe('mine.csv: 62 rows in 2 columns.');
    await waitForText(page, '#task-status', /^39 texts to learn from, 12 for validation and 9 for the test, in 2 classes \(down, up\)/);
    expect(await textOf(page, '#row-problems')).toBe(
      [
        '3 rows are left out',
        'Row 62: column “words” has no text',
        'Row 63: has 1 cell, but there are 2 columns',
        'Row 64: column “direction” has no class',
      ].join('\n'),
    );
    await page.select('#column-label', '0');
    await waitForText(page, '#task', /Column “words” cannot be both the text and its class\. Choose another for one of them\./);
    expect(await page.$eval('#train-button', (button) => button.ariaDisabled)).toBe('true');
    await page.select('#column-label', '1');
    await setField(page, '#epochs', 10);
    await trainToEnd(page);
    expect(await scoreOf(page)).toMatchObject({ count: 9, model: 100 });
  });

  test('that is a plain text can only be imitated', async () => {
    const { page } = await visit();
    await dropFile(page, 'poem.txt', 'The rose is red, the violet is blue.\n'.repeat(200));
    await waitForText(page, '#task-status', /^7,400 characters, \d+ different ones/);
    expect(await page.$$eval('input[name=task]:disabled', (inputs) => inputs.length)).toBe(3);
  });

  test('that cannot be read is refused with the reason', async () => {
    const { page } = await visit();
    await dropFile(page, 'empty.csv', '');
    await waitForText(page, '#data', /empty\.csv is empty\./);
    expect(await textOf(page, '#data-status')).toBe('Nothing is chosen yet.');
  });

  test('that is dropped beside the field is read all the same, and does not take the place of the page', async () => {
    const { page } = await visit();
    const drop = (names: readonly string[]) =>
      page.$eval(
        'footer',
        (footer, files) => {
          const dataTransfer = new DataTransfer();
          for (const file of files) dataTransfer.items.add(new File(['a,b\n1,2\n'], file));
          return footer.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
        },
        names,
      );
    expect(await drop(['first.csv'])).toBe(false);
    await waitForText(page, '#data-status', /^first\.csv: 1 row/);
    expect(await drop(['second.csv', 'third.csv'])).toBe(false);
    await waitForText(page, '#data', /2 files were given; choose one at a time\./);
    expect(await textOf(page, '#data-status')).toMatch(/^first\.csv/);
  });

  test('that has no other way to be read stays as it was', async () => {
    const { page } = await visit();
    await dropFile(page, 'row.csv', '1,2');
    await waitForText(page, '#data-status', /^row\.csv: 1 row in 2 columns\.$/);
    await page.click('#header');
    await waitForText(page, '#data', /The file has column names, but no rows\./);
    expect(await page.$eval('#header', (box) => (box as HTMLInputElement).checked)).toBe(false);
    expect(await textOf(page, '#data-status')).toMatch(/^row\.csv: 1 row in 2 columns\.$/);
  });
});
