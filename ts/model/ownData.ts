import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { tagOf } from '../core/tags.ts';
import type { BatchesLike } from '../feed/batches.ts';
import { GivenDataset, type Sequences } from '../feed/givenDataset.ts';
import type { CallArguments, CallData } from './callData.ts';

/** The options that a data set decides itself, with their names in the calls. */
const OF_DATASET = { batchSize: 'batchSize', shuffle: 'shuffle', validationSplit: 'startIndex and endIndex' } as const;

/** The options that an iterable decides itself, with the remedies. */
const OF_ITERABLE = {
  batchSize: 'each item is a batch',
  shuffle: 'use shuffleBuffer, or shuffle in the iterable',
  validationSplit: 'use validationData',
  sampleWeight: 'the items are [x, y, sampleWeight]',
} as const;

/**
 * The data and the options of a call with a data set or an iterable, which have their targets. A
 * data set gives the options that it has.
 * @throws {ArgumentError} when targets come with them, when a data set lacks the targets, or for an
 *   option that they decide
 */
export function ownDataOf<Options extends object>(
  label: string,
  x: GivenDataset | BatchesLike,
  { y, options }: CallArguments<Options>,
): CallData<Options> {
  const own = checkOwnTargets(label, y, options);
  if (!(x instanceof GivenDataset)) {
    for (const [name, remedy] of Object.entries(OF_ITERABLE))
      if (own[name] !== undefined) throw new ArgumentError(`${label}: ${name} is for arrays; with an iterable ${remedy}`);
    return { x, y: [], options: own as Options, shuffleSeed: null };
  }
  for (const [name, where] of Object.entries(OF_DATASET))
    if (own[name] !== undefined) throw new ArgumentError(`${label}: a data set decides ${name}: give timeseriesDatasetFromArray ${where}`);
  if (x.y === null && label !== 'predict')
    throw new ArgumentError(`${label}: the data set has no targets: give timeseriesDatasetFromArray targets`);
  const { batchSize, shuffle, seed } = x;
  const decided = label === 'fit' ? { batchSize, shuffle } : { batchSize };
  return { x: x.x, y: x.y as Sequences, options: { ...own, ...decided } as Options, shuffleSeed: seed };
}

/**
 * The options after data that has its targets.
 * @throws {ArgumentError} when targets come after it
 */
function checkOwnTargets(label: string, y: unknown, options: unknown): Readonly<Record<string, unknown>> {
  const given = y === undefined ? {} : y;
  if (options !== undefined || tagOf(given) !== 'Object' || 'data' in (given as object))
    throw new ArgumentError(
      `${label}: a data set and an iterable of batches have their targets, so call ${label}(data, options), got ${describe(y)} after it`,
    );
  return given as Record<string, unknown>;
}
