// The operations of keras.ops. Of expressions they make expressions, which activations, losses and
// optimizers of one's own are; of symbolic tensors they make symbolic tensors.
import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { booleanOption, checkOptions } from '../core/options.ts';
import { Activation } from './activation.ts';
import { Concatenate } from './concatenate.ts';
import { ELEMENTWISE } from './elementwise.ts';
import type { Expression, ExpressionLike } from './expression.ts';
import * as expressions from './expression.ts';
import { Elementwise, type ElementwiseOperation, MatMul, Reduce } from './operations.ts';
import { Permute, Reshape } from './reshaping.ts';
import type { SymbolicTensor } from './symbolicTensor.ts';
import { Weight } from './weight.ts';
import { tensorOf } from './weightTensor.ts';

/** What an operation of tensors takes: a tensor, a number, or a weight inside a layer's `call`. */
export type TensorOperand = SymbolicTensor | Weight | number;

/** An operation of one value. */
export interface UnaryOperation {
  (a: ExpressionLike): Expression;
  (a: TensorOperand): SymbolicTensor;
}

/** An operation of two values. Tensors are repeated along axes of size 1, as in numpy. */
export interface BinaryOperation {
  (a: ExpressionLike, b: ExpressionLike): Expression;
  (a: TensorOperand, b: TensorOperand): SymbolicTensor;
}

/** An operation of three values. */
export interface TernaryOperation {
  (a: ExpressionLike, b: ExpressionLike, c: ExpressionLike): Expression;
  (a: TensorOperand, b: TensorOperand, c: TensorOperand): SymbolicTensor;
}

type OfExpressions = (...operands: readonly ExpressionLike[]) => Expression;

/** An elementwise operation of tensors if one of the operands is a tensor, else of expressions. */
function operation<Operation>(name: ElementwiseOperation, ofExpressions: OfExpressions): Operation {
  const apply = (...given: readonly unknown[]) => {
    // `reduce(ops.add)` gives an index and an array besides.
    const operands = given.slice(0, ofExpressions.length);
    const isTensor = (value: unknown) => typeof value === 'object' && value !== null && !(value instanceof expressions.Expression);
    if (!operands.some(isTensor)) return ofExpressions(...(operands as readonly ExpressionLike[]));
    const tensors = operands.map((operand) => tensorOf(operand, name));
    const numbers = operands.map((operand) => (typeof operand === 'number' ? operand : null));
    return new Elementwise(name, numbers).apply(tensors.filter((tensor) => tensor !== null));
  };
  return apply as Operation;
}

/** The absolute value, with derivative 0 at 0. */
export const abs = /* @__PURE__ */ operation<UnaryOperation>('abs', expressions.abs as OfExpressions);
export const add = /* @__PURE__ */ operation<BinaryOperation>('add', expressions.add as OfExpressions);
export const divide = /* @__PURE__ */ operation<BinaryOperation>('divide', expressions.divide as OfExpressions);
export const exp = /* @__PURE__ */ operation<UnaryOperation>('exp', expressions.exp as OfExpressions);
/** 1 where `a < b`, else 0. Its derivative is 0. */
export const less = /* @__PURE__ */ operation<BinaryOperation>('less', expressions.less as OfExpressions);
export const log = /* @__PURE__ */ operation<UnaryOperation>('log', expressions.log as OfExpressions);
/** The larger of two; where they are equal, the gradient goes to the first. */
export const maximum = /* @__PURE__ */ operation<BinaryOperation>('maximum', expressions.maximum as OfExpressions);
/** The smaller of two; where they are equal, the gradient goes to the first. */
export const minimum = /* @__PURE__ */ operation<BinaryOperation>('minimum', expressions.minimum as OfExpressions);
export const multiply = /* @__PURE__ */ operation<BinaryOperation>('multiply', expressions.multiply as OfExpressions);
export const negative = /* @__PURE__ */ operation<UnaryOperation>('negative', expressions.negative as OfExpressions);
export const relu = /* @__PURE__ */ operation<UnaryOperation>('relu', (a) => expressions.maximum(a as ExpressionLike, 0));
export const sigmoid = /* @__PURE__ */ operation<UnaryOperation>('sigmoid', expressions.sigmoid as OfExpressions);
export const sqrt = /* @__PURE__ */ operation<UnaryOperation>('sqrt', expressions.sqrt as OfExpressions);
export const square = /* @__PURE__ */ operation<UnaryOperation>('square', expressions.square as OfExpressions);
export const subtract = /* @__PURE__ */ operation<BinaryOperation>('subtract', expressions.subtract as OfExpressions);
export const tanh = /* @__PURE__ */ operation<UnaryOperation>('tanh', expressions.tanh as OfExpressions);
/** `b` where the condition, which `less` makes, is 1; else `c`. */
export const where = /* @__PURE__ */ operation<TernaryOperation>('where', expressions.where as OfExpressions);

