import { shortened } from './describe.ts';
import { isNode } from './nodeModule.ts';
import { isError } from './tags.ts';

/** What Node's codes of errors mean, of a file that is read and of one that is written. */
const MEANINGS: Readonly<Record<string, readonly [read: string, write: string]>> = {
  ENOENT: ['there is no file', 'there is no folder'],
  ENOTDIR: ['a part of its path is a file, not a folder', 'a part of its path is a file, not a folder'],
  EISDIR: ['it is a folder: name a file in it', 'it is a folder'],
  EACCES: ['this process has no permission to read it', 'this process has no permission to write there'],
  EPERM: ['this process has no permission to read it', 'this process has no permission to write there'],
  ENOSPC: ['the disk is full', 'the disk is full'],
};

/**
 * Why a file cannot be read or written, for the message of an error that has its path. Where there
 * is none it says which whole path was looked for.
 * @param what what was tried. Default 'read'
 */
export function fileReason(cause: unknown, what: 'read' | 'write' = 'read'): string {
  if (!isError(cause)) return cut(String(cause));
  if ('permission' in cause)
    return `Node's permission model forbids it: --allow-fs-${cause.permission === 'FileSystemWrite' ? 'write' : 'read'} allows it`;
  const { code, path, syscall } = cause as NodeJS.ErrnoException;
  const meaning = MEANINGS[code ?? '']?.[what === 'read' ? 0 : 1];
  if (meaning !== undefined && code === 'ENOENT' && typeof path === 'string') {
    const whole = wholePath(path);
    // What is opened to be written is a file of the folder.
    return cut(`${meaning} ${what === 'write' && syscall === 'open' ? whole.replace(/[\\/][^\\/]*$/, '') : whole}`);
  }
  if (meaning !== undefined) return meaning;
  // fetch only says 'fetch failed'; its cause has the reason.
  if (isError(cause.cause) && cause.cause.message !== '') return cut(cause.cause.message);
  // Node's `, open '…'` has a path that the message has, or that of a temporary file.
  const call = syscall === undefined ? -1 : cause.message.indexOf(`, ${syscall}`);
  return cut(call === -1 ? cause.message : cause.message.slice(0, call));
}

const cut = (text: string) => shortened(text, 300);

/** A path from the root: a relative one is looked for in the folder of the process. */
function wholePath(path: string): string {
  return isNode() && !/^(?:[a-z]:)?[\\/]/i.test(path) ? `${process.cwd()}/${path.replace(/^\.\//, '')}` : path;
}
