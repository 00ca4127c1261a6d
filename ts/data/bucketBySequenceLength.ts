import { describe } from '../core/describe.ts';
import { ArgumentError, DataError } from '../core/errors.ts';
import { booleanOption, checkOptions, oneOf } from '../core/options.ts';
import { RandomSequence, seedWords } from '../core/random.ts';
import { positiveInteger } from '../core/shape.ts';
import { type Tensor, type TensorLike, tensorOf, toTensor } from '../core/tensor.ts';
import { type PaddableSequence, padSequences, type SequenceSide } from './padSequences.ts';

/** Options of {@link bucketBySequenceLength}. */
export interface BucketOptions {
  /**
   * The lengths that divide the buckets, in increasing order: `[10, 20]` makes one of sequences
   * below 10 steps, one of 10 to 19, and one of 20 and more.
   */
  bucketBoundaries: readonly number[];
  /** Sequences of a batch: a number, or one for each bucket. Default 32. */
  bucketBatchSizes?: number | readonly number[];
  /**
   * Whether a batch is padded to the longest length of its bucket, so that there are few different
   * shapes. The last bucket has none, so no sequence may belong to it. Default false: to the
   * longest of the batch.
   */
  padToBucketBoundary?: boolean;
  /** Whether incomplete batches are dropped at the end. Default false. */
  dropRemainder?: boolean;
  /** The end at which short sequences are padded. Default `post`, as in tf.data. */
  padding?: SequenceSide;
  /** The number that pads. Default 0. */
  value?: number;
  /** Type of the numbers, as of `padSequences`. Default 'int32', for ids. */
  dtype?: 'int32' | 'float32';
  /** Whether each pass has a new order of the sequences. Default false. */
  shuffle?: boolean;
  /** Seed of the order: the n-th pass of the same seed has the same order. Default 0. */
  seed?: number | bigint;
}

const OPTIONS = [
  'bucketBoundaries',
  'bucketBatchSizes',
  'padToBucketBoundary',
  'dropRemainder',
  'padding',
  'value',
  'dtype',
  'shuffle',
  'seed',
] as const satisfies readonly (keyof BucketOptions)[];

const NAME = 'bucketBySequenceLength';

/** The random streams of the orders. Other users of the same seed have others. */
const STREAM = 0x6275636b;

/**
 * Batches of sequences of similar lengths, so that little is padded: sequences are taken in order,
 * and a bucket gives a batch as soon as it is full, as tf.data's `bucket_by_sequence_length` does.
 * The result is an iterable for `fit` (which loads none of it before), `evaluate` and `predict`;
 * the order of the batches is not that of the sequences.
 *
 * ```ts
 * import { bucketBySequenceLength } from 'backtime';
 *
 * const sentences = [[5, 2], [7, 1, 3, 9, 4], [8], [6, 6, 2, 1]];
 * const batches = bucketBySequenceLength(sentences, [0, 1, 0, 1], { bucketBoundaries: [3], bucketBatchSizes: 2 });
 * for (const [x, y] of batches) console.log(x.shape, y?.data);
 * // [ 2, 2 ] Float64Array [ 0, 0 ], [ 2, 5 ] Float64Array [ 1, 1 ]
 * ```
 *
 * https://www.tensorflow.org/api_docs/python/tf/data/Dataset#bucket_by_sequence_length
 *
 * @param sequences ids `[T]` or vectors `[T, D]`, as for `padSequences`
 * @param targets the targets by sequence, `[N, …]`; null: none, for `predict`
 * @throws {ArgumentError} for an unknown option or a value outside its range
 * @throws {DataError} when there are no sequences, or targets of another number
 */
