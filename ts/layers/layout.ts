import type { Shape } from '../core/shape.ts';
import { emitMove } from './emitMove.ts';
import type { Emitter } from './emitter.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import { type Strides, stridesOf } from './strides.ts';
import type { Value } from './value.ts';

/** Elements of samples of a shape of at most 3 axes, in two buffers. */
export interface Elements {
  /** The shape whose axes are walked. */
  readonly shape: Shape;
  readonly rows: number;
  readonly x: PlannedBuffer;
  readonly from: Strides;
  readonly y: PlannedBuffer;
  readonly to: Strides;
  /** true: add the elements to those of `y`. Default false: overwrite them. */
  readonly accumulate?: boolean;
}

/**
 * Emits a copy or an addition of elements. Where the last axis is the innermost one in both
 * buffers, whole rows of it are moved.
 */
export function emitElements(emitter: Emitter, { shape, rows, x, from, y, to, accumulate = false }: Elements): void {
  const last = shape.length - 1;
  const whole = from.axes[last] === 1 && to.axes[last] === 1;
  const outer = whole ? last : shape.length;
  const walk = ({ rows, axes, start = 0 }: Strides) => ({ start, strides: [rows, ...axes.slice(0, outer)] });
  const width = whole ? (shape[last] as number) : 1;
  emitMove(emitter, { counts: [rows, ...shape.slice(0, outer)], width, x, from: walk(from), y, to: walk(to), accumulate });
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
  const { rows } = input;
  emitElements(scope, { shape, rows, x, from, y, to });
  const moved: Value = { ...output, form: { kind: 'floats', buffer: y } };
  scope.backward([moved], (gradients) => {
    const dY = gradients.of(moved);
    const dX = dY && gradients.to(input);
    if (dY && dX) emitElements(scope, { shape, rows, x: dY, from: to, y: dX, to: from });
  });
  return moved;
}

/**
 * Emits a value with axes of size 1 more or fewer. It is a view where the order in memory is the
 * same.
 * @param axes for each axis of the new shape the axis of the input; null for a new one
 */
export function emitAxes(scope: Scope, input: Value, axes: readonly (number | null)[]): Value {
  const { rows } = input;
  const own = stridesOf(input.shape, rows);
  const shape = axes.map((axis) => (axis === null ? 1 : (input.shape[axis] as number)));
  const from = { rows: own.rows, axes: axes.map((axis) => (axis === null ? 0 : (own.axes[axis] as number))) };
  const to = stridesOf(shape, rows);
  const stays = (rows === 1 || from.rows === to.rows) && shape.every((size, axis) => size === 1 || from.axes[axis] === to.axes[axis]);
  if (stays) return scope.view(input, { shape, rows, mask: null });
  return emitReorder(scope, input, shape, from, to, { ...input, shape, mask: null });
}
