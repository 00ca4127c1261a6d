import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { browserStep, findBrowser } from '../../scripts/browser.mjs';
import { CROSS_ORIGIN_ISOLATION, serveFolder } from '../../scripts/static-server.mjs';

function temporaryFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'backtime-browser-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test('a browser is found on the path, and an environment variable goes before it', () => {
  const folder = temporaryFolder({ 'firefox-esr': '', other: '' });
  expect(findBrowser('firefox', { PATH: folder })).toBe(join(folder, 'firefox-esr'));
  expect(findBrowser('firefox', { PATH: folder, FIREFOX_PATH: join(folder, 'other') })).toBe(join(folder, 'other'));
  expect(findBrowser('firefox', { PATH: folder, FIREFOX_PATH: join(folder, 'missing') })).toBeUndefined();
  expect(findBrowser('chromium', { PATH: folder })).toBeUndefined();
});

test('a browser that the variable names and that is not there is an error that says so', async () => {
  const before = process.env.CHROMIUM_PATH;
  process.env.CHROMIUM_PATH = '/nowhere/chromium';
  onTestFinished(() => {
    if (before === undefined) delete process.env.CHROMIUM_PATH;
    else process.env.CHROMIUM_PATH = before;
  });
  const step = browserStep('chromium');
  expect(step.missing()).toBeDefined();
  await expect(step.provide()).rejects.toThrow('CHROMIUM_PATH names /nowhere/chromium, which does not exist');
});

test('a folder is served under its base with the headers, and nothing beside it', async () => {
  const folder = temporaryFolder({ 'kernels.wasm': 'x', 'index.html': '<p>' });
  const { url, close } = await serveFolder(folder, { base: '/demo/', headers: CROSS_ORIGIN_ISOLATION });
  onTestFinished(close);
  const module = await fetch(`${url}kernels.wasm`);
  expect(module.headers.get('content-type')).toBe('application/wasm');
  expect(module.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
  expect(await (await fetch(url)).text()).toBe('<p>');
  expect((await fetch(`${url}missing.js`)).status).toBe(404);
  expect((await fetch(new URL('/kernels.wasm', url))).status).toBe(404);
  expect((await fetch(`${url}..%2f..%2fetc/passwd`)).status).toBe(404);
});
