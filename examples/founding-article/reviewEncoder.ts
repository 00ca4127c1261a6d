import { padSequences, type Tensor, TextVectorization, type TextVectorizationConfig } from 'backtime';

/** What makes an encoder, as plain JSON. */
export interface ReviewEncoderConfig {
  readonly vectorization: TextVectorizationConfig;
  /** Words of a review that are kept, the last ones. */
  readonly maxLength: number;
  /**
   * Ids of so many of the most frequent words are left out, and unknown words too. 0 leaves
   * everything in.
   */
  readonly skipTop: number;
  /**
   * Set where ids are to be those of `keras.datasets.imdb`: every review starts with `start`, and
   * unknown words are `unknown`.
   */
  readonly imdb: { readonly start: number; readonly unknown: number } | null;
}

/** `''` and `'[UNK]'` come before the words in a vocabulary. */
const SPECIAL_TOKENS = 2;
const UNKNOWN_TOKEN_ID = 1;

/** What separates words in `keras.datasets.imdb`; apostrophes do not. */
const IMDB_SEPARATORS = /[!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~]/g;

/**
 * Turns review texts into rows of word ids: the same for learning and, read back from its file, for
 * judging.
 */
export class ReviewEncoder {
  readonly config: ReviewEncoderConfig;
  readonly #vectorization: TextVectorization;

  constructor(config: ReviewEncoderConfig) {
    this.config = config;
    this.#vectorization = TextVectorization.fromConfig(config.vectorization);
  }

  /** An encoder for the `maxTokens` most frequent words of these texts. */
  static learn(texts: string[], options: { maxTokens: number; maxLength: number; skipTop: number }): ReviewEncoder {
    const vectorization = new TextVectorization({ maxTokens: options.maxTokens });
    vectorization.adapt(texts);
    return new ReviewEncoder({
      vectorization: vectorization.getConfig(),
      maxLength: options.maxLength,
      skipTop: options.skipTop,
      imdb: null,
    });
  }

  get vocabularySize(): number {
    return this.#vectorization.vocabularySize;
  }

  /** Ids `[texts.length, maxLength]`, padded at the start. */
  encode(texts: string[]): Tensor<Int32Array> {
    const { imdb, skipTop, maxLength } = this.config;
    const separated = imdb ? texts.map((text) => text.replace(IMDB_SEPARATORS, ' ')) : texts;
    const sequences = this.#vectorization.encode(separated).map((ids) => {
      if (imdb) return [imdb.start, ...ids.map((id) => (id === UNKNOWN_TOKEN_ID ? imdb.unknown : id))];
      return skipTop > 0 ? ids.filter((id) => id >= SPECIAL_TOKENS + skipTop) : ids;
    });
    return padSequences(sequences, { maxLength });
  }
}
