import { describe } from '../core/describe.ts';
import { ArgumentError, DataError, ShapeError } from '../core/errors.ts';
import { booleanOption, checkOptions } from '../core/options.ts';
import { seedWords } from '../core/random.ts';
import { formatShape, nonNegativeInteger, positiveInteger } from '../core/shape.ts';
import { type Tensor, type TensorLike, toTensor } from '../core/tensor.ts';
import { SequencesOfSeries, TimeseriesDataset } from './timeseriesDataset.ts';

/** Options of {@link timeseriesDatasetFromArray}. */
export interface TimeseriesDatasetOptions {
  /** T: steps of a sequence. */
  sequenceLength: number;
  /** Rows from the first step of a sequence to that of the next. Default 1. */
  sequenceStride?: number;
  /** Rows from a step to the next: 6 takes every sixth row. Default 1. */
  samplingRate?: number;
  /** Sequences of a batch. Default 128, as in Keras. */
  batchSize?: number;
  /** Whether `fit` draws a new order for each epoch. Default false, as in Keras. */
  shuffle?: boolean;
  /**
   * Seed of the shuffle: the same seed gives the same order of every epoch. Default: the model's
   * seed.
   */
  seed?: number | bigint;
  /** The first row that is used. Default 0. */
  startIndex?: number;
  /** The row after the last one that is used. Default: the number of rows. */
  endIndex?: number;
}

const OPTIONS = [
  'sequenceLength',
  'sequenceStride',
  'samplingRate',
  'batchSize',
  'shuffle',
  'seed',
  'startIndex',
  'endIndex',
] as const satisfies readonly (keyof TimeseriesDatasetOptions)[];

const NAME = 'timeseriesDatasetFromArray';

/**
 * Makes a data set of the sequences of a long series, for `fit`, `evaluate` and `predict`. Sequence
 * `i` has the rows `startIndex + i * sequenceStride + t * samplingRate` for each step
 * `t < sequenceLength`, and the target `targets[startIndex + i * sequenceStride]`. The sequences
 * share the memory of the series, which is not copied (nested arrays become a `Float64Array`), so it
 * must not change while it is used. With workers it crosses once. `evaluate` and `predict` keep the
 * order of time.
 *
 * ```ts
 * import { Dense, LSTM, Sequential, timeseriesDatasetFromArray } from 'backtime';
 *
 * const hours = 500;
 * const values = Float32Array.from({ length: hours }, (_, hour) => Math.sin(hour / 4));
 * const series = { shape: [hours, 1], data: values };
 * // 24 hours, and the value of the hour after them.
 * const options = { sequenceLength: 24, batchSize: 32 };
 * const targets = values.subarray(24);
 * const train = timeseriesDatasetFromArray(series, targets, { ...options, shuffle: true, endIndex: 400 });
 * const validation = timeseriesDatasetFromArray(series, targets, { ...options, startIndex: 400 });
 *
 * const model = new Sequential([new LSTM(4), new Dense(1)]);
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
 * await model.fit(train, { validationData: validation, verbose: 0 });
 * console.log(validation.count, (await model.predict(validation)).shape); // 76 [ 76, 1 ]
 * ```
 *
 * https://keras.io/api/data_loading/timeseries/#timeseriesdatasetfromarray-function
 *
 * @param data the series, `[rows, …]`: `[rows, D]` floats, or `[rows]` ids for an `Embedding`
 * @param targets the targets by the row that their sequence begins with, `[rows, …]`. Sequences
 *   without a target are left out. null: none, for `predict`
 * @throws {ArgumentError} for an unknown option or a value outside its range
 * @throws {ShapeError} when the data or a target is a single number
 * @throws {DataError} when there are too few rows for a sequence
 */
export function timeseriesDatasetFromArray(
  data: TensorLike,
  targets: TensorLike | null,
  options: TimeseriesDatasetOptions,
): TimeseriesDataset {
  checkOptions(options, OPTIONS, NAME);
  if (options?.sequenceLength === undefined)
    throw new ArgumentError(`${NAME}: sequenceLength is missing: call it as ${NAME}(data, targets, { sequenceLength: 24 })`);
  const length = positiveInteger(options.sequenceLength, `${NAME}: sequenceLength`);
  const stride = positiveInteger(options.sequenceStride ?? 1, `${NAME}: sequenceStride`);
  const rate = positiveInteger(options.samplingRate ?? 1, `${NAME}: samplingRate`);
  const batchSize = positiveInteger(options.batchSize ?? 128, `${NAME}: batchSize`);
  const shuffle = booleanOption(options.shuffle, false, `${NAME}: shuffle`);
  const { seed = null } = options;
  if (seed !== null) seedWords(seed);

  const series = seriesOf(data, 'data');
  const [rows] = series.shape as [number];
  const first = nonNegativeInteger(options.startIndex ?? 0, `${NAME}: startIndex`);
  const end = nonNegativeInteger(options.endIndex ?? rows, `${NAME}: endIndex`);
  if (end > rows || first >= end)
    throw new ArgumentError(
      `${NAME}: startIndex and endIndex must be rows of data with startIndex < endIndex <= ${rows}, got ${first} and ${end}`,
    );
  const extent = (length - 1) * rate + 1;
  let starts = end - first - extent + 1;
  if (starts < 1)
    throw new DataError(
      `${NAME}: a sequence of ${length} steps${rate > 1 ? ` with samplingRate ${rate}` : ''} needs ${extent} rows, ` +
        `but data has ${end - first}${end - first < rows ? ` from startIndex ${first} to endIndex ${end}` : ''}`,
    );
  const goals = targets === null ? null : seriesOf(targets, 'targets');
  if (goals) {
    const [count] = goals.shape as [number];
    if (count <= first) throw new DataError(`${NAME}: targets has ${count} rows, but the first sequence begins with row ${first}`);
    starts = Math.min(starts, count - first);
  }
  const count = Math.ceil(starts / stride);
  const x = new SequencesOfSeries('data', series, first, count, length, stride, rate);
  const y = goals && new SequencesOfSeries('targets', goals, first, count, null, stride, 1);
  return new TimeseriesDataset(x, y, { batchSize, shuffle, seed });
}

function seriesOf(value: TensorLike, argument: string): Tensor {
  const tensor = toTensor(value, `${NAME}: ${argument}`);
  if (tensor.shape.length === 0)
    throw new ShapeError(
      `${NAME}: ${argument} must have rows, got shape ${formatShape(tensor.shape)}, which is ${describe(tensor.data[0])}`,
    );
  if (tensor.shape.includes(0)) throw new DataError(`${NAME}: ${argument} has shape ${formatShape(tensor.shape)}, which has no values`);
  return tensor;
}
