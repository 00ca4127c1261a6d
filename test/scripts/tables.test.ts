import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { essence, forReaders, hashOf, markPage } from '../../scripts/tables.mjs';

const PAGE = `# Page

<!-- table speed
sources: crate 1, bench 2, other 1
measured: 0.1.0, commit 12345678
command: npm run bench
-->

| network | time |
|---|---|
| LSTM | 12.5 ms |

<!-- /table -->
`;

/** Hashes that are those of the page, but for some paths. */
const hashes = (changed: Record<string, string> = {}) => ({
  hash: (path: string) => changed[path] ?? { crate: '1', bench: '2', other: '1' }[path] ?? '',
});

test('a table whose sources are the same stays as it is', () => {
  expect(markPage('page.md', PAGE, hashes())).toEqual({ text: PAGE, names: ['speed'], stale: [] });
});

test('a table whose sources changed says so in its page, once, and names what changed and the command', () => {
  const { text, stale } = markPage('page.md', PAGE, hashes({ crate: '8', bench: '9' }));
  expect(stale).toEqual([{ name: 'speed', page: 'page.md', changed: ['crate', 'bench'], command: 'npm run bench' }]);
  const mark = '> **Stale.** Since these numbers were measured, `crate` and `bench` changed. To measure again: `npm run bench`';
  expect(text).toBe(PAGE.replace('-->\n', `-->\n\n${mark}\n`));
  expect(markPage('page.md', text, hashes({ crate: '8', bench: '9' })).text).toBe(text);
});

test('one changed source is enough', () => {
  const { text, stale } = markPage('page.md', PAGE, hashes({ bench: '9' }));
  expect(stale.map(({ changed }) => changed)).toEqual([['bench']]);
  expect(text).toContain('> **Stale.** Since these numbers were measured, `bench` changed.');
});

test('the mark goes when the sources are again what they were, and when the table was measured', () => {
  const { text } = markPage('page.md', PAGE, hashes({ crate: '8' }));
  expect(markPage('page.md', text, hashes()).text).toBe(PAGE);
  const now = { measured: new Set(['speed']), version: () => '0.2.0, commit 87654321' };
  const measured = markPage('page.md', text, { ...hashes({ crate: '8' }), ...now });
  const present = PAGE.replace('crate 1', 'crate 8').replace('0.1.0, commit 12345678', '0.2.0, commit 87654321');
  expect(measured).toEqual({ text: present, names: ['speed'], stale: [] });
  const another = markPage('page.md', text, { ...hashes({ crate: '8' }), measured: new Set(['size']) });
  expect(another.text).toBe(text);
});

test('readers of the site see the version that was measured, and no notes of those who measure', () => {
  const { text } = markPage('page.md', PAGE, hashes({ crate: '8' }));
  const shown = forReaders(text);
  expect(shown).toContain('> These numbers are of version 0.1.0, commit 12345678. The code has changed since.');
  expect(shown).not.toMatch(/Stale|To measure again|sources:|npm run bench/);
  expect(forReaders(PAGE)).toBe('# Page\n\n\n| network | time |\n|---|---|\n| LSTM | 12.5 ms |\n\n\n');
});

test('comments that cannot be read are refused, and numbers outside of a table', () => {
  expect(() => markPage('page.md', PAGE.replace('<!-- /table -->', ''), hashes())).toThrow('page.md has a comment of a table');
  expect(() => markPage('page.md', PAGE.replace('command: ', ''), hashes())).toThrow('page.md has a comment of a table');
  for (const row of ['| GRU | 3 µs |', '| GRU | 0.693 (0.690 to 0.698) |', '| GRU | 12.5 % |', '| GRU | 1,200 ms |']) {
    expect(() => markPage('page.md', `${PAGE}${row}\n`, hashes()), row).toThrow('outside');
  }
  for (const line of ['| GRU | 3 |', '| `workers` | 0 |', 'GRU takes 3 ms', '| `epsilon` | 1e-7 |']) {
    expect(markPage('page.md', `${PAGE}${line}\n`, hashes()).stale, line).toEqual([]);
  }
});

test('comments, empty lines and tests change no number; code does', () => {
  const rust = 'fn f() {\n    *x = a\n        * b;\n}\n';
  const withTests = `/// Doc.\n\n${rust}\n#[cfg(test)]\nmod tests {\n    // Reason\n    fn g() {\n    }\n}\n`;
  expect(essence('a.rs', withTests)).toBe(essence('a.rs', rust));
  expect(essence('a.rs', rust.replace('* b', '* c'))).not.toBe(essence('a.rs', rust));
  const script = 'const a = 1;\n';
  expect(essence('a.ts', `/** Doc. */\n/**\n * Doc.\n */\n// Reason\n\n${script}`)).toBe(essence('a.ts', script));
  expect(essence('a.json', '// 1\n')).toBe('// 1\n');
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backtime-tables-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the hash of a folder is of the names and the code of all files in it that are not tests', () => {
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('crate/src/a.rs', 'fn a() {}\n');
  write('crate/src/deep/b.rs', 'fn b() {}\n');
  const before = hashOf('crate', folder);
  expect(before).toMatch(/^[0-9a-f]{12}$/);
  write('crate/src/tests.rs', 'fn t() {}\n');
  write('crate/src/quantised_tests.rs', 'fn q() {}\n');
  write('crate/src/deep/tests/c.rs', 'fn t() {}\n');
  write('crate/src/a.rs', '// Comment\nfn a() {}\n');
  expect(hashOf('crate', folder)).toBe(before);
  write('crate/src/deep/b.rs', 'fn b(x: f32) {}\n');
  expect(hashOf('crate', folder)).not.toBe(before);
  write('crate/src/deep/b.rs', 'fn b() {}\n');
  write('crate/src/c.rs', '');
  expect(hashOf('crate', folder)).not.toBe(before);
  rmSync(join(folder, 'crate/src/c.rs'));
  rmSync(join(folder, 'crate/src/a.rs'));
  write('crate/src/aa.rs', 'fn a() {}\n');
  expect(hashOf('crate', folder), 'with a file that has another name').not.toBe(before);
  expect(() => hashOf('rest', folder)).toThrow('rest, which does not exist');
});
