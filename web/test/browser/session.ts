import type { Browser, Page } from 'puppeteer-core';

export const BROWSERS = ['chromium', 'firefox'] as const;

/** What went wrong in a page, beside what it shows. */
export interface Watched {
  readonly page: Page;
  /** Uncaught errors, errors on the console, and violations of the content security policy. */
  readonly problems: string[];
}

/** A page that records what goes wrong in it. */
export async function openPage(browser: Browser, url: string, width = 1280, height = 900): Promise<Watched> {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.setViewport({ width, height });
  await page.evaluateOnNewDocument(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error(`CSP violation: ${violatedDirective} ${blockedURI}`);
    });
    // Models draw their seeds from here, so that what a test trains does not hang on luck.
    crypto.getRandomValues = (array) => {
      if (array instanceof Uint32Array) array.fill(1);
      return array;
    };
  });
  await page.goto(url);
  await page.waitForSelector('#data');
  return { page, problems };
}

/** The text of an element as it is shown. */
export function textOf(page: Page, selector: string): Promise<string> {
  return page.$eval(selector, (element) => (element as HTMLElement).innerText.trim());
}

/** Waits until an element shows a text. @returns its whole text */
export async function waitForText(page: Page, selector: string, wanted: RegExp, timeout = 60_000): Promise<string> {
  try {
    await page.waitForFunction(
      (query: string, source: string, flags: string) =>
        new RegExp(source, flags).test((document.querySelector(query) as HTMLElement | null)?.innerText ?? ''),
      { timeout },
      selector,
      wanted.source,
      wanted.flags,
    );
  } catch (cause) {
    const found = await textOf(page, selector).catch(() => 'nothing');
    throw new Error(`${selector} should show ${wanted}, shows “${found}”; the page's problems: ${await failuresOf(page)}`, { cause });
  }
  return textOf(page, selector);
}

function failuresOf(page: Page): Promise<string> {
  return page.$$eval('[role=alert]:not([hidden])', (alerts) => alerts.map((alert) => alert.textContent).join(' | ') || 'none');
}

/** Puts a number or text into a field as typing does. */
export async function setField(page: Page, selector: string, value: string | number): Promise<void> {
  await page.$eval(
    selector,
    (element, text) => {
      (element as HTMLInputElement).value = text;
      element.dispatchEvent(new Event('input', { bubbles: true }));
      element.dispatchEvent(new Event('change', { bubbles: true }));
    },
    String(value),
  );
}

/** Chooses a data set of the page and waits until it is ready. */
export async function chooseData(page: Page, id: string, summary: RegExp): Promise<void> {
  await page.click(`label[for=bundled-${id}]`);
  await waitForText(page, '#task-status', summary);
}

/** Drops a file onto the page. @param content repeated `times` times after `head` */
export async function dropFile(page: Page, name: string, head: string, content = '', times = 0): Promise<void> {
  await page.$eval(
    '.drop',
    (element, fileName, parts) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([parts.head, ...Array<string>(parts.times).fill(parts.content)], fileName, { type: 'text/plain' }));
      element.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    },
    name,
    { head, content, times },
  );
}

/** Trains with the settings on the page to the end. */
export async function trainToEnd(page: Page, timeout = 60_000): Promise<void> {
  await page.waitForSelector('#train-button[aria-disabled=false]');
  await page.click('#train-button');
  await waitForText(page, '#model-status', /^The model is trained\. It is kept/, timeout);
}

/** What the page says of a model on its test or validation data, beside the simplest guess: percentages or errors. */
export async function scoreOf(
  page: Page,
  set: 'test' | 'validation' = 'test',
): Promise<{ model: number; baseline: number; count: number }> {
  const cells = await page.$$eval(`#score-${set} > *`, (found) => found.map((cell) => cell.textContent ?? ''));
  const [count, model, baseline] = cells.map((cell) => Number.parseFloat(cell.replace(/[^\d.]/g, '')));
  return { model, baseline, count };
}
