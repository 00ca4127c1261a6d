import { REDUCTIONS } from '../backend/kernels.generated.ts';
import { type Shape, sizeOf } from '../core/shape.ts';
import { emitMove } from './emitMove.ts';
import { emitPointwise } from './emitPointwise.ts';
import type { Emitter } from './emitter.ts';
import { divide, input as inputOf, less, multiply, where } from './expression.ts';
import { emitAxes, emitElements } from './layout.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import { type Strides, stridesOf } from './strides.ts';
import { lengthOf, type Value } from './value.ts';

/** The reduction of several elements. */
export type Reduction = keyof typeof REDUCTIONS;

const [X, Z] = [inputOf(0), inputOf(1)];

/**
 * Emits a value of another shape or of more rows: its elements are repeated along every axis where
 * it has one and the result has more, as in numpy. Gradients are summed over the repetitions.
 */
export function emitBroadcast(scope: Scope, input: Value, shape: Shape, rows: number): Value {
  const own = [...new Array<number>(shape.length - input.shape.length).fill(1), ...input.shape];
  if (rows === input.rows && sizeOf(own) === sizeOf(shape)) {
    return own.length === input.shape.length ? input : scope.view(input, { shape, rows, mask: input.mask });
  }
  const repeated = own.map((size, axis) => size !== shape[axis]);
  const from = stillAlong(stridesOf(own, input.rows), repeated, input.rows !== rows);
  const output: Value = { ...input, shape, rows, mask: null };
  const y = scope.floats('y', lengthOf(output));
  emitElements(scope, { shape, rows, x: scope.floatsOf(input), from, y, to: stridesOf(shape, rows) });
  const wide: Value = { ...output, form: { kind: 'floats', buffer: y } };
  scope.backward([wide], (gradients) => {
    const dY = gradients.of(wide);
    const dX = dY && gradients.to(input);
    if (dY && dX) emitReduction(scope, 'sum', dY, inMemory(shape, rows), inMemory(repeated, input.rows !== rows), dX);
  });
  return wide;
}

/**
 * Emits the sum, maximum or minimum over an axis of a sample. Elements that are all the largest or
 * smallest share its gradient, as in Keras on JAX and on TensorFlow.
 * @param keepDims whether the axis stays, with size 1
 */
export function emitReduce(scope: Scope, operation: Reduction, input: Value, axis: number, keepDims: boolean): Value {
  const { shape, rows } = input;
  const along = shape.map((_, index) => index === axis);
  const like: Value = { ...input, shape: shape.map((size, index) => (index === axis ? 1 : size)), mask: null };
  const [x, y] = [scope.floatsOf(input), scope.floats('y', lengthOf(like))];
  const reduce = (name: Reduction, whole: PlannedBuffer, part: PlannedBuffer) =>
    emitReduction(scope, name, whole, inMemory(shape, rows), inMemory(along, false), part);
  const repeat = (part: PlannedBuffer, whole: PlannedBuffer) =>
    emitElements(scope, {
      shape,
      rows,
      x: part,
      from: stillAlong(stridesOf(like.shape, rows), along, false),
      y: whole,
      to: stridesOf(shape, rows),
    });
  reduce(operation, x, y);
  const output: Value = { ...like, form: { kind: 'floats', buffer: y } };
  scope.backward([output], (gradients) => {
    const dY = gradients.of(output);
    const dX = dY && gradients.to(input);
    if (!dY || !dX) return;
    if (operation === 'sum') {
      repeat(dY, dX);
      return;
    }
    const [wide, isExtreme] = [scope.floats('wide', x.length), scope.floats('isExtreme', x.length)];
    repeat(y, wide);
    emitPointwise(scope, [where(operation === 'max' ? less(X, Z) : less(Z, X), 0, 1)], [x, wide], [isExtreme]);
    const [count, share] = [scope.floats('count', y.length), scope.floats('share', y.length)];
    reduce('sum', isExtreme, count);
    emitPointwise(scope, [divide(X, Z)], [dY, count], [share]);
    repeat(share, wide);
    emitPointwise(scope, [multiply(X, Z)], [isExtreme, wide], [dX]);
  });
  return keepDims
    ? output
    : emitAxes(
        scope,
        output,
        shape.flatMap((_, index) => (index === axis ? [] : [index])),
      );
}

/** Strides that stay in place along some axes, and along the rows where they are repeated. */
function stillAlong({ rows, axes }: Strides, still: readonly boolean[], stillRows: boolean): Strides {
  return { rows: stillRows ? 0 : rows, axes: axes.map((stride, axis) => (still[axis] ? 0 : stride)) };
}

/** Values for the axes of a sample and for its rows, in the order of memory. */
function inMemory<T>(ofAxes: readonly T[], ofRows: T): T[] {
  return [...ofAxes.slice(0, -1).reverse(), ofRows, ofAxes[ofAxes.length - 1] as T];
}

/**
 * Emits a reduction of an array over some of its axes.
 * @param sizes of the axes of `x`, outermost first
 * @param reduced which of them are reduced; `y` has the others
 */
function emitReduction(
  emitter: Emitter,
  operation: Reduction,
  x: PlannedBuffer,
  sizes: readonly number[],
  reduced: readonly boolean[],
  y: PlannedBuffer,
): void {
  // Neighbours of one kind are one axis.
  const axes: { size: number; isReduced: boolean }[] = [];
  for (const [index, size] of sizes.entries()) {
    const isReduced = reduced[index] as boolean;
    const before = axes[axes.length - 1];
    if (size === 1) continue;
    if (before?.isReduced === isReduced) before.size *= size;
    else axes.push({ size, isReduced });
  }
  const total = (some: typeof axes) => sizeOf(some.map(({ size }) => size));
  let source = x;
  do {
    // Without a size above 1 the reduction of one element is the copy that is wanted.
    const at = axes.findIndex(({ isReduced }) => isReduced);
    const [outer, inner] = at < 0 ? [1, total(axes)] : [total(axes.slice(0, at)), total(axes.slice(at + 1))];
    const [axis] = at < 0 ? [] : axes.splice(at, 1);
    const isLast = !axes.some(({ isReduced }) => isReduced);
    const target = isLast ? y : emitter.floats('partial', outer * inner);
    emitter.call('reduceRows', { operation: REDUCTIONS[operation], outer, count: axis?.size ?? 1, inner, x: source, y: target });
    source = target;
  } while (source !== y);
}

/** Emits zeros into a buffer of rows of a width. */
export function emitZeros(emitter: Emitter, y: PlannedBuffer, width: number): void {
  emitMove(emitter, { counts: [y.length / width], width, x: emitter.zeros(width), from: { strides: [0] }, y, to: { strides: [width] } });
}
