import { type Shape, sizeOf } from '../core/shape.ts';
import { emitMove } from './emitMove.ts';
import { type Strides, stridesOf } from './layout.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import { lengthOf, type Value } from './value.ts';

/** What moves between two values: the elements of `rows` samples of a shape of at most 3 axes. */
interface Walked {
  readonly shape: Shape;
  readonly rows: number;
  readonly from: Strides;
  readonly to: Strides;
}

/**
 * Emits a value of another shape or of more rows: its elements are repeated along every axis where
 * it has one and the result has more, as in numpy. Gradients are summed over the repetitions.
 */
export function emitBroadcast(scope: Scope, input: Value, shape: Shape, rows: number): Value {
  const own = [...new Array<number>(shape.length - input.shape.length).fill(1), ...input.shape];
  if (rows === input.rows && sizeOf(own) === sizeOf(shape)) {
    return own.length === input.shape.length ? input : scope.view(input, { shape, rows, mask: input.mask });
  }
  const strides = stridesOf(own, input.rows);
  const from = {
    rows: input.rows === rows ? strides.rows : 0,
    axes: strides.axes.map((stride, axis) => (own[axis] === shape[axis] ? stride : 0)),
  };
  return emitWalk(scope, input, { shape, rows, from, to: stridesOf(shape, rows) }, { ...input, shape, rows, mask: null });
}

/**
 * Emits the sum over an axis of a sample.
 * @param keepDims whether the axis stays, with size 1
 */
export function emitSum(scope: Scope, input: Value, axis: number, keepDims: boolean): Value {
  const { shape, rows } = input;
  const reduced = shape.flatMap((size, index) => (index !== axis ? [size] : keepDims ? [1] : []));
  const { rows: between, axes: left } = stridesOf(reduced, rows);
  const axes = [...left.slice(0, axis), 0, ...left.slice(keepDims ? axis + 1 : axis)];
  const walked = { shape, rows, from: stridesOf(shape, rows), to: { rows: between, axes } };
  return emitWalk(scope, input, walked, { ...input, shape: reduced, mask: null });
}

function emitWalk(scope: Scope, input: Value, { shape, rows, from, to }: Walked, like: Value): Value {
  const y = scope.floats('y', lengthOf(like));
  const last = shape.length - 1;
  const whole = from.axes[last] === 1 && to.axes[last] === 1;
  const width = whole ? (shape[last] as number) : 1;
  const counts = [rows, ...shape.slice(0, whole ? last : undefined)];
  const walk = (strides: Strides) => ({ strides: [strides.rows, ...strides.axes.slice(0, whole ? last : undefined)] });
  const move = (x: PlannedBuffer, source: Strides, target: PlannedBuffer, places: Strides) => {
    // Several elements go to one place, so they are added to zeros.
    const sums = target.length < rows * sizeOf(shape);
    if (sums)
      emitMove(scope, {
        counts: [1],
        width: target.length,
        x: scope.zeros(target.length),
        from: { strides: [0] },
        y: target,
        to: { strides: [0] },
      });
    emitMove(scope, { counts, width, x, from: walk(source), y: target, to: walk(places), accumulate: sums });
  };
  move(scope.floatsOf(input), from, y, to);
  const output: Value = { ...like, form: { kind: 'floats', buffer: y } };
  scope.backward([output], (gradients) => {
    const dY = gradients.of(output);
    const dX = dY && gradients.to(input);
    if (dY && dX) move(dY, to, dX, from);
  });
  return output;
}
