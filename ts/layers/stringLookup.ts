import { type Tensor, type TensorLike, toTensor } from '../core/tensor.ts';
import type { LayerConfig } from './layer.ts';
import { LookupLayer, type LookupOptions, type Tokens } from './lookupLayer.ts';
import { type NestedTexts, nestedTexts, textsOf } from './texts.ts';

/** Options of {@link StringLookup}. */
export type StringLookupOptions = LookupOptions<string>;

/**
 * Turns tokens into ids or into rows of the vocabulary. The vocabulary is in descending order of
 * frequency; tokens of the same frequency are in descending code-point order. As the first layer of
 * a `Sequential`, or after an `Input` of dtype 'string', it lets a model take texts, and is saved
 * with it.
 *
 *     const tags = new StringLookup();
 *     tags.adapt([['noun', 'verb'], ['noun', 'noun']]);
 *     tags.call([['verb', 'noun', 'new']]); // ids [[2, 1, 0]]
 *
 * https://keras.io/api/layers/preprocessing_layers/categorical/string_lookup/
 */
export class StringLookup extends LookupLayer<string> {
  readonly className = 'StringLookup';
  readonly takesTexts = true;

  /** @throws {ArgumentError} when an option is unknown or outside its range */
  constructor(options: StringLookupOptions = {}) {
    super(options, 'StringLookup', [], '[UNK]', (value) => typeof value === 'string');
  }

  /**
   * Learns the vocabulary, and the weights of `tfIdf`, in which a sample is a document.
   * @throws {DataError} when there is no token, or one is not a string; the earlier vocabulary then
   *   stays
   */
  adapt(texts: NestedTexts): void {
    this.learn(texts, 'texts');
  }

  /**
   * Turns tokens into ids or rows. {@link tokens} is the inverse.
   * @throws {StateError} before there is a vocabulary
   * @throws {DataError} for something that is not text, and for an unknown token with
   *   `numOovIndices: 0`
   */
  call(texts: NestedTexts): Tensor {
    return this.process(texts, 'texts');
  }

  /**
   * Turns ids into tokens, such as the predictions of a model. (Keras: a layer with `invert=True`.)
   * @throws {StateError} before there is a vocabulary
   * @throws {DataError} for an id that the vocabulary does not have
   */
  tokens(data: TensorLike): NestedTexts {
    const { shape, data: ids } = toTensor(data, 'StringLookup: ids');
    return nestedTexts({ shape, data: this.tokensOf(ids) });
  }

  protected override read(data: unknown, argument: string): Tokens<string> {
    return textsOf(data, argument, 'StringLookup');
  }

  /** Makes a layer from the result of `getConfig`. */
  static fromConfig(config: LayerConfig): StringLookup {
    return new StringLookup(config as StringLookupOptions);
  }
}
