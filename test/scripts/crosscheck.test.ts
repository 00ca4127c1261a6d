import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const hasPython = spawnSync('python3', ['--version']).status === 0;

// The test of the part in Python that needs nothing but Python.
test.skipIf(!hasPython)('the cross-check shrinks failing architectures', () => {
  const { stdout, stderr } = spawnSync('python3', ['-B', join(root, 'scripts', 'crosscheck', 'shrink_test.py')], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toBe('8 passed, 0 failed\n');
});
