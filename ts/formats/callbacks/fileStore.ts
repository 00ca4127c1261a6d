import { BackendError, BacktimeError, FileError } from '../../core/errors.ts';
import { fileReason } from '../../core/fileReason.ts';
import { isNode, nodeModule } from '../../core/nodeModule.ts';
import { isError } from '../../core/tags.ts';
import { fileSystem, pathOf } from '../files.ts';
import { TEMPORARY, writeFileAtomically } from '../writeFile.ts';

/**
 * Refuses a path where there is no file system, before training begins.
 * @param owner the callback's class
 * @param instead what to give in place of a path
 * @throws {BackendError}
 */
export function requireFiles(owner: string, file: string | URL, instead: string): void {
  if (!isNode()) throw new BackendError(`${owner}: there is no file system here to write ${String(file)} to: give ${instead}`);
}

/** Writes a file as a whole, and makes its folder if there is none. @throws {FileError} */
export async function writeFileInFolder(file: string | URL, bytes: Uint8Array): Promise<void> {
  await makeFolderOf(file);
  await writeFileAtomically(file, bytes);
}

/** Makes the folder of a file, if there is none. @throws {FileError} */
export async function makeFolderOf(file: string | URL): Promise<void> {
  const { mkdir } = await fileSystem();
  const { dirname } = await paths();
  await onFile(file, 'cannot make the folder of', async (path) => void (await mkdir(dirname(path), { recursive: true })));
}

/** The bytes of a file; null when there is none. @throws {FileError} when it cannot be read */
export async function readFileIfAny(file: string | URL): Promise<Uint8Array | null> {
  const { readFile } = await fileSystem();
  return onFile(file, 'cannot read', async (path) => {
    try {
      return await readFile(path);
    } catch (error) {
      if (isError(error) && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
  });
}

/**
 * Deletes a file with what killed writes have left beside it, and the folder if it is empty then.
 * @throws {FileError}
 */
export async function deleteFileAndFolder(file: string | URL): Promise<void> {
  const { readdir, rm, rmdir } = await fileSystem();
  const { dirname, join } = await paths();
  await onFile(file, 'cannot delete', async (path) => {
    await rm(path, { force: true });
    for (const name of await readdir(dirname(path)).catch(() => []))
      if (TEMPORARY.test(name)) await rm(join(dirname(path), name), { force: true });
    // The folder stays when it has other files.
    await rmdir(dirname(path)).catch(() => {});
  });
}

/** The path of a file in a folder, which is a path or the address of one. */
export async function fileIn(folder: string | URL, name: string): Promise<string> {
  const { join } = await paths();
  return join(await pathOf(folder), name);
}

async function onFile<T>(file: string | URL, failed: string, use: (path: string) => Promise<T>): Promise<T> {
  try {
    return await use(await pathOf(file));
  } catch (cause) {
    if (cause instanceof BacktimeError) throw cause;
    throw new FileError(`${failed} ${String(file)}: ${fileReason(cause, failed === 'cannot read' ? 'read' : 'write')}`, { cause });
  }
}

const paths = () => nodeModule<typeof import('node:path')>('node:path');
