import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { version } = JSON.parse(read('package.json'));

test.each([
  ['package-lock.json', /"name": "backtime",\s+"version": "([^"]+)"/g],
  ['crate/Cargo.toml', /^version = "([^"]+)"/gm],
  ['Cargo.lock', /name = "backtime-kernels"\nversion = "([^"]+)"/g],
  ['scale/pyproject.toml', /^version = "([^"]+)"/gm],
  ['scale/backtime_scale/__init__.py', /^__version__ = "([^"]+)"/gm],
  ['README.md', /backtime-(\d[^ /]*)\.tgz/g],
  ['docs/start.md', /backtime-(\d[^ /]*)\.tgz/g],
  ['docs/runtimes.md', /backtime-(\d[^ /]*)\.tgz/g],
])('%s has the version of package.json', (path, pattern) => {
  const found = [...read(path).matchAll(pattern)].map(([, other]) => other);
  expect(new Set(found)).toEqual(new Set([version]));
});

test('the changelog begins with what is not released, then the version with its date', () => {
  const [unreleased, newest] = [...read('CHANGELOG.md').matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  expect(unreleased).toBe('[Unreleased]');
  expect(newest).toMatch(new RegExp(`^\\[${version.replaceAll('.', '\\.')}\\] - \\d{4}-\\d\\d-\\d\\d$`));
});
