import { allocateArray } from '../core/allocate.ts';
import { describe } from '../core/describe.ts';
import { ArgumentError, DataError, ShapeError, StateError } from '../core/errors.ts';
import { booleanOption, oneOf } from '../core/options.ts';
import { formatShape, positiveInteger, sizeOf, wholeNumber } from '../core/shape.ts';
import { type Tensor, type TensorLike, tensorOf, toTensor } from '../core/tensor.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';
import { PreprocessingLayer } from './preprocessingLayer.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import { type NestedTexts, nestedTexts, textsOf } from './texts.ts';
import { type CountMode, countTokens } from './tokenCounts.ts';
import { Vocabulary } from './vocabulary.ts';

export interface StringLookupOptions extends LayerOptions {
  /** Largest size of the vocabulary, special tokens included. Default `null`: no limit. */
  maxTokens?: number | null;
  /**
   * Number of ids for unknown tokens: 1, or 0, with which an unknown token is an error. (More, by
   * Keras's hash, are not there.) Default 1.
   */
  numOovIndices?: 0 | 1;
  /**
   * The token of masked places: id 0 with `outputMode: 'int'`, else it counts for nothing. Default
   * `null`: none.
   */
  maskToken?: string | null;
  /** What unknown tokens are called. Default `[UNK]`. */
  oovToken?: string;
  /** The tokens, most frequent first. Default `null`: `adapt` learns them. */
  vocabulary?: readonly string[] | null;
  /** For `tfIdf` with a given vocabulary: the weight of each token. */
  idfWeights?: readonly number[] | null;
  /**
   * `int`: the ids; `oneHot`: a row for each single token; `multiHot`, `count`, `tfIdf`: one row of
   * the tokens of a sample. Default `int`.
   */
  outputMode?: 'int' | 'oneHot' | CountMode;
  /** Whether rows have `maxTokens` columns, also while the vocabulary is smaller. Default false. */
  padToMaxTokens?: boolean;
}

export const OUTPUT_MODES = ['int', 'oneHot', 'multiHot', 'count', 'tfIdf'] as const;

const OPTIONS = [
  'maxTokens',
  'numOovIndices',
  'maskToken',
  'oovToken',
  'vocabulary',
  'idfWeights',
  'outputMode',
  'padToMaxTokens',
] as const satisfies readonly (keyof StringLookupOptions)[];

/**
 * Turns tokens into ids or into rows of the vocabulary: by falling frequency, tokens of the same
 * frequency in falling code-point order. First in a `Sequential`, or after an `Input` of dtype
 * 'string', it lets a model take texts, and is saved with it.
 *
 *     const tags = new StringLookup();
 *     tags.adapt([['noun', 'verb'], ['noun', 'noun']]);
 *     tags.call([['verb', 'noun', 'new']]); // ids [[2, 1, 0]]
 *
 * https://keras.io/api/layers/preprocessing_layers/categorical/string_lookup/
 */
export class StringLookup extends PreprocessingLayer {
  readonly className = 'StringLookup';
  readonly takesTexts = true;
  readonly #options: Required<Omit<StringLookupOptions, keyof LayerOptions | 'vocabulary' | 'idfWeights'>>;
  readonly #vocabulary: Vocabulary;

