import { allocateArray } from '../core/allocate.ts';
import { describe } from '../core/describe.ts';
import { ArgumentError, DataError, StateError } from '../core/errors.ts';
import { checkFinite } from '../core/finite.ts';
import { numberInRange, oneOf } from '../core/options.ts';
import { positiveInteger } from '../core/shape.ts';
import { type Tensor, type TensorLike, toTensor } from '../core/tensor.ts';
import { encodedShape, encodeIds, ID_ENCODINGS, type IdEncoding } from './encodeIds.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';
import { PreprocessingLayer } from './preprocessingLayer.ts';
import { binBoundaries } from './quantiles.ts';
import type { SampleShape, TensorSpec } from './spec.ts';

/** Options of {@link Discretization}; it needs `binBoundaries` or `numBins`. */
export interface DiscretizationOptions extends LayerOptions {
  /**
   * The boundaries in increasing order: bin `i` begins with boundary `i - 1`. Default `null`:
   * `adapt` finds them.
   */
  binBoundaries?: readonly number[] | null;
  /** The number of bins that `adapt` makes, each of about as many values. */
  numBins?: number | null;
  /** The error of the quantiles of `adapt`, as a fraction of the values. Default 0.01. */
  epsilon?: number;
  /** The encoding of the bins, as for the ids of a `StringLookup`. Default `int`. */
  outputMode?: IdEncoding;
}

/**
 * Turns numbers into the indices of their bins. As the first layer of a `Sequential`, or after an
 * `Input`, it is saved with the model.
 *
 *     new Discretization({ binBoundaries: [0, 1, 2] }).call([[-1.5, 1, 3.4]]); // bins [[0, 2, 3]]
 *
 * https://keras.io/api/layers/preprocessing_layers/numerical/discretization/
 */
export class Discretization extends PreprocessingLayer {
  readonly className = 'Discretization';
  readonly takesTexts = false;
  readonly #numBins: number | null;
  readonly #epsilon: number;
  readonly #outputMode: IdEncoding;
  /** In float32, as the values are compared. */
  #boundaries: readonly number[] | null = null;

  /** @throws {ArgumentError} when an option is unknown or outside its range */
  constructor(options: DiscretizationOptions) {
    super(options, ['binBoundaries', 'numBins', 'epsilon', 'outputMode'], 'Discretization');
    const { binBoundaries: boundaries = null, numBins = null } = options;
    if ((boundaries === null) === (numBins === null))
      throw new ArgumentError('Discretization needs binBoundaries, or numBins for adapt, and not both');
    this.#numBins = numBins === null ? null : positiveInteger(numBins, 'Discretization: numBins');
    this.#epsilon = numberInRange(options.epsilon ?? 0.01, Number.MIN_VALUE, 1, 'Discretization: epsilon');
    this.#outputMode = oneOf(options.outputMode ?? 'int', ID_ENCODINGS, 'Discretization: outputMode');
    if (boundaries !== null) this.#boundaries = boundariesOf(boundaries);
  }

  /** The boundaries of the bins; null before `adapt`. */
  get binBoundaries(): readonly number[] | null {
    return this.#boundaries;
  }

  /**
   * Finds boundaries of bins with about the same number of values: approximate quantiles, the same
   * as in Keras.
   * @throws {StateError} when the boundaries were given
   * @throws {DataError} for a value that is not finite, and when there are none
   */
  adapt(data: TensorLike): void {
    if (this.#numBins === null) throw new StateError('Discretization.adapt needs numBins, and not binBoundaries');
    const { shape, data: values } = toTensor(data, 'Discretization.adapt: data');
    if (values.length === 0) throw new DataError('Discretization.adapt: data has no values');
    checkFinite({ shape, data: values }, 'Discretization.adapt: data');
    this.#boundaries = binBoundaries(values, this.#numBins, this.#epsilon);
  }

  /**
   * Turns numbers into bins or rows.
   * @throws {StateError} before there are boundaries
   * @throws {DataError} for NaN
   */
  call(data: TensorLike): Tensor {
    return this.process(data, 'data');
  }

  override process(data: unknown, argument: string): Tensor {
    const { shape, data: values } = toTensor(data as TensorLike, argument);
    const boundaries = this.#required;
    const bins = allocateArray(Int32Array, shape, 'Discretization: the bins');
    for (let index = 0; index < bins.length; index++) {
      const value = Math.fround(values[index] as number);
      if (Number.isNaN(value)) throw new DataError(`Discretization: value ${index} of ${argument} is NaN`);
      let [low, high] = [0, boundaries.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((boundaries[middle] as number) <= value) low = middle + 1;
        else high = middle;
      }
      bins[index] = low;
    }
    return encodeIds({ shape, data: bins }, boundaries.length + 1, this.#outputMode);
  }

  protected override processedSpec(sample: SampleShape): TensorSpec {
    const mode = this.#outputMode;
    if (mode === 'int') return { shape: sample, kind: 'ids' };
    return { shape: encodedShape(sample, this.#required.length + 1, mode), kind: 'floats' };
  }

  override getConfig(): LayerConfig {
    const own = { binBoundaries: this.#boundaries, numBins: this.#numBins, epsilon: this.#epsilon, outputMode: this.#outputMode };
    return { ...super.getConfig(), ...own };
  }

  /** Makes a layer from the result of `getConfig`. */
  static fromConfig({ binBoundaries: boundaries, numBins, ...options }: LayerConfig): Discretization {
    const given = (numBins === null ? { binBoundaries: boundaries } : { numBins }) as DiscretizationOptions;
    const made = new Discretization({ ...options, ...given });
    if (boundaries != null) made.#boundaries = boundariesOf(boundaries);
    return made;
  }

  get #required(): readonly number[] {
    if (!this.#boundaries) throw new StateError('Discretization: there are no boundaries yet, call adapt(data) first');
    return this.#boundaries;
  }
}

/** @throws {ArgumentError} for something else than rising numbers */
function boundariesOf(values: unknown): readonly number[] {
  const areRising =
    Array.isArray(values) &&
    values.every((value, place) => Number.isFinite(value) && (place === 0 || value >= (values[place - 1] as number)));
  if (!areRising) throw new ArgumentError(`Discretization: binBoundaries must be increasing numbers, got ${describe(values)}`);
  return values.map(Math.fround);
}
