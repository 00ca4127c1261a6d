import { ArgumentError, ShapeError } from '../core/errors.ts';
import { formatShape } from '../core/shape.ts';
import { emitAxes } from './emitMore.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';
import { axisOption, OperationLayer, sampleAxis } from './operationLayer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import type { Value } from './value.ts';

/** The base of operations that add or remove an axis of size 1. */
abstract class AxisOperation extends OperationLayer {
  /** With the batch as axis 0; negative from the last one on. */
  readonly axis: number;

  protected constructor(axis: number, options: LayerOptions | undefined, className: string, where: string) {
    super(options, [], className);
    this.axis = axisOption(axis, where);
  }

  override get needsSequences(): string | null {
    return this.axis === 1 || this.axis < -1 ? 'changes the axis of steps' : null;
  }

  /** For each axis of the output that of the input; null for a new one. */
  protected abstract axesOf(shape: SampleShape): readonly (number | null)[];

  override infer([input]: readonly TensorSpec[]): readonly TensorSpec[] {
    const { shape } = input as TensorSpec;
    return [{ shape: this.axesOf(shape).map((axis) => (axis === null ? 1 : (shape[axis] as number | null))), kind: 'floats' }];
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    return [emitAxes(scope, input, this.axesOf(input.shape))];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), axis: this.axis };
  }
}

/** Adds an axis of size 1. */
export class ExpandDims extends AxisOperation {
  readonly className = 'ExpandDims';

  constructor(axis: number, options?: LayerOptions) {
    super(axis, options, 'ExpandDims', 'ops.expandDims');
  }

  protected override axesOf(shape: SampleShape): readonly (number | null)[] {
    // The axis counts in the output.
    const at = sampleAxis(this, this.axis, [...shape, 1]);
    const axes: (number | null)[] = [...shape.keys()];
    axes.splice(at, 0, null);
    return axes;
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ axis, ...options }: LayerConfig): ExpandDims {
    return new ExpandDims(axis as number, options as LayerOptions);
  }
}

/** Removes an axis of size 1. */
export class Squeeze extends AxisOperation {
  readonly className = 'Squeeze';

  constructor(axis: number, options?: LayerOptions) {
    super(axis, options, 'Squeeze', 'ops.squeeze');
  }

  protected override axesOf(shape: SampleShape): readonly (number | null)[] {
    const at = sampleAxis(this, this.axis, shape);
    if (shape[at] !== 1)
      throw new ShapeError(`${this.title} removes an axis of size 1, got axis ${this.axis} of samples of shape ${formatShape(shape)}`);
    if (shape.length === 1) throw new ArgumentError(`${this.title} would leave no axis of samples of shape ${formatShape(shape)}`);
    return [...shape.keys()].filter((axis) => axis !== at);
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ axis, ...options }: LayerConfig): Squeeze {
    return new Squeeze(axis as number, options as LayerOptions);
  }
}
