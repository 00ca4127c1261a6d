import { ArgumentError, DataError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import { RandomStream } from '../core/random.ts';
import { describe } from '../core/shape.ts';

export interface TrainValidationSplitOptions {
  /** Part of the rows that go to the validation set, rounded to whole rows, 0 < fraction < 1. Default 0.2. */
  validationFraction?: number;
  /** Mix the rows first. Default true; false keeps their order and takes the validation rows from the end, as Keras's `validation_split` does. */
  shuffle?: boolean;
  /** Seed of the mixing. Default 0. */
  seed?: number | bigint;
}

const OPTIONS = ['validationFraction', 'shuffle', 'seed'] as const;

/** Random stream of this function, which keeps its numbers apart from others drawn from the same seed. */
const STREAM = 0x73706c74;

/**
 * Divides rows (of any kind: records, `[text, label]` pairs, indices) into two sets that share none.
 * The same rows, fraction and seed give the same sets.
 * @throws {DataError} when one of the sets would be empty
 */
export function trainValidationSplit<Row>(
  rows: readonly Row[],
  options: TrainValidationSplitOptions = {},
): { train: Row[]; validation: Row[] } {
  checkOptions(options, OPTIONS, 'trainValidationSplit');
  const { validationFraction = 0.2, shuffle = true, seed = 0 } = options;
  if (!(validationFraction > 0 && validationFraction < 1)) {
    throw new ArgumentError(`trainValidationSplit: validationFraction must be between 0 and 1, got ${describe(validationFraction)}`);
  }
  const validationCount = Math.round(rows.length * validationFraction);
  const trainCount = rows.length - validationCount;
  if (trainCount === 0 || validationCount === 0) {
    throw new DataError(
      `trainValidationSplit: each set needs at least one row, got ${trainCount} and ${validationCount} from ${rows.length} rows`,
    );
  }
  const ordered = shuffle ? Array.from(new RandomStream(seed, STREAM).permutation(rows.length), (row) => rows[row]) : [...rows];
  return { train: ordered.slice(0, trainCount), validation: ordered.slice(trainCount) };
}
