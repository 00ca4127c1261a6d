import { ACTIVATIONS } from '../backend/kernels.generated.ts';
import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { oneOf } from '../core/options.ts';
import { formatShape, type Shape } from '../core/shape.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { emitFunction } from './emitPointwise.ts';
import { emitBroadcast, emitSum } from './emitStrided.ts';
import * as expressions from './expression.ts';
import { type Expression, type ExpressionLike, input as inputOf } from './expression.ts';
import { Layer, type LayerConfig, type LayerOptions } from './layer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import { featuresOf, matrixRows, type Value } from './value.ts';

type Formula = (...operands: readonly Expression[]) => Expression;

const { abs, add, divide, exp, less, log, maximum, minimum, multiply, negative, sigmoid, sqrt, square, subtract, tanh, where } =
  expressions;

/** The elementwise operations by their names in `ops`. */
const FORMULAS = {
  ...ELEMENTWISE,
  abs,
  add,
  divide,
  exp,
  less,
  log,
  maximum,
  minimum,
  multiply,
  negative,
  relu: (x: ExpressionLike) => maximum(x, 0),
  sigmoid,
  sqrt,
  square,
  subtract,
  tanh,
  where,
} satisfies Record<string, (...operands: never[]) => Expression>;

export type ElementwiseOperation = keyof typeof FORMULAS;

/** What several samples are together, with sizes of 1 repeated, as in numpy. */
function broadcast(layer: Layer, shapes: readonly SampleShape[]): SampleShape {
  const axes = Math.max(...shapes.map(({ length }) => length));
  return Array.from({ length: axes }, (_, axis) => {
    const sizes = shapes.flatMap((shape) => (axis < axes - shape.length ? [] : [shape[axis - axes + shape.length] as number | null]));
    const known = new Set(sizes.filter((size) => size !== null && size !== 1));
    if (known.size > 1)
      throw new ShapeError(
        `${layer.title} takes samples whose sizes are the same or 1, from the last axis on, got ${shapes.map(formatShape).join(' and ')}`,
      );
    const [size] = known;
    return size ?? (sizes.includes(null) ? null : 1);
  });
}

/** The base of layers that `ops` makes: they have no weights, and take any number of inputs. */
abstract class OperationLayer extends Layer {
  protected override checkInputShape(): number {
    return 0;
  }

  protected override featuresOf(): number {
    return 0;
  }

  override usesOf(): readonly [{ readonly kind: 'floats'; readonly layer: null }] {
    return [{ kind: 'floats', layer: null }];
  }

  override outputShape(inputShape: SampleShape): SampleShape {
    return (this.infer([{ shape: inputShape, kind: 'floats' }], { states: 0, mask: false, training: null })[0] as TensorSpec).shape;
  }
}

/** An elementwise operation of tensors and numbers. */
export class Elementwise extends OperationLayer {
  readonly className = 'Elementwise';
  readonly operation: ElementwiseOperation;
  readonly operands: readonly (number | null)[];

  /** @param operands the numbers among the operands, null for the inputs */
  constructor(operation: ElementwiseOperation, operands: readonly (number | null)[], options?: LayerOptions) {
    super(options, [], 'Elementwise');
    this.operation = oneOf(operation, Object.keys(FORMULAS) as ElementwiseOperation[], 'Elementwise: operation');
    this.operands = [...operands];
  }

  override get needsSequences(): null {
    return null;
  }

  override infer(inputs: readonly TensorSpec[]): readonly TensorSpec[] {
    const shapes = inputs.map(({ shape }) => shape);
    if (shapes.some((shape) => shape.length > 3))
      throw new ShapeError(`${this.title} takes samples of at most 3 axes, got ${shapes.map(formatShape).join(' and ')}`);
    return [{ shape: broadcast(this, shapes), kind: 'floats' }];
  }

  override emit(scope: Scope, inputs: readonly [Value, ...Value[]]): readonly Value[] {
    const shape = broadcast(
      this,
      inputs.map((input) => input.shape),
    ) as Shape;
    const rows = Math.max(...inputs.map((input) => input.rows));
    // A value that stands in two places is repeated once, and has one gradient.
    const known = new Map<Value, Value>();
    for (const input of inputs) known.set(input, known.get(input) ?? emitBroadcast(scope, input, shape, rows));
    const values = inputs.map((input) => known.get(input) as Value);
    let next = 0;
    const operands = this.operands.map((number) => (number === null ? inputOf(next++) : expressions.expression(number)));
    const formula = (FORMULAS[this.operation] as unknown as Formula)(...operands);
    return [emitFunction(scope, formula, values, { ...(values[0] as Value), shape, rows, mask: null })];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), operation: this.operation, operands: this.operands };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ operation, operands, ...options }: LayerConfig): Elementwise {
    return new Elementwise(operation as ElementwiseOperation, operands as readonly (number | null)[], options as LayerOptions);
  }
}

