import type { TensorLike } from '../core/tensor.ts';
import { requireEngines } from './enginesPart.ts';
import { GENERATION } from './generationPart.ts';
import type { Model } from './model.ts';
import type { StreamStateLike } from './modelStream.ts';

/** Options of `generate`. */
export interface GenerateOptions {
  /**
   * The largest number of ids to generate. With `Infinity` generation continues until the loop over
   * the ids ends.
   */
  length: number;
  /** The number of ids that are generated before one of `stopIds` may be chosen. Default 0. */
  minLength?: number;
  /**
   * Generation ends when one of these ids is chosen. It is not among the results. Default: none, so
   * there are `length` ids.
   */
  stopIds?: number | readonly number[];
  /**
   * Divisor of the logits: below 1 probable ids are drawn more often, above 1 less often. 0 always
   * takes the most probable id. Default 1.
   */
  temperature?: number;
  /** Draw only from this number of ids, the most probable ones. Default: from all. */
  topK?: number;
  /**
   * Draw only from the fewest ids whose probabilities add up to this, after `temperature` and
   * `topK`. Above 0, at most 1. Default 1: from all. Nucleus sampling, Holtzman et al. 2020.
   */
  topP?: number;
  /**
   * The same seed gives the same ids. Default: the next seed of the sequence that `setRandomSeed`
   * began.
   */
  seed?: number | bigint;
  /**
   * The number of beams. Above 1, a beam search looks for the most probable sequence, and no id is
   * drawn: at each step it keeps the `numBeams` most probable beginnings. Default 1.
   */
  numBeams?: number;
  /**
   * For a beam search: the logarithm of a sequence's probability is divided by its length, the stop
   * id included, to this power. 0 compares probabilities, which favours short sequences. Default 1.
   */
  lengthPenalty?: number;
  /**
   * For a model with several inputs: the values of all inputs but the ids, by name. Each is an
   * array of one sample, or the sample itself. They are the same at every step, so layers that
   * depend only on them, such as an encoder, are computed once.
   */
  inputs?: Readonly<Record<string, TensorLike>>;
  /**
   * The states before the first id of the prompt, as `stream.state` has them: those of an encoder,
   * for example. Default: zeros.
   */
  state?: StreamStateLike;
}

/** Options of `generateBatch`. */
export interface GenerateBatchOptions extends GenerateOptions {
  /** The largest number of ids for each prompt, not Infinity. */
  length: number;
  /** For a model with several inputs: a sample for each prompt. */
  inputs?: Readonly<Record<string, TensorLike>>;
  /** States with a row for each prompt. */
  state?: StreamStateLike;
  /**
   * Is called with each id as it is chosen, and the index of its prompt. A beam search calls it
   * when the sequence of a prompt is found.
   */
  onToken?: (id: number, prompt: number) => void;
}

/**
 * Continues a prompt: draws the next id from the model's prediction, gives it to the model as the
 * next step, and repeats.
 *
 * The model takes ids. Its last layer has a softmax, or no activation for a loss from logits;
 * `returnSequences` makes no difference. The ids come one by one, so text can be shown while it is
 * generated; `[...generate(…)]` is an array of all ids. `for await` gives the same ids and lets
 * timers, input and signals run between the steps, so that a page stays usable. (Not in Keras; the
 * options are those of KerasHub's samplers and of Transformers.)
 *
 *     const options = { length: 200, temperature: 0.8, topP: 0.9, seed: 1 };
 *     for await (const id of generate(model, encode('To be'), options)) write(decode(id));
 *
 * @param prompt at least one id
 * @returns the new ids, without the prompt
 * @throws {ArgumentError} at once, for an unknown option or a value outside its range
 * @throws {ShapeError} at once, for a model that does not predict ids
 * @throws {DataError} at once, for an empty prompt or a wrong id; while it runs, when the model's
 *   output is NaN
 * @throws {StateError} before the model is built, and whenever `model.stream` throws it
 */
export function generate(
  model: Model,
  prompt: TensorLike,
  options: GenerateOptions,
): Generator<number, void, void> & AsyncIterable<number> {
  requireEngines();
  return GENERATION.loaded.generate(model, prompt, options);
}

/**
 * {@link generate} for several prompts at once, of any lengths: the model runs on all of them side
 * by side. With the same seed the first prompt is continued as by `generate`, and each other one
 * has random numbers of its own. Timers, input and signals run between the steps.
 *
 *     const answers = await generateBatch(model, [[1, 5], [1, 7, 2]], { length: 20, stopIds: 3 });
 *
 * @param prompts at least one, each of at least one id
 * @returns the new ids of each prompt
 * @throws the errors of `generate`, as rejections
 */
export async function generateBatch(model: Model, prompts: readonly TensorLike[], options: GenerateBatchOptions): Promise<number[][]> {
  return (await GENERATION.load()).generateBatch(model, prompts, options);
}
