import { allocateArray } from '../core/allocate.ts';
import { describe } from '../core/describe.ts';
import { ArgumentError, DataError, StateError } from '../core/errors.ts';
import { booleanOption, oneOf } from '../core/options.ts';
import { isRegisteredName, type RegisteredName, registered, registeredFunctionName } from '../core/registerClass.ts';
import { positiveInteger } from '../core/shape.ts';
import { type Tensor, tensorOf } from '../core/tensor.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';
import { PreprocessingLayer } from './preprocessingLayer.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import {
  ngramsOf,
  type SplitFunction,
  splitText,
  standardizeText,
  TEXT_SPLITS,
  TEXT_STANDARDIZATIONS,
  type TextSplit,
  type TextStandardization,
} from './splitText.ts';
import { textsOf } from './texts.ts';
import { type CountMode, countTokens } from './tokenCounts.ts';
import { Vocabulary } from './vocabulary.ts';

export interface TextVectorizationOptions extends LayerOptions {
  /**
   * Largest size of the vocabulary, including padding and the unknown token. Default `null`: no
   * limit.
   */
  maxTokens?: number | null;
  /**
   * The standardization of texts before they are split. Default `lowerAndStripPunctuation` (letters
   * and punctuation of ASCII, as in Keras).
   */
  standardize?: TextStandardization;
  /**
   * Where texts are split. Default `whitespace`. A function gives the tokens of a text; a model with
   * it can be saved once `registerClass` has given the function a name.
   */
  split?: TextSplit | SplitFunction | RegisteredName;
  /**
   * N-grams: consecutive tokens, joined by spaces. A number for all widths up to it, an array for
   * these widths. Default `null`: single tokens.
   */
  ngrams?: number | readonly number[] | null;
  /**
   * `int`: the ids of the tokens, in order; `multiHot`, `count`, `tfIdf`: one row of the vocabulary
   * for each text, which has no id for padding. Default `int`.
   */
  outputMode?: 'int' | CountMode;
  /**
   * Length of the rows that `call` returns with `int`. Default `null`: the length of the longest
   * text in the call.
   */
  outputSequenceLength?: number | null;
  /**
   * Whether rows always have `maxTokens` columns, even if the vocabulary is smaller. Default false.
   */
  padToMaxTokens?: boolean;
  /**
   * The tokens, most frequent first, with or without the leading `''` and `'[UNK]'`. Default
   * `null`: `adapt` learns them.
   */
  vocabulary?: readonly string[] | null;
  /** For `tfIdf` with a given vocabulary: the weight of each token. */
  idfWeights?: readonly number[] | null;
}

/** The configuration of a {@link TextVectorization}, vocabulary included, as plain JSON. */
export type TextVectorizationConfig = LayerConfig;

/**
 * A configuration with types as wide as those that TypeScript gives to a JSON file: names are any
 * texts.
 */
export type TextVectorizationConfigLike = TextVectorizationOptions | Readonly<Record<string, unknown>>;

const OPTIONS = [
  'maxTokens',
  'standardize',
  'split',
  'ngrams',
  'outputMode',
  'outputSequenceLength',
  'padToMaxTokens',
  'vocabulary',
  'idfWeights',
] as const satisfies readonly (keyof TextVectorizationOptions)[];
const MODES = ['int', 'multiHot', 'count', 'tfIdf'] as const;
const PADDING_TOKEN = '';
const UNKNOWN_TOKEN = '[UNK]';

/**
 * Turns texts into ids of words (or characters, or n-grams) as Keras's layer does: 0 is padding and
 * 1 is a token outside the vocabulary. The other tokens follow in descending order of frequency;
 * tokens of the same frequency are in descending code-point order. As the first layer of a
 * `Sequential`, or after an `Input` of dtype 'string', it lets a model take texts, and is saved
 * with it.
 *
 * ```ts
 * const vectorization = new TextVectorization({ maxTokens: 1000 });
 * vectorization.adapt(trainTexts);
 * const x = padSequences(vectorization.encode(trainTexts), { maxLength: 100 });
 * ```
 *
 * https://keras.io/api/layers/preprocessing_layers/text/text_vectorization/
 */
export class TextVectorization extends PreprocessingLayer {
  readonly className = 'TextVectorization';
  readonly takesTexts = true;
  readonly #maxTokens: number | null;
  readonly #standardize: TextStandardization;
  readonly #split: TextSplit | SplitFunction;
  readonly #ngrams: number | readonly number[] | null;
  readonly #outputMode: 'int' | CountMode;
  readonly #outputSequenceLength: number | null;
  readonly #padToMaxTokens: boolean;
  readonly #vocabulary: Vocabulary<string>;