/** The sum or the mean over an axis. */
export class Reduce extends OperationLayer {
  readonly className = 'Reduce';
  readonly operation: 'sum' | 'mean';
  /** With the batch as axis 0; negative from the last one on. */
  readonly axis: number;
  readonly keepDims: boolean;

  constructor(operation: 'sum' | 'mean', axis: number, keepDims: boolean, options?: LayerOptions) {
    super(options, [], 'Reduce');
    this.operation = oneOf(operation, ['sum', 'mean'] as const, 'Reduce: operation');
    if (!Number.isInteger(axis) || axis === 0)
      throw new ArgumentError(`ops.${operation}: axis must be a whole number, and not 0, which is the batch, got ${describe(axis)}`);
    this.axis = axis;
    this.keepDims = keepDims;
  }

  override get needsSequences(): string | null {
    return this.axis === -1 ? null : 'reduces steps';
  }

  override infer([input]: readonly TensorSpec[]): readonly TensorSpec[] {
    const { shape } = input as TensorSpec;
    const at = this.#sampleAxis(shape);
    if (!this.keepDims && shape.length === 1)
      throw new ShapeError(`${this.title} would leave no axis of samples of shape ${formatShape(shape)}: give keepDims: true`);
    return [{ shape: this.#reduced(shape, at), kind: 'floats' }];
  }

  override emit(scope: Scope, [input]: readonly [Value]): readonly Value[] {
    const at = this.#sampleAxis(input.shape);
    const sum = emitSum(scope, input, at, this.keepDims);
    return [this.operation === 'mean' ? emitFunction(scope, divide(inputOf(0), input.shape[at] as number), [sum], sum) : sum];
  }

  #reduced(shape: SampleShape, at: number): SampleShape {
    return shape.flatMap((size, axis) => (axis !== at ? [size] : this.keepDims ? [1] : []));
  }

  #sampleAxis(shape: SampleShape): number {
    const axis = this.axis < 0 ? shape.length + this.axis : this.axis - 1;
    if (axis < 0 || axis >= shape.length || shape.length > 3)
      throw new ShapeError(
        `${this.title}: axis ${this.axis} is none of samples of shape ${formatShape(shape)} (the batch is axis 0; at most 3 axes)`,
      );
    return axis;
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), operation: this.operation, axis: this.axis, keepDims: this.keepDims };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ operation, axis, keepDims, ...options }: LayerConfig): Reduce {
    return new Reduce(operation as 'sum' | 'mean', axis as number, keepDims as boolean, options as LayerOptions);
  }
}

/** The product of samples with a matrix, which is a weight of a layer of one's own. */
export class MatMul extends OperationLayer {
  readonly className = 'MatMul';

  constructor(options?: LayerOptions) {
    super(options, [], 'MatMul');
  }

  override get needsSequences(): null {
    return null;
  }

  override infer([input, matrix]: readonly TensorSpec[]): readonly TensorSpec[] {
    const [{ shape }, { shape: sizes }] = [input as TensorSpec, matrix as TensorSpec];
    if (shape.length === 0 || shape.length > 3 || sizes.length !== 2 || shape.at(-1) !== sizes[0])
      throw new ShapeError(`${this.title} takes samples [..., n] and a weight [n, m], got ${formatShape(shape)} and ${formatShape(sizes)}`);
    return [{ shape: [...shape.slice(0, -1), sizes[1] as number], kind: 'floats' }];
  }

  override emit(scope: Scope, [input, matrix]: readonly [Value, Value]): readonly Value[] {
    const [rows, units] = [matrixRows(input), featuresOf(matrix)];
    const y = scope.floats('y', rows * units);
    const shared = {
      rows,
      features: featuresOf(input),
      units,
      activation: ACTIVATIONS.linear,
      x: scope.floatsOf(input),
      ids: null,
      kernel: scope.floatsOf(matrix),
    };
    scope.call('denseForward', { ...shared, bias: null, y });
    const output: Value = {
      shape: [...input.shape.slice(0, -1), units],
      rows: input.rows,
      form: { kind: 'floats', buffer: y },
      mask: null,
      needsGradient: input.needsGradient || matrix.needsGradient,
    };
    scope.backward([output], (gradients) => {
      const dY = gradients.of(output);
      if (!dY) return;
      const dKernel = gradients.to(matrix) ?? scope.floats('dFrozen', shared.kernel.length);
      scope.call('denseBackward', { ...shared, y, dY, dKernel, dBias: null, dX: gradients.to(input) });
    });
    return [output];
  }

  /** The layer that `getConfig` describes. */
  static fromConfig(config: LayerConfig): MatMul {
    return new MatMul(config as LayerOptions);
  }
}
