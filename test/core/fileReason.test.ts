import { expect, test } from 'vitest';
import { fileReason } from '../../ts/core/fileReason.ts';

/** An error as Node makes it. */
const failed = (code: string, path?: string, syscall = 'open') =>
  Object.assign(new Error(`${code}: some words, ${syscall} '${path}'`), { code, syscall, ...(path !== undefined && { path }) });

test.each<[string, string, string]>([
  ['ENOTDIR', 'a part of its path is a file, not a folder', 'a part of its path is a file, not a folder'],
  ['EISDIR', 'it is a folder: name a file in it', 'it is a folder'],
  ['EACCES', 'this process has no permission to read it', 'this process has no permission to write there'],
  ['EPERM', 'this process has no permission to read it', 'this process has no permission to write there'],
  ['ENOSPC', 'the disk is full', 'the disk is full'],
  ['EMFILE', 'EMFILE: some words', 'EMFILE: some words'],
])('%s', (code, read, write) => {
  expect([fileReason(failed(code, '/a/b')), fileReason(failed(code, '/a/b'), 'write')]).toEqual([read, write]);
});

test('where there is no file, the whole path says where it was looked for', () => {
  const here = process.cwd();
  expect(fileReason(failed('ENOENT', '/a/b.csv'))).toBe('there is no file /a/b.csv');
  expect(fileReason(failed('ENOENT', 'C:\\a\\b.csv'))).toBe('there is no file C:\\a\\b.csv');
  for (const path of ['b.csv', './b.csv']) expect(fileReason(failed('ENOENT', path))).toBe(`there is no file ${here}/b.csv`);
  expect(fileReason(failed('ENOENT'))).toBe('there is no file');
});

test('what is opened to be written is a file of a folder that is missing', () => {
  expect(fileReason(failed('ENOENT', '/a/b/c.csv'), 'write')).toBe('there is no folder /a/b');
  expect(fileReason(failed('ENOENT', '/a/b', 'mkdir'), 'write')).toBe('there is no folder /a/b');
});

test('other reasons: a permission of Node, the cause of an error, what is no error; none is long', () => {
  const denied = (permission: string) => Object.assign(failed('ERR_ACCESS_DENIED', '/a'), { permission });
  expect(fileReason(denied('FileSystemRead'))).toContain('--allow-fs-read allows it');
  expect(fileReason(denied('FileSystemWrite'), 'write')).toContain('--allow-fs-write allows it');
  expect(fileReason(new TypeError('fetch failed', { cause: new Error('no host') }))).toBe('no host');
  expect(fileReason(new TypeError('fetch failed', { cause: new Error('') }))).toBe('fetch failed');
  expect(fileReason('a text')).toBe('a text');
  for (const long of ['x'.repeat(5000), new Error('x'.repeat(5000)), failed('ENOENT', `/${'x'.repeat(5000)}`)])
    expect(fileReason(long).length).toBeLessThan(350);
});
