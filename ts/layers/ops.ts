// The operations of keras.ops. With expressions they make expressions, for custom activations,
// losses and optimizers; with symbolic tensors they make symbolic tensors.
import { describe } from '../core/describe.ts';
import { ArgumentError, ShapeError } from '../core/errors.ts';
import { booleanOption, checkOptions } from '../core/options.ts';
import { formatShape, positiveInteger } from '../core/shape.ts';
import { Activation } from './activation.ts';
import { ExpandDims, Squeeze } from './axes.ts';
import { Concatenate } from './concatenate.ts';
import { ELEMENTWISE, relu as reluFormula } from './elementwise.ts';
import type { Expression, ExpressionLike } from './expression.ts';
import * as expressions from './expression.ts';
import { MatMul } from './matMul.ts';
import { OneHot } from './oneHot.ts';
import { axisOption } from './operationLayer.ts';
import { Elementwise, type ElementwiseOperation } from './operations.ts';
import { Reduce, type ReduceOperation } from './reduce.ts';
import { Permute, Reshape } from './reshaping.ts';
import { Slice, Take } from './slicing.ts';
import type { SampleShape } from './spec.ts';
import { SymbolicTensor } from './symbolicTensor.ts';
import { Weight } from './weight.ts';
import { tensorOf } from './weightTensor.ts';

/** An operand of an operation: a tensor, a number, or a weight inside a layer's `call`. */
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
export const relu = /* @__PURE__ */ operation<UnaryOperation>('relu', reluFormula as OfExpressions);
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
 * Limits the values to the range from `min` to `max`. https://keras.io/api/ops/numpy/#clip-function
 */
export function clip(x: ExpressionLike, min: number, max: number): Expression;
export function clip(x: TensorOperand, min: number, max: number): SymbolicTensor;
export function clip(x: ExpressionLike | TensorOperand, min: number, max: number): Expression | SymbolicTensor {
  return minimum(maximum(x as ExpressionLike, min), max);
}

