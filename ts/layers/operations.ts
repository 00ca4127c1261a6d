import { ArgumentError, ShapeError } from '../core/errors.ts';
import { oneOf } from '../core/options.ts';
import { formatShape, type Shape } from '../core/shape.ts';
import { ELEMENTWISE, relu } from './elementwise.ts';
import { emitFunction } from './emit.ts';
import { emitBroadcast } from './emitMore.ts';
import * as expressions from './expression.ts';
import { type Expression, input as inputOf } from './expression.ts';
import type { LayerConfig, LayerOptions } from './layer.ts';
import { OperationLayer } from './operationLayer.ts';
import type { Scope } from './scope.ts';
import type { SampleShape, TensorSpec } from './spec.ts';
import type { Value } from './value.ts';

type Formula = (...operands: readonly Expression[]) => Expression;

const { abs, add, divide, exp, less, log, maximum, minimum, multiply, negative, sigmoid, sqrt, square, subtract, tanh, where } =
  expressions;

/**
 * A whole power or the root of `a`, or a power of a number above 0.
 * @throws {ArgumentError} for others, whose gradient at 0 is none
 */
function power(a: Expression, b: Expression): Expression {
  if (a.kind === 'constant' && a.value > 0) return exp(multiply(b, Math.log(a.value)));
  if (b.kind !== 'constant' || !isPower(b.value))
    throw new ArgumentError(`Elementwise: power takes a whole exponent up to ${MOST_POWER} or 0.5, or a base above 0, that are numbers`);
  if (b.value === 0.5) return sqrt(a);
  let [result, factor] = [expressions.expression(1), a];
  for (let rest = Math.abs(b.value); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiply(result, factor);
    factor = square(factor);
  }
  return b.value < 0 ? divide(1, result) : result;
}

const MOST_POWER = 16;

/** Whether it is an exponent that values can have. */
export function isPower(exponent: number): boolean {
  return exponent === 0.5 || (Number.isInteger(exponent) && Math.abs(exponent) <= MOST_POWER);
}

/** The elementwise operations by their names in `ops`, and some that only files have. */
const FORMULAS = {
  ...ELEMENTWISE,
  clip: (a: Expression, low: Expression, high: Expression) => minimum(maximum(a, low), high),
  identity: (a: Expression) => add(a, 0),
  lessEqual: (a: Expression, b: Expression) => subtract(1, less(b, a)),
  power,
  reciprocal: (a: Expression) => divide(1, a),
  rsqrt: (a: Expression) => divide(1, sqrt(a)),
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
  relu,
  sigmoid,
  sqrt,
  square,
  subtract,
  tanh,
  where,
} satisfies Record<string, (...operands: never[]) => Expression>;

export type ElementwiseOperation = keyof typeof FORMULAS;

/** The broadcast shape of several samples, as in numpy. */
function broadcast(operation: string, shapes: readonly SampleShape[]): SampleShape {
  const axes = Math.max(...shapes.map(({ length }) => length));
  return Array.from({ length: axes }, (_, axis) => {
    const sizes = shapes.flatMap((shape) => (axis < axes - shape.length ? [] : [shape[axis - axes + shape.length] as number | null]));
    const known = new Set(sizes.filter((size) => size !== null && size !== 1));
    if (known.size > 1)
      throw new ShapeError(
        `ops.${operation} takes samples whose sizes are the same or 1, from the last axis on, got ${shapes.map(formatShape).join(' and ')}`,
      );
    const [size] = known;
    return size ?? (sizes.includes(null) ? null : 1);
  });
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
      throw new ShapeError(`ops.${this.operation} takes samples of at most 3 axes, got ${shapes.map(formatShape).join(' and ')}`);
    return [{ shape: broadcast(this.operation, shapes), kind: 'floats' }];
  }

  /** The operation as a function of the inputs. */
  get formula(): Expression {
    let next = 0;
    const operands = this.operands.map((number) => (number === null ? inputOf(next++) : expressions.expression(number)));
    return (FORMULAS[this.operation] as unknown as Formula)(...operands);
  }

  override emit(scope: Scope, inputs: readonly [Value, ...Value[]]): readonly Value[] {
    const shape = broadcast(
      this.operation,
      inputs.map((input) => input.shape),
    ) as Shape;
    const rows = Math.max(...inputs.map((input) => input.rows));
    // A value that stands in two places is repeated once, and has one gradient.
    const known = new Map<Value, Value>();
    for (const input of inputs) known.set(input, known.get(input) ?? emitBroadcast(scope, input, shape, rows));
    const values = inputs.map((input) => known.get(input) as Value);
    return [emitFunction(scope, this.formula, values, { ...(values[0] as Value), shape, rows, mask: null })];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), operation: this.operation, operands: this.operands };
  }

  /** The layer that `getConfig` describes. */
  static fromConfig({ operation, operands, ...options }: LayerConfig): Elementwise {
    return new Elementwise(operation as ElementwiseOperation, operands as readonly (number | null)[], options as LayerOptions);
  }
}
