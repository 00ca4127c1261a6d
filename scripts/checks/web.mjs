// The page in web/: its types, its modules in Node, and the built page in Chromium and Firefox.
import { join } from 'node:path';
import { browserStep } from '../browser.mjs';
import { root } from '../process.mjs';
import { runSteps } from '../steps.mjs';
import { buildPage, webPackagesStep } from '../web.mjs';
import { total } from './outcome.mjs';
import { typesOf } from './typescript.mjs';
import { runVitest } from './vitest.mjs';

const web = join(root, 'web');

/** @param {string[]} filters Parts of paths of test files; all run when there are none. */
export async function webPage(filters) {
  await runSteps([webPackagesStep, browserStep('chromium'), browserStep('firefox')]);
  const outcomes = [await typesOf('web')];
  const config = (name) => ['--root', web, '--config', join(web, name), '--passWithNoTests', ...filters];
  outcomes.push(await runVitest(process.execPath, 'web', config('vitest.config.ts')));
  await buildPage();
  outcomes.push(await runVitest(process.execPath, 'web-browsers', config('vitest.browsers.config.ts')));
  return total(outcomes);
}
