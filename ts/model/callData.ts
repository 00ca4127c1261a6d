import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { tagOf } from '../core/tags.ts';
import type { InputsLike } from '../feed/checkData.ts';
import { type SequencesOfSeries, TimeseriesDataset } from '../feed/timeseriesDataset.ts';

/** The arguments of a call: arrays and options, or a data set and options. */
export interface CallArguments<Options> {
  readonly x: InputsLike | TimeseriesDataset;
  /** The targets; the options where x is a data set. */
  readonly y: InputsLike | Options | undefined;
  readonly options: Options | undefined;
}

/** What a call computes with. */
export interface CallData<Options> {
  readonly x: InputsLike | SequencesOfSeries;
  readonly y: InputsLike | SequencesOfSeries;
  readonly options: Options;
  /** The seed of the data set's shuffle; null for the model's. */
  readonly shuffleSeed: number | bigint | null;
}

/** What a data set decides itself, and what the calls name in their options. */
const OF_DATASET = { batchSize: 'batchSize', shuffle: 'shuffle', validationSplit: 'startIndex and endIndex' } as const;

/**
 * Finds x, y and the options in the arguments of a call. A data set gives the options that it has.
 * @param label `fit`, `evaluate` or `predict`
 * @throws {ArgumentError} when targets come with a data set, when a data set lacks the targets, or
 *   for an option that the data set decides
 */
export function callDataOf<Options extends object>(label: string, { x, y, options }: CallArguments<Options>): CallData<Options> {
  if (!(x instanceof TimeseriesDataset))
    return { x, y: y as InputsLike, options: options === undefined ? ({} as Options) : options, shuffleSeed: null };
  const given: unknown = y === undefined ? {} : y;
  if (options !== undefined || tagOf(given) !== 'Object' || 'data' in (given as object))
    throw new ArgumentError(`${label}: a data set has its targets, so call ${label}(dataset, options), got ${describe(y)} after it`);
  const own = given as Record<string, unknown>;
  for (const [name, where] of Object.entries(OF_DATASET))
    if (own[name] !== undefined) throw new ArgumentError(`${label}: a data set decides ${name}: give timeseriesDatasetFromArray ${where}`);
  if (x.y === null && label !== 'predict')
    throw new ArgumentError(`${label}: the data set has no targets: give timeseriesDatasetFromArray targets`);
  const { batchSize, shuffle, seed } = x;
  const decided = label === 'fit' ? { batchSize, shuffle } : { batchSize };
  return { x: x.x, y: x.y as SequencesOfSeries, options: { ...own, ...decided } as Options, shuffleSeed: seed };
}
