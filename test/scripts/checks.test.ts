import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { countCargoTests } from '../../scripts/checks/cargo.mjs';
import { unclearThrows, wideComments } from '../../scripts/checks/comments.mjs';
import { extractCommands, extractExamples, firstMissing } from '../../scripts/checks/documentation.mjs';
import { total, withExitCode } from '../../scripts/checks/outcome.mjs';
import { backendTestFiles, countVitest } from '../../scripts/checks/vitest.mjs';

test('cargo test is counted over all of its binaries', () => {
  const output = [
    'test gemm::odd_sizes ... FAILED',
    'test gemm::even_sizes ... ok',
    'test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s',
    'test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s',
  ].join('\n');
  expect(countCargoTests(output)).toEqual({ passed: 15, failed: 2, skipped: 1, failures: ['gemm::odd_sizes'] });
});

test('a runner that fails before any test does counts as one failure', () => {
  const failures = ['no test failed, but the exit code is 101'];
  expect(withExitCode(countCargoTests('error: could not compile'), 101)).toEqual({ passed: 0, failed: 1, skipped: 0, failures });
  expect(withExitCode({ passed: 1, failed: 2, skipped: 0 }, 1)).toEqual({ passed: 1, failed: 2, skipped: 0 });
  expect(withExitCode({ passed: 1, failed: 0, skipped: 0 }, 0)).toEqual({ passed: 1, failed: 0, skipped: 0 });
});

test('tests of Vitest that fail are named, and a file that could not be loaded counts as one', () => {
  const name = resolve('test/a.test.ts');
  const testResults = [
    { name, status: 'failed', message: 'Cannot find module', assertionResults: [] },
    { name, status: 'passed', assertionResults: [{ status: 'passed', fullName: 'adds' }] },
    {
      name,
      status: 'failed',
      assertionResults: [{ status: 'failed', fullName: 'sums', failureMessages: ['\u001b[31mexpected 1\u001b[39m\nat a.test.ts'] }],
    },
  ];
  const report = { numPassedTests: 1, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1, testResults };
  const failures = ['test/a.test.ts: Cannot find module', 'test/a.test.ts › sums: expected 1'];
  expect(countVitest(report)).toEqual({ passed: 1, failed: 2, skipped: 3, failures });
});

test('comments wider than 100 columns are found, in every form', () => {
  const long = 'word '.repeat(22).trim();
  const lines = [
    `// ${long}`,
    `/** ${long} */`,
    '/**',
    ` * ${long}`,
    ` * @param {string} name ${long}`,
    ' */',
    `const code = 1; // ${long}`,
    `/// ${long}`,
    `  * ${long}`,
  ];
  expect(wideComments(lines.join('\n'))).toEqual([1, 2, 4, 5, 8]);
  expect(wideComments(`// ${long.slice(0, 97)}`)).toEqual([]);
  expect(wideComments(`// ${'x'.repeat(98)}`)).toEqual([1]);
});

test('a @throws with several classes, or with one behind other words, is found', () => {
  // This file is checked too, so the tags have another name here.
  const lines = [
    '/** Reads. @raises {FileError} when it is not there */',
    '/** Reads. @raises {FileError | DataError} when it is not there */',
    '/**',
    ' * Reads.',
    ' * @raises {FileError} when {@link path} is not there, and for',
    ' *   a folder',
    ' * @raises the errors of {@link open}',
    ' * @raises {ShapeError} {@link DataError} for other data',
    ' * @raises while it is read:',
    ' *   {DataError} for other data',
    ' * @raises {ShapeError} for other data, or {DataError}',
    ' * @returns {Row | null} a row',
    ' */',
  ];
  expect(unclearThrows(lines.join('\n').replaceAll('@raises', '@throws'))).toEqual([2, 8, 9, 11]);
});

test('a type, an equation, a row of a table and a directive may be wider', () => {
  const wide = '1'.repeat(100);
  const lines = [
    '/**',
    ` * @param {{ value: '${wide}' }} sizes`,
    ` *     y = ${wide}`,
    ` * | ${wide} |`,
    ' */',
    `// biome-ignore lint/x: ${wide}`,
  ];
  expect(wideComments(lines.join('\n').replaceAll('@raises', '@throws'))).toEqual([]);
});

test('outcomes add up, and keep the names of what failed', () => {
  expect(
    total([
      { passed: 1, failed: 2, skipped: 3, failures: ['a: expected 1'] },
      { passed: 10, failed: 20, skipped: 30 },
    ]),
  ).toEqual({ passed: 11, failed: 22, skipped: 33, failures: ['a: expected 1'] });
});

test('documentation examples keep the line numbers of their page', () => {
  const page =
    '# Title\n\n```ts\nconst a = 1;\n```\n\n```sh\nnpm test\n```\n\n```js no-run\nconst b = 2;\n```\n\n```js elsewhere\nbrain;\n```\n';
  const [first, second, ...others] = extractExamples('docs/page.md', page);
  expect(others).toEqual([]);
  expect(first).toMatchObject({ name: 'docs/page.md:3', module: 'docs.page.md.3', language: 'ts', runs: true });
  expect(first.source.split('\n').indexOf('const a = 1;')).toBe(3);
  expect(second).toMatchObject({ name: 'docs/page.md:11', language: 'js', runs: false });
  expect(second.source.split('\n').indexOf('const b = 2;')).toBe(11);
});

test('documentation examples print what they say, in order', () => {
  const page = '```ts\nconsole.log(1); // prints 1\nconsole.log(2); // 3\nconsole.log(3); // prints 3\n```\n';
  const prints = extractExamples('docs/page.md', page).flatMap((example) => example.prints);
  expect(prints).toEqual(['1', '3']);
  expect(firstMissing(prints, ['1', '2', '3', ''])).toBeUndefined();
  expect(firstMissing(prints, ['3', '2', '1'])).toBe('3');
  expect(firstMissing(['1', '1'], ['1', '2'])).toBe('1');
});

test.each(['keras', 'tfjs', 'pytorch'])('every example of docs/from-%s.md runs', (from) => {
  const page = `docs/from-${from}.md`;
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
  const examples = extractExamples(page, text);
  expect(examples.length).toBeGreaterThan(0);
  expect(examples.filter(({ runs }) => !runs)).toEqual([]);
  // Blocks of Python are lines of the program that made the files.
  const program = readFileSync(new URL('../../examples/models/make.py', import.meta.url), 'utf8');
  const python = [...text.matchAll(/^```python\n([\s\S]*?)^```$/gm)].flatMap(([, block]) => (block as string).trim().split('\n'));
  expect(python.filter((line) => !line.startsWith('#') && !program.includes(line))).toEqual([]);
  expect(
    [...text.matchAll(/^```(\w+)/gm)]
      .map(([, language]) => language)
      .filter((language) => !['js', 'ts', 'python', 'sh'].includes(language as string)),
  ).toEqual([]);
});

test('commands in the documentation are found, with their lines and what they print', () => {
  const page = '# Page\n\n```sh\nnpm install x\nnpx backtime train a.csv --task tag\n# prints tag:\n# prints saved\n```\n';
  expect(extractCommands('docs/page.md', page)).toEqual([
    { name: 'docs/page.md:5', args: 'train a.csv --task tag', prints: ['tag:', 'saved'] },
  ]);
});

test('the test files that run on every backend are found', () => {
  expect(backendTestFiles()).toContain('test/golden/recurrent.test.ts');
  expect(backendTestFiles()).not.toContain('test/scripts/checks.test.ts');
});
