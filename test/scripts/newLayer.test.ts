import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { layerFiles } from '../../scripts/new.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

test('the files of a new layer are named as those that are there', () => {
  const namesOf = (name: string) => Object.keys(layerFiles(name, read).created);
  expect(namesOf('ScaledTanh')).toEqual(['ts/layers/scaledTanh.ts', 'test/layers/scaledTanh.test.ts']);
  expect(namesOf('RMSScale')).toEqual(['ts/layers/rmsScale.ts', 'test/layers/rmsScale.test.ts']);
  expect(namesOf('CRF')).toEqual(['ts/layers/crf.ts', 'test/layers/crf.test.ts']);
});

test('a new layer is one of the package and of its tests, for the compiler too', { timeout: 300_000 }, () => {
  mkdirSync(join(root, 'target'), { recursive: true });
  const folder = mkdtempSync(join(root, 'target', 'new-layer-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const part of ['ts', 'test/support']) cpSync(join(root, part), join(folder, part), { recursive: true });
  const { created, changed } = layerFiles('ScaledTanh', read);
  for (const [path, text] of Object.entries({ ...created, ...changed })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../test/tsconfig.json', include: ['test/layers/*.ts', 'ts/layers/moreLayers.ts'] }),
  );
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder, '--noEmit'], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
  expect(status).toBe(0);
  const table = changed['ts/layers/moreLayers.ts'] as string;
  expect(table).toContain("import { ScaledTanh } from './scaledTanh.ts';");
  expect(table.slice(table.indexOf('MORE_LAYERS'))).toContain('  ScaledTanh,\n');
});
