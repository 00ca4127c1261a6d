import { describe } from '../core/describe.ts';
import { ArgumentError, FormatError } from '../core/errors.ts';
import type { NumericArray } from '../core/numericArray.ts';
import { typedArrayName } from '../core/tags.ts';
import { modelChecksum } from './checksum.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.ts';

/** The version of the format. It increases when older readers would misread the new files. */
const VERSION = '1';
/** The key of an object that stands for a typed array, by its name among the file's arrays. */
const ARRAY = '$array';
/** The key of an object that stands for a number that JSON does not have. */
const NUMBER = '$number';
const ARRAYS: readonly unknown[] = ['Float32Array', 'Float64Array', 'Int32Array'];

/**
 * Encodes plain data as a safetensors file: strings, numbers of every kind, true, false, null,
 * typed arrays, and arrays and plain objects of these. Typed arrays are tensors, the rest is JSON
 * in the metadata.
 * @param format what the file is, in its metadata
 * @throws {ArgumentError} naming a value that is none of these
 */
export function encodePlainData(value: unknown, format: string): Uint8Array {
  const tensors: StoredTensor[] = [];
  const encoded = (part: unknown, path: string): unknown => {
    if (part === null || typeof part === 'string' || typeof part === 'boolean') return part;
    if (typeof part === 'number')
      return Number.isFinite(part) && !Object.is(part, -0) ? part : { [NUMBER]: Object.is(part, -0) ? '-0' : String(part) };
    if (Array.isArray(part)) return part.map((element, index) => encoded(element, `${path}.${index}`));
    if (ARRAYS.includes(typedArrayName(part))) {
      const data = part as NumericArray as StoredTensor['data'];
      tensors.push({ name: path, shape: [data.length], data });
      return { [ARRAY]: path };
    }
    const prototype: unknown = typeof part === 'object' ? Object.getPrototypeOf(part) : undefined;
    if (prototype !== null && (prototype === undefined || Object.getPrototypeOf(prototype) !== null))
      throw new ArgumentError(
        `${format}: ${path} must be a string, a number, true, false, null, a Float32Array, a Float64Array, or an array or a plain object of these, got ${describe(part)}`,
      );
    return Object.fromEntries(
      Object.entries(part as object).map(([key, element]) => {
        if (key === ARRAY || key === NUMBER) throw new ArgumentError(`${format}: ${path} has the key '${key}', which is reserved`);
        return [key, encoded(element, `${path}.${key}`)];
      }),
    );
  };
  const data = JSON.stringify(encoded(value, 'data'));
  return encodeSafetensors({ tensors, metadata: { format, version: VERSION, checksum: modelChecksum(data, tensors), data } });
}

/**
 * Decodes what {@link encodePlainData} encoded.
 * @param source the name of the source, for error messages
 * @throws {FormatError} when the bytes are truncated, corrupt, or of another format or version
 */
export function decodePlainData(bytes: Uint8Array, format: string, source: string): unknown {
  const { tensors, metadata } = decodeSafetensors(bytes, source);
  const { data } = metadata;
  if (metadata.format !== format || data === undefined) throw new FormatError(`${source} is a safetensors file, but not a ${format}`);
  if (metadata.version !== VERSION)
    throw new FormatError(`${source} has version ${metadata.version} of the format; this release reads version ${VERSION}`);
  if (metadata.checksum !== modelChecksum(data, tensors))
    throw new FormatError(`${source} is corrupt: its contents do not have the checksum '${metadata.checksum}' that they were saved with`);
  const arrays = new Map<unknown, unknown>(tensors.map((tensor) => [tensor.name, tensor.data]));
  return JSON.parse(data, (_key, part) => {
    if (typeof part !== 'object' || part === null) return part;
    if (ARRAY in part) return arrays.get(part[ARRAY]);
    return NUMBER in part ? Number(part[NUMBER]) : part;
  });
}
