import { allocateArray } from '../core/allocate.ts';
import { describe } from '../core/describe.ts';
import { ArgumentError, DataError, ShapeError, StateError } from '../core/errors.ts';
import { checkFinite } from '../core/finite.ts';
import { booleanOption } from '../core/options.ts';
import { formatShape, type Shape } from '../core/shape.ts';
import { type Tensor, type TensorLike, tensorOf, toTensor } from '../core/tensor.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';
import { PreprocessingLayer } from './preprocessingLayer.ts';
import type { SampleShape, TensorSpec } from './spec.ts';

export interface NormalizationOptions extends LayerOptions {
  /**
   * The axes that have separate means and variances, counted with the batch axis; null: one mean
   * and variance for all values. Default -1: one for each feature.
   */
  axis?: number | readonly number[] | null;
  /**
   * The means: one, or one for each position along the axes. Default null: `adapt` computes them.
   */
  mean?: number | readonly number[] | null;
  /** The variances. Default null: `adapt` computes them. */
  variance?: number | readonly number[] | null;
  /** Whether it computes the inverse: values from normalized ones. Default false. */
  invert?: boolean;
}

/** The smallest divisor, as in Keras. */
const LEAST = 1e-7;

/**
 * Normalizes values to mean 0 and variance 1: `(x - mean) / max(sqrt(variance), 1e-7)`. As the
 * first layer of a `Sequential`, or after an `Input`, it lets a model take unscaled numbers, and is
 * saved with it. A layer with `invert: true` and the same mean and variance turns predictions back,
 * by `call`.
 *
 *     const scale = new Normalization();
 *     scale.adapt(x);
 *     const model = new Sequential([scale, new LSTM(8), new Dense(1)]);
 *
 * https://keras.io/api/layers/preprocessing_layers/numerical/normalization/
 */
export class Normalization extends PreprocessingLayer {
  readonly className = 'Normalization';
  readonly takesTexts = false;
  readonly #axes: readonly number[];
  readonly #axis: number | readonly number[] | null;
  readonly #invert: boolean;
  #mean: readonly number[] | null = null;
  #variance: readonly number[] | null = null;

