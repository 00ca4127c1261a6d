import { describe } from '../core/describe.ts';
import { ArgumentError, DataError } from '../core/errors.ts';
import { booleanOption, checkOptions } from '../core/options.ts';
import { RandomSequence } from '../core/random.ts';
import { typedArrayName } from '../core/tags.ts';

export interface TrainValidationSplitOptions<Row = unknown> {
  /**
   * Fraction of the rows for the validation set, rounded to whole rows, 0 < fraction < 1. Default
   * 0.2.
   */
  validationSplit?: number;
  /**
   * Fraction of the rows for a third set, `test`, rounded to whole rows, 0 < fraction < 1. Default:
   * no third set.
   */
  testSplit?: number;
  /**
   * The class of each row (a number or a string), as an array or as a function of the row and its
   * index. Every set then gets its share of each class, at least one row. Default: classes are not
   * considered.
   */
  stratify?: ArrayLike<unknown> | ((row: Row, index: number) => unknown);
  /**
   * Shuffle the rows first. Default true. false keeps their order, for rows in order of time: the
   * first rows are for training, the next ones for validation, and the last ones for the test.
   * Keras's `validation_split` takes its rows from the end too.
   */
  shuffle?: boolean;
  /** Seed of the shuffle. Default 0. */
  seed?: number | bigint;
}

const OPTIONS = ['validationSplit', 'testSplit', 'stratify', 'shuffle', 'seed'] as const;

/** The random stream of this function. Other users of the same seed have other streams. */
const STREAM = 0x73706c74;

/**
 * Splits rows (of any kind: records, `[text, label]` pairs, indices) into two or three sets without
 * common rows. The same rows, options and seed give the same sets.
 *
 * ```ts
 * import { trainValidationSplit } from 'backtime';
 *
 * const labels = (row: number) => (row % 5 === 0 ? 'good' : 'bad');
 * const reviews = Array.from({ length: 50 }, (_, row) => ({ row, label: labels(row) }));
 * const { train, validation } = trainValidationSplit(reviews, { stratify: ({ label }) => label });
 * const good = validation.filter(({ label }) => label === 'good');
 * console.log(train.length, validation.length, good.length); // 40 10 2
 *
 * const days = Array.from({ length: 10 }, (_, day) => day);
 * // { train: [0, …, 5], validation: [6, 7], test: [8, 9] }
 * console.log(trainValidationSplit(days, { testSplit: 0.2, shuffle: false }));
 * ```
 *
 * @throws {DataError} when a set would be empty, or `stratify` cannot give every set a row of each
 *   class
 * @throws {ArgumentError} when rows are no array, an option is unknown or outside its range, or
 *   `stratify` comes with `shuffle: false`
 */
export function trainValidationSplit<Row>(
  rows: readonly Row[],
  options: TrainValidationSplitOptions<Row> & { testSplit: number },
): { train: Row[]; validation: Row[]; test: Row[] };
export function trainValidationSplit<Row>(
  rows: readonly Row[],
  options?: TrainValidationSplitOptions<Row> & { testSplit?: undefined },
): { train: Row[]; validation: Row[] };
export function trainValidationSplit<Row>(
  rows: readonly Row[],
  options: TrainValidationSplitOptions<Row> = {},
): { train: Row[]; validation: Row[]; test?: Row[] } {
  if (!Array.isArray(rows) && typedArrayName(rows) === undefined)
    throw new ArgumentError(`trainValidationSplit: rows must be an array, got ${describe(rows)}`);
  checkOptions(options, OPTIONS, 'trainValidationSplit');
  const { validationSplit = 0.2, testSplit, stratify, seed = 0 } = options;
  const shuffle = booleanOption(options.shuffle, true, 'trainValidationSplit: shuffle');
  const count = rows.length;
  const validationCount = Math.round(count * checkPart(validationSplit, 'validationSplit'));
  const testCount = testSplit === undefined ? 0 : Math.round(count * checkPart(testSplit, 'testSplit'));
  const sizes = [count - validationCount - testCount, validationCount, ...(testSplit === undefined ? [] : [testCount])];
  if (sizes.some((size) => size < 1))
    throw new DataError(`trainValidationSplit: each set needs at least one row, but ${count} rows would make sets of ${sizes.join(', ')}`);

  const random = new RandomSequence(seed, STREAM);
  const order = shuffle ? random.permutation(count) : Int32Array.from({ length: count }, (_, row) => row);
  let sets: number[][];
  if (stratify === undefined) {
    const ends = sizes.map((_, set) => sizes.slice(0, set + 1).reduce((sum, size) => sum + size, 0));
    sets = sizes.map((size, set) => Array.from(order.subarray((ends[set] as number) - size, ends[set])));
  } else {
    if (!shuffle)
      throw new ArgumentError('trainValidationSplit takes stratify or shuffle: false, got both: rows in their order cannot be stratified');
    sets = divideClasses(random, order, classesOf(rows, stratify), sizes);
  }
  const [train, validation, test] = sets.map((indices) => indices.map((index) => rows[index] as Row)) as [Row[], Row[], Row[]?];
  return test ? { train, validation, test } : { train, validation };
}

