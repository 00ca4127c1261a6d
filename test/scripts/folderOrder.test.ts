import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
const FOLDERS = [
  'core',
  'backend',
  'layers',
  'optimizers',
  'program',
  'graph',
  'objective',
  'control',
  'feed',
  'callbacks',
  'run',
  'model',
  'data',
  'article',
  'formats',
  'worker',
  'command',
];
const IMPORTS = {
  values: (from: string) => `import { value } from '${from}';`,
  types: (from: string) => `import type { Value } from '${from}';`,
  dynamic: (from: string) => `await import('${from}');`,
};

describe('the linter holds the folder order', () => {
  const project = mkdtempSync(join(tmpdir(), 'backtime-folders-'));
  let report = '';

  /**
   * Every folder gets a module of each kind of import that imports from every folder, one a line.
   */
  beforeAll(() => {
    copyFileSync(join(root, 'biome.json'), join(project, 'biome.json'));
    for (const folder of FOLDERS) {
      mkdirSync(join(project, 'ts', folder), { recursive: true });
      for (const [kind, line] of Object.entries(IMPORTS)) {
        const source = FOLDERS.map((other) => `${line(`../${other}/module.ts`)}\n`).join('');
        writeFileSync(join(project, 'ts', folder, `${kind}.ts`), source);
      }
    }
    const options = ['--colors=off', '--vcs-enabled=false', '--max-diagnostics=none', '--only=style/noRestrictedImports'];
    report = spawnSync(process.execPath, [biome, 'lint', ...options], { cwd: project, encoding: 'utf8' }).stderr;
  });
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  test('every folder of ts/ has a place in the order', () => {
    const folders = readdirSync(join(root, 'ts'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).filter((name) => !FOLDERS.includes(name))).toEqual([]);
  });

  for (const kind of Object.keys(IMPORTS)) {
    test.each(FOLDERS)(`%s imports only from the folders before it (${kind})`, (folder) => {
      const diagnostics = report.matchAll(new RegExp(`ts/${folder}/${kind}\\.ts:(\\d+):\\d+ lint/style/noRestrictedImports`, 'g'));
      const refused = new Set([...diagnostics].map(([, line]) => FOLDERS[Number(line) - 1]));
      expect(FOLDERS.filter((other) => refused.has(other))).toEqual(FOLDERS.slice(FOLDERS.indexOf(folder) + 1));
    });
  }
});
