import { ShapeError } from '../core/errors.ts';
import { formatShape } from '../core/shape.ts';
import { Concatenate } from './concatenate.ts';
import { emitAxes } from './emitMore.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';
import { axisOption, OperationLayer, sampleAxis } from './operationLayer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import type { Value } from './value.ts';

/** Values of one shape side by side along a new axis. */
export class Stack extends OperationLayer {
  readonly className = 'Stack';
  /** The place of the new axis, with the batch as axis 0; negative from the last one on. */
  readonly axis: number;

  constructor(axis: number, options?: LayerOptions) {
    super(options, [], 'Stack');
    this.axis = axisOption(axis, 'ops.stack');
  }

  override get needsSequences(): string | null {
    return this.axis === 1 || this.axis < -1 ? 'changes the axis of steps' : null;
  }

  override infer(inputs: readonly TensorSpec[]): readonly TensorSpec[] {
    const shapes = inputs.map(({ shape }) => shape);
    const first = shapes[0] as SampleShape;
    if (shapes.some((shape) => formatShape(shape) !== formatShape(first)))
      throw new ShapeError(`${this.title} takes values of one shape, got ${shapes.map(formatShape).join(' and ')}`);
    const made: (number | null)[] = [...first];
    made.splice(this.#place(first), 0, inputs.length);
    return [{ shape: made, kind: 'floats' }];
  }

  override emit(scope: Scope, inputs: readonly [Value, ...Value[]]): readonly Value[] {
    const axes: (number | null)[] = [...inputs[0].shape.keys()];
    axes.splice(this.#place(inputs[0].shape), 0, null);
    // A value that is there twice has one gradient.
    const known = new Map<Value, Value>();
    for (const input of inputs) known.set(input, known.get(input) ?? emitAxes(scope, input, axes));
    const values = inputs.map((input) => known.get(input) as Value) as [Value, ...Value[]];
    return values.length === 1 ? values : new Concatenate({ axis: this.axis }).emit(scope, values);
  }

  /** The axis counts in the output. */
  #place(shape: SampleShape): number {
    return sampleAxis(this, this.axis, [...shape, 1]);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), axis: this.axis };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ axis, ...options }: LayerConfig): Stack {
    return new Stack(axis as number, options as LayerOptions);
  }
}