  /** @throws {ArgumentError} when an option is unknown or outside its range */
  constructor(options: TextVectorizationOptions = {}) {
    super(options, OPTIONS, 'TextVectorization');
    const { maxTokens = null, standardize = 'lowerAndStripPunctuation', split = 'whitespace', outputSequenceLength = null } = options;
    this.#outputMode = oneOf(options.outputMode ?? 'int', MODES, 'TextVectorization: outputMode');
    const special = this.#outputMode === 'int' ? [PADDING_TOKEN, UNKNOWN_TOKEN] : [UNKNOWN_TOKEN];
    this.#maxTokens = maxTokens === null ? null : positiveInteger(maxTokens, 'TextVectorization: maxTokens');
    if (maxTokens !== null && maxTokens <= special.length)
      throw new ArgumentError(`TextVectorization: maxTokens must be above ${special.length}, the special tokens, got ${maxTokens}`);
    this.#standardize = oneOf(standardize, TEXT_STANDARDIZATIONS, 'TextVectorization: standardize');
    this.#split = isRegisteredName(split)
      ? (registered(split, 'split') as SplitFunction)
      : typeof split === 'function'
        ? split
        : oneOf(split, TEXT_SPLITS, 'TextVectorization: split');
    this.#ngrams = ngramsOption(options.ngrams ?? null);
    this.#outputSequenceLength =
      outputSequenceLength === null ? null : positiveInteger(outputSequenceLength, 'TextVectorization: outputSequenceLength');
    if (this.#outputSequenceLength !== null && this.#outputMode !== 'int')
      throw new ArgumentError(`TextVectorization: outputSequenceLength is for outputMode 'int', got ${describe(this.#outputMode)}`);
    this.#padToMaxTokens = booleanOption(options.padToMaxTokens, false, 'TextVectorization: padToMaxTokens');
    if (this.#padToMaxTokens && maxTokens === null)
      throw new ArgumentError('TextVectorization: padToMaxTokens needs maxTokens, the number of columns');
    this.#vocabulary = new Vocabulary({
      owner: 'TextVectorization',
      special,
      unknownId: () => special.length - 1,
      maskToken: PADDING_TOKEN,
      maxTokens: this.#maxTokens,
      isToken: (value) => typeof value === 'string',
      kind: 'string',
    });
    if (options.vocabulary != null) this.#vocabulary.set(options.vocabulary, options.idfWeights ?? null);
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
   * Learns the vocabulary from texts, and the weights of `tfIdf`. It replaces an earlier
   * vocabulary.
   * @throws {DataError} when the texts have no token, or one is not a string; the earlier
   *   vocabulary then stays
   */
  adapt(texts: readonly string[]): void {
    this.#vocabulary.adapt(this.#tokens(texts, 'texts'), 'texts');
  }

  /**
   * Sets the vocabulary instead of learning it.
   * @param vocabulary most frequent first, with or without the leading `''` and `'[UNK]'`
   * @param idfWeights for `tfIdf`: the weight of each token
   * @throws {ArgumentError} when a token is repeated, reserved or not a string, or there are more
   *   than `maxTokens`
   */
  setVocabulary(vocabulary: readonly string[], idfWeights: readonly number[] | null = null): void {
    this.#vocabulary.set(vocabulary, idfWeights);
  }

  /**
   * The token of every id: `''` (with `outputMode: 'int'`), `'[UNK]'`, then the tokens, most
   * frequent first. Before `adapt` only these.
   */
  getVocabulary(): string[] {
    return [...this.#vocabulary.tokens];
  }

  /**
   * The number of ids, including padding and unknown: the `inputDim` of an `Embedding` for these
   * texts.
   */
  get vocabularySize(): number {
    return this.#vocabulary.tokens.length;
  }

  /**
   * Turns each text into the ids of its tokens, for {@link padSequences}.
   * @throws {StateError} before `adapt`
   * @throws {DataError} when a text is not a string
   */
  encode(texts: readonly string[]): number[][] {
    return this.#encode(texts, 'texts', 'TextVectorization.encode');
  }

  /**
   * Turns each text into a row: of ids, padded and cut at the end, or of the vocabulary, by
   * `outputMode`.
   * @returns shape `[texts.length, outputSequenceLength]` or `[texts.length, vocabularySize]`
   * @throws {StateError} before `adapt`
   * @throws {DataError} when a text is not a string
   */
  call(texts: readonly string[]): Tensor {
    return this.process(texts, 'texts');
  }

  override process(data: unknown, argument: string): Tensor {
    const rows = this.#encode(data, argument, 'TextVectorization');
    const mode = this.#outputMode;
    if (mode !== 'int') {
      const { shape, data: counts } = countTokens(rows, this.#width, mode, mode === 'tfIdf' ? this.#vocabulary.idf : null);
      return tensorOf(shape, counts);
    }
    // One step for texts without tokens, because a model takes no sequence without steps.
    const steps =
      this.#outputSequenceLength ??
      Math.max(
        rows.reduce((most, { length }) => Math.max(most, length), 0),
        1,
      );
    const shape = [rows.length, steps];
    const ids = allocateArray(Int32Array, shape, 'the ids of tokens');
    for (const [row, tokens] of rows.entries()) ids.set(tokens.slice(0, steps), row * steps);
    return tensorOf(shape, ids);
  }

  protected override processedSpec(): TensorSpec {
    if (this.#outputMode === 'int') return { shape: [this.#outputSequenceLength], kind: 'ids' };
    if (!this.#vocabulary.known && !this.#padToMaxTokens) this.#requireVocabulary('TextVectorization');
    return { shape: [this.#width], kind: 'floats' };
  }

  override outputShape(): SampleShape {
    return this.processedSpec().shape;
  }

  override getConfig(): TextVectorizationConfig {
    return {
      ...(this.hasName ? super.getConfig() : {}),
      maxTokens: this.#maxTokens,
      standardize: this.#standardize,
      split: typeof this.#split === 'function' ? registeredFunctionName(this.#split, 'TextVectorization: split', 'split') : this.#split,
      ngrams: this.#ngrams,
      outputMode: this.#outputMode,
      outputSequenceLength: this.#outputSequenceLength,
      padToMaxTokens: this.#padToMaxTokens,
      vocabulary: this.#vocabulary.known ? this.getVocabulary() : null,
      idfWeights: this.#vocabulary.idfWeights,
    };
  }

  get #width(): number {
    return this.#padToMaxTokens ? (this.#maxTokens as number) : this.vocabularySize;
  }

  #encode(texts: unknown, argument: string, where: string): number[][] {
    this.#requireVocabulary(where);
    return this.#tokens(texts, argument).map((tokens, row) => tokens.map((token) => this.#vocabulary.idOf(token, `${argument}[${row}]`)));
  }

  #requireVocabulary(where: string): void {
    if (!this.#vocabulary.known) throw new StateError(`${where}: there is no vocabulary yet, call adapt(texts) first`);
  }

  #tokens(given: unknown, argument: string): string[][] {
    const { shape, data } = textsOf(given, argument, 'TextVectorization');
    // As Keras: a text, or an array of one.
    if (shape.slice(1).some((size) => size !== 1) || shape.length > 2)
      throw new DataError(`TextVectorization: ${argument} must have one text a sample, got shape [${shape.join(', ')}]`);
    const split = this.#split;
    const widths = this.#ngrams === null ? null : [this.#ngrams].flat();
    const all = typeof this.#ngrams === 'number' ? Array.from({ length: this.#ngrams }, (_, index) => index + 1) : widths;
    return data.map((text, row) => {
      const standard = standardizeText(text, this.#standardize);
      const tokens = typeof split === 'function' ? checkTokens(split(standard), `${argument}[${row}]`) : splitText(standard, split);
      return all === null ? [...tokens] : ngramsOf(tokens, all);
    });
  }
}

/** Checks the option `ngrams`. @throws {ArgumentError} */
function ngramsOption(value: unknown): number | readonly number[] | null {
  if (value === null) return null;
  if (!Array.isArray(value)) return positiveInteger(value, 'TextVectorization: ngrams');
  return value.map((width, index) => positiveInteger(width, `TextVectorization: ngrams[${index}]`));
}

/** Checks what a custom split gave. @throws {DataError} */
function checkTokens(tokens: unknown, place: string): readonly string[] {
  if (Array.isArray(tokens) && tokens.every((token) => typeof token === 'string')) return tokens;
  throw new DataError(`TextVectorization: the function split must give an array of strings, got ${describe(tokens)} for ${place}`);
}
