import { ArgumentError, DataError, StateError } from '../core/errors.ts';
import { checkOptions, oneOf } from '../core/options.ts';
import { describe, positiveInteger } from '../core/shape.ts';
import type { Tensor } from '../core/tensor.ts';
import { padSequences } from './padSequences.ts';
import { splitText, TEXT_SPLITS, TEXT_STANDARDIZATIONS, type TextSplit, type TextStandardization } from './splitText.ts';

export interface TextVectorizationOptions {
  /** Largest size of the vocabulary, counting padding and the unknown token. Default `null`: no limit. */
  maxTokens?: number | null;
  /** Default `lowerAndStripPunctuation` (letters and punctuation of ASCII, as in Keras). */
  standardize?: TextStandardization;
  /** Default `whitespace`. */
  split?: TextSplit;
  /** Length of the rows that `call` returns. Default `null`: that of the longest text in the call. */
  outputSequenceLength?: number | null;
  /** The tokens, most frequent first, with or without the leading `''` and `'[UNK]'`. Default `null`: to be learnt by `adapt`. */
  vocabulary?: readonly string[] | null;
}

/** Everything that makes a {@link TextVectorization}, as plain JSON. */
export type TextVectorizationConfig = Required<TextVectorizationOptions>;

const OPTIONS = ['maxTokens', 'standardize', 'split', 'outputSequenceLength', 'vocabulary'] as const;
const PADDING_TOKEN = '';
const UNKNOWN_TOKEN = '[UNK]';
const UNKNOWN_ID = 1;
const SPECIAL_TOKENS = [PADDING_TOKEN, UNKNOWN_TOKEN] as const;

/**
 * Texts to word (or character) ids, as Keras's `TextVectorization` in its `int` mode makes them: 0 is padding, 1 a token
 * outside the vocabulary, then the tokens by falling frequency, those of one frequency from the last to the first in
 * code-point order.
 *
 * ```ts
 * const vectorization = new TextVectorization({ maxTokens: 1000 });
 * vectorization.adapt(trainTexts);
 * const x = padSequences(vectorization.encode(trainTexts), { maxLength: 100 });
 * ```
 */
export class TextVectorization {
  readonly #maxTokens: number | null;
  readonly #standardize: TextStandardization;
  readonly #split: TextSplit;
  readonly #outputSequenceLength: number | null;
  #vocabulary: readonly string[] | null = null;
  #ids: ReadonlyMap<string, number> = new Map();

  /** @throws {ArgumentError} when an option is unknown or outside its range */
  constructor(options: TextVectorizationOptions = {}) {
    checkOptions(options, OPTIONS, 'TextVectorization');
    const { maxTokens = null, standardize = 'lowerAndStripPunctuation', split = 'whitespace', outputSequenceLength = null } = options;
    this.#maxTokens = maxTokens === null ? null : positiveInteger(maxTokens, 'TextVectorization: maxTokens');
    if (maxTokens !== null && maxTokens <= SPECIAL_TOKENS.length) {
      throw new ArgumentError(`TextVectorization: maxTokens must leave room for padding, the unknown token and one word, got ${maxTokens}`);
    }
    this.#standardize = oneOf(standardize, TEXT_STANDARDIZATIONS, 'TextVectorization: standardize');
    this.#split = oneOf(split, TEXT_SPLITS, 'TextVectorization: split');
    this.#outputSequenceLength =
      outputSequenceLength === null ? null : positiveInteger(outputSequenceLength, 'TextVectorization: outputSequenceLength');
    if (options.vocabulary != null) this.setVocabulary(options.vocabulary);
  }

  /** A vectorization from {@link getConfig}. */
  static fromConfig(config: TextVectorizationOptions): TextVectorization {
    return new TextVectorization(config);
  }