/** Options of `sum`, `mean`, `max` and `min`. */
export interface ReduceOptions {
  /** The axis, with the batch as axis 0; negative from the last one on. */
  axis: number;
  /** Whether the axis is kept, with size 1. Default false. */
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

/**
 * The maximum along an axis. Equal maxima share the gradient, as in Keras on JAX and on TensorFlow.
 * https://keras.io/api/ops/numpy/#max-function
 * @throws {ArgumentError} when the axis is the batch's, and for an unknown option
 * @throws {ShapeError} when samples do not have the axis
 */
export function max(x: SymbolicTensor, options: ReduceOptions): SymbolicTensor {
  return reduce('max', x, options);
}

/**
 * The minimum along an axis. Equal minima share the gradient.
 * https://keras.io/api/ops/numpy/#min-function
 * @throws {ArgumentError} when the axis is the batch's, and for an unknown option
 * @throws {ShapeError} when samples do not have the axis
 */
export function min(x: SymbolicTensor, options: ReduceOptions): SymbolicTensor {
  return reduce('min', x, options);
}

function reduce(operation: ReduceOperation, x: SymbolicTensor, options: ReduceOptions): SymbolicTensor {
  const where = `ops.${operation}`;
  if (typeof options !== 'object' || options === null)
    throw new ArgumentError(`${where} takes an object with the axis, ${where}(x, { axis: -1 }), got ${describe(options)}`);
  checkOptions(options, ['axis', 'keepDims'], where);
  return new Reduce(operation, options.axis, booleanOption(options.keepDims, false, `${where}: keepDims`)).apply(x);
}

/**
 * The product of samples `[n, m]` and `[m, k]`, or `[h, n, m]` and `[h, m, k]`, sample by sample.
 * With a weight `[n, k]` of a custom layer as the second value, the product of samples
 * `[..., n]` with it. https://keras.io/api/ops/numpy/#matmul-function
 * @throws {ArgumentError} for anything else than tensors and weights
 * @throws {ShapeError} when the sizes do not fit
 */
export function matmul(x: SymbolicTensor | Weight, y: SymbolicTensor | Weight): SymbolicTensor {
  const [left, right] = [x, y].map((value) => tensorOf(value, 'matmul'));
  if (!left || !right) throw new ArgumentError(`ops.matmul takes tensors and weights, got ${describe(left ? y : x)}`);
  return new MatMul(!(y instanceof Weight)).apply([left, right]);
}

/**
 * `exp(x)` divided by its sum over an axis, by default the last.
 * https://keras.io/api/ops/nn/#softmax-function
 * @throws {ArgumentError} when the axis is the batch's
 * @throws {ShapeError} when samples do not have the axis
 */
export function softmax(x: SymbolicTensor, axis = -1): SymbolicTensor {
  const activation = new Activation('softmax');
  if (axis === -1) return activation.apply(x);
  const shape = shapeOf(x, 'ops.softmax');
  const axes = shape.length;
  const at = axisOption(axis, 'ops.softmax') < 0 ? axes + 1 + axis : axis;
  // The axis and the last one in each other's place, and back.
  const order = shape.map((_, index) => (index + 1 === at ? axes : index + 1 === axes ? at : index + 1));
  return new Permute(order).apply(activation.apply(new Permute(order).apply(x)));
}

/**
 * Takes a slice of each sample. https://keras.io/api/ops/core/#slice-function
 * @param start the first index along each axis, the batch first, which must be 0; negative from the
 *   end on: `[0, -1, 0]` is the last step
 * @param size the number of indices along each axis, the batch first, which must be -1; -1 for all
 *   that follow
 * @throws {ArgumentError} for other forms
 * @throws {ShapeError} when samples do not have the part
 */
export function slice(x: SymbolicTensor, start: readonly number[], size: readonly number[]): SymbolicTensor {
  if (!Array.isArray(start) || start[0] !== 0)
    throw new ArgumentError(
      `ops.slice: the start must be an array that begins with 0, the batch, such as [0, 2, 0], got ${describe(start)}`,
    );
  if (!Array.isArray(size) || size[0] !== -1 || size.length !== start.length)
    throw new ArgumentError(
      `ops.slice: the size must be an array as long as the start that begins with -1, the batch, got ${describe(size)}`,
    );
  return new Slice(start.slice(1), size.slice(1)).apply(x);
}

/**
 * Takes the elements at some indices of an axis. One index without an array removes the axis:
 * `ops.take(x, -1, 1)` is the last step. https://keras.io/api/ops/numpy/#take-function
 * @param indices integers that are known when the model is made; negative from the end on
 * @param axis with the batch as axis 0; negative from the last one on
 * @throws {ArgumentError} when an index is not an integer, or the axis is the batch's
 * @throws {ShapeError} when samples do not have the axis or an index
 */
export function take(x: SymbolicTensor, indices: number | readonly number[], axis: number): SymbolicTensor {
  return new Take(indices, axis).apply(x);
}

/**
 * Adds an axis of size 1. `axis` is its position in the result.
 * https://keras.io/api/ops/numpy/#expanddims-function
 * @throws {ArgumentError} when the axis is the batch's
 * @throws {ShapeError} when samples would have more than 3 axes
 */
export function expandDims(x: SymbolicTensor, axis: number): SymbolicTensor {
  return new ExpandDims(axis).apply(x);
}

/**
 * Removes an axis of size 1. https://keras.io/api/ops/numpy/#squeeze-function
 * @throws {ArgumentError} when the axis is the batch's
 * @throws {ShapeError} when the axis does not have size 1
 */
export function squeeze(x: SymbolicTensor, axis: number): SymbolicTensor {
  return new Squeeze(axis).apply(x);
}

/**
 * Stacks tensors along a new axis. https://keras.io/api/ops/numpy/#stack-function
 * @throws {ArgumentError} when the axis is the batch's
 * @throws {ShapeError} when their shapes differ
 */
export function stack(tensors: readonly SymbolicTensor[], axis: number): SymbolicTensor {
  if (!Array.isArray(tensors)) throw new ArgumentError(`ops.stack takes an array of tensors, got ${describe(tensors)}`);
  return concatenate(
    tensors.map((tensor) => expandDims(tensor, axis)),
    axis,
  );
}

/**
 * Splits samples along an axis. https://keras.io/api/ops/numpy/#split-function
 * @param sections the number of equal parts, or the indices at which the second and later ones
 *   begin
 * @throws {ArgumentError} when the axis is the batch's, or the sections are none
 * @throws {ShapeError} when the axis has another size or a free one
 */
export function split(x: SymbolicTensor, sections: number | readonly number[], axis: number): SymbolicTensor[] {
  const shape = shapeOf(x, 'ops.split');
  const at = (axisOption(axis, 'ops.split') < 0 ? shape.length + 1 + axis : axis) - 1;
  const length = shape[at];
  if (typeof length !== 'number')
    throw new ShapeError(`ops.split: axis ${axis} of samples of shape ${formatShape(shape)} has no known size (the batch is axis 0)`);
  const starts = [0, ...(typeof sections === 'number' ? equalParts(length, sections, axis) : sections)];
  const ends = [...starts.slice(1), length];
  if (!starts.every((start, part) => Number.isInteger(start) && start < (ends[part] as number)))
    throw new ArgumentError(
      `ops.split: parts must begin at increasing indices below ${length}, the size of axis ${axis}, got ${describe(sections)}`,
    );
  return starts.map((start, part) => {
    const along = (value: number, elsewhere: number) => shape.map((_, index) => (index === at ? value : elsewhere));
    return new Slice(along(start, 0), along((ends[part] as number) - start, -1)).apply(x);
  });
}

/** Where the second and later ones of equal parts begin. @throws {ShapeError} for unequal ones */
function equalParts(length: number, count: number, axis: number): readonly number[] {
  if (length % positiveInteger(count, 'ops.split: sections') !== 0)
    throw new ShapeError(`ops.split: axis ${axis} of size ${length} does not have ${count} equal parts`);
  return Array.from({ length: count - 1 }, (_, part) => ((part + 1) * length) / count);
}

/** @throws {ArgumentError} when it is not a symbolic tensor */
function shapeOf(x: SymbolicTensor, where: string): SampleShape {
  if (x instanceof SymbolicTensor) return x.shape;
  throw new ArgumentError(`${where} takes a symbolic tensor, which Input and apply give, got ${describe(x)}`);
}

/**
 * One-hot rows of ids. `ids` must be an input. https://keras.io/api/ops/nn/#onehot-function
 * @param classes the size of each row: ids are 0 to classes - 1
 * @throws {ArgumentError} when the number of classes is not an integer above 0
 */
export function oneHot(ids: SymbolicTensor, classes: number): SymbolicTensor {
  return new OneHot(classes).apply(ids);
}

/**
 * Concatenates tensors along an axis, by default the last.
 * https://keras.io/api/ops/numpy/#concatenate-function
 * @throws {ShapeError} when they differ along another axis
 */
export function concatenate(tensors: readonly SymbolicTensor[], axis = -1): SymbolicTensor {
  return new Concatenate({ axis }).apply(tensors);
}

/**
 * Reshapes samples. https://keras.io/api/ops/numpy/#reshape-function
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
 * Permutes the axes. https://keras.io/api/ops/numpy/#transpose-function
 * @param order the axes, the batch first: `[0, 2, 1]` swaps steps and features
 * @throws {ArgumentError} when the batch axis is not the first
 */
export function transpose(x: SymbolicTensor, order: readonly number[]): SymbolicTensor {
  if (!Array.isArray(order)) throw new ArgumentError(`ops.transpose takes the axes as an array, such as [0, 2, 1], got ${describe(order)}`);
  const [batch, ...axes] = order;
  if (batch !== 0) throw new ArgumentError(`ops.transpose: axes must begin with 0, the batch, got ${describe(batch)}`);
  return new Permute(axes).apply(x);
}
