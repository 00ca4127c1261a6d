import { describe } from '../core/describe.ts';
import { ArgumentError, DataError, StateError } from '../core/errors.ts';
import { booleanOption, oneOf } from '../core/options.ts';
import { nonNegativeInteger, positiveInteger, sizeOf } from '../core/shape.ts';
import type { Tensor } from '../core/tensor.ts';
import { encodedShape, encodeIds } from './encodeIds.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';
import { PreprocessingLayer } from './preprocessingLayer.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import type { CountMode } from './tokenCounts.ts';
import { bucketOf, type HashSalt, saltOption } from './tokenHash.ts';
import { Vocabulary } from './vocabulary.ts';

/** Options of `StringLookup` and `IntegerLookup`. */
export interface LookupOptions<Token> extends LayerOptions {
  /** Largest size of the vocabulary, special tokens included. Default `null`: no limit. */
  maxTokens?: number | null;
  /**
   * Number of ids for unknown tokens. With more than one, a hash of the token selects the id; with
   * 0 an unknown token is an error. At most 1,000,000. Default 1.
   */
  numOovIndices?: number;
  /**
   * The token of masked positions: id 0 with `outputMode: 'int'`, otherwise it is ignored. Default
   * `null`: none.
   */
  maskToken?: Token | null;
  /** The token for unknown tokens. Default `[UNK]`, for integers -1. */
  oovToken?: Token;
  /** The tokens, most frequent first. Default `null`: `adapt` learns them. */
  vocabulary?: readonly Token[] | null;
  /** For `tfIdf` with a given vocabulary: the weight of each token. */
  idfWeights?: readonly number[] | null;
  /**
   * `int`: the ids; `oneHot`: a row for each token; `multiHot`, `count`, `tfIdf`: one row of the
   * tokens of a sample. Default `int`.
   */
  outputMode?: 'int' | 'oneHot' | CountMode;
  /**
   * Whether rows always have `maxTokens` columns, even if the vocabulary is smaller. Default false.
   */
  padToMaxTokens?: boolean;
  /**
   * One or two integers, the key of the hash of unknown tokens. Default `null`: a hash without
   * a key.
   */
  salt?: HashSalt;
}

const MOST_OOV_INDICES = 1_000_000;

const OUTPUT_MODES = ['int', 'oneHot', 'multiHot', 'count', 'tfIdf'] as const;

const OPTIONS = [
  'maxTokens',
  'numOovIndices',
  'maskToken',
  'oovToken',
  'vocabulary',
  'idfWeights',
  'outputMode',
  'padToMaxTokens',
  'salt',
] as const satisfies readonly (keyof LookupOptions<string>)[];

/** Tokens of data, in row-major order. */
export interface Tokens<Token> {
  readonly shape: readonly number[];
  readonly data: ArrayLike<Token>;
}

/** The base of `StringLookup` and `IntegerLookup`: tokens become ids or rows. */
export abstract class LookupLayer<Token extends string | number> extends PreprocessingLayer {
  readonly #owner: string;
  readonly #options: Required<Omit<LookupOptions<Token>, keyof LayerOptions | 'vocabulary' | 'idfWeights'>>;
  readonly #vocabulary: Vocabulary<Token>;

