import { DataError } from '../core/errors.ts';
import { oneOf } from '../core/options.ts';
import { type Tensor, type TensorLike, tensorOf, toTensor } from '../core/tensor.ts';
import type { LayerConfig } from './layer.ts';
import { LookupLayer, type LookupOptions, type Tokens } from './lookupLayer.ts';

/** Options of {@link IntegerLookup}. */
export interface IntegerLookupOptions extends LookupOptions<number> {
  /**
   * How an unknown number gets one of several ids: by the remainder of its division by
   * `numOovIndices`, or by the hash of its digits, which `salt` needs. Default `floormod`.
   */
  oovMethod?: 'floormod' | 'farmhash';
}

/**
 * Turns integers, such as the numbers of products or shops, into ids or into rows of the
 * vocabulary. The vocabulary is in descending order of frequency; numbers of the same frequency are
 * in descending order. As the first layer of a `Sequential`, or after an `Input`, it is saved with
 * the model.
 *
 *     const shops = new IntegerLookup();
 *     shops.adapt([[1201], [77], [1201]]);
 *     shops.call([[77], [5]]); // ids [[2], [0]]
 *
 * https://keras.io/api/layers/preprocessing_layers/categorical/integer_lookup/
 */
export class IntegerLookup extends LookupLayer<number> {
  readonly className = 'IntegerLookup';
  readonly takesTexts = false;
  readonly #oovMethod: 'floormod' | 'farmhash';

  /** @throws {ArgumentError} when an option is unknown or outside its range */
  constructor(options: IntegerLookupOptions = {}) {
    super(options, 'IntegerLookup', ['oovMethod'], -1, Number.isSafeInteger);
    const method = options.salt == null ? (options.oovMethod ?? 'floormod') : options.oovMethod;
    const choices = options.salt == null ? (['floormod', 'farmhash'] as const) : (['farmhash'] as const);
    this.#oovMethod = oneOf(method, choices, `IntegerLookup: oovMethod${options.salt == null ? '' : ' with salt'}`);
  }

  /**
   * Learns the vocabulary.
   * @throws {DataError} when there is no number, or one is not whole; the earlier vocabulary then
   *   stays
   */
  adapt(data: TensorLike): void {
    this.learn(data, 'data');
  }

  /**
   * Turns numbers into ids or rows. {@link tokens} is the inverse.
   * @throws {StateError} before there is a vocabulary
   * @throws {DataError} for a number that is not whole, and for an unknown one with
   *   `numOovIndices: 0`
   */
  call(data: TensorLike): Tensor {
    return this.process(data, 'data');
  }

  /**
   * Turns ids into numbers. (Keras: a layer with `invert=True`.)
   * @throws {StateError} before there is a vocabulary
   * @throws {DataError} for an id that the vocabulary does not have
   */
  tokens(data: TensorLike): Tensor<Float64Array> {
    const { shape, data: ids } = toTensor(data, 'IntegerLookup: ids');
    return tensorOf(shape, Float64Array.from(this.tokensOf(ids)));
  }

  protected override bucketOf(token: number, count: number): number {
    if (this.#oovMethod === 'farmhash') return super.bucketOf(token, count);
    return ((token % count) + count) % count;
  }

  protected override read(data: unknown, argument: string): Tokens<number> {
    const { shape, data: values } = toTensor(data as TensorLike, argument);
    const wrong = values.findIndex((value: number) => !Number.isSafeInteger(value));
    if (wrong >= 0) throw new DataError(`IntegerLookup: value ${wrong} of ${argument} is ${values[wrong]}, expected an integer`);
    return { shape, data: values };
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), oovMethod: this.#oovMethod };
  }

  /** Makes a layer from the result of `getConfig`. */
  static fromConfig(config: LayerConfig): IntegerLookup {
    return new IntegerLookup(config as IntegerLookupOptions);
  }
}
