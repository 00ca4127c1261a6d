import { allocateArray } from '../core/allocate.ts';
import { describe } from '../core/describe.ts';
import { ArgumentError, DataError, ShapeError } from '../core/errors.ts';
import { LARGEST_FLOAT32 } from '../core/float32.ts';
import { isNumericArray, requireAttached } from '../core/numericArray.ts';
import { checkOptions, oneOf } from '../core/options.ts';
import { formatShape, positiveInteger } from '../core/shape.ts';
import { sourceOf, type Tensor, tensorOf } from '../core/tensor.ts';

/** Which end of a sequence: `pre` its start, `post` its end. */
export type SequenceSide = 'pre' | 'post';

/**
 * A sequence of any number T of steps: numbers `[T]`, or vectors `[T, D]` as nested arrays or as a
 * tensor.
 */
export type PaddableSequence = ArrayLike<number> | readonly ArrayLike<number>[] | Tensor;

export interface PadSequencesOptions {
  /** Length of every row. Default: the length of the longest sequence. */
  maxLength?: number;
  /** The end at which short sequences are padded. Default `pre`. */
  padding?: SequenceSide;
  /** The end at which long sequences are cut. Default `pre`: the last `maxLength` steps stay. */
  truncating?: SequenceSide;
  /** The number that pads short sequences, in every element of a vector. Default 0. */
  value?: number;
  /**
   * Type of the numbers. Default 'int32', for ids. Series need 'float32': with 'int32' a fraction
   * is an error, where Keras silently truncates 0.5 to 0.
   */
  dtype?: 'int32' | 'float32';
}

const SIDES: readonly SequenceSide[] = ['pre', 'post'];
const OPTIONS = ['maxLength', 'padding', 'truncating', 'value', 'dtype'] as const;

/**
 * Pads and cuts sequences of different lengths to the rows of one tensor, with the meaning and the
 * defaults of Keras's `pad_sequences` (keras.io/api/data_loading/timeseries). A `Masking` layer
 * with the same `value` makes a model skip the padding.
 * @param sequences ids or numbers `[T]`, or vectors `[T, D]` that all have the same size D
 * @returns shape `[sequences.length, maxLength]`, for vectors `[sequences.length, maxLength, D]`.
 *   If there are no sequences and no `maxLength`, the rows have length 0
 * @throws {DataError} when a sequence is not an array, or an element is not a 32-bit integer (with
 *   `float32`: not a finite number)
 * @throws {ShapeError} when vectors differ in size
 * @throws {ArgumentError} when an option is unknown or outside its range
 * @throws {OutOfMemoryError} when the rows do not fit in the JavaScript heap
 */
