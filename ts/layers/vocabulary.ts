import { describe } from '../core/describe.ts';
import { ArgumentError, DataError, StateError } from '../core/errors.ts';

/** The tokens of a look-up layer, and the limits that its options set. */
export interface VocabularyOptions<Token> {
  /** The layer, for error messages. */
  readonly owner: string;
  /** The tokens before the learned ones: of masks and of unknown tokens. */
  readonly special: readonly Token[];
  /** The id of a token outside the vocabulary; null: it is an error. */
  readonly unknownId: ((token: Token) => number) | null;
  /** The token of masks, which is not counted as a token. */
  readonly maskToken: Token | null;
  readonly maxTokens: number | null;
  /** Whether a value is a token, and what one is called in error messages. */
  readonly isToken: (value: unknown) => boolean;
  readonly kind: string;
}

/** Tokens and their ids, with the order and the weights of Keras's look-up layers. */
export class Vocabulary<Token extends string | number> {
  readonly #options: VocabularyOptions<Token>;
  #tokens: readonly Token[] | null = null;
  #ids: ReadonlyMap<Token, number> = new Map();
  #idf: Float64Array | null = null;

  constructor(options: VocabularyOptions<Token>) {
    this.#options = options;
  }

  /** All tokens by id; only the special ones before there are others. */
  get tokens(): readonly Token[] {
    return this.#tokens ?? this.#options.special;
  }

  /** Whether there are tokens besides the special ones. */
  get known(): boolean {
    return this.#tokens !== null;
  }

  /**
   * The weight of each id by its inverse document frequency.
   * @throws {StateError} without weights
   */
  get idf(): Float64Array {
    if (!this.#idf) throw new StateError(`${this.#options.owner}: outputMode 'tfIdf' needs idfWeights with a given vocabulary, or adapt`);
    return this.#idf;
  }

  /** The weights of the learned tokens; null without. */
  get idfWeights(): readonly number[] | null {
    return this.#idf && [...this.#idf.subarray(this.#options.special.length)];
  }

  /**
   * Learns the tokens of documents: in descending order of frequency; tokens of the same frequency
   * in descending order, texts by code points. A token of `n` documents of `N` has the weight
   * `log(1 + N / (1 + n))`, an unknown one the mean of all, as in Keras.
   * @param what the documents, for the error message: `texts`
   * @throws {DataError} when there is no token; the earlier vocabulary then stays
   */
  adapt(documents: readonly (readonly Token[])[], what: string): void {
    const { owner, special, maskToken, maxTokens } = this.#options;
    const counts = new Map<Token, number>();
    const found = new Map<Token, number>();
    for (const tokens of documents) {
      for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
      for (const token of new Set(tokens)) found.set(token, (found.get(token) ?? 0) + 1);
    }
    for (const token of special) counts.delete(token);
    if (maskToken !== null) counts.delete(maskToken);
    if (counts.size === 0) throw new DataError(`${owner}.adapt: there is no token in the ${documents.length} ${what}`);
    const byFrequency = [...counts].sort(([a, countA], [b, countB]) => countB - countA || compare(b, a)).map(([token]) => token);
    const kept = maxTokens === null ? byFrequency : byFrequency.slice(0, maxTokens - special.length);
    this.set(
      kept,
      kept.map((token) => Math.log(1 + documents.length / (1 + (found.get(token) as number)))),
    );
  }

  /**
   * Sets the tokens.
   * @param vocabulary with or without the special tokens
   * @param idfWeights the weights of the tokens, without those of the special ones
   * @throws {ArgumentError} when a token is repeated, reserved or not a string, there are more than
   *   `maxTokens`, or another number of weights
   */
  set(vocabulary: readonly Token[], idfWeights: readonly number[] | null = null): void {
    const { owner, special, maxTokens, isToken, kind } = this.#options;
    if (!Array.isArray(vocabulary))
      throw new ArgumentError(`${owner}: vocabulary must be an array of ${kind}s, got ${describe(vocabulary)}`);
    const hasSpecial = special.length > 0 && special.every((token, id) => vocabulary[id] === token);
    const complete: Token[] = hasSpecial ? [...vocabulary] : [...special, ...vocabulary];
    if (maxTokens !== null && complete.length > maxTokens)
      throw new ArgumentError(`${owner}: vocabulary must have at most maxTokens = ${maxTokens} tokens, got ${complete.length}`);
    const ids = new Map<Token, number>();
    for (const [id, token] of complete.entries()) {
      if (!isToken(token)) throw new ArgumentError(`${owner}: vocabulary must hold ${kind}s, got ${describe(token)} for id ${id}`);
      // Several ids of unknown tokens have one name.
      if (id < special.length && ids.has(token)) continue;
      if (ids.has(token)) throw new ArgumentError(`${owner}: vocabulary has the repeated or reserved token ${describe(token)} at id ${id}`);
      ids.set(token, id);
    }
    const learned = complete.length - special.length;
    if (idfWeights !== null && idfWeights.length !== learned)
      throw new ArgumentError(`${owner}: idfWeights must have a weight for each of the ${learned} tokens, got ${idfWeights.length}`);
    this.#tokens = complete;
    this.#ids = ids;
    // A token with the name of unknown tokens is one of them.
    if (special.filter((token) => token === special.at(-1)).length > 1) ids.delete(special.at(-1) as Token);
    const mean = idfWeights && idfWeights.reduce((sum, weight) => sum + weight, 0) / idfWeights.length;
    this.#idf = idfWeights && Float64Array.from([...special.map(() => mean as number), ...idfWeights]);
  }

  /** The id of a token. @param place for the error message */
  idOf(token: Token, place: string): number {
    const { owner, unknownId } = this.#options;
    const id = this.#ids.get(token) ?? unknownId?.(token);
    if (id === undefined)
      throw new DataError(`${owner}: ${place} is ${describe(token)}, which is not in the vocabulary, and numOovIndices is 0: use 1`);
    return id;
  }
}

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' || typeof b === 'number' ? Number(a) - Number(b) : compareCodePoints(a, b);
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
