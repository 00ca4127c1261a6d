import type { Browser, JSHandle, KeyInput, Page } from 'puppeteer-core';
import { expect } from 'vitest';

export const BROWSERS = ['chromium', 'firefox'] as const;

/**
 * Milliseconds that a test waits for a condition. No test is about this time: it only ends a wait
 * for what never comes, also on a machine that other programs keep busy.
 */
const PATIENCE = 180_000;

/** What went wrong in a page, beside what it shows. */
export interface Watched {
  readonly page: Page;
  /** Uncaught errors, errors on the console, and violations of the content security policy. */
  readonly problems: string[];
}

/** A page that records what goes wrong in it. */
export async function openPage(browser: Browser, url: string, width = 1280, height = 900): Promise<Watched> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
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
export async function waitForText(page: Page, selector: string, wanted: RegExp): Promise<string> {
  try {
    await page.waitForFunction(
      (query: string, source: string, flags: string) =>
        new RegExp(source, flags).test((document.querySelector(query) as HTMLElement | null)?.innerText ?? ''),
      {},
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

/**
 * Records what an element shows from now on, so that a text that is soon replaced is found however
 * late the test looks. The element may come later.
 */
export async function recordTexts(page: Page, selector: string): Promise<RecordedTexts> {
  const recorded = await page.evaluateHandle((query) => {
    const texts: string[] = [];
    const look = () => {
      const text = (document.querySelector(query) as HTMLElement | null)?.innerText.trim();
      if (text !== undefined && text !== texts.at(-1)) texts.push(text);
    };
    look();
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    return texts;
  }, selector);
  return {
    async waitFor(wanted) {
      const found = (texts: string[], source: string) => texts.some((text) => new RegExp(source).test(text));
      await page.waitForFunction(found, {}, recorded, wanted.source).catch(async (cause) => {
        throw new Error(`${selector} should have shown ${wanted}, showed ${JSON.stringify(await recorded.jsonValue())}`, { cause });
      });
    },
  };
}

export interface RecordedTexts {
  /** Waits until the element shows the text or has shown it. */
  waitFor(wanted: RegExp): Promise<void>;
}

function failuresOf(page: Page): Promise<string> {
  return page.$$eval('[role=alert]:not([hidden])', (alerts) => alerts.map((alert) => alert.textContent).join(' | ') || 'none');
}

/**
 * Types into a field key by key, in place of what it holds, and looks whether the field holds what
 * was typed.
 */
export async function typeInto(page: Page, selector: string, text: string | number): Promise<void> {
  await page.focus(selector);
  await page.keyboard.down('Control');
  await page.keyboard.press('a');
  await page.keyboard.up('Control');
  await page.keyboard.type(String(text));
  expect(await fieldText(page, selector)).toBe(String(text));
}

/** What a field holds. */
export function fieldText(page: Page, selector: string): Promise<string> {
  return page.$eval(selector, (field) => (field as HTMLInputElement).value);
}

/** Presses a key in a field, as often as is said. */
export async function pressIn(page: Page, selector: string, key: KeyInput, times = 1): Promise<void> {
  await page.focus(selector);
  for (let presses = 0; presses < times; presses++) await page.keyboard.press(key);
}

/** Goes to an option of a list with the arrow keys. @param value of the option, not its text */
export async function chooseOption(page: Page, selector: string, value: string): Promise<void> {
  const [from, to] = await page.$eval(
    selector,
    (field, wanted) => {
      const { options, selectedIndex } = field as HTMLSelectElement;
      return [selectedIndex, [...options].findIndex((option) => option.value === wanted)];
    },
    value,
  );
  await pressIn(page, selector, to > from ? 'ArrowDown' : 'ArrowUp', Math.abs(to - from));
  expect(await fieldText(page, selector)).toBe(value);
}

/** Chooses a data set of the page and waits until it is ready. */
export async function chooseData(page: Page, id: string, summary: RegExp): Promise<void> {
  await page.click(`label[for=bundled-${id}]`);
  await waitForText(page, '#task-status', summary);
}

/** Unfolds settings by keyboard. */
export async function unfold(page: Page, id: string): Promise<void> {
  if (await page.$eval(`#${id}`, (details) => (details as HTMLDetailsElement).open)) return;
  await pressIn(page, `#${id} > summary`, 'Enter');
  await page.waitForSelector(`#${id}[open]`);
}

/** Sets how many epochs are trained, all of them: training does not end early. */
export async function chooseEpochs(page: Page, epochs: number): Promise<void> {
  await unfold(page, 'training-settings');
  await typeInto(page, '#epochs', epochs);
  if (await page.$eval('#early-stopping', (box) => (box as HTMLInputElement).checked)) await pressIn(page, '#early-stopping', ' ');
}

/** Drops a file onto the page. @param content repeated `times` times after `head` */
export async function dropFile(page: Page, name: string, head: string, content = '', times = 0): Promise<void> {
  await drop(page, await makeFile(page, name, head, content, times));
}

/** Makes a file to be dropped, which takes the page a while where it is large. */
export function makeFile(page: Page, name: string, head: string, content = '', times = 0): Promise<JSHandle<File>> {
  return page.evaluateHandle(
    (fileName, parts) => new File([parts.head, ...Array<string>(parts.times).fill(parts.content)], fileName, { type: 'text/plain' }),
    name,
    { head, content, times },
  );
}

export async function drop(page: Page, file: JSHandle<File>): Promise<void> {
  await page.$eval(
    '.drop',
    (element, dropped) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(dropped);
      element.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    },
    file,
  );
}

/** Trains with the settings on the page to the end. */
export async function trainToEnd(page: Page): Promise<void> {
  await page.waitForSelector('#train-button[aria-disabled=false]');
  await pressIn(page, '#train-button', 'Enter');
  await waitForText(page, '#model-status', /^The model is trained\. It is kept/);
}

/**
 * What the page says of a model on its test or validation data, beside what takes no learning, the
 * simplest first: percentages or errors.
 */
export async function scoreOf(
  page: Page,
  set: 'test' | 'validation' = 'test',
): Promise<{ model: number; baseline: number; baselines: number[]; count: number }> {
  const cells = await page.$$eval(`#score-${set} > *`, (found) => found.map((cell) => cell.textContent ?? ''));
  const [count, model, ...baselines] = cells.map((cell) => Number.parseFloat(cell.replace(/[^\d.]/g, '')));
  return { model, baseline: baselines[0], baselines, count };
}
