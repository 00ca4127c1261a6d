import type { Browser } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { startBrowser } from '../../../scripts/browser.mjs';
import { servePage } from '../../../scripts/web.mjs';
import { type BROWSERS, openPage, type Watched } from './session.ts';

/** How a test opens the page. */
export interface Visits {
  /** A page of its own, at an address of its own, so that nothing is kept from another test. */
  visit(options?: { isolated?: boolean; base?: string; width?: number }): Promise<Visit>;
}

export interface Visit extends Watched {
  readonly url: string;
  /** Ends the server, as when the network is gone. */
  readonly goOffline: () => Promise<void>;
  /** Says that a problem is the test's own doing. */
  readonly excuse: (problem: RegExp) => void;
}

/** What a person prefers, light or dark pages. */
export type Scheme = 'light' | 'dark';

/**
 * One browser for a suite, and for each visit a server. A test fails when a page had an uncaught
 * error or broke its content security policy.
 */
export function useBrowser(name: (typeof BROWSERS)[number], scheme: Scheme = 'light'): Visits {
  let browser: Browser;
  let visits: Visit[] = [];
  let excused: RegExp[] = [];
  beforeAll(async () => {
    // Firefox is told by a preference, before it starts.
    browser = await startBrowser(name, {
      extraPrefsFirefox: { 'layout.css.prefers-color-scheme.content-override': scheme === 'dark' ? 0 : 1 },
    });
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    const ended = visits;
    visits = [];
    for (const { page, goOffline } of ended) {
      await page.close();
      await goOffline();
    }
    const problems = ended.flatMap((visit) => visit.problems).filter((problem) => !excused.some((pattern) => pattern.test(problem)));
    excused = [];
    expect(problems).toEqual([]);
  });
  return {
    async visit({ isolated = true, base = '/', width } = {}) {
      const { url, close } = await servePage({ isolated, base });
      let open = true;
      const goOffline = async () => {
        if (open) await close();
        open = false;
      };
      const excuse = (problem: RegExp) => void excused.push(problem);
      const visit: Visit = { ...(await openPage(browser, url, width)), url, goOffline, excuse };
      if (name === 'chromium') await visit.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      visits.push(visit);
      return visit;
    },
  };
}
