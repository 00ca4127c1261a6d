import { describe, expect, test } from 'vitest';
import {
  BROWSERS,
  chooseData,
  chooseEpochs,
  chooseOption,
  dropFile,
  recordTexts,
  scoreOf,
  textOf,
  trainToEnd,
  unfold,
  waitForText,
} from './session.ts';
import { useBrowser } from './visits.ts';

const sentences = Array.from(
  { length: 60 },
  (_, index) => `${index % 2 ? 'good fine nice' : 'bad poor dire'} thing ${index},${index % 2 ? 'up' : 'down'}`,
);

/** A thousand rows of a file that takes a while to read. */
const LARGE = Array.from({ length: 1000 }, (_, row) => `"a sentence, of number ${row}",${row % 3 ? 'up' : 'down'}\n`).join('');

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
        'Row 63: has 1 field, but there are 2 columns',
        'Row 64: column “direction” has no class',
      ].join('\n'),
    );
    await chooseOption(page, '#column-label', '0');
    await waitForText(page, '#task', /Column “words” cannot be both the text and its class\. Choose another for one of them\./);
    expect(await page.$eval('#train-button', (button) => button.ariaDisabled)).toBe('true');
    await chooseOption(page, '#column-label', '1');
    await chooseEpochs(page, 10);
    await trainToEnd(page);
    expect(await scoreOf(page)).toMatchObject({ count: 9, model: 100 });
  });

  test('that is a plain text can only be imitated', async () => {
    const { page } = await visit();
    await dropFile(page, 'poem.txt', 'The rose is red, the violet is blue.\n'.repeat(200));
    await waitForText(page, '#task-status', /^7,400 characters, \d+ different ones/);
    expect(await page.$$eval('input[name=task]:disabled', (inputs) => inputs.length)).toBe(5);
  });

  test('that cannot be read is refused with the reason', async () => {
    const { page } = await visit();
    await dropFile(page, 'empty.csv', '');
    await waitForText(page, '#data', /empty\.csv is empty\./);
    expect(await textOf(page, '#data-status')).toBe('Nothing is chosen yet.');
  });

  test('that is dropped beside the field is read all the same, also with others, and does not take the place of the page', async () => {
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
    await waitForText(page, '#data-status', /^2 files: 2 rows in 3 columns\.$/);
  });

  test('that has no other way to be read stays as it was', async () => {
    const { page } = await visit();
    await dropFile(page, 'row.csv', '1,2');
    await waitForText(page, '#data-status', /^row\.csv: 1 row in 2 columns\.$/);
    await page.click('#header');
    await waitForText(page, '#data', /row\.csv has column names, but no rows\./);
    expect(await page.$eval('#header', (box) => (box as HTMLInputElement).checked)).toBe(false);
    expect(await textOf(page, '#data-status')).toMatch(/^row\.csv: 1 row in 2 columns\.$/);
  });

  test('whose worker is killed while it is read, or after, says so, and can be chosen again', async () => {
    const { page } = await visit();
    await page.evaluate(() => {
      const Original = Worker;
      globalThis.Worker = class extends Original {
        constructor(url: string | URL, options?: WorkerOptions) {
          super(url, options);
          if (options?.name === 'data') (globalThis as unknown as { killWorker: () => void }).killWorker = () => super.terminate();
        }
      };
    });
    const kill = () => page.evaluate(() => (globalThis as unknown as { killWorker: () => void }).killWorker());
    await dropFile(page, 'large.csv', 'text,label\n', LARGE, 1000);
    await waitForText(page, '#data-status', /^Loading large\.csv/);
    // The page has had the worker's first answer when it waits for the worker's lock.
    await page.waitForFunction(async () => (await navigator.locks.query()).pending?.some(({ name }) => name?.startsWith('backtime data')));
    await kill();
    await waitForText(page, '#data', /Problem: The data is not there any more: the worker that reads it ended/);
    expect(await textOf(page, '#data-status')).toBe('Nothing is chosen yet.');
    await chooseData(page, 'motions', /^52 series/);
    await kill();
    await waitForText(page, '#data', /Problem: The data is not there any more: the worker that reads it ended/);
    expect(await textOf(page, '#task-status')).toBe('Choose data first.');
    await chooseData(page, 'motions', /^52 series/);
    expect(await textOf(page, '#data')).not.toContain('Problem');
  });

  test('is refused with the reason where no worker can be started', async () => {
    const { page } = await visit();
    await page.evaluate(() => {
      const kept = globalThis as unknown as { OriginalWorker: typeof Worker };
      kept.OriginalWorker = Worker;
      globalThis.Worker = class {
        constructor() {
          throw new Error('no workers here');
        }
      } as unknown as typeof Worker;
    });
    await page.click('label[for=bundled-motions]');
    await waitForText(
      page,
      '#data',
      /Problem: Data cannot be read: the browser did not start the worker that reads it \(no workers here\)\./,
    );
    expect(await textOf(page, '#data-status')).toBe('Nothing is chosen yet.');
    await page.evaluate(() => {
      globalThis.Worker = (globalThis as unknown as { OriginalWorker: typeof Worker }).OriginalWorker;
    });
    await chooseData(page, 'motions', /^52 series/);
  });

  test('shows how much of it has been read', async () => {
    const { page } = await visit();
    await page.evaluate(() => {
      const parts: number[] = [];
      const ends = new Set<number>();
      Object.assign(globalThis, { parts, ends });
      new MutationObserver(() => {
        const bar = document.querySelector<HTMLProgressElement>('progress[aria-label="Reading the data"]');
        if (bar && bar.position > (parts.at(-1) ?? 0)) parts.push(bar.position);
        const preparing = document.querySelector<HTMLProgressElement>('#task-status progress[aria-label="Preparing the data"]');
        if (preparing) ends.add(preparing.position);
      }).observe(document.body, { subtree: true, childList: true, attributes: true });
    });
    await dropFile(page, 'large.csv', 'words,direction\n', LARGE, 300);
    await waitForText(page, '#data-status', /^large\.csv: 300,000 rows/);
    const parts = await page.evaluate(() => (globalThis as unknown as { parts: number[] }).parts);
    // The browser decides in how many parts it gives a file; Firefox gives this one in few.
    expect(parts.length).toBeGreaterThan(0);
    expect(parts[parts.length - 1]).toBeLessThanOrEqual(1);
    await waitForText(page, '#task-status', /^195,000 texts/);
    // Preparing has no measure, only an end.
    expect(await page.evaluate(() => [...(globalThis as unknown as { ends: Set<number> }).ends])).toEqual([-1]);
    expect(await page.$('progress')).toBeNull();
  });

  test('has nothing of the data before shown beside its name while it is read and prepared', async () => {
    const { page } = await visit();
    await chooseData(page, 'reviews', /^6,869 texts/);
    await unfold(page, 'network-settings');
    await waitForText(page, '#parameters', /parameters/);
    await page.evaluate(() => {
      const seen: string[] = [];
      (globalThis as unknown as { seen: string[] }).seen = seen;
      const shown = (selector: string) => (document.querySelector(selector) as HTMLElement | null)?.innerText.trim() ?? '';
      new MutationObserver(() => {
        const loading = shown('#data-status').startsWith('Loading');
        const preparing = shown('#task-status') === 'Reading the data …';
        if (!loading && !preparing) return;
        const stale = [shown('#parameters'), shown('.layers .parameters'), shown('#row-problems')];
        if (loading) stale.push(preparing ? '' : shown('#task-status'), shown('#data table'), shown('#column-text'));
        seen.push(stale.filter((text) => text !== '').join(' | '));
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    await dropFile(page, 'large.csv', 'words,direction\n', LARGE, 100);
    await waitForText(page, '#task-status', /^65,000 texts/);
    const seen = await page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.filter((text) => text !== '')).toEqual([]);
    // The same of the names of columns.
    const shown = await recordTexts(page, '#data');
    await page.click('#header');
    await shown.waitFor(/Look at the first rows[\s\S]*Reading the data …/);
    await waitForText(page, '#data table', /^column1/);
  });
});
