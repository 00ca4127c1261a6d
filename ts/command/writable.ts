import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileError } from '../node.ts';

/** What is at a path; null where nothing is. */
export const fileAt = (file: string) => stat(file).catch(() => null);

/** @throws {FileError} when a file cannot be written in its folder */
export async function requireWritable(file: string): Promise<void> {
  try {
    await access(dirname(file), constants.W_OK);
  } catch (cause) {
    throw new FileError(`cannot write ${file}: its folder does not exist or may not be written`, { cause });
  }
  if ((await fileAt(file))?.isDirectory()) throw new FileError(`cannot write ${file}: it is a folder`);
}