  /** @throws {ArgumentError} when an option is unknown or outside its range */
  constructor(options: StringLookupOptions = {}) {
    super(options, OPTIONS, 'StringLookup');
    const { maxTokens = null, maskToken = null, oovToken = '[UNK]', vocabulary = null, idfWeights = null } = options;
    const numOovIndices = wholeNumber(options.numOovIndices ?? 1, 'StringLookup: numOovIndices');
    if (numOovIndices > 1)
      throw new ArgumentError(`StringLookup: numOovIndices must be 0 or 1, got ${numOovIndices}: more need Keras's hash of tokens`);
    const outputMode = oneOf(options.outputMode ?? 'int', OUTPUT_MODES, 'StringLookup: outputMode');
    const masks = maskToken !== null && outputMode === 'int';
    this.#options = {
      maxTokens: maxTokens === null ? null : positiveInteger(maxTokens, 'StringLookup: maxTokens'),
      numOovIndices: numOovIndices as 0 | 1,
      maskToken: maskToken === null ? null : textOption(maskToken, 'maskToken'),
      oovToken: textOption(oovToken, 'oovToken'),
      outputMode,
      padToMaxTokens: booleanOption(options.padToMaxTokens, false, 'StringLookup: padToMaxTokens'),
    };
    if (this.#options.padToMaxTokens && maxTokens === null)
      throw new ArgumentError('StringLookup: padToMaxTokens needs maxTokens, the number of columns');
    this.#vocabulary = new Vocabulary({
      owner: 'StringLookup',
      special: [...(masks ? [maskToken] : []), ...(numOovIndices === 1 ? [oovToken] : [])],
      unknownId: numOovIndices === 1 ? Number(masks) : null,
      maskToken,
      maxTokens: this.#options.maxTokens,
    });
    if (vocabulary !== null) this.#vocabulary.set(vocabulary, idfWeights);
  }

  /**
   * Learns the vocabulary, and the weights of `tfIdf`, in which a sample is a document.
   * @throws {DataError} when there is no token, or one is not a string; the earlier vocabulary then
   *   stays
   */
  adapt(texts: NestedTexts): void {
    const { shape, data } = textsOf(texts, 'texts', 'StringLookup');
    const tokens = sizeOf(shape.slice(1));
    const count = shape[0] as number;
    this.#vocabulary.adapt(
      Array.from({ length: count }, (_, row) => data.slice(row * tokens, (row + 1) * tokens)),
      'samples',
    );
  }

  /**
   * Sets the vocabulary instead of learning it.
   * @throws {ArgumentError} when a token is repeated, reserved or not a string, or there are more
   *   than `maxTokens`
   */
  setVocabulary(vocabulary: readonly string[], idfWeights: readonly number[] | null = null): void {
    this.#vocabulary.set(vocabulary, idfWeights);
  }

  /** The token of every id, special tokens included. */
  getVocabulary(): string[] {
    return [...this.#vocabulary.tokens];
  }

  /** The number of ids: the `inputDim` of an `Embedding`, or the units of a classifier. */
  get vocabularySize(): number {
    return this.#vocabulary.tokens.length;
  }

  /**
   * Turns tokens into ids or rows. {@link tokens} is the inverse.
   * @throws {StateError} before there is a vocabulary
   * @throws {DataError} for something that is no text, and for an unknown token with
   *   `numOovIndices: 0`
   */
  call(texts: NestedTexts): Tensor {
    return this.process(texts, 'texts');
  }

  /**
   * Turns ids into tokens, for the answers of a model. (Keras: a layer with `invert=True`.)
   * @throws {StateError} before there is a vocabulary
   * @throws {DataError} for an id that the vocabulary does not have
   */
  tokens(data: TensorLike): NestedTexts {
    const { shape, data: ids } = toTensor(data, 'StringLookup: ids');
    this.#requireVocabulary();
    const { tokens } = this.#vocabulary;
    const texts = Array.from(ids, (id: number, index) => {
      const token = tokens[id];
      if (token === undefined)
        throw new DataError(`StringLookup: id ${id} at place ${index} is none of the vocabulary: whole numbers 0 to ${tokens.length - 1}`);
      return token;
    });
    return nestedTexts({ shape, data: texts });
  }

  override process(data: unknown, argument: string): Tensor {
    const { outputMode, maskToken } = this.#options;
    const { shape, data: texts } = textsOf(data, argument, 'StringLookup');
    this.#requireVocabulary();
    const tokens = sizeOf(shape.slice(1));
    const id = (index: number) => {
      const place = shape.length > 1 ? `${argument}[${Math.floor(index / tokens)}][${index % tokens}]` : `${argument}[${index}]`;
      return this.#vocabulary.idOf(texts[index] as string, place);
    };
    if (outputMode === 'int')
      return tensorOf(
        shape,
        allocateArray(Int32Array, shape, 'the ids of tokens').map((_, index) => id(index)),
      );
    if (outputMode === 'oneHot' && tokens > 1)
      throw new ShapeError(
        `StringLookup: outputMode 'oneHot' takes single tokens, but ${argument} has shape ${formatShape(shape)}: use 'int' and OneHot, or 'multiHot'`,
      );
    const rows = Array.from({ length: shape[0] as number }, (_, row) =>
      Array.from({ length: tokens }, (_, token) => row * tokens + token)
        .filter((index) => texts[index] !== maskToken)
        .map(id),
    );
    return countTokens(rows, this.#width, outputMode === 'oneHot' ? 'multiHot' : outputMode, this.#vocabulary);
  }

  protected override processedSpec(sample: SampleShape): TensorSpec {
    if (this.#options.outputMode === 'int') return { shape: sample, kind: 'ids' };
    this.#requireVocabulary();
    return { shape: [this.#width], kind: 'floats' };
  }

  override getConfig(): LayerConfig {
    const own = { ...this.#options, vocabulary: this.#vocabulary.known ? this.getVocabulary() : null };
    return { ...super.getConfig(), ...own, idfWeights: this.#vocabulary.idfWeights };
  }

  /** Makes a layer from the result of `getConfig`. */
  static fromConfig(config: LayerConfig): StringLookup {
    return new StringLookup(config as StringLookupOptions);
  }

  get #width(): number {
    const { padToMaxTokens, maxTokens } = this.#options;
    return padToMaxTokens ? (maxTokens as number) : this.vocabularySize;
  }

  #requireVocabulary(): void {
    if (!this.#vocabulary.known) throw new StateError('StringLookup: there is no vocabulary yet, call adapt(texts) first');
  }
}

function textOption(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new ArgumentError(`StringLookup: ${name} must be a string, got ${describe(value)}`);
  return value;
}
