import { describe } from '../core/describe.ts';
import { ArgumentError, DataError, StateError } from '../core/errors.ts';
import { checkOptions, oneOf } from '../core/options.ts';
import { positiveInteger } from '../core/shape.ts';
import type { Tensor } from '../core/tensor.ts';
import { padSequences } from './padSequences.ts';
import { splitText, TEXT_SPLITS, TEXT_STANDARDIZATIONS, type TextSplit, type TextStandardization } from './splitText.ts';

export interface TextVectorizationOptions {
  /**
   * Largest size of the vocabulary, including padding and the unknown token. Default `null`: no
   * limit.
   */
  maxTokens?: number | null;
  /**
   * How texts are changed before they are split. Default `lowerAndStripPunctuation` (letters and
   * punctuation of ASCII, as in Keras).
   */
  standardize?: TextStandardization;
  /** Where texts are split. Default `whitespace`. */
  split?: TextSplit;
  /**
   * Length of the rows that `call` returns. Default `null`: the length of the longest text in the
   * call.
   */
  outputSequenceLength?: number | null;
  /**
   * The tokens, most frequent first, with or without the leading `''` and `'[UNK]'`. Default
   * `null`: `adapt` learns them.
   */
  vocabulary?: readonly string[] | null;
}

/** The configuration of a {@link TextVectorization}, vocabulary included, as plain JSON. */
export type TextVectorizationConfig = Required<TextVectorizationOptions>;

/**
 * A configuration with types as wide as those that TypeScript gives to a JSON file: names are any
 * texts.
 */
export interface TextVectorizationConfigLike extends Omit<TextVectorizationOptions, 'standardize' | 'split'> {
  standardize?: string | null;
  split?: string | null;
}

const OPTIONS = ['maxTokens', 'standardize', 'split', 'outputSequenceLength', 'vocabulary'] as const;
const PADDING_TOKEN = '';
const UNKNOWN_TOKEN = '[UNK]';
const UNKNOWN_ID = 1;
const SPECIAL_TOKENS = [PADDING_TOKEN, UNKNOWN_TOKEN] as const;

/**
 * Turns texts into ids of words (or characters), with the ids of Keras's `TextVectorization` in its
 * `int` mode: 0 is padding and 1 is a token outside the vocabulary. The other tokens follow by
 * falling frequency; tokens of the same frequency, in falling code-point order.
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

  /**
   * Makes a vectorization from the result of {@link getConfig}, or from what `JSON.parse` made of
   * it.
   * @throws {ArgumentError} when the configuration is invalid
   */
  static fromConfig(config: TextVectorizationConfigLike): TextVectorization {
    return new TextVectorization(config as TextVectorizationOptions);
  }

  /** The configuration, for `JSON.stringify`. */
  toJSON(): TextVectorizationConfig {
    return this.getConfig();
  }

  /**
   * Learns the vocabulary from texts. It replaces an earlier vocabulary.
   * @throws {DataError} when the texts have no token, or one is not a string; the earlier
   *   vocabulary then stays
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
   * @throws {ArgumentError} when a token is repeated, reserved or not a string, or there are more
   *   than `maxTokens`
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
        throw new ArgumentError(`TextVectorization: vocabulary repeats or reserves ${describe(token)}, which came again for id ${id}`);
      ids.set(token, id);
    }
    this.#vocabulary = complete;
    this.#ids = ids;
  }

  /**
   * The token of every id: `''`, `'[UNK]'`, then the tokens, most frequent first. Before `adapt`
   * only the first two.
   */
  getVocabulary(): string[] {
    return [...(this.#vocabulary ?? SPECIAL_TOKENS)];
  }

  /**
   * The number of ids, including padding and unknown: the `inputDim` of an `Embedding` for these
   * texts.
   */
  get vocabularySize(): number {
    return (this.#vocabulary ?? SPECIAL_TOKENS).length;
  }

  /**
   * Turns each text into the ids of its tokens, for {@link padSequences}.
   * @throws {StateError} before `adapt`
   * @throws {DataError} when a text is not a string
   */
  encode(texts: readonly string[]): number[][] {
    if (this.#vocabulary === null) throw new StateError('TextVectorization.encode: there is no vocabulary yet, call adapt(texts) first');
    return this.#tokens(texts).map((tokens) => tokens.map((token) => this.#ids.get(token) ?? UNKNOWN_ID));
  }

  /**
   * Turns each text into a row of ids, padded and cut at the end, as Keras's layer does.
   * @returns shape `[texts.length, outputSequenceLength]`
   * @throws {StateError} before `adapt`
   * @throws {DataError} when a text is not a string
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
    return Array.from(texts, (text: unknown, row) => {
      if (typeof text !== 'string') throw new DataError(`TextVectorization: texts[${row}] must be a string, got ${describe(text)}`);
      return splitText(text, this.#standardize, this.#split);
    });
  }
}

/** Compares by code points, which is the order of UTF-8 bytes. (`<` compares UTF-16 units.) */
function compareCodePoints(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let index = 0; index < shorter; index++) {
    const [unitA, unitB] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (unitA !== unitB) return codePointOrder(unitA) - codePointOrder(unitB);
  }
  return a.length - b.length;
}

/** Maps surrogates above all other units, because their code points are above 0xffff. */
function codePointOrder(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
