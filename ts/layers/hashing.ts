import { describe } from '../core/describe.ts';
import { ArgumentError, DataError } from '../core/errors.ts';
import { oneOf } from '../core/options.ts';
import { positiveInteger } from '../core/shape.ts';
import { type Tensor, type TensorLike, toTensor } from '../core/tensor.ts';
import { encodedShape, encodeIds, ID_ENCODINGS, type IdEncoding } from './encodeIds.ts';
import { InputLayer } from './input.ts';
import type { Layer, LayerConfig, LayerOptions } from './layer.ts';
import type { Tokens } from './lookupLayer.ts';
import { PreprocessingLayer } from './preprocessingLayer.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import type { Node, SymbolicTensor } from './symbolicTensor.ts';
import { type NestedTexts, textsOf } from './texts.ts';
import { bucketOf, type HashSalt, saltOption } from './tokenHash.ts';

/** Options of {@link Hashing}. */
export interface HashingOptions extends LayerOptions {
  /** The value of masked positions. Bin 0 is then reserved for it. Default `null`: none. */
  maskValue?: string | number | null;
  /**
   * One or two integers, the key of SipHash. Default `null`: FarmHash, which has no key.
   */
  salt?: HashSalt;
  /** The encoding of the bins, as for the ids of a `StringLookup`. Default `int`. */
  outputMode?: IdEncoding;
}

/**
 * Maps texts or integers to a fixed number of bins by a hash, without a vocabulary: unseen values
 * have a bin too, and different values may share one. The bins are the same as in Keras. As the
 * first layer of a `Sequential`, or after an `Input`, it is saved with the model.
 *
 *     new Hashing(3).call([['A'], ['B'], ['C']]); // bins [[1], [0], [1]]
 *
 * https://keras.io/api/layers/preprocessing_layers/categorical/hashing/
 */
export class Hashing extends PreprocessingLayer {
  readonly className = 'Hashing';
  readonly numBins: number;
  readonly #options: Required<Omit<HashingOptions, keyof LayerOptions>>;
  #takesTexts = true;

  /**
   * @param numBins the number of bins, that of the mask included
   * @throws {ArgumentError} when an option is unknown or outside its range
   */
  constructor(numBins: number, options: HashingOptions = {}) {
    super(options, ['maskValue', 'salt', 'outputMode'], 'Hashing');
    this.numBins = positiveInteger(numBins, 'Hashing: numBins');
    const { maskValue = null } = options;
    if (maskValue !== null && typeof maskValue !== 'string' && !Number.isSafeInteger(maskValue))
      throw new ArgumentError(`Hashing: maskValue must be a string, an integer or null, got ${describe(maskValue)}`);
    this.#options = {
      maskValue,
      salt: saltOption(options.salt ?? null, 'Hashing'),
      outputMode: oneOf(options.outputMode ?? 'int', ID_ENCODINGS, 'Hashing: outputMode'),
    };
  }

  /** Whether its input has texts. */
  override get takesTexts(): boolean {
    return this.#takesTexts;
  }

  override use(inputs: readonly SymbolicTensor[]): Node {
    const maker = inputs[0]?.node.layer as Layer;
    if (maker instanceof InputLayer) this.#takesTexts = maker.dtype === 'string' && maker.preprocessing.length === 0;
    return super.use(inputs);
  }

  /**
   * Turns values into bins or rows.
   * @throws {DataError} for something that is neither a text nor an integer
   */
  call(values: NestedTexts | TensorLike): Tensor {
    return this.process(values, 'values');
  }

  override process(data: unknown, argument: string): Tensor {
    const { maskValue, salt, outputMode } = this.#options;
    const { shape, data: values } = read(data, argument);
    const masks = maskValue !== null && this.numBins > 1;
    const bins = Int32Array.from(values, (value) => {
      if (masks && value === maskValue) return 0;
      return bucketOf(String(value), this.numBins - Number(masks), salt) + Number(masks);
    });
    return encodeIds({ shape, data: bins }, this.numBins, outputMode);
  }

  protected override processedSpec(sample: SampleShape): TensorSpec {
    const { outputMode } = this.#options;
    return { shape: encodedShape(sample, this.numBins, outputMode), kind: outputMode === 'int' ? 'ids' : 'floats' };
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), numBins: this.numBins, ...this.#options };
  }

  /** Makes a layer from the result of `getConfig`. */
  static fromConfig({ numBins, ...options }: LayerConfig): Hashing {
    return new Hashing(numBins as number, options as HashingOptions);
  }
}

/** @throws {DataError} for a number that is not whole */
function read(data: unknown, argument: string): Tokens<string | number> {
  let first = data;
  while (Array.isArray(first)) first = first[0];
  if (typeof first === 'string') return textsOf(data, argument, 'Hashing');
  const { shape, data: values } = toTensor(data as TensorLike, argument);
  const wrong = values.findIndex((value: number) => !Number.isSafeInteger(value));
  if (wrong >= 0) throw new DataError(`Hashing: value ${wrong} of ${argument} is ${values[wrong]}, expected a text or an integer`);
  return { shape, data: values };
}
