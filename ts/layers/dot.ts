import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { booleanOption } from '../core/options.ts';
import { formatShape, type Shape } from '../core/shape.ts';
import { emitFunction } from './emit.ts';
import { emitBroadcast, emitProduct, emitReduce } from './emitMore.ts';
import type { Matrices } from './emitProduct.ts';
import { divide, input as inputOf, maximum, multiply, sqrt, square } from './expression.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';
import { OperationLayer } from './operationLayer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import { stridesOf } from './strides.ts';
import type { Value } from './value.ts';

const [X, Z] = [inputOf(0), inputOf(1)];

/** The shortest length that is normalized to 1: Keras's epsilon. Shorter ones stay shorter. */
const EPSILON = 1e-7;

export interface DotOptions extends LayerOptions {
  /**
   * The axis along which products are summed: one for both inputs, or one for each; with the batch
   * as axis 0, negative from the last one on.
   */
  axes: number | readonly [number, number];
  /**
   * Whether the inputs are normalized along the axis, so that results are cosines. Default false.
   */
  normalize?: boolean;
}

/**
 * The dot product of two inputs along an axis of each: samples `[T, D]` and `[S, D]` with `axes: 2`
 * give `[T, S]`; samples `[D]` and `[D]` with `axes: 1` give `[1]`. The output has no mask.
 * https://keras.io/api/layers/merging_layers/dot/
 */
export class Dot extends OperationLayer {
  readonly className = 'Dot';
  readonly axes: number | readonly [number, number];
  readonly normalize: boolean;

  /** @throws {ArgumentError} for an unknown option, and for axes that are none or the batch's */
  constructor(options: DotOptions) {
    super(options, ['axes', 'normalize'], 'Dot');
    const axes: unknown = options?.axes;
    const both = Array.isArray(axes) ? axes : [axes, axes];
    if (both.length !== 2 || !both.every((axis) => Number.isInteger(axis) && axis !== 0))
      throw new ArgumentError(
        `Dot: axes must be an integer or two, and not 0, which is the batch, as in new Dot({ axes: 1 }), got ${describe(axes)}`,
      );
    this.axes = Array.isArray(axes) ? [both[0], both[1]] : (axes as number);
    this.normalize = booleanOption(options.normalize, false, 'Dot: normalize');
  }

  override get needsSequences(): string {
    return 'multiplies whole sequences';
  }

  override get supportsMasking(): boolean {
    return false;
  }

  override infer(inputs: readonly TensorSpec[]): readonly TensorSpec[] {
    if (inputs.length !== 2) throw new ShapeError(`${this.title} takes an array of two inputs, got ${inputs.length}`);
    const shapes = inputs.map(({ shape }) => shape);
    const along = shapes.map((shape, index) => this.#sampleAxis(shape, index));
    const [a, b] = shapes.map((shape, index) => shape[along[index] as number] as number | null);
    if (a !== null && b !== null && a !== b)
      throw new ShapeError(
        `${this.title} takes inputs of the same size along axes ${formatShape([this.axes].flat())}, got ${shapes.map(formatShape).join(' and ')}`,
      );
    const rest = shapes.flatMap((shape, index) => shape.filter((_, axis) => axis !== along[index]));
    return [{ shape: rest.length > 0 ? rest : [1], kind: 'floats' }];
  }

  override emit(scope: Scope, inputs: readonly [Value, Value]): readonly Value[] {
    const [{ shape }] = this.infer(inputs.map((input) => ({ shape: input.shape, kind: 'floats' }))) as unknown as [{ shape: Shape }];
    const { rows } = inputs[0];
    const along = inputs.map((input, index) => this.#sampleAxis(input.shape, index)) as [number, number];
    const [a, b] = inputs.map((input, index) => (this.normalize ? emitNormalized(scope, input, along[index] as number) : input)) as [
      Value,
      Value,
    ];
    const columns = b.shape.length === 1 ? 1 : (b.shape[1 - along[1]] as number);
    const product = emitProduct(scope, {
      counts: [1, rows],
      rows: a.shape.length === 1 ? 1 : (a.shape[1 - along[0]] as number),
      depth: a.shape[along[0]] as number,
      columns,
      // A sample of one axis is a row on the left and a column on the right.
      left: { ...matricesOf(a), transposed: a.shape.length === 2 && along[0] === 0 },
      right: { ...matricesOf(b), transposed: b.shape.length === 1 || along[1] === 1 },
      places: {
        strides: [0, stridesOf(shape, rows).rows],
        rowStride: shape.length === 2 ? (stridesOf(shape, rows).axes[0] as number) : columns,
      },
      output: { shape, rows, mask: null },
    });
    return [product];
  }

  /** The axis of samples. @throws {ShapeError} when they do not have it */
  #sampleAxis(shape: SampleShape, index: number): number {
    const given = typeof this.axes === 'number' ? this.axes : (this.axes[index] as number);
    const axis = given < 0 ? shape.length + given : given - 1;
    if (axis < 0 || axis >= shape.length || shape.length > 2)
      throw new ShapeError(
        `${this.title} takes samples of 1 or 2 axes that have axis ${given} (the batch is axis 0), got ${formatShape(shape)}`,
      );
    return axis;
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), axes: this.axes, normalize: this.normalize };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): Dot {
    return new Dot(config as unknown as DotOptions);
  }
}

/** The samples of a value as matrices. */
function matricesOf(value: Value): Matrices {
  const { rows, axes } = stridesOf(value.shape, value.rows);
  return { value, strides: [0, rows], rowStride: value.shape.length === 1 ? rows : (axes[0] as number) };
}

/** Emits samples with the length 1 along an axis. */
function emitNormalized(scope: Scope, input: Value, axis: number): Value {
  const squares = emitFunction(scope, square(X), [input], { ...input, mask: null });
  const sum = emitReduce(scope, 'sum', squares, axis, true);
  // The root of a number that is not 0 has a derivative.
  const factor = emitFunction(scope, divide(1, sqrt(maximum(X, EPSILON ** 2))), [sum], sum);
  const wide = emitBroadcast(scope, factor, input.shape, input.rows);
  return emitFunction(scope, multiply(X, Z), [input, wide], { ...input, mask: null });
}