  /** @throws {ArgumentError} when an option is unknown or outside its range */
  constructor(options: NormalizationOptions = {}) {
    super(options, ['axis', 'mean', 'variance', 'invert'], 'Normalization');
    const { axis = -1, mean = null, variance = null } = options;
    this.#axes = axis === null ? [] : [axis].flat();
    for (const each of this.#axes)
      if (!Number.isInteger(each) || each === 0)
        throw new ArgumentError(`Normalization: axis must be null or integers other than 0, the batch, got ${describe(each)}`);
    this.#axis = axis;
    this.#invert = booleanOption(options.invert, false, 'Normalization: invert');
    if ((mean === null) !== (variance === null))
      throw new ArgumentError(`Normalization: mean and variance must be given together, got ${describe(mean)} and ${describe(variance)}`);
    if (mean === null || variance === null) return;
    this.#mean = numbersOf(mean, 'mean');
    this.#variance = numbersOf(variance, 'variance');
    if (this.#variance.some((value) => value < 0)) throw new ArgumentError('Normalization: variance must not be negative');
  }

  /** The means, by the places of the axes; null before `adapt`. */
  get mean(): readonly number[] | null {
    return this.#mean;
  }

  /** The variances, by the places of the axes; null before `adapt`. */
  get variance(): readonly number[] | null {
    return this.#variance;
  }

  /**
   * Computes the mean and the variance of data. Padded steps count like all others.
   * @throws {DataError} for a value that is not finite, and when there are none
   * @throws {ShapeError} when the data does not have the axes
   */
  adapt(data: TensorLike): void {
    const { shape, data: values } = toTensor(data, 'Normalization.adapt: data');
    if (values.length === 0) throw new DataError(`Normalization.adapt: data of shape ${formatShape(shape)} has no values`);
    checkFinite({ shape, data: values }, 'Normalization.adapt: data');
    const { count, placeOf } = this.#places(shape, 'data');
    const each = values.length / count;
    /** The mean of a function of the values, for each place. */
    const meanOf = (of: (value: number, place: number) => number): number[] => {
      const sums = new Array<number>(count).fill(0);
      for (let index = 0; index < values.length; index++) {
        const place = placeOf(index);
        sums[place] = (sums[place] as number) + of(values[index] as number, place);
      }
      // Divided last, so that the mean of equal values is exact.
      return sums.map((sum) => sum / each);
    };
    const mean = meanOf((value) => value);
    this.#variance = meanOf((value, place) => (value - (mean[place] as number)) ** 2);
    this.#mean = mean;
  }

  /**
   * Normalizes values; with `invert`, computes the inverse.
   * @throws {StateError} before `adapt`
   * @throws {ShapeError} when the data has other axes or another number of features
   */
  call(data: TensorLike): Tensor<Float64Array> {
    return this.process(data, 'data');
  }

  override process(data: unknown, argument: string): Tensor<Float64Array> {
    const { shape, data: values } = toTensor(data as TensorLike, argument);
    if (!this.#mean || !this.#variance) throw new StateError(`Normalization: there is no mean yet, call adapt(data) first`);
    const { count, placeOf } = this.#places(shape, argument);
    const means = spread(this.#mean, count);
    const variances = spread(this.#variance, count);
    if (!means || !variances)
      throw new ShapeError(
        `Normalization has ${Math.max(this.#mean.length, this.#variance.length)} means and variances, but ${argument} of shape ` +
          `${formatShape(shape)} has ${count} places on axis ${describe(this.#axis)}`,
      );
    const deviations = variances.map((value) => Math.max(Math.sqrt(value), LEAST));
    const result = allocateArray(Float64Array, shape, 'Normalization: the values');
    for (let index = 0; index < result.length; index++) {
      const place = placeOf(index);
      const [mean, deviation, value] = [means[place] as number, deviations[place] as number, values[index] as number];
      result[index] = this.#invert ? mean + value * deviation : (value - mean) / deviation;
    }
    return tensorOf(shape, result);
  }

  protected override processedSpec(sample: SampleShape): TensorSpec {
    return { shape: sample, kind: 'floats' };
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), axis: this.#axis, mean: this.#mean, variance: this.#variance, invert: this.#invert };
  }

  /** Makes a layer from the result of `getConfig`. */
  static fromConfig(config: LayerConfig): Normalization {
    return new Normalization(config as NormalizationOptions);
  }

  /** The number of places on the axes, and the place of a flat index. */
  #places(shape: Shape, argument: string): { count: number; placeOf: (index: number) => number } {
    const axes = this.#axes.map((axis) => (axis < 0 ? axis + shape.length : axis));
    if (axes.some((axis) => axis < 1 || axis >= shape.length))
      throw new ShapeError(
        `Normalization: ${argument} has shape ${formatShape(shape)}, which has no axis ${describe(this.#axis)} besides the batch`,
      );
    // Row-major strides of the flat index, and of the place.
    const steps: { readonly stride: number; readonly size: number; readonly placeStride: number }[] = [];
    let [stride, count] = [1, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const size = shape[axis] as number;
      if (axes.includes(axis)) {
        steps.push({ stride, size, placeStride: count });
        count *= size;
      }
      stride *= size;
    }
    const placeOf = (index: number) => {
      let place = 0;
      for (const { stride, size, placeStride } of steps) place += (Math.floor(index / stride) % size) * placeStride;
      return place;
    };
    return { count, placeOf };
  }
}

/** One number for all places, or one for each; null when the number differs. */
function spread(values: readonly number[], count: number): readonly number[] | null {
  if (values.length === 1) return new Array<number>(count).fill(values[0] as number);
  return values.length === count ? values : null;
}

function numbersOf(value: unknown, name: string): readonly number[] {
  const numbers = [value].flat() as unknown[];
  for (const each of numbers)
    if (typeof each !== 'number' || !Number.isFinite(each))
      throw new ArgumentError(`Normalization: ${name} must be a finite number or an array of them, got ${describe(each)}`);
  return numbers as number[];
}
