import type { TensorLike } from '../core/tensor.ts';
import { requireEngines } from './enginesPart.ts';
import { GENERATION } from './generationPart.ts';
import type { Model } from './model.ts';
import type { StreamStateLike } from './modelStream.ts';

/** Options of `generate`. */
export interface GenerateOptions {
  /**
   * The most ids to generate. With `Infinity` generation goes on until the loop over the ids ends.
   */
  length: number;
  /** So many ids are generated before one of `stopIds` may come. Default 0. */
  minLength?: number;
  /**
   * Generation ends before one of these ids, which is not among the results. Default: none, so
   * there are `length` ids.
   */
  stopIds?: number | readonly number[];
  /**
   * Divisor of the logits: below 1 likely ids come more often, above 1 less often. 0 always takes
   * the likeliest id. Default 1.
   */
  temperature?: number;
  /** Draw from so many ids, the likeliest. Default: from all. */
  topK?: number;
  /**
   * Draw from the fewest ids whose probabilities add up to this, at the temperature and among the
   * `topK`. Above 0, at most 1. Default 1: from all. Holtzman et al. 2020.
   */
  topP?: number;
  /**
   * The same seed gives the same ids. Default: the next seed of the sequence that `setRandomSeed`
   * began.
   */
  seed?: number | bigint;
  /**
   * Above 1: nothing is drawn. A beam search looks for the likeliest sequence: at each step it
   * keeps so many beginnings. Default 1.
   */
  numBeams?: number;
  /**
   * Of a beam search: the logarithm of a sequence's probability is divided by its length, with the
   * id that stops it, to this power. 0 compares probabilities, which favours short sequences.
   * Default 1.
   */
  lengthPenalty?: number;
  /**
   * Of a model of several inputs: what all but the ids get, by their names, each an array of one
   * sample, or the sample itself. They are the same at every step; what depends on them alone, such
   * as an encoder, is computed once.
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
  /** A number: of several prompts each must end. */
  length: number;
  /** Of a model of several inputs: a sample for each prompt. */
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
 * @throws {ArgumentError | ShapeError} at once, for an option, a prompt or a model that cannot be
 *   used
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