export function padSequences(
  sequences: readonly PaddableSequence[],
  options?: PadSequencesOptions & { dtype?: 'int32' },
): Tensor<Int32Array>;
export function padSequences(
  sequences: readonly PaddableSequence[],
  options: PadSequencesOptions & { dtype: 'float32' },
): Tensor<Float32Array>;
export function padSequences(
  sequences: readonly PaddableSequence[],
  options?: PadSequencesOptions,
): Tensor<Int32Array> | Tensor<Float32Array>;
export function padSequences(
  sequences: readonly PaddableSequence[],
  options: PadSequencesOptions = {},
): Tensor<Int32Array> | Tensor<Float32Array> {
  checkOptions(options, OPTIONS, 'padSequences');
  const { padding = 'pre', truncating = 'pre', value = 0, dtype = 'int32' } = options;
  if (!Array.isArray(sequences))
    throw new ArgumentError(`padSequences: sequences must be an array of sequences, got ${describe(sequences)}`);
  oneOf(padding, SIDES, 'padSequences: padding');
  oneOf(truncating, SIDES, 'padSequences: truncating');
  oneOf(dtype, ['int32', 'float32'], 'padSequences: dtype');
  const misfitOf = dtype === 'int32' ? misfitOfInt32 : misfitOfFloat32;
  const misfit = misfitOf(value);
  if (misfit) throw new ArgumentError(`padSequences: value ${misfit}`);

  const steps = Array.from(sequences, stepsOf);
  const longest = steps.reduce((most, { length }) => Math.max(most, length), 0);
  const columns = options.maxLength === undefined ? longest : positiveInteger(options.maxLength, 'padSequences: maxLength');
  const first: unknown = steps.find(({ length }) => length > 0)?.[0];
  const features = isArrayLike(first) ? first.length : null;
  const shape = features === null ? [steps.length, columns] : [steps.length, columns, features];
  const ArrayType: RowType = dtype === 'int32' ? Int32Array : Float32Array;
  const data = allocateArray(ArrayType, shape, 'padSequences: the rows').fill(value);
  const numberAt = (number: unknown, ...path: readonly number[]): number => {
    const misfit = misfitOf(number);
    if (misfit) throw new DataError(`${placeOf(path)} ${misfit}`);
    return number as number;
  };

  for (const [row, sequence] of steps.entries()) {
    const kept = Math.min(sequence.length, columns);
    const from = truncating === 'pre' ? sequence.length - kept : 0;
    const to = row * columns + (padding === 'pre' ? columns - kept : 0);
    for (let step = 0; step < kept; step++) {
      const values = sequence[from + step];
      if (features === null) data[to + step] = numberAt(values, row, from + step);
      else {
        if (!isArrayLike(values) || values.length !== features)
          throw new ShapeError(
            `${placeOf([row, from + step])} must be a vector of ${features} like the first one, got ${describe(values)}`,
          );
        for (let index = 0; index < features; index++)
          data[(to + step) * features + index] = numberAt(values[index], row, from + step, index);
      }
    }
  }
  return tensorOf(shape, data) as Tensor<Int32Array> | Tensor<Float32Array>;
}

type RowType = { new (length: number): Int32Array | Float32Array; readonly BYTES_PER_ELEMENT: number };

function placeOf(path: readonly number[]): string {
  return `padSequences: sequences${path.map((index) => `[${index}]`).join('')}`;
}

/** The problem with a value as an int32; null if there is none. */
function misfitOfInt32(value: unknown): string | null {
  if (typeof value === 'number' && (value | 0) === value) return null;
  if (typeof value === 'number' && Math.abs(value) < 2 ** 31 && !Number.isInteger(value))
    return `is ${value}, but dtype 'int32' (the default, as in Keras) would store ${Math.trunc(value)}: pass dtype: 'float32'`;
  return `must be a 32-bit integer, got ${describe(value)}`;
}

/** The problem with a value as a float32; null if there is none. */
function misfitOfFloat32(value: unknown): string | null {
  if (typeof value === 'number' && Math.abs(value) <= LARGEST_FLOAT32) return null;
  return `must be a finite float32, got ${describe(value)}`;
}

function isArrayLike(value: unknown): value is ArrayLike<unknown> {
  return typeof value === 'object' && value !== null && Number.isSafeInteger((value as ArrayLike<unknown>).length);
}

/** The steps of a sequence. */
function stepsOf(sequence: unknown, row: number): ArrayLike<unknown> {
  const argument = placeOf([row]);
  if (isNumericArray(sequence)) requireAttached(sequence, argument);
  if (isArrayLike(sequence)) return sequence;
  if (typeof sequence !== 'object' || sequence === null || !('shape' in sequence))
    throw new DataError(`${argument} must be an array, got ${describe(sequence)}`);
  const { shape, data } = sourceOf(sequence as Tensor, argument) as Tensor;
  const [count, features] = shape;
  if (count === undefined || shape.length > 2)
    throw new ShapeError(`${argument} has shape ${formatShape(shape)}, but a sequence is [steps] or [steps, features]`);
  if (features === undefined) return data;
  return Array.from({ length: count }, (_, step) => data.subarray(step * features, (step + 1) * features));
}
