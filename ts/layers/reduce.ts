import { ShapeError } from '../core/errors.ts';
import { oneOf } from '../core/options.ts';
import { formatShape } from '../core/shape.ts';
import { emitFunction } from './emit.ts';
import { emitReduce } from './emitMore.ts';
import { divide, input as inputOf } from './expression.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';
import { axisOption, OperationLayer, sampleAxis } from './operationLayer.ts';
import type { Scope } from './scope.ts';
import type { TensorSpec } from './spec.ts';
import type { Value } from './value.ts';

const OPERATIONS = ['sum', 'mean', 'max', 'min'] as const;

/** The reduction along an axis. */
export type ReduceOperation = (typeof OPERATIONS)[number];

/** The sum, the mean, the maximum or the minimum along an axis. */
export class Reduce extends OperationLayer {
  readonly className = 'Reduce';
  readonly operation: ReduceOperation;
  /** With the batch as axis 0; negative from the last one on. */
  readonly axis: number;
  readonly keepDims: boolean;

  constructor(operation: ReduceOperation, axis: number, keepDims: boolean, options?: LayerOptions) {
    super(options, [], 'Reduce');
    this.operation = oneOf(operation, OPERATIONS, 'Reduce: operation');
    this.axis = axisOption(axis, `ops.${operation}`);
    this.keepDims = keepDims;
  }

  override get needsSequences(): string | null {
    return this.axis === -1 ? null : 'reduces steps';
  }

  override infer([input]: readonly TensorSpec[]): readonly TensorSpec[] {
    const { shape } = input as TensorSpec;
    const at = sampleAxis(this, this.axis, shape);
    if (!this.keepDims && shape.length === 1)
      throw new ShapeError(`${this.title} would leave no axis of samples of shape ${formatShape(shape)}: give keepDims: true`);
    return [{ shape: shape.flatMap((size, axis) => (axis !== at ? [size] : this.keepDims ? [1] : [])), kind: 'floats' }];
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const at = sampleAxis(this, this.axis, input.shape);
    const { operation } = this;
    if (operation !== 'mean') return [emitReduce(scope, operation, input, at, this.keepDims)];
    const sum = emitReduce(scope, 'sum', input, at, this.keepDims);
    return [emitFunction(scope, divide(inputOf(0), input.shape[at] as number), [sum], sum)];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), operation: this.operation, axis: this.axis, keepDims: this.keepDims };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ operation, axis, keepDims, ...options }: LayerConfig): Reduce {
    return new Reduce(operation as ReduceOperation, axis as number, keepDims as boolean, options as LayerOptions);
  }
}
