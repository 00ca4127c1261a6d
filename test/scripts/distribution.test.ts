import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { hashOfSources, isDistCurrent, stampDist, WASM_MODULES } from '../../scripts/distribution.mjs';
import { setWorkerUrl } from '../../ts/model/workerOptions.ts';
import { regression, regressionModel } from '../support/regression.ts';
import { workerFile } from '../support/workerFile.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backtime-dist-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  setWorkerUrl(workerFile(inject('distIsCurrent')));
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

test('dist/ is current only while everything that it was made from is as it was', () => {
  write('ts/index.ts', 'a');
  write('dist/index.js', 'a');
  expect(isDistCurrent(folder)).toBe(false);
  stampDist(hashOfSources(folder), folder);
  expect(isDistCurrent(folder)).toBe(true);
  for (const path of [
    'ts/index.ts',
    'ts/worker/new.ts',
    WASM_MODULES[0],
    WASM_MODULES[1],
    'package-lock.json',
    'scripts/bundle.mjs',
    'scripts/laterModules.mjs',
  ]) {
    write(path, 'changed');
    expect(isDistCurrent(folder), path).toBe(false);
    stampDist(hashOfSources(folder), folder);
    expect(isDistCurrent(folder), path).toBe(true);
  }
  write('ts/notes.md', 'no source');
  expect(isDistCurrent(folder)).toBe(true);
  rmSync(join(folder, 'dist'), { recursive: true });
  expect(isDistCurrent(folder)).toBe(false);
});

test('with another dist/ than the sources make, tests of workers fail and say what to do', async () => {
  setWorkerUrl(workerFile(false));
  const { x, y } = regression(4);
  await expect(regressionModel().fit(x, y, { verbose: 0, workers: 1 })).rejects.toMatchObject({
    code: 'WORKER',
    message: expect.stringContaining('node scripts/build.mjs'),
  });
});
