import { ArgumentError, DataError, ShapeError } from '../core/errors.ts';
import { oneOf } from '../core/options.ts';
import { formatShape, positiveInteger } from '../core/shape.ts';
import { type Tensor, type TensorLike, toTensor } from '../core/tensor.ts';
import { encodedShape, encodeIds } from './encodeIds.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';
import { PreprocessingLayer } from './preprocessingLayer.ts';
import type { SampleShape, TensorSpec } from './spec.ts';

/** Options of {@link CategoryEncoding}. */
export interface CategoryEncodingOptions extends LayerOptions {
  /**
   * `oneHot`: a row for each id; `multiHot`: a row of the ids that a sample has; `count`: how often
   * it has them. Default `multiHot`.
   */
  outputMode?: 'oneHot' | 'multiHot' | 'count';
}

/**
 * Encodes ids below a known number as rows. As the first layer of a `Sequential`, or after an
 * `Input`, it is saved with the model.
 *
 *     new CategoryEncoding(4).call([[0, 1], [3, 3]]); // [[1, 1, 0, 0], [0, 0, 0, 1]]
 *
 * https://keras.io/api/layers/preprocessing_layers/categorical/category_encoding/
 */
export class CategoryEncoding extends PreprocessingLayer {
  readonly className = 'CategoryEncoding';
  readonly takesTexts = false;
  readonly numTokens: number;
  readonly #outputMode: 'oneHot' | 'multiHot' | 'count';

  /**
   * @param numTokens the number of different ids
   * @throws {ArgumentError} when an option is unknown or outside its range
   */
  constructor(numTokens: number, options: CategoryEncodingOptions = {}) {
    super(options, ['outputMode'], 'CategoryEncoding');
    this.numTokens = positiveInteger(numTokens, 'CategoryEncoding: numTokens');
    this.#outputMode = oneOf(options.outputMode ?? 'multiHot', ['oneHot', 'multiHot', 'count'], 'CategoryEncoding: outputMode');
  }

  /**
   * Turns ids into rows.
   * @param countWeights for `count`: the weight of each id, in the shape of the ids. Default: 1
   * @throws {DataError} for an id that is none of 0 to `numTokens - 1`
   * @throws {ArgumentError} for weights with another `outputMode`
   * @throws {ShapeError} for weights of another shape
   */
  call(ids: TensorLike, countWeights: TensorLike | null = null): Tensor {
    const weights = countWeights === null ? null : toTensor(countWeights, 'CategoryEncoding: countWeights');
    if (weights && this.#outputMode !== 'count')
      throw new ArgumentError(`CategoryEncoding: countWeights are for outputMode 'count', which is '${this.#outputMode}'`);
    return this.#encode(ids, 'ids', weights);
  }

  override process(data: unknown, argument: string): Tensor {
    return this.#encode(data as TensorLike, argument, null);
  }

  #encode(data: TensorLike, argument: string, weights: Tensor | null): Tensor {
    const { shape, data: values } = toTensor(data, argument);
    const ids = Int32Array.from(values as ArrayLike<number>, (id, index) => {
      if (Number.isInteger(id) && id >= 0 && id < this.numTokens) return id;
      throw new DataError(`CategoryEncoding: value ${index} of ${argument} is ${id}, expected an integer from 0 to ${this.numTokens - 1}`);
    });
    if (weights && String(weights.shape) !== String(shape))
      throw new ShapeError(
        `CategoryEncoding: countWeights must have the shape of ids, ${formatShape(shape)}, got ${formatShape(weights.shape)}`,
      );
    return encodeIds({ shape, data: ids }, this.numTokens, this.#outputMode, null, weights?.data ?? null);
  }

  protected override processedSpec(sample: SampleShape): TensorSpec {
    return { shape: encodedShape(sample, this.numTokens, this.#outputMode), kind: 'floats' };
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), numTokens: this.numTokens, outputMode: this.#outputMode };
  }

  /** Makes a layer from the result of `getConfig`. */
  static fromConfig({ numTokens, ...options }: LayerConfig): CategoryEncoding {
    return new CategoryEncoding(numTokens as number, options as CategoryEncodingOptions);
  }
}