export const elu = /* @__PURE__ */ operation<UnaryOperation>('elu', (a) => ELEMENTWISE.elu(expressions.expression(a as ExpressionLike)));
export const silu = /* @__PURE__ */ operation<UnaryOperation>('silu', (a) => ELEMENTWISE.silu(expressions.expression(a as ExpressionLike)));
export const softplus = /* @__PURE__ */ operation<UnaryOperation>('softplus', (a) =>
  ELEMENTWISE.softplus(expressions.expression(a as ExpressionLike)),
);
export const softsign = /* @__PURE__ */ operation<UnaryOperation>('softsign', (a) =>
  ELEMENTWISE.softsign(expressions.expression(a as ExpressionLike)),
);

/**
 * The values, but none below `min` or above `max`. https://keras.io/api/ops/numpy/#clip-function
 */
export function clip(x: ExpressionLike, min: number, max: number): Expression;
export function clip(x: TensorOperand, min: number, max: number): SymbolicTensor;
export function clip(x: ExpressionLike | TensorOperand, min: number, max: number): Expression | SymbolicTensor {
  return minimum(maximum(x as ExpressionLike, min), max);
}

/** Options of `sum` and `mean`. */
export interface ReduceOptions {
  /** The axis, with the batch as axis 0; negative from the last one on. */
  axis: number;
  /** Whether the axis stays, with size 1. Default false. */
  keepDims?: boolean;
}

/**
 * The sum over an axis. https://keras.io/api/ops/numpy/#sum-function
 * @throws {ArgumentError} when the axis is the batch's, and for an unknown option
 * @throws {ShapeError} when samples do not have the axis
 */
export function sum(x: SymbolicTensor, options: ReduceOptions): SymbolicTensor {
  return reduce('sum', x, options);
}

/**
 * The mean over an axis. https://keras.io/api/ops/numpy/#mean-function
 * @throws {ArgumentError} when the axis is the batch's, and for an unknown option
 * @throws {ShapeError} when samples do not have the axis
 */
export function mean(x: SymbolicTensor, options: ReduceOptions): SymbolicTensor {
  return reduce('mean', x, options);
}

function reduce(operation: 'sum' | 'mean', x: SymbolicTensor, options: ReduceOptions): SymbolicTensor {
  const where = `ops.${operation}`;
  if (typeof options !== 'object' || options === null)
    throw new ArgumentError(`${where} takes an object with the axis, ${where}(x, { axis: -1 }), got ${describe(options)}`);
  checkOptions(options, ['axis', 'keepDims'], where);
  return new Reduce(operation, options.axis, booleanOption(options.keepDims, false, `${where}: keepDims`)).apply(x);
}

/**
 * The product of samples `[..., n]` with a weight `[n, m]` of a layer of one's own.
 * https://keras.io/api/ops/numpy/#matmul-function
 * @throws {ArgumentError} when the second value is not a weight
 * @throws {ShapeError} when the sizes do not fit
 */
export function matmul(x: SymbolicTensor, weight: Weight): SymbolicTensor {
  if (!(weight instanceof Weight)) throw new ArgumentError(`ops.matmul takes a weight as its second value, got ${describe(weight)}`);
  return new MatMul().apply([x, tensorOf(weight, 'matmul') as SymbolicTensor]);
}

/** `exp(x)` by its sum over the last axis. https://keras.io/api/ops/nn/#softmax-function */
export function softmax(x: SymbolicTensor): SymbolicTensor {
  return new Activation('softmax').apply(x);
}

/**
 * Tensors one after the other along an axis, by default the last.
 * https://keras.io/api/ops/numpy/#concatenate-function
 * @throws {ShapeError} when they differ along another axis
 */
export function concatenate(tensors: readonly SymbolicTensor[], axis = -1): SymbolicTensor {
  return new Concatenate({ axis }).apply(tensors);
}

/**
 * The same numbers in another shape. https://keras.io/api/ops/numpy/#reshape-function
 * @param sizes the batch axis first, which must be -1: `[-1, 4, 2]`
 * @throws {ArgumentError} when the batch axis is not -1
 * @throws {ShapeError} when the numbers do not fit
 */
export function reshape(x: SymbolicTensor, sizes: readonly number[]): SymbolicTensor {
  if (!Array.isArray(sizes)) throw new ArgumentError(`ops.reshape takes the shape as an array, such as [-1, 4, 2], got ${describe(sizes)}`);
  const [batch, ...shape] = sizes;
  if (batch !== -1) throw new ArgumentError(`ops.reshape: the shape must begin with -1, the batch, got ${describe(batch)}`);
  return new Reshape(shape).apply(x);
}

/**
 * The axes in another order. https://keras.io/api/ops/numpy/#transpose-function
 * @param order the axes, the batch first: `[0, 2, 1]` swaps steps and features
 * @throws {ArgumentError} when the batch axis is not the first
 */
export function transpose(x: SymbolicTensor, order: readonly number[]): SymbolicTensor {
  if (!Array.isArray(order)) throw new ArgumentError(`ops.transpose takes the axes as an array, such as [0, 2, 1], got ${describe(order)}`);
  const [batch, ...axes] = order;
  if (batch !== 0) throw new ArgumentError(`ops.transpose: axes must begin with 0, the batch, got ${describe(batch)}`);
  return new Permute(axes).apply(x);
}
