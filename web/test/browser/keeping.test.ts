import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElementHandle, Page } from 'puppeteer-core';
import { describe, expect, test } from 'vitest';
import { BROWSERS, chooseData, chooseEpochs, openPage, pressIn, textOf, trainToEnd, typeInto, waitForText } from './session.ts';
import { useBrowser } from './visits.ts';

async function trainMotions(page: Page): Promise<void> {
  await chooseData(page, 'motions', /^52 series/);
  await chooseEpochs(page, 15);
  await trainToEnd(page);
  await waitForText(page, '#judgement', /Most probably/);
}

describe.each(BROWSERS)('in %s a trained model', (name) => {
  const { visit } = useBrowser(name);

  test('is there again after a reload, and says the same', async () => {
    const { page } = await visit();
    await trainMotions(page);
    const before = [await textOf(page, '#trained-on'), await textOf(page, '#judgement')];
    await page.reload();
    await waitForText(page, '#model-status', /^The model of your last visit is back\.$/);
    await waitForText(page, '#judgement', /Most probably/);
    expect([await textOf(page, '#trained-on'), await textOf(page, '#judgement')]).toEqual(before);
  });

  test('stays beside the next, is named, used again and removed, by keyboard', async () => {
    const { page } = await visit();
    await trainMotions(page);
    await trainToEnd(page);
    const names = () => page.$$eval('#runs-table tbody th', (cells) => cells.map((cell) => (cell.firstChild?.textContent ?? '').trim()));
    expect(await names()).toEqual([2, 1].map((number) => `Smart watch: walking, running, standing or badminton? – run ${number}`));
    await pressIn(page, '[aria-label^="Rename"][aria-label$="run 1"]', 'Enter');
    await typeInto(page, '[aria-label^="New name of"]', 'My first');
    await page.keyboard.press('Enter');
    await waitForText(page, '#runs-table', /My first/);
    await pressIn(page, '[aria-label="Use My first"]', 'Enter');
    await waitForText(page, '#trained-on', /^My first\./);
    await page.reload();
    await waitForText(page, '#runs-table', /My first/);
    page.on('dialog', (dialog) => void dialog.accept());
    await pressIn(page, '[aria-label="Remove My first"]', 'Enter');
    await page.waitForFunction(() => document.querySelectorAll('#runs-table tbody tr').length === 1);
    await page.reload();
    await waitForText(page, '#model-status', /^The model of your last visit is back\.$/);
    expect(await names()).toEqual(['Smart watch: walking, running, standing or badminton? – run 2']);
  });

  test('is kept beside those of other tabs', async () => {
    const { page, url } = await visit();
    const other = await openPage(page.browser(), url);
    await trainMotions(other.page);
    await page.bringToFront();
    await trainMotions(page);
    await page.waitForFunction(() => document.querySelectorAll('#runs-table tbody tr').length === 2);
    await other.page.close();
    expect(other.problems).toEqual([]);
  });

  test('is downloaded as a file, which another visitor loads', async () => {
    const first = await visit();
    await trainMotions(first.page);
    const before = await textOf(first.page, '#judgement');
    // What the browser would write to the disk.
    await first.page.evaluate(() => {
      const create = URL.createObjectURL;
      URL.createObjectURL = (blob: Blob) => {
        (globalThis as unknown as { downloaded: Blob }).downloaded = blob;
        return create(blob);
      };
      HTMLAnchorElement.prototype.click = function () {
        document.title = this.download;
      };
    });
    await pressIn(first.page, '#download-button', 'Enter');
    await first.page.waitForFunction(() => document.title.endsWith('.safetensors'));
    const bytes = await first.page.evaluate(async () => {
      const { downloaded } = globalThis as unknown as { downloaded: Blob };
      return Array.from(new Uint8Array(await downloaded.arrayBuffer()));
    });
    const { page } = await visit();
    await pickFile(page, 'model.safetensors', bytes, /model\.safetensors is loaded\. It is kept/);
    expect(await waitForText(page, '#judgement', /Most probably/)).toBe(before);
    await pickFile(
      page,
      'half.safetensors',
      bytes.slice(0, bytes.length / 2),
      /half\.safetensors cannot be loaded: it is not a model that this page has saved, or the file is damaged/,
    );
    expect(await textOf(page, '#judgement')).toBe(before);
  });
});

/** Picks a file in a file field, and waits until it was read. */
async function pickFile(page: Page, name: string, bytes: readonly number[], wanted: RegExp): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'backtime-page-'));
  try {
    await writeFile(join(folder, name), Uint8Array.from(bytes));
    const field = (await page.$('#model-file')) as ElementHandle<HTMLInputElement>;
    await field.uploadFile(join(folder, name));
    await waitForText(page, '#try', wanted);
  } finally {
    await rm(folder, { recursive: true });
  }
}
