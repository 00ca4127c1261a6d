import { describe, expect, test } from 'vitest';
import { longestTask, measureOfTasks } from './longestTask.ts';
import {
  BROWSERS,
  chooseData,
  chooseEpochs,
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

/** A number once it stays the same for half a second. */
async function valueAtRest(read: () => Promise<number>): Promise<number> {
  for (let last = Number.NaN; ; ) {
    const value = await read();
    if (value === last) return value;
    last = value;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

describe.each(BROWSERS)('in %s training', (name) => {
  const { visit } = useBrowser(name);

  test('shows its speed, pauses, goes on, and stops with a model that can be tried', async () => {
    const { page } = await visit();
    await chooseData(page, 'reviews', /^6,869 texts/);
    await chooseEpochs(page, 200);
    await pressIn(page, '#train-button', 'Enter');
    await waitForText(page, '#train-status', /^epoch 1 of at most 200, [\d,]+ examples a second, at most \d+ (s|min) left$/);
    const leave = () => page.evaluate(() => dispatchEvent(new Event('beforeunload', { cancelable: true })));
    expect(await leave()).toBe(false);
    await page.click('#pause-button');
    await waitForText(page, '#train-status', /^Paused: /);
    // A step that was under way may still end.
    const paused = await valueAtRest(() => page.$eval('.bar progress', (progress) => (progress as HTMLProgressElement).value));
    await page.click('#pause-button');
    await page.waitForFunction((before) => (document.querySelector<HTMLProgressElement>('.bar progress')?.value ?? 0) > before, {}, paused);
    await page.click('#stop-button');
    await waitForText(page, '#model-status', /^The model is trained as far as you let it\. It is kept/);
    expect(await leave()).toBe(true);
    await waitForText(page, '#judgement', /Most probably/);
  });

  test('and judging of a large network are ended as soon as it is said', async () => {
    const { page } = await visit();
    await chooseData(page, 'reviews', /^6,869 texts/);
    await unfold(page, 'network-settings');
    await typeInto(page, '.layers .field:nth-of-type(2) input', 300);
    await chooseEpochs(page, 200);
    // Pressed as soon as it is there, however fast the machine is.
    await page.evaluate(() => {
      new MutationObserver(() => {
        if (/^Judging it/.test(document.querySelector('#train-status')?.textContent ?? ''))
          (document.querySelector('#stop-button') as HTMLButtonElement).click();
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    const shown = await recordTexts(page, '#stop-button');
    await pressIn(page, '#train-button', 'Enter');
    await waitForText(page, '#train-status', /^epoch 1 of at most 200/);
    await pressIn(page, '#stop-button', 'Enter');
    // Of a step that takes longer than a person waits nothing is left to judge.
    const status = await waitForText(
      page,
      '#model-status',
      /^(The model is trained as far as you let it, but not judged\.|Training was stopped before the first epoch was over)/,
    );
    if (/not judged/.test(status)) {
      await shown.waitFor(/^Skip judging$/);
      await waitForText(page, '#runs-table', /not judged/);
    }
    await page.waitForSelector('#train-button[aria-disabled=false]');
  });

  test('whose worker is killed says so at once, and the page trains again', async () => {
    const { page } = await visit();
    await chooseData(page, 'motions', /^52 series/);
    await chooseEpochs(page, 10_000);
    await page.evaluate(() => {
      const Original = Worker;
      globalThis.Worker = class extends Original {
        constructor(url: string | URL, options?: WorkerOptions) {
          super(url, options);
          (globalThis as unknown as { killWorker: () => void }).killWorker = () => super.terminate();
        }
      };
    });
    await pressIn(page, '#train-button', 'Enter');
    await waitForText(page, '#train-status', /^epoch ([2-9]|\d\d)/);
    await page.evaluate(() => (globalThis as unknown as { killWorker: () => void }).killWorker());
    await waitForText(page, '#train', /Problem: Training failed: a worker failed: /);
    await chooseEpochs(page, 15);
    await trainToEnd(page);
    expect((await scoreOf(page)).model).toBeGreaterThan(50);
    expect(await textOf(page, '#train')).not.toContain('Problem');
  });

  test('shows what the library warns of, until it is trained again', async () => {
    const { page } = await visit();
    await chooseData(page, 'motions', /^52 series/);
    await chooseEpochs(page, 2);
    await page.evaluate(() => {
      const page = globalThis as unknown as { original: typeof Worker };
      page.original = Worker;
      globalThis.Worker = class extends page.original {
        constructor(url: string | URL, options?: WorkerOptions) {
          super(url, options);
          throw new Error('no workers today');
        }
      };
    });
    await trainToEnd(page);
    expect(await textOf(page, '#training-warnings')).toMatch(/^(⚠ )?Note: this thread computes instead of workers: .*no workers today/);
    await page.evaluate(() => {
      globalThis.Worker = (globalThis as unknown as { original: typeof Worker }).original;
    });
    await trainToEnd(page);
    expect(await page.$('#training-warnings')).toBeNull();
  });

  test('keeps its charts while other data is chosen, and they say whose they are', async () => {
    const { page } = await visit();
    const accuracy = () =>
      page.$$eval('#train .chart', (charts) => charts.filter(({ ariaLabel }) => ariaLabel?.startsWith('Part that is right')).length);
    await chooseData(page, 'motions', /^52 series/);
    await chooseEpochs(page, 10_000);
    await pressIn(page, '#train-button', 'Enter');
    await waitForText(page, '#train-status', /^epoch ([2-9]|\d\d)/);
    await chooseData(page, 'carbon-dioxide', /^2,284 values/);
    expect(await accuracy()).toBe(1);
    await page.click('#stop-button');
    await waitForText(page, '#model-status', /^The model is trained as far as you let it\./);
    expect(await textOf(page, '#trained-on')).toMatch(/Classify series, trained on “Smart watch/);
    expect(await accuracy()).toBe(1);
    expect(await textOf(page, '#run-name')).toMatch(/^These are the curves of Smart watch: .* – run 1\.$/);
  });

  test('is done by as many workers as were chosen, also when that is done by keyboard', async () => {
    const { page } = await visit();
    await chooseData(page, 'motions', /^52 series/);
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
    const cores = await page.evaluate(() => navigator.hardwareConcurrency);
    const choices = await page.$$eval('#workers option', (options) => options.map(({ value }) => value));
    expect(choices).toEqual(['auto', ...Array.from({ length: cores }, (_, index) => String(index + 1))]);
    expect(await page.$eval('#workers', (field) => (field as HTMLSelectElement).value)).toBe('auto');
    await unfold(page, 'training-settings');
    await page.focus('#workers');
    for (let presses = 0; presses < cores; presses++) await page.keyboard.press('ArrowDown');
    await chooseEpochs(page, 1000);
    await pressIn(page, '#train-button', 'Enter');
    await waitForText(page, '#train-status', /^epoch/);
    expect(await page.evaluate(() => (globalThis as unknown as { started: number }).started)).toBe(cores);
    await page.click('#stop-button');
    await waitForText(page, '#model-status', /^The model is trained as far as you let it\./);
    expect(await page.$eval('#workers', (field) => (field as HTMLSelectElement).value)).toBe(String(cores));
  });

  test('goes on in the page where no worker can be started', async () => {
    const { page, excuse } = await visit();
    excuse(/404|missing\.js/);
    await chooseData(page, 'motions', /^52 series/);
    await page.evaluate(() => {
      const Original = Worker;
      globalThis.Worker = class extends Original {
        constructor(url: string | URL, options?: WorkerOptions) {
          super(new URL('missing.js', url), options);
        }
      };
    });
    await trainToEnd(page);
    expect((await scoreOf(page)).model).toBeGreaterThan(85);
  });
});

// Only Chromium reports the CPU time of tasks.
describe('the page', () => {
  const { visit } = useBrowser('chromium');

  test('is never busy for long, from choosing data through training', async () => {
    // A cold cache and other programs lengthen the CPU time too, so the best of three attempts
    // counts: reading the reviews on the page's own thread takes eight times the measure in each.
    const best = new Map<string, number>();
    for (let attempt = 0; attempt < 3; attempt++) {
      for (const [what, time] of await longestTasks()) best.set(what, Math.min(time, best.get(what) ?? Infinity));
      if (busyFor(best).length === 0) break;
    }
    expect(best.size).toBe(2);
    expect(busyFor(best)).toEqual([]);
  });

  const busyFor = (times: ReadonlyMap<string, number>) => [...times].filter(([, time]) => time > 5);

  /** What the page does, and its longest task, in {@link measureOfTasks}. */
  async function longestTasks(): Promise<[what: string, time: number][]> {
    const { page } = await visit();
    const measure = await measureOfTasks(page);
    const take = async (work: () => Promise<unknown>) => (await longestTask(page, work)) / measure;
    const choosing = await take(() => chooseData(page, 'reviews', /^6,869 texts/));
    await chooseEpochs(page, 2);
    await page.waitForSelector('#train-button[aria-disabled=false]');
    const training = await take(async () => {
      await trainToEnd(page);
      await waitForText(page, '#judgement', /^Most probably/);
    });
    return [
      ['choosing data', choosing],
      ['training', training],
    ];
  }
});
