import { describe } from '../../core/describe.ts';
import { FormatError } from '../../core/errors.ts';
import { MOST_AXES, type Shape, sizeOf } from '../../core/shape.ts';
import { isPlain, listAt, type Plain, textAt } from '../keras/kerasObject.ts';

// `weightsManifest` of model.json: groups of weights, and the files (shards) whose bytes one after
// the other are the values of a group.
// https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts

/** Bytes of an element, by the type of the stored numbers. */
const BYTES = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2 } as const;
export type StoredType = keyof typeof BYTES;

/** A weight of a group, and how its numbers are stored. */
export interface StoredWeight {
  readonly name: string;
  readonly shape: Shape;
  /** The type of the values in TF.js. */
  readonly type: 'float32' | 'int32' | 'bool';
  readonly stored: StoredType;
  /** A value is `scale · number + min`, of integers only. */
  readonly scale: number;
  readonly min: number;
  /** Whether it is part of the optimizer. */
  readonly isSlot: boolean;
  /** Of its values in the group. */
  readonly bytes: number;
}

/** Weights whose values lie one after the other in some files. */
export interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly StoredWeight[];
  /** Of all weights. */
  readonly bytes: number;
}

/** The most files that the weights of a model may be in. */
const MOST_SHARDS = 10_000;

/**
 * Reads the manifest.
 * @throws {FormatError} when it is inconsistent, or has types of values that models of layers have
 *   not
 */
export function readManifest(value: unknown): readonly WeightGroup[] {
  if (value === undefined || value === null)
    throw new FormatError(
      'the model has no weightsManifest, so it is an architecture without weights: save the model with its weights, model.save(…) in TF.js',
    );
  const groups = listAt(value, 'weightsManifest').map((group, index) => readGroup(group, `weightsManifest[${index}]`));
  const paths = groups.flatMap((group) => group.paths);
  if (paths.length > MOST_SHARDS) throw new FormatError(`weightsManifest has ${paths.length} files, at most ${MOST_SHARDS} are read`);
  const seen = new Set<string>();
  for (const path of paths) {
    if (seen.has(path)) throw new FormatError(`weightsManifest has the file ${describe(path)} twice`);
    seen.add(path);
  }
  return groups;
}

function readGroup(value: unknown, where: string): WeightGroup {
  if (!isPlain(value)) throw new FormatError(`${where} should be an object with paths and weights, but is ${describe(value)}`);
  const paths = listAt(value.paths, `${where}: paths`).map((path, index) => checkPath(path, `${where}: paths[${index}]`));
  const weights = listAt(value.weights, `${where}: weights`).map((weight, index) => readWeight(weight, `${where}: weights[${index}]`));
  const bytes = weights.reduce((all, weight) => all + weight.bytes, 0);
  if (!Number.isSafeInteger(bytes)) throw new FormatError(`${where} has more than 2^53 bytes`);
  return { paths, weights, bytes };
}

/**
 * Checks the name of a file: one in the folder of model.json, or in a folder there. All others
 * would let a model choose what is read.
 * @throws {FormatError} for an absolute name, an address, `..`, and what only some systems split
 */
function checkPath(value: unknown, where: string): string {
  const path = textAt(value, where);
  const parts = path.split('/');
  // A colon would begin a drive or an address; a backslash splits names on Windows.
  const isPlainName = (part: string) => part !== '' && part !== '.' && part !== '..' && !/[\\:\0]/.test(part);
  if (path.length > 1000 || !parts.every(isPlainName))
    throw new FormatError(`${where} is ${describe(path)}, and only files in the folder of model.json, or in folders there, are read`);
  return path;
}

function readWeight(value: unknown, where: string): StoredWeight {
  if (!isPlain(value)) throw new FormatError(`${where} should be an object, but is ${describe(value)}`);
  const name = textAt(value.name, `${where}: name`);
  const title = `the weights ${describe(name)}`;
  const shape = readShape(value.shape, `${title}: shape`);
  const { dtype: type, quantization } = value;
  if (type !== 'float32' && type !== 'int32' && type !== 'bool')
    throw new FormatError(`${title} have dtype ${describe(type)}; models of layers have float32, int32 and bool`);
  const { stored, scale, min } = readQuantization(quantization, type, `${title}: quantization`);
  return { name, shape, type, stored, scale, min, isSlot: value.group === 'optimizer', bytes: sizeOf(shape) * BYTES[stored] };
}

function readShape(value: unknown, where: string): Shape {
  const sizes = listAt(value, where);
  const isSize = (size: unknown) => Number.isSafeInteger(size) && (size as number) >= 0;
  // The size of 8-byte values is a safe integer, too.
  if (sizes.length > MOST_AXES || !sizes.every(isSize) || !Number.isSafeInteger(8 * sizeOf(sizes as Shape)))
    throw new FormatError(`${where} should be the sizes of at most ${MOST_AXES} axes, but is ${describe(value)}`);
  return sizes as Shape;
}

function readQuantization(
  value: unknown,
  type: 'float32' | 'int32' | 'bool',
  where: string,
): Pick<StoredWeight, 'stored' | 'scale' | 'min'> {
  if (value === undefined || value === null) return { stored: type, scale: 1, min: 0 };
  const { dtype: stored, scale, min } = (isPlain(value) ? value : {}) as Plain;
  if (stored === 'float16' && type === 'float32') return { stored, scale: 1, min: 0 };
  if ((stored !== 'uint8' && stored !== 'uint16') || type === 'bool')
    throw new FormatError(`${where} should have dtype 'uint8', 'uint16' or, of float32, 'float16', but is ${describe(value)}`);
  // Small integers may be stored as they are.
  if (scale === undefined && min === undefined) return { stored, scale: 1, min: 0 };
  if (!Number.isFinite(scale) || !Number.isFinite(min))
    throw new FormatError(`${where} should have finite numbers scale and min, but has ${describe(scale)} and ${describe(min)}`);
  return { stored, scale: scale as number, min: min as number };
}
