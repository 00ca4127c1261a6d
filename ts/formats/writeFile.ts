import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { BackendError, BacktimeError, FileError } from '../core/errors.ts';
import { fileReason } from '../core/fileReason.ts';
import { isNode, nodeModule } from '../core/nodeModule.ts';
import { isError } from '../core/tags.ts';
import { fileSystem, pathOf } from './files.ts';

/**
 * The name of a temporary file. It is short, so that it is allowed wherever the file's own name of
 * up to 255 bytes is.
 */
export const TEMPORARY = /^\.backtime-[0-9a-f]{16}\.tmp$/;
/** Milliseconds without a write after which a temporary file belongs to a killed save. */
const LEFTOVER_AGE = 3_600_000;
const MOST_FOLDERS = 1000;

/** The last save to each file that has not ended yet, by the file's resolved path. */
const saves = new Map<string, Promise<void>>();
/**
 * Paths are resolved one after the other, so that saves to one file under different names keep
 * their order.
 */
let resolved: Promise<unknown> = Promise.resolve();
/** When each folder was last searched for leftovers, by its file system's clock. */
const searched = new Map<string, number>();

/**
 * Replaces a file as a whole: a crash, a full disk or another save never leaves a partial file. The
 * bytes go to a temporary file in the same folder; when they are on the disk, that file gets the
 * name. Of several saves to one file the last one wins: within a thread the last call, between
 * threads and processes the last one that is ready. The file keeps its mode, and its owner if the
 * system allows it. A symbolic link stays, and its target is replaced.
 * @throws {FileError} when the file cannot be written
 * @throws {ArgumentError} for an address that is not of a file
 * @throws {BackendError} where there is no file system
 */
export async function writeFileAtomically(file: string | URL, bytes: Uint8Array): Promise<void> {
  if (!isNode())
    throw new BackendError(`there is no file system here to write ${String(file)} to: use modelToBytes and offer the bytes as a download`);
  try {
    const queued = resolved.then(async () => {
      const path = await resolveLinks(await pathOf(file));
      return { ended: afterEarlierSaves(path, () => replace(path, bytes)) };
    });
    resolved = queued.catch(() => {});
    await (await queued).ended;
  } catch (cause) {
    if (cause instanceof BacktimeError) throw cause;
    throw new FileError(`save: cannot write ${String(file)}: ${fileReason(cause, 'write')}`, { cause });
  }
}

/** The target of a path's symbolic links, whether it exists or not. */
async function resolveLinks(path: string): Promise<string> {
  const { readlink, realpath } = await fileSystem();
  try {
    return await realpath(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const { basename, dirname, join, resolve } = await paths();
  const folder = await realpath(dirname(path));
  const own = join(folder, basename(path));
  // A link to a file that does not exist yet.
  const target = await readlink(own).catch(() => null);
  return target === null ? own : resolveLinks(resolve(folder, target));
}

function afterEarlierSaves(path: string, save: () => Promise<void>): Promise<void> {
  const ended = (saves.get(path) ?? Promise.resolve()).then(save);
  // A failure of the save before does not matter here.
  const settled = ended
    .catch(() => {})
    .then(() => {
      if (saves.get(path) === settled) saves.delete(path);
    });
  saves.set(path, settled);
  return ended;
}

async function replace(path: string, bytes: Uint8Array): Promise<void> {
  const { access, constants, open, rename, rm, stat } = await fileSystem();
  const { dirname, join } = await paths();
  const before = await stat(path).catch((error) => {
    if (isMissing(error)) return null;
    throw error;
  });
  if (before) {
    if (!before.isFile()) throw new Error('it is not a regular file');
    // A rename would replace even a write-protected file.
    await access(path, constants.W_OK);
  }
  const folder = dirname(path);
  const temporary = join(folder, temporaryName());
  // 'x': an existing file or link with this name is neither followed nor changed.
  const handle = await open(temporary, 'wx', before ? modeToBegin(before) : undefined);
  try {
    try {
      const made = await handle.stat();
      if (before) await keepOwnerAndMode(handle, made, before);
      await removeLeftovers(folder, made.mtimeMs);
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(folder);
}

function temporaryName(): string {
  const random = crypto.getRandomValues(new Uint8Array(8));
  return `.backtime-${Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('')}.tmp`;
}

/**
 * The first mode of a temporary file. Nobody may read it who may not read the file, which may
 * belong to another group.
 */
function modeToBegin({ mode, uid, gid }: Stats): number {
  return uid === process.geteuid?.() && gid === process.getegid?.() ? mode & 0o777 : mode & 0o700;
}

/** Gives a new, empty file the owner and the mode of the file that it will replace. */
async function keepOwnerAndMode(handle: FileHandle, made: Stats, before: Stats): Promise<void> {
  let mode = before.mode & 0o777;
  if (made.uid !== before.uid || made.gid !== before.gid) {
    try {
      await handle.chown(before.uid, before.gid);
    } catch {
      // Only root can change an owner. The writer's group then gets the rights of everybody.
      mode = (mode & 0o707) | ((mode & 0o007) << 3);
    }
  }
  // File systems without modes and Node's permission flags refuse this. The file then has fewer
  // rights, not more.
  if ((made.mode & 0o777) !== mode) await handle.chmod(mode).catch(() => {});
}

/**
 * Removes temporary files of saves that were killed. A folder is searched once an hour.
 * @param now the time of the folder's own clock, which on a network is that of another machine
 */
async function removeLeftovers(folder: string, now: number): Promise<void> {
  if (now - (searched.get(folder) ?? Number.NEGATIVE_INFINITY) < LEFTOVER_AGE) return;
  // A program that saves to many folders must not remember all of them.
  if (searched.size >= MOST_FOLDERS) searched.clear();
  searched.set(folder, now);
  const { lstat, opendir, unlink } = await fileSystem();
  const { join } = await paths();
  try {
    for await (const { name } of await opendir(folder)) {
      if (!TEMPORARY.test(name)) continue;
      const leftover = join(folder, name);
      const found = await lstat(leftover).catch(() => null);
      if (found?.isFile() && now - found.mtimeMs > LEFTOVER_AGE) await unlink(leftover).catch(() => {});
    }
  } catch {
    // A folder that cannot be listed may still be writable.
  }
}

/**
 * Writes a folder's names to the disk, if the system can. (On Windows a folder cannot be opened.)
 */
async function syncFolder(folder: string): Promise<void> {
  const { open } = await fileSystem();
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

const paths = () => nodeModule<typeof import('node:path')>('node:path');

function isMissing(error: unknown): boolean {
  return isError(error) && 'code' in error && error.code === 'ENOENT';
}
