import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { formatShape, type Shape } from '../core/shape.ts';
import { resolveActivation } from './activationFunction.ts';
import { ElementwiseLayer } from './elementwiseLayer.ts';
import { emitActivation, emitFunction } from './emit.ts';
import { emitReorder, maskAsFloats } from './emitMore.ts';
import { input as inputOf, less, where } from './expression.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape } from './spec.ts';
import { stridesOf } from './strides.ts';
import type { Value } from './value.ts';

export interface SoftmaxOptions extends LayerOptions {
  /** The axis over which the results sum to 1, with the batch as axis 0. Default -1, the last. */
  axis?: number;
}

/** The scores of masked steps: Keras's number, whose exponential is 0 beside any other. */
const MASKED = -1e9;

/**
 * `exp(x)` divided by its sum over an axis. Over the steps of a sequence, `axis: 1`, masked steps
 * get 0; over other axes each step is computed separately, and the output has the mask of the
 * input. https://keras.io/api/layers/activation_layers/softmax/
 */
export class Softmax extends ElementwiseLayer {
  readonly className = 'Softmax';
  readonly axis: number;

  /** @throws {ArgumentError} for an unknown option or an axis that is the batch's */
  constructor(options?: SoftmaxOptions) {
    super(options, ['axis'], 'Softmax');
    const axis: unknown = options?.axis ?? -1;
    if (!Number.isInteger(axis) || axis === 0)
      throw new ArgumentError(`Softmax: axis must be an integer, and not 0, which is the batch, got ${describe(axis)}`);
    this.axis = axis as number;
  }

  override get needsSequences(): string | null {
    return this.axis === 1 || this.axis < -1 ? 'divides by a sum over steps' : null;
  }

  protected override checkInputShape(inputShape: SampleShape): number {
    this.#sampleAxis(inputShape);
    return 0;
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const { shape, rows } = input;
    const at = this.#sampleAxis(shape);
    const last = shape.length - 1;
    const softmax = resolveActivation('softmax', 'Softmax');
    if (at === last) {
      // A loss that takes the scores gets them.
      if (scope.scoresWanted === 'softmax') return [{ ...input, form: { kind: 'activation', activation: 'softmax', scores: input } }];
      return [emitActivation(scope, softmax, input)];
    }
    const mask = at === 0 && input.mask ? maskAsFloats(scope, input.mask, input) : null;
    const keep = (value: Value, otherwise: number) =>
      mask ? emitFunction(scope, where(less(0, inputOf(1)), inputOf(0), otherwise), [value, mask], value) : value;
    // The kernel works on rows, so the axis becomes the last one and comes back.
    const swap = <T>(axes: readonly T[]): T[] => axes.map((axis, index) => axes[index === at ? last : index === last ? at : index] ?? axis);
    const swapped: Shape = swap(shape);
    const turn = (value: Value, to: Shape) => {
      const from = stridesOf(value.shape, rows);
      return emitReorder(scope, value, to, { rows: from.rows, axes: swap(from.axes) }, stridesOf(to, rows), { ...value, shape: to });
    };
    return [keep(turn(emitActivation(scope, softmax, turn(keep(input, MASKED), swapped)), shape), 0)];
  }

  /** The axis of a sample. @throws {ShapeError} when samples do not have it */
  #sampleAxis(shape: SampleShape): number {
    const axis = this.axis < 0 ? shape.length + this.axis : this.axis - 1;
    if (axis >= 0 && axis < shape.length && (shape.length <= 3 || axis === shape.length - 1)) return axis;
    throw new ShapeError(
      `${this.title} takes samples that have axis ${this.axis} (the batch is axis 0; at most 3 axes, but for the last), got samples of shape ${formatShape(shape)}`,
    );
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), axis: this.axis };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): Softmax {
    return new Softmax(config as SoftmaxOptions);
  }
}
