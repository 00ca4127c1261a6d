import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { importCircles } from '../support/importCircles.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test.each(['ts', 'web/src', 'scripts', 'test/support', 'bench', 'examples'])('no files of %s import each other', (folder) => {
  expect(importCircles(join(root, folder))).toEqual([]);
});

describe('a circle is found', () => {
  const made: string[] = [];
  afterAll(() => {
    for (const folder of made) rmSync(folder, { recursive: true, force: true });
  });

  function folderOf(files: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(tmpdir(), 'backtime-circles-'));
    made.push(folder);
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return folder;
  }

  test.each([
    ['values', "import { b } from '../deep/b.ts';\nexport const a = b;\n"],
    ['types', "import type { B } from '../deep/b.ts';\nexport type A = B;\n"],
    ['several lines', "import {\n  type B,\n  b,\n} from '../deep/b.ts';\nexport const a: B = b;\n"],
    ['no names', "import '../deep/b.ts';\n"],
    ['re-exports', "export * from '../deep/b.ts';\n"],
  ])('of %s', (_, text) => {
    const folder = folderOf({
      'near/a.ts': text,
      'deep/b.ts': "import type { C } from './c.ts';\n",
      'deep/c.ts': "export { a } from '../near/a.ts';\n",
      'deep/d.ts': "import '../near/a.ts';\n",
    });
    expect(importCircles(folder)).toHaveLength(1);
    expect(importCircles(folder)[0]?.split(' → ').sort()).toEqual(expect.arrayContaining(['deep/b.ts', 'deep/c.ts', 'near/a.ts']));
  });

  test('of one file', () => {
    expect(importCircles(folderOf({ 'a.ts': "export type { A } from './a.ts';\n" }))).toEqual(['a.ts → a.ts']);
  });

  test('but not through import(), comments and texts', () => {
    const folder = folderOf({
      'a.ts': "/**\n * import { b } from './b.ts';\n */\nexport const b = await import('./b.ts');\nconst text = \"from './b.ts'\";\n",
      'b.ts': "import { b } from './a.ts';\n",
    });
    expect(importCircles(folder)).toEqual([]);
  });
});
