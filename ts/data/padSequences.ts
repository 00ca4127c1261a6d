import { allocateArray } from '../core/allocate.ts';
import { ArgumentError, DataError } from '../core/errors.ts';
import { checkOptions, oneOf } from '../core/options.ts';
import { describe, positiveInteger } from '../core/shape.ts';
import type { Tensor } from '../core/tensor.ts';

/** Which end of a sequence: `pre` its start, `post` its end. */
export type SequenceSide = 'pre' | 'post';

export interface PadSequencesOptions {
  /** Length of every row. Default: that of the longest sequence. */
  maxLength?: number;
  /** Where short sequences are filled. Default `pre`. */
  padding?: SequenceSide;
  /** Where long sequences are cut. Default `pre`: the last `maxLength` ids stay. */
  truncating?: SequenceSide;
  /** What short sequences are filled with, an integer. Default 0. */
  value?: number;
}

const SIDES: readonly SequenceSide[] = ['pre', 'post'];
const OPTIONS = ['maxLength', 'padding', 'truncating', 'value'] as const;

/**
 * Sequences of ids of different lengths as the rows of one tensor, with the meaning and the defaults of Keras's
 * `pad_sequences` (keras.io/api/data_loading/timeseries).
 * @returns shape `[sequences.length, maxLength]`; of no sequences `[0, maxLength]`, or `[0, 0]` when that is not given
 * @throws {DataError} when an element is not a 32-bit integer
 * @throws {ArgumentError} when an option is unknown or outside its range; {OutOfMemoryError} when the heap has no room for the rows
 */
export function padSequences(sequences: readonly ArrayLike<number>[], options: PadSequencesOptions = {}): Tensor<Int32Array> {
  checkOptions(options, OPTIONS, 'padSequences');
  const { padding = 'pre', truncating = 'pre', value = 0 } = options;
  if (!Array.isArray(sequences))
    throw new ArgumentError(`padSequences: sequences must be an array of sequences, got ${describe(sequences)}`);
  oneOf(padding, SIDES, 'padSequences: padding');
  oneOf(truncating, SIDES, 'padSequences: truncating');
  if ((value | 0) !== value) throw new ArgumentError(`padSequences: value must be a 32-bit integer, got ${describe(value)}`);

  const columns = options.maxLength === undefined ? longest(sequences) : positiveInteger(options.maxLength, 'padSequences: maxLength');
  const data = allocateArray(Int32Array, [sequences.length, columns], 'padSequences: the rows').fill(value);
  for (let row = 0; row < sequences.length; row++) {
    const sequence = sequences[row];
    const kept = Math.min(lengthOf(sequence, row), columns);
    const from = truncating === 'pre' ? sequence.length - kept : 0;
    const to = row * columns + (padding === 'pre' ? columns - kept : 0);
    for (let step = 0; step < kept; step++) {
      const id = sequence[from + step];
      if ((id | 0) !== id) {
        throw new DataError(`padSequences: sequences[${row}][${from + step}] must be a 32-bit integer, got ${describe(id)}`);
      }
      data[to + step] = id;
    }
  }
  return { shape: [sequences.length, columns], data };
}

function longest(sequences: readonly ArrayLike<number>[]): number {
  return sequences.reduce((length, sequence, row) => Math.max(length, lengthOf(sequence, row)), 0);
}

function lengthOf(sequence: ArrayLike<number>, row: number): number {
  if (typeof sequence !== 'object' || sequence === null || !Number.isSafeInteger(sequence.length)) {
    throw new DataError(`padSequences: sequences[${row}] must be an array, got ${describe(sequence)}`);
  }
  return sequence.length;
}
