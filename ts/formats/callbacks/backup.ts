import type { KeepableRun } from '../../callbacks/runKeeper.ts';
import { describe } from '../../core/describe.ts';
import { ArgumentError, FormatError } from '../../core/errors.ts';
import { isURL, tagOf } from '../../core/tags.ts';
import { decodePlainData, encodePlainData } from '../plainData.ts';
import type { BackupStorage } from './backupAndRestore.ts';
import { deleteFileAndFolder, fileIn, readFileIfAny, requireFiles, writeFileInFolder } from './fileStore.ts';

/** The format in the metadata of a backup. */
const FORMAT = 'backtime backup';
/** The name of a backup in its folder. */
const FILE = 'backup.safetensors';

/**
 * The functions that keep a backup: those of the user, or those for a folder.
 * @throws {BackendError} for a folder where there is no file system
 */
export function openStorage(where: string | URL | BackupStorage): BackupStorage {
  if (typeof where !== 'string' && !isURL(where)) return where;
  requireFiles('BackupAndRestore', where, 'it an object with the functions save(bytes), load() and delete()');
  return {
    save: async (bytes) => writeFileInFolder(await fileIn(where, FILE), bytes),
    load: async () => readFileIfAny(await fileIn(where, FILE)),
    delete: async () => deleteFileAndFolder(await fileIn(where, FILE)),
  };
}

/** The bytes of a backup. @param epoch the epoch that runs, or between two epochs the next one */
export function encodeRun(run: KeepableRun, epoch: number): Uint8Array {
  return encodePlainData(run.getState(epoch), FORMAT);
}

/**
 * Continues the run of a backup, if there is one.
 * @throws {FormatError} when the backup is corrupt or of another model
 * @throws {ArgumentError} when `load` gives something else than bytes, or the run divides the epoch
 *   into other batches
 */
export async function restoreRun(run: KeepableRun, storage: BackupStorage, where: string | URL | BackupStorage): Promise<void> {
  const loaded: unknown = await storage.load();
  if (loaded === null || loaded === undefined) return;
  const isBuffer = tagOf(loaded) === 'ArrayBuffer';
  if (!isBuffer && tagOf(loaded) !== 'Uint8Array')
    throw new ArgumentError(`BackupAndRestore: load must give the bytes that were saved, or null, got ${describe(loaded)}`);
  const bytes = isBuffer ? new Uint8Array(loaded as ArrayBuffer) : (loaded as Uint8Array);
  const source = typeof where === 'string' || isURL(where) ? `the backup in ${String(where)}` : 'the backup';
  try {
    run.setState(decodePlainData(bytes, FORMAT, source));
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    // Messages about the bytes name the source already.
    const problem = cause.message.startsWith(source) ? cause.message : `${source} does not fit this run: ${cause.message}`;
    throw new FormatError(`BackupAndRestore: ${problem}. To start again, delete the backup; another model needs a separate one`, { cause });
  }
}