  /**
   * Learns the vocabulary from texts, replacing an earlier one.
   * @throws {DataError} when there are no texts or one of them is no string; the earlier vocabulary then stays
   */
  adapt(texts: readonly string[]): void {
    const counts = new Map<string, number>();
    for (const tokens of this.#tokens(texts)) {
      for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
    }
    for (const special of SPECIAL_TOKENS) counts.delete(special);
    if (counts.size === 0) throw new DataError(`TextVectorization.adapt: there is no token in the ${texts.length} texts`);
    const byFrequency = [...counts].sort(([a, countA], [b, countB]) => countB - countA || compareCodePoints(b, a)).map(([token]) => token);
    this.setVocabulary(this.#maxTokens === null ? byFrequency : byFrequency.slice(0, this.#maxTokens - SPECIAL_TOKENS.length));
  }

  /**
   * Sets the vocabulary instead of learning it.
   * @param vocabulary most frequent first, with or without the leading `''` and `'[UNK]'`
   * @throws {ArgumentError} when a token is repeated, reserved or no string, or there are more than `maxTokens`
   */
  setVocabulary(vocabulary: readonly string[]): void {
    if (!Array.isArray(vocabulary))
      throw new ArgumentError(`TextVectorization: vocabulary must be an array of strings, got ${describe(vocabulary)}`);
    const hasSpecialTokens = vocabulary[0] === PADDING_TOKEN && vocabulary[1] === UNKNOWN_TOKEN;
    const complete: string[] = hasSpecialTokens ? [...vocabulary] : [...SPECIAL_TOKENS, ...vocabulary];
    if (this.#maxTokens !== null && complete.length > this.#maxTokens) {
      throw new ArgumentError(
        `TextVectorization: vocabulary must have at most maxTokens = ${this.#maxTokens} tokens, got ${complete.length}`,
      );
    }
    const ids = new Map<string, number>();
    for (const [id, token] of complete.entries()) {
      if (typeof token !== 'string')
        throw new ArgumentError(`TextVectorization: vocabulary must hold strings, got ${describe(token)} for id ${id}`);
      if (ids.has(token))
        throw new ArgumentError(`TextVectorization: vocabulary repeats or reserves '${token}', which came again for id ${id}`);
      ids.set(token, id);
    }
    this.#vocabulary = complete;
    this.#ids = ids;
  }

  /** The token of every id: `''`, `'[UNK]'`, then the most frequent. Only the first two before `adapt`. */
  getVocabulary(): string[] {
    return [...(this.#vocabulary ?? SPECIAL_TOKENS)];
  }

  /** How many ids there are, padding and unknown included: the `inputDim` of an `Embedding` for these texts. */
  get vocabularySize(): number {
    return (this.#vocabulary ?? SPECIAL_TOKENS).length;
  }

  /**
   * The ids of every text, as many as it has tokens: what {@link padSequences} takes.
   * @throws {StateError} before `adapt`
   * @throws {DataError} when one of the texts is no string
   */
  encode(texts: readonly string[]): number[][] {
    if (this.#vocabulary === null) throw new StateError('TextVectorization.encode: there is no vocabulary yet, call adapt(texts) first');
    return this.#tokens(texts).map((tokens) => tokens.map((token) => this.#ids.get(token) ?? UNKNOWN_ID));
  }

  /**
   * The ids of every text, padded and cut at the end as Keras's layer does.
   * @returns shape `[texts.length, outputSequenceLength]`
   */
  call(texts: readonly string[]): Tensor<Int32Array> {
    const maxLength = this.#outputSequenceLength ?? undefined;
    return padSequences(this.encode(texts), { maxLength, padding: 'post', truncating: 'post' });
  }

  getConfig(): TextVectorizationConfig {
    return {
      maxTokens: this.#maxTokens,
      standardize: this.#standardize,
      split: this.#split,
      outputSequenceLength: this.#outputSequenceLength,
      vocabulary: this.#vocabulary,
    };
  }

  #tokens(texts: readonly string[]): string[][] {
    if (!Array.isArray(texts)) throw new DataError(`TextVectorization: texts must be an array of strings, got ${describe(texts)}`);
    return texts.map((text, row) => {
      if (typeof text !== 'string') throw new DataError(`TextVectorization: texts[${row}] must be a string, got ${describe(text)}`);
      return splitText(text, this.#standardize, this.#split);
    });
  }
}

/** Order by code points, which is also that of UTF-8 bytes; `<` on strings compares UTF-16 units. */
function compareCodePoints(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let index = 0; index < shorter; index++) {
    const [unitA, unitB] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (unitA !== unitB) return codePointOrder(unitA) - codePointOrder(unitB);
  }
  return a.length - b.length;
}

/** Surrogates are parts of code points that are larger than all that one unit holds. */
function codePointOrder(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
