import { ArgumentError, FileError } from '../../core/errors.ts';
import { isNode, nodeModule } from '../../core/nodeModule.ts';
import { isURL, tagOf } from '../../core/tags.ts';
import { pathOf, readSource } from '../files.ts';
import type { ModelSource } from '../modelFormat.ts';
import { isFileList, type NamedFile } from '../modelSource.ts';
import type { WeightGroup } from './manifest.ts';

/** How many files are read at a time. */
const AT_A_TIME = 6;

/**
 * Reads the files that the weights of a model are in.
 * @param source of model.json
 * @returns the bytes of the files of each group
 * @throws {FileError} when one cannot be read, or is longer than its group
 * @throws {ArgumentError} when the source does not tell where they are
 */
export async function readShards(groups: readonly WeightGroup[], source: ModelSource): Promise<Uint8Array[][]> {
  const wanted = groups.flatMap(({ paths, bytes }, group) => paths.map((path, index) => ({ path, bytes, group, index })));
  const shards: Uint8Array[][] = groups.map(() => []);
  if (wanted.length === 0) return shards;
  const locate = await locator(source, wanted.length);
  const waiting = wanted.values();
  const read = async () => {
    for (const { path, bytes, group, index } of waiting)
      (shards[group] as Uint8Array[])[index] = await readShard(locate(path), path, bytes);
  };
  try {
    await Promise.all(Array.from({ length: AT_A_TIME }, read));
  } catch (error) {
    // The other readers end after the file that they are at.
    for (const _ of waiting);
    throw error;
  }
  return shards;
}

/** Reads one file. @throws {FileError} that says where its name comes from */
async function readShard(file: string | NamedFile, path: string, bytes: number): Promise<Uint8Array> {
  try {
    return await readSource(file, 'loadModel', bytes);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new FileError(`${error.message}. model.json names '${path}' among its weights: it must lie beside model.json`, { cause: error });
  }
}

/**
 * Makes the function that finds a file by its path in the manifest, below the folder of model.json.
 */
async function locator(source: ModelSource, count: number): Promise<(path: string) => string | NamedFile> {
  if (isFileList(source)) return (path) => namedFile(source, path);
  const address = typeof source === 'string' || isURL(source) ? String(source) : null;
  if (address === null || /^(data|blob):/.test(address))
    throw new ArgumentError(
      `loadModel got model.json as ${address === null ? `bytes (${tagOf(source)})` : 'an address without a folder'}, and its weights are in ${count === 1 ? 'another file' : `${count} other files`}: give its address or path, or all files, [modelJson, ...weightFiles]`,
    );
  if (isNode() && !/^https?:/.test(address)) {
    const { dirname, join } = await nodeModule<typeof import('node:path')>('node:path');
    const folder = dirname(await pathOf(source as string | URL));
    return (path) => join(folder, path);
  }
  // As in TF.js, what follows '?' in the address of model.json belongs to every file.
  const [, whole = '', query = ''] = /^([^?#]*)(\?[^#]*)?/.exec(address) ?? [];
  const folder = whole.slice(0, whole.lastIndexOf('/') + 1);
  return (path) => folder + path.split('/').map(encodeURIComponent).join('/') + query;
}

/** The file with the last part of a path as its name, since dropped files have no folders. */
function namedFile(files: ArrayLike<NamedFile>, path: string): NamedFile {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const found = Array.from(files).filter((file) => file.name === name);
  const [file] = found;
  if (!file || found.length > 1)
    throw new FileError(
      `loadModel: the weights are in the file '${name}', and ${file ? `${found.length} of the files have that name` : `the files are ${Array.from(files, (each) => each.name).join(', ')}: give that one too`}`,
    );
  return file;
}