export function bucketBySequenceLength(
  sequences: readonly PaddableSequence[],
  targets: TensorLike | null,
  options: BucketOptions,
): Iterable<readonly [x: Tensor, y?: Tensor]> {
  checkOptions(options, OPTIONS, NAME);
  const boundaries = boundariesOf(options?.bucketBoundaries);
  const sizes = sizesOf(options.bucketBatchSizes ?? 32, boundaries.length + 1);
  const toBoundary = booleanOption(options.padToBucketBoundary, false, `${NAME}: padToBucketBoundary`);
  const dropRemainder = booleanOption(options.dropRemainder, false, `${NAME}: dropRemainder`);
  const shuffle = booleanOption(options.shuffle, false, `${NAME}: shuffle`);
  const { padding = 'post', value = 0, seed = 0 } = options;
  const dtype = oneOf(options.dtype ?? 'int32', ['int32', 'float32'] as const, `${NAME}: dtype`);
  seedWords(seed);
  if (!Array.isArray(sequences) || sequences.length === 0)
    throw new DataError(`${NAME}: sequences must be an array of at least one sequence, got ${describe(sequences)}`);
  const goals = targets === null ? null : toTensor(targets, `${NAME}: targets`);
  if (goals && goals.shape[0] !== sequences.length)
    throw new DataError(`${NAME}: there are ${sequences.length} sequences, but targets has ${goals.shape[0] ?? 'no'} rows`);

  const lengths = sequences.map(lengthOf);
  const bucketOf = (length: number) => {
    const bucket = boundaries.findIndex((boundary) => length < boundary);
    return bucket < 0 ? boundaries.length : bucket;
  };
  const longest = lengths.findIndex((length) => bucketOf(length) === boundaries.length);
  if (toBoundary && longest >= 0)
    throw new DataError(
      `${NAME}: sequences[${longest}] has ${lengths[longest]} steps, but with padToBucketBoundary all must be below the last boundary, ` +
        `${boundaries.at(-1)}: add a higher one`,
    );
  const batchOf = (rows: readonly number[], bucket: number): readonly [x: Tensor, y?: Tensor] => {
    const ofBatch = rows.map((row) => sequences[row] as PaddableSequence);
    const most = toBoundary ? (boundaries[bucket] as number) - 1 : rows.reduce((most, row) => Math.max(most, lengths[row] as number), 0);
    // A model takes no sequence without steps, so sequences that are all empty get one.
    const given = { maxLength: Math.max(most, 1), padding, value };
    const x = dtype === 'int32' ? padSequences(ofBatch, given) : padSequences(ofBatch, { ...given, dtype });
    return goals ? [x, rowsOf(goals, rows)] : [x];
  };
  let pass = 0;
  function* batches(): Generator<readonly [x: Tensor, y?: Tensor]> {
    const order = shuffle ? new RandomSequence(seed, STREAM + pass++).permutation(sequences.length) : sequences.keys();
    const buckets = sizes.map((): number[] => []);
    for (const row of order) {
      const bucket = bucketOf(lengths[row] as number);
      const held = buckets[bucket] as number[];
      if (held.push(row) < (sizes[bucket] as number)) continue;
      buckets[bucket] = [];
      yield batchOf(held, bucket);
    }
    if (dropRemainder) return;
    for (const [bucket, held] of buckets.entries()) if (held.length > 0) yield batchOf(held, bucket);
  }
  return { [Symbol.iterator]: batches };
}

/** The steps of a sequence. @throws {DataError} when it is no sequence */
function lengthOf(sequence: unknown, row: number): number {
  const steps = sequence as { readonly length?: unknown; readonly shape?: readonly number[] } | null;
  const length = Array.isArray(steps?.shape) ? steps.shape[0] : steps?.length;
  if (typeof steps === 'object' && typeof length === 'number') return length;
  throw new DataError(`${NAME}: sequences[${row}] must be an array, got ${describe(sequence)}`);
}

/** Rows of a tensor, in this order. */
function rowsOf({ shape, data }: Tensor, rows: readonly number[]): Tensor {
  const row = data.length / (shape[0] as number);
  const made = new (data.constructor as new (length: number) => typeof data)(rows.length * row);
  for (const [place, from] of rows.entries()) made.set(data.subarray(from * row, (from + 1) * row), place * row);
  return tensorOf([rows.length, ...shape.slice(1)], made);
}

function boundariesOf(value: unknown): readonly number[] {
  if (!Array.isArray(value) || value.length === 0)
    throw new ArgumentError(`${NAME}: bucketBoundaries must be an array of lengths, such as [10, 20], got ${describe(value)}`);
  for (const [index, boundary] of value.entries()) {
    positiveInteger(boundary, `${NAME}: bucketBoundaries[${index}]`);
    if (index > 0 && boundary <= value[index - 1])
      throw new ArgumentError(`${NAME}: bucketBoundaries must be increasing, got ${describe(value)}`);
  }
  return value;
}

function sizesOf(value: unknown, buckets: number): readonly number[] {
  if (!Array.isArray(value)) return new Array(buckets).fill(positiveInteger(value, `${NAME}: bucketBatchSizes`));
  if (value.length !== buckets)
    throw new ArgumentError(
      `${NAME}: bucketBatchSizes must have ${buckets} numbers, one more than bucketBoundaries, got ${value.length}: the last is for longer sequences`,
    );
  return value.map((size, index) => positiveInteger(size, `${NAME}: bucketBatchSizes[${index}]`));
}