function checkPart(part: unknown, name: string): number {
  if (typeof part === 'number' && part > 0 && part < 1) return part;
  throw new ArgumentError(`trainValidationSplit: ${name} must be a number between 0 and 1, got ${describe(part)}`);
}

/** The class index of each row. Classes are counted from 0 in the order of their first rows. */
function classesOf<Row>(
  rows: readonly Row[],
  stratify: NonNullable<TrainValidationSplitOptions<Row>['stratify']>,
): { of: number[]; names: unknown[] } {
  const isFunction = typeof stratify === 'function';
  if (!isFunction && !(typeof stratify === 'object' && stratify !== null && stratify.length === rows.length))
    throw new ArgumentError(
      `trainValidationSplit: stratify must be a function, or an array with a class for each of ${rows.length} rows, got ${describe(stratify)}`,
    );
  const numbers = new Map<unknown, number>();
  const of = rows.map((row, index) => {
    const name = isFunction ? stratify(row, index) : stratify[index];
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    return number;
  });
  return { of, names: [...numbers.keys()] };
}

/**
 * Splits rows that are in an order into sets of these sizes, with about the same share of each
 * class.
 */
function divideClasses(
  random: RandomSequence,
  order: Int32Array,
  { of, names }: { of: readonly number[]; names: readonly unknown[] },
  sizes: readonly number[],
): number[][] {
  /** The number of rows of each class that are not in a set yet. */
  const left = names.map(() => 0);
  for (const row of order) left[of[row] as number] = (left[of[row] as number] as number) + 1;
  const scarce = left.findIndex((count) => count < sizes.length);
  if (scarce >= 0) {
    throw new DataError(
      `trainValidationSplit: stratify needs a row of each class in each of ${sizes.length} sets, but class ${describe(names[scarce])} has ${left[scarce]}`,
    );
  }
  const small = sizes.find((size) => size < names.length);
  if (small !== undefined)
    throw new DataError(
      `trainValidationSplit: stratify needs a row of each of ${names.length} classes in each set, but a set has ${small} rows`,
    );

  // From the last set to the first, which gets the rest. Each set leaves enough rows of each class
  // for the earlier ones.
  const shares: number[][] = [];
  for (let set = sizes.length - 1; set > 0; set--) {
    const share = shareOf(left, sizes[set] as number, set);
    for (const [index, taken] of share.entries()) left[index] = (left[index] as number) - taken;
    shares.unshift(share);
  }
  shares.unshift([...left]);
  const setOf = new Int32Array(order.length);
  for (const row of order) {
    const group = of[row] as number;
    const set = shares.findIndex((share) => (share[group] as number) > 0);
    const share = shares[set] as number[];
    share[group] = (share[group] as number) - 1;
    setOf[row] = set;
  }
  // Shuffled again: so far the rows of a class with which a set was filled up come one after the
  // other.
  const mixed = Array.from(random.permutation(order.length));
  return sizes.map((_, set) => mixed.filter((row) => setOf[row] === set));
}

/**
 * The number of rows of each class in `left` that a set of `size` rows gets: the integer
 * nearest to its share, at least one, leaving at least `kept`.
 */
function shareOf(left: readonly number[], size: number, kept: number): number[] {
  const all = left.reduce((sum, count) => sum + count, 0);
  const wanted = left.map((count) => (count * size) / all);
  const taken = wanted.map((share, index) => Math.min(Math.max(Math.round(share), 1), (left[index] as number) - kept));
  let missing = taken.reduce((rest, count) => rest - count, size);
  while (missing !== 0) {
    const step = Math.sign(missing);
    let best = -1;
    let most = Number.NEGATIVE_INFINITY;
    for (const [index, count] of taken.entries()) {
      const changed = count + step;
      const need = step * ((wanted[index] as number) - count);
      if (changed < 1 || changed > (left[index] as number) - kept || need <= most) continue;
      best = index;
      most = need;
    }
    taken[best] = (taken[best] as number) + step;
    missing -= step;
  }
  return taken;
}
