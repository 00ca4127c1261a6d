import { REDUCTIONS } from '../backend/kernels.generated.ts';
import { type Shape, sizeOf } from '../core/shape.ts';
import { emitMove } from './emitMove.ts';
import { emitFunction, emitPointwise } from './emitPointwise.ts';
import { emitBroadcast, emitReduce } from './emitStrided.ts';
import { add, type Expression, input as inputOf, multiply } from './expression.ts';
import { emitReorder } from './layout.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import { type Strides, stridesOf } from './strides.ts';
import { featuresOf, matrixRows, type Value } from './value.ts';
import type { Weight } from './weight.ts';

const [X, Z] = [inputOf(0), inputOf(1)];

/**
 * Emits a function of the elements along some axes of samples: for the function they are the last
 * axis, in order, and its result gets the shape of the input again.
 * @param axes of the samples, in rising order
 */
export function emitAlongAxes(scope: Scope, input: Value, axes: readonly number[], emitRows: (rows: Value) => Value): Value {
  const { shape, rows } = input;
  if (axes.length === 1 && axes[0] === shape.length - 1) return emitRows(input);
  const others = [...shape.keys()].filter((axis) => !axes.includes(axis));
  const sizes = axes.map((axis) => shape[axis] as number);
  const together: Shape = [...others.map((axis) => shape[axis] as number), sizeOf(sizes)];
  const order = [...others, ...axes];
  const own = stridesOf(shape, rows);
  const packed = stridesOf(together, rows);
  const from: Strides = { rows: own.rows, axes: order.map((axis) => own.axes[axis] as number) };
  const to: Strides = {
    rows: packed.rows,
    axes: [...packed.axes.slice(0, -1), ...sizes.map((_, index) => sizeOf(sizes.slice(index + 1)))],
  };
  const walked = order.map((axis) => shape[axis] as number);
  const turned = emitReorder(scope, input, walked, from, to, { ...input, shape: together });
  const result = emitRows(turned);
  return emitReorder(scope, result, walked, to, from, { ...input, needsGradient: result.needsGradient });
}

/** Emits rows along the last axis with mean 0 and variance 1. */
export function emitNormalRows(scope: Scope, input: Value, epsilon: number): Value {
  const x = scope.floatsOf(input);
  const shared = { rows: matrixRows(input), features: featuresOf(input) };
  const [y, scale] = [scope.floats('normal', x.length), scope.floats('factors', shared.rows)];
  scope.call('normalizeRows', { ...shared, epsilon, x, y, scale });
  const output: Value = { ...input, form: { kind: 'floats', buffer: y } };
  scope.backward([output], (gradients) => {
    const dY = gradients.of(output);
    const dX = dY && gradients.to(input);
    if (dY && dX) scope.call('normalizeRowsBackward', { ...shared, y, scale, dY, dX });
  });
  return output;
}

/**
 * Emits each group of channels with mean 0 and variance 1 over all axes of a sample. The channels,
 * which are the last axis, are in groups of neighbours.
 */
export function emitNormalGroups(scope: Scope, input: Value, groups: number, epsilon: number): Value {
  const { rows, shape } = input;
  const channels = featuresOf(input);
  const size = channels / groups;
  // The axes before the channels lie one after the other in memory: they are one axis.
  const places = matrixRows(input) / rows;
  const walked: Shape = [places, groups, size];
  const from: Strides = { rows: channels, axes: [rows * channels, size, 1] };
  const each = size * places;
  const to: Strides = { rows: each, axes: [size, rows * each, 1] };
  const grouped = emitReorder(scope, input, walked, from, to, { ...input, shape: [groups, each], mask: null });
  const { needsGradient, mask } = input;
  return emitReorder(scope, emitNormalRows(scope, grouped, epsilon), walked, to, from, { shape, rows, mask, needsGradient });
}

/** Emits rows along the last axis as a function of each element and the row's sum of squares. */
export function emitByNorm(scope: Scope, input: Value, formula: (x: Expression, squares: Expression) => Expression): Value {
  const last = input.shape.length - 1;
  const squares = emitReduce(scope, 'sum', emitFunction(scope, multiply(X, X), [input], input), last, true);
  return emitFunction(scope, formula(X, Z), [input, emitBroadcast(scope, squares, input.shape, input.rows)], input);
}

/**
 * Emits rows along the last axis, times `gamma`, plus `beta`.
 * @param gamma a weight with as many elements as a row; null: 1
 * @param beta a weight with as many elements as a row; null: 0
 */
export function emitScaleAndShift(scope: Scope, input: Value, gamma: Weight | null, beta: Weight | null): Value {
  const weights = [gamma, beta].filter((weight) => weight !== null);
  if (weights.length === 0) return input;
  const x = scope.floatsOf(input);
  const y = scope.floats('y', x.length);
  const scaled = gamma ? multiply(X, Z) : X;
  const result = beta ? add(scaled, inputOf(weights.length)) : scaled;
  emitPointwise(scope, [result], [x, ...weights.map((weight) => scope.weight(weight))], [y]);
  const needsGradient = input.needsGradient || weights.some((weight) => scope.isTrainable(weight));
  const output: Value = { ...input, form: { kind: 'floats', buffer: y }, needsGradient };
  scope.backward([output], (gradients) => {
    const dY = gradients.of(output);
    if (!dY) return;
    const shared = { operation: REDUCTIONS.sum, outer: 1, count: matrixRows(input), inner: featuresOf(input) };
    if (beta) scope.call('reduceRows', { ...shared, x: dY, y: gradients.toWeight(beta) });
    const times = (by: PlannedBuffer, product: PlannedBuffer) => emitPointwise(scope, [multiply(X, Z)], [dY, by], [product]);
    if (gamma) {
      const product = scope.floats('product', x.length);
      times(x, product);
      scope.call('reduceRows', { ...shared, x: product, y: gradients.toWeight(gamma) });
    }
    const dX = gradients.to(input);
    if (dX && gamma) times(scope.weight(gamma), dX);
    else if (dX) emitMove(scope, { counts: [1], width: dX.length, x: dY, from: { strides: [0] }, y: dX, to: { strides: [0] } });
  });
  return output;
}
