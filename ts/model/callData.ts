import { type BatchesLike, isBatches } from '../feed/batches.ts';
import type { InputsLike } from '../feed/checkData.ts';
import { GivenDataset, type Sequences } from '../feed/givenDataset.ts';
import { OWN_DATA } from './dataParts.ts';

/** The arguments of a call: arrays and options, or a data set and options. */
export interface CallArguments<Options> {
  readonly x: InputsLike | GivenDataset | BatchesLike;
  /** The targets; the options where x has them. */
  readonly y: InputsLike | Options | undefined;
  readonly options: Options | undefined;
}

/** The data of a call. */
export interface CallData<Options> {
  readonly x: InputsLike | Sequences | BatchesLike;
  /** The targets of arrays and data sets. */
  readonly y: InputsLike | Sequences;
  readonly options: Options;
  /** The seed of the data set's shuffle; null for the model's. */
  readonly shuffleSeed: number | bigint | null;
}

/** Whether data brings its targets along. */
export function hasTargets(x: unknown): x is GivenDataset | BatchesLike {
  return x instanceof GivenDataset || isBatches(x);
}

/**
 * Finds x, y and the options in the arguments of a call, at once for arrays.
 * @param label `fit`, `evaluate` or `predict`
 * @throws the errors of `ownDataOf`
 */
export function callDataOf<Options extends object>(
  label: string,
  given: CallArguments<Options>,
): CallData<Options> | Promise<CallData<Options>> {
  const { x, y, options = {} as Options } = given;
  if (!hasTargets(x)) return { x, y: y as InputsLike, options, shuffleSeed: null };
  // Copied, because the user may change the options while the code loads. It loads when it is used,
  // so the default import stays small.
  const kept = typeof y === 'object' && y !== null && !Array.isArray(y) && !ArrayBuffer.isView(y) ? { ...y } : y;
  return OWN_DATA.load().then(({ ownDataOf }) => ownDataOf(label, x, { ...given, y: kept }));
}
