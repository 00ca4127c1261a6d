import { describe, expect, test } from 'vitest';
import { BROWSERS, chooseData, chooseEpochs, scoreOf, trainToEnd, waitForText } from './session.ts';
import { useBrowser } from './visits.ts';

describe.each(BROWSERS)('in %s the page', (name) => {
  const { visit } = useBrowser(name);

  test('works without a network once it was loaded, with data that was not opened before', async () => {
    const { page, goOffline } = await visit();
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await goOffline();
    await page.reload();
    await chooseData(page, 'motions', /^52 series/);
    await trainToEnd(page);
    expect((await scoreOf(page)).model).toBeGreaterThan(85);
  });

  test.each([
    { isolated: true, base: '/deep/er/' },
    { isolated: false, base: '/elsewhere/' },
  ])('works from the path $base, cross-origin isolated: $isolated', async ({ isolated, base }) => {
    const { page, url } = await visit({ isolated, base });
    expect(new URL(url).pathname).toBe(base);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(isolated);
    await chooseData(page, 'carbon-dioxide', /^2,284 values/);
    await chooseEpochs(page, 3);
    await trainToEnd(page);
    const { model, baseline } = await scoreOf(page);
    expect(model).toBeLessThan(baseline);
  });

  test('says what to do when it was opened as a file, or runs where the browser lets it', async () => {
    const { page } = await visit();
    const opened = await page.browser().newPage();
    await opened.goto(new URL('../../dist/index.html', import.meta.url).href);
    // Firefox lets pages of files run their modules when it is driven.
    await waitForText(opened, '#app', /it was opened as a file, by a double click: .* npm run web|Choose an example/);
    await opened.close();
  });

  test('runs no script that its content security policy does not allow', async () => {
    const { page, excuse } = await visit();
    excuse(/script-src/);
    const violation = await page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => resolve(violatedDirective));
          const script = document.createElement('script');
          script.textContent = 'globalThis.inlineScriptRan = true';
          document.head.append(script);
        }),
    );
    expect(violation).toBe('script-src-elem');
    expect(await page.evaluate(() => 'inlineScriptRan' in globalThis)).toBe(false);
  });
});
