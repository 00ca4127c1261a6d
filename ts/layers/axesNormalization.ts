import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { formatShape, type Shape, sizeOf } from '../core/shape.ts';
import { emitAlongAxes } from './emitMore.ts';
import { Layer, type LayerConfig, type LayerOptions } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import type { Value } from './value.ts';

/** Options of every layer that normalizes along axes. */
export interface AxesOptions extends LayerOptions {
  /**
   * The axis or the axes that are normalized together, with the batch as axis 0, negative from the
   * last one on. Default -1, the features.
   */
  axis?: number | readonly number[];
}

/** The base of layers that normalize the elements along one axis or several of each sample. */
export abstract class AxesNormalization extends Layer {
  readonly axis: number | readonly number[];
  /** The sizes of the axes that the weights are for; empty before. */
  protected sizes: Shape = [];

  protected constructor(options: AxesOptions | undefined, known: readonly string[], className: string) {
    super(options, ['axis', ...known], className);
    const axis = options?.axis ?? -1;
    const axes = [axis].flat();
    if (axes.length === 0 || new Set(axes).size < axes.length || !axes.every((each) => Number.isInteger(each) && each !== 0))
      throw new ArgumentError(
        `${className}: axis must be an integer or several different ones, and not 0, which is the batch, got ${describe(axis)}`,
      );
    this.axis = typeof axis === 'number' ? axis : [...axis];
  }

  override get needsSequences(): string | null {
    return [this.axis].flat().every((axis) => axis === -1 || axis > 1) ? null : 'normalizes over steps';
  }

  protected override checkInputShape(inputShape: SampleShape): number {
    const axes = this.#sampleAxes(inputShape);
    if (!this.hasWeights) return 0;
    const sizes = axes.map((axis) => inputShape[axis]);
    if (sizes.includes(null))
      throw new ShapeError(
        `${this.title} takes samples of a known size along the axes that it normalizes, got samples of shape ${formatShape(inputShape)}`,
      );
    return sizeOf(sizes as number[]);
  }

  /** Whether there are weights for each place along the axes, so that every use has their sizes. */
  protected get hasWeights(): boolean {
    return true;
  }

  override infer(inputs: readonly TensorSpec[], call: Parameters<Layer['infer']>[1]): readonly TensorSpec[] {
    const { shape } = inputs[0] as TensorSpec;
    const sizes = this.#sampleAxes(shape).map((axis) => shape[axis]);
    if (this.hasWeights && this.sizes.length > 0 && formatShape(this.sizes) !== formatShape(sizes as Shape))
      throw new ShapeError(
        `${this.title} was built for sizes ${formatShape(this.sizes)} of the normalized axes, got ${formatShape(sizes as Shape)}: inputs of other sizes need a layer of their own`,
      );
    return super.infer(inputs, call);
  }

  override declare(inputs: readonly TensorSpec[]): void {
    if (this.built) return;
    const { shape } = inputs[0] as TensorSpec;
    this.sizes = this.#sampleAxes(shape).map((axis) => shape[axis] as number);
    super.declare(inputs);
  }

  protected override copyBuild(copy: Layer): void {
    (copy as AxesNormalization).sizes = this.sizes;
    super.copyBuild(copy);
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    return inputShape;
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    return [emitAlongAxes(scope, input, this.#sampleAxes(input.shape), (rows) => this.emitRows(scope, rows))];
  }

  /** Normalizes the rows along the last axis. */
  protected abstract emitRows(scope: Scope, input: Value): Value;

  /** The axes of samples, in order. @throws {ShapeError} when samples do not have them */
  #sampleAxes(shape: SampleShape): readonly number[] {
    const axes = [this.axis].flat().map((axis) => (axis < 0 ? shape.length + axis : axis - 1));
    const isEach = axes.every((axis) => axis >= 0 && axis < shape.length) && new Set(axes).size === axes.length;
    if (!isEach || shape.length > 3)
      throw new ShapeError(
        `${this.title} takes samples of at most 3 axes that have axis ${[this.axis].flat().join(' and ')}, got samples of shape ${formatShape(shape)}`,
      );
    return axes.sort((a, b) => a - b);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), axis: this.axis };
  }
}

/** @throws {ArgumentError} when it is no number between 0 and 1 */
export function epsilonOption(value: unknown, where: string): number {
  if (typeof value === 'number' && value > 0 && value < 1) return value;
  throw new ArgumentError(`${where} must be a number between 0 and 1, got ${describe(value)}`);
}
