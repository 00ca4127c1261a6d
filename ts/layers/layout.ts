import { type Shape, sizeOf } from '../core/shape.ts';
import { emitMove } from './emitMove.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';

/**
 * How far it is from one element to the next in a value's buffer: between rows, and along each axis
 * of a sample.
 */
export interface Strides {
  readonly rows: number;
  readonly axes: readonly number[];
}

/**
 * The strides of a value in a program: the axes before the last in reverse order, then rows, then
 * the last axis.
 */
export function stridesOf(shape: Shape, rows: number): Strides {
  const features = shape[shape.length - 1] as number;
  const axes = shape.map((_, axis) => (axis === shape.length - 1 ? 1 : rows * features * sizeOf(shape.slice(0, axis))));
  return { rows: features, axes };
}

/** The strides of samples that lie one after the other, as flattened ones do. */
export function batchMajorStrides(shape: Shape): Strides {
  return { rows: sizeOf(shape), axes: shape.map((_, axis) => sizeOf(shape.slice(axis + 1))) };
}

/**
 * Emits a move of all elements of samples of a shape from one order to another, and notes that
 * gradients move back.
 * @param shape whose axes are walked
 * @param output the value that the elements become, without its floats
 */
export function emitReorder(scope: Scope, input: Value, shape: Shape, from: Strides, to: Strides, output: Omit<Value, 'form'>): Value {
  const x = scope.floatsOf(input);
  const y = scope.floats('y', x.length);
  const last = shape.length - 1;
  // Where the last axis stays the innermost one, whole rows of it are moved.
  const whole = from.axes[last] === 1 && to.axes[last] === 1;
  const width = whole ? (shape[last] as number) : 1;
  const counts = [input.rows, ...shape.slice(0, whole ? last : undefined)];
  const walk = ({ rows, axes }: Strides) => ({ strides: [rows, ...axes.slice(0, whole ? last : undefined)] });
  const move = (source: PlannedBuffer, sourceWalk: Strides, target: PlannedBuffer, targetWalk: Strides) =>
    emitMove(scope, { counts, width, x: source, from: walk(sourceWalk), y: target, to: walk(targetWalk) });
  move(x, from, y, to);
  const moved: Value = { ...output, form: { kind: 'floats', buffer: y } };
  scope.backward([moved], (gradients) => {
    const dY = gradients.of(moved);
    const dX = dY && gradients.to(input);
    if (dY && dX) move(dY, to, dX, from);
  });
  return moved;
}