  /**
   * @param more the names of further options of the layer
   * @param unknown the default token for unknown tokens
   * @param isToken whether a value is a token
   * @throws {ArgumentError} when an option is unknown or outside its range
   */
  protected constructor(
    options: LookupOptions<Token>,
    className: string,
    more: readonly string[],
    unknown: Token,
    isToken: (value: unknown) => boolean,
  ) {
    super(options, [...OPTIONS, ...more], className);
    this.#owner = className;
    const { maxTokens = null, maskToken = null, oovToken = unknown, vocabulary = null, idfWeights = null } = options;
    for (const [name, token] of [
      ['maskToken', maskToken ?? unknown],
      ['oovToken', oovToken],
    ] as const)
      if (!isToken(token))
        throw new ArgumentError(
          `${className}: ${name} must be ${typeof unknown === 'string' ? 'a string' : 'an integer'}, got ${describe(token)}`,
        );
    const numOovIndices = nonNegativeInteger(options.numOovIndices ?? 1, `${className}: numOovIndices`);
    // Each takes a place in the vocabulary.
    if (numOovIndices > MOST_OOV_INDICES)
      throw new ArgumentError(`${className}: numOovIndices must be at most ${MOST_OOV_INDICES}, got ${numOovIndices}`);
    const outputMode = oneOf(options.outputMode ?? 'int', OUTPUT_MODES, `${className}: outputMode`);
    this.#options = {
      maxTokens: maxTokens === null ? null : positiveInteger(maxTokens, `${className}: maxTokens`),
      numOovIndices,
      maskToken,
      oovToken,
      outputMode,
      padToMaxTokens: booleanOption(options.padToMaxTokens, false, `${className}: padToMaxTokens`),
      salt: saltOption(options.salt ?? null, className),
    };
    if (this.#options.padToMaxTokens && maxTokens === null)
      throw new ArgumentError(`${className}: padToMaxTokens needs maxTokens, the number of columns`);
    const masks = maskToken !== null && outputMode === 'int';
    const special = [...(masks ? [maskToken] : []), ...new Array<Token>(numOovIndices).fill(oovToken)];
    if (maxTokens !== null && maxTokens <= special.length)
      throw new ArgumentError(`${className}: maxTokens must be above ${special.length}, the special tokens, got ${maxTokens}`);
    this.#vocabulary = new Vocabulary({
      owner: className,
      special,
      unknownId: numOovIndices === 0 ? null : (token) => Number(masks) + (numOovIndices === 1 ? 0 : this.bucketOf(token, numOovIndices)),
      maskToken,
      maxTokens: this.#options.maxTokens,
      isToken,
      kind: kindOf(unknown),
    });
    if (vocabulary !== null) this.#vocabulary.set(vocabulary, idfWeights);
  }

  /** Which of several ids an unknown token has. */
  protected bucketOf(token: Token, count: number): number {
    return bucketOf(String(token), count, this.#options.salt);
  }

  /** Reads data. @throws {DataError} for something that is no token, with its place */
  protected abstract read(data: unknown, argument: string): Tokens<Token>;

  /** Learns the vocabulary, and the weights of `tfIdf`, in which a sample is a document. */
  protected learn(data: unknown, argument: string): void {
    const { shape, data: tokens } = this.read(data, argument);
    const size = sizeOf(shape.slice(1));
    const all = Array.from(tokens);
    this.#vocabulary.adapt(
      Array.from({ length: shape[0] as number }, (_, row) => all.slice(row * size, (row + 1) * size)),
      'samples',
    );
  }

  /**
   * Sets the vocabulary instead of learning it.
   * @throws {ArgumentError} when a token is repeated, reserved or none, or there are more than
   *   `maxTokens`
   */
  setVocabulary(vocabulary: readonly Token[], idfWeights: readonly number[] | null = null): void {
    this.#vocabulary.set(vocabulary, idfWeights);
  }

  /** The token of every id, special tokens included. */
  getVocabulary(): Token[] {
    return [...this.#vocabulary.tokens];
  }

  /** The number of ids: the `inputDim` of an `Embedding`, or the units of a classifier. */
  get vocabularySize(): number {
    return this.#vocabulary.tokens.length;
  }

  /** The token of each id. @throws {DataError} for an id that the vocabulary does not have */
  protected tokensOf(ids: ArrayLike<number>): Token[] {
    this.#requireVocabulary();
    const { tokens } = this.#vocabulary;
    return Array.from(ids, (id, index) => {
      const token = tokens[id];
      if (token === undefined)
        throw new DataError(`${this.#owner}: id ${id} at place ${index} is not in the vocabulary: expected 0 to ${tokens.length - 1}`);
      return token;
    });
  }

  override process(data: unknown, argument: string): Tensor {
    const { outputMode, maskToken } = this.#options;
    const { shape, data: tokens } = this.read(data, argument);
    this.#requireVocabulary();
    const size = sizeOf(shape.slice(1));
    const ids = Int32Array.from(tokens, (token, index) => {
      // A masked token is ignored.
      if (outputMode !== 'int' && token === maskToken) return -1;
      const place = shape.length > 1 ? `${argument}[${Math.floor(index / size)}][${index % size}]` : `${argument}[${index}]`;
      return this.#vocabulary.idOf(token, place);
    });
    return encodeIds({ shape, data: ids }, this.#width, outputMode, outputMode === 'tfIdf' ? this.#vocabulary.idf : null);
  }

  protected override processedSpec(sample: SampleShape): TensorSpec {
    const { outputMode } = this.#options;
    if (outputMode === 'int') return { shape: sample, kind: 'ids' };
    this.#requireVocabulary();
    return { shape: encodedShape(sample, this.#width, outputMode), kind: 'floats' };
  }

  override getConfig(): LayerConfig {
    const own = { ...this.#options, vocabulary: this.#vocabulary.known ? this.getVocabulary() : null };
    return { ...super.getConfig(), ...own, idfWeights: this.#vocabulary.idfWeights };
  }

  get #width(): number {
    const { padToMaxTokens, maxTokens } = this.#options;
    return padToMaxTokens ? (maxTokens as number) : this.vocabularySize;
  }

  #requireVocabulary(): void {
    if (!this.#vocabulary.known) throw new StateError(`${this.#owner}: there is no vocabulary yet, call adapt first`);
  }
}

function kindOf(token: string | number): 'string' | 'integer' {
  return typeof token === 'string' ? 'string' : 'integer';
}
