import type { Page } from 'puppeteer-core';
import { describe, expect, test } from 'vitest';
import { BROWSERS, chooseData, openPage, setField, textOf, trainToEnd, waitForText } from './session.ts';
import { useBrowser } from './visits.ts';

async function trainMotions(page: Page): Promise<void> {
  await chooseData(page, 'motions', /^52 series/);
  await setField(page, '#epochs', 15);
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
    await page.click('#forget-button');
    await waitForText(page, '#model-status', /^The browser has forgotten the model/);
    await page.reload();
    await waitForText(page, '#model-status', /^There is no trained model yet/);
  });

  test('takes the place of one that another tab has kept meanwhile, and the page says so', async () => {
    const { page, url } = await visit();
    const other = await openPage(page.browser(), url);
    await trainMotions(other.page);
    expect(await textOf(other.page, '#model-status')).toBe('The model is trained. It is kept in this browser, also after a reload.');
    await page.bringToFront();
    await trainMotions(page);
    expect(await textOf(page, '#model-status')).toMatch(
      /It is kept in this browser, also after a reload, in place of the model of another tab\./,
    );
    await trainToEnd(page);
    await waitForText(page, '#model-status', /also after a reload\.$/);
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
    await first.page.click('#download-button');
    await first.page.waitForFunction(() => document.title === 'backtime-classifySeries.safetensors');
    const bytes = await first.page.evaluate(async () => {
      const { downloaded } = globalThis as unknown as { downloaded: Blob };
      return Array.from(new Uint8Array(await downloaded.arrayBuffer()));
    });
    const { page } = await visit();
    await pickFile(page, '#model-file', 'model.safetensors', bytes);
    await waitForText(page, '#model-status', /^model\.safetensors is loaded\. It is kept/);
    expect(await waitForText(page, '#judgement', /Most probably/)).toBe(before);
    await pickFile(page, '#model-file', 'half.safetensors', bytes.slice(0, bytes.length / 2));
    await waitForText(page, '#try', /half\.safetensors cannot be loaded: .* not a whole safetensors file/);
    expect(await textOf(page, '#judgement')).toBe(before);
  });
});

/** Picks a file in a file field, without a disk. */
async function pickFile(page: Page, selector: string, name: string, bytes: readonly number[]): Promise<void> {
  await page.$eval(
    selector,
    (element, fileName, content) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(content)], fileName));
      (element as HTMLInputElement).files = transfer.files;
      element.dispatchEvent(new Event('change', { bubbles: true }));
    },
    name,
    bytes,
  );
}
