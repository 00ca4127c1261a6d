import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { isURL, tagOf } from '../core/tags.ts';
import type { FileSource, ModelSource } from './modelFormat.ts';

/** A `File`. */
export type NamedFile = Blob & { readonly name: string };

/** Whether it is several files: an array, or the `FileList` of an input element. */
export function isFileList(source: ModelSource): source is ArrayLike<NamedFile> {
  return Array.isArray(source) || tagOf(source) === 'FileList';
}

/**
 * The file that describes the model: the source itself, or of several files the one whose name ends
 * in .json.
 * @throws {ArgumentError} when none of the files or several are such
 */
export function mainFile(source: ModelSource): FileSource {
  if (!isFileList(source)) return source;
  const files = Array.from(source);
  for (const file of files)
    if (typeof file?.name !== 'string' || !['File', 'Blob'].includes(tagOf(file)))
      throw new ArgumentError(
        `loadModel takes an array of Files: the one with the model and those with its weights, got ${describe(file)} in it`,
      );
  const described = files.length === 1 ? files : files.filter(({ name }) => name.endsWith('.json'));
  const [main] = described;
  if (!main || described.length > 1)
    throw new ArgumentError(
      `loadModel takes one .json file with the model beside those with its weights, got ${described.length} in [${files.map(({ name }) => name).join(', ')}]`,
    );
  return main;
}

/** The name of a source, for error messages; undefined for bytes. */
export function nameOf(source: FileSource): string | undefined {
  if (typeof source === 'string' || isURL(source)) return String(source);
  return tagOf(source) === 'File' ? String((source as NamedFile).name) : undefined;
}
