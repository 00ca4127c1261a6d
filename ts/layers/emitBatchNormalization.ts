import { REDUCTIONS } from '../backend/kernels.generated.ts';
import { emitMove } from './emitMove.ts';
import { emitPointwise } from './emitPointwise.ts';
import { add, divide, type Expression, expression, input as inputOf, multiply, sqrt, square, subtract } from './expression.ts';
import { maskAsFloats } from './mergeMasks.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import { featuresOf, lengthOf, matrixRows, type Value } from './value.ts';
import type { Weight } from './weight.ts';

// Letters: N rows (samples, or steps of all sequences), D features. A buffer `[D]` beside one
// `[N, D]` is repeated for all rows by the elementwise kernel.

/** The weights of a normalization over the batch, `[D]` each, and how it is computed. */
export interface BatchNormalizationPlan {
  readonly gamma: Weight | null;
  readonly beta: Weight | null;
  readonly movingMean: Weight;
  readonly movingVariance: Weight;
  readonly momentum: number;
  readonly epsilon: number;
  /** Whether the moments are those of the batch; else the moving ones. */
  readonly ofBatch: boolean;
}

/** The moments of a batch, as its normalization and its gradient need them. */
interface Moments {
  /** `[N, D]`: x - mean. */
  readonly centered: PlannedBuffer;
  /** `[D]`: 1 / sqrt(variance + epsilon). */
  readonly inverse: PlannedBuffer;
  /** Of a batch; null for moving moments, through which no gradient passes. */
  readonly batch: BatchMoments | null;
}

interface BatchMoments {
  /** `[D]` */
  readonly mean: PlannedBuffer;
  /** `[1]`: rows that count, in all replicas. */
  readonly count: PlannedBuffer;
  /** Added to the count before a division by it. */
  readonly guard: number;
}

/** Keras's `epsilon`: it keeps the moments of a batch without a counted step finite. */
const GUARD = 1e-7;

/** Emits `gamma * (x - mean) / sqrt(variance + epsilon) + beta`. */
export function emitBatchNormalization(scope: Scope, input: Value, plan: BatchNormalizationPlan): Value {
  const { gamma, beta } = plan;
  const moments = plan.ofBatch ? emitBatchMoments(scope, input, plan) : emitMovingMoments(scope, input, plan);
  const [c, inverse, factor, offset] = [inputOf(0), inputOf(1), inputOf(2), inputOf(gamma ? 3 : 2)];
  const normal = multiply(c, inverse);
  const scaled = gamma ? multiply(normal, factor) : normal;
  const weights = [gamma, beta].filter((weight) => weight !== null);
  const y = scope.floats('y', lengthOf(input));
  const read = [moments.centered, moments.inverse, ...weights.map((weight) => scope.weight(weight))];
  emitPointwise(scope, [beta ? add(scaled, offset) : scaled], read, [y]);
  const output: Value = {
    ...input,
    form: { kind: 'floats', buffer: y },
    needsGradient: input.needsGradient || weights.some((weight) => scope.isTrainable(weight)),
  };
  scope.backward([output], (gradients) => {
    const dY = gradients.of(output);
    if (!dY) return;
    const D = featuresOf(input);
    // The sums over all rows of dY, and of dY times the normal values: the gradients of beta and of
    // gamma.
    const sums = scope.floats('gradientSums', 2 * D);
    const [sum, product] = [scope.slice(sums, 0, D), scope.slice(sums, D, D)];
    const products = scope.floats('products', dY.length);
    emitPointwise(scope, [multiply(inputOf(0), multiply(inputOf(1), inputOf(2)))], [dY, moments.centered, moments.inverse], [products]);
    emitColumnSums(scope, dY, sum);
    emitColumnSums(scope, products, product);
    if (beta) emitCopy(scope, sum, gradients.toWeight(beta));
    if (gamma) emitCopy(scope, product, gradients.toWeight(gamma));
    const dX = gradients.to(input);
    if (!dX) return;
    const weight = gamma ? [scope.weight(gamma)] : [];
    if (moments.batch) {
      scope.sumOverReplicas(sums, { ofGradients: true });
      emitBatchGradient(scope, input, dY, moments, moments.batch, [sum, product], weight, dX);
    } else emitPointwise(scope, [product3(gamma !== null)], [dY, moments.inverse, ...weight], [dX]);
  });
  return output;
}

/** `dY * inverse`, times gamma if there is one. */
function product3(isScaled: boolean): Expression {
  const passed = multiply(inputOf(0), inputOf(1));
  return isScaled ? multiply(passed, inputOf(2)) : passed;
}

/** Emits the moving moments. */
function emitMovingMoments(scope: Scope, input: Value, { movingMean, movingVariance, epsilon }: BatchNormalizationPlan): Moments {
  const centered = scope.floats('centered', lengthOf(input));
  emitPointwise(scope, [subtract(inputOf(0), inputOf(1))], [scope.floatsOf(input), scope.weight(movingMean)], [centered]);
  const inverse = scope.floats('inverse', featuresOf(input));
  emitPointwise(scope, [divide(1, sqrt(add(inputOf(0), epsilon)))], [scope.weight(movingVariance)], [inverse]);
  return { centered, inverse, batch: null };
}

/**
 * Emits the moments of the batch, over the rows that count, and moves the moving ones where a
 * backward pass follows. Several replicas sum them over the whole batch.
 */
function emitBatchMoments(scope: Scope, input: Value, plan: BatchNormalizationPlan): Moments {
  const [N, D] = [matrixRows(input), featuresOf(input)];
  const { mask } = input;
  const x = scope.floatsOf(input);
  const guard = mask ? GUARD : 0;
  // The sums of the features, then the number of rows.
  const sums = scope.floats('sums', D + 1);
  const count = scope.slice(sums, D, 1);
  emitColumnSums(scope, emitCounted(scope, x, mask, D), scope.slice(sums, 0, D));
  if (mask) {
    const ones = maskAsFloats(scope, mask, { ...input, shape: [...input.shape.slice(0, -1), 1] });
    emitColumnSums(scope, scope.floatsOf(ones), count);
  } else emitPointwise(scope, [expression(N)], [], [count]);
  scope.sumOverReplicas(sums);
  const mean = scope.floats('mean', D);
  const share = divide(inputOf(0), add(inputOf(1), guard));
  emitPointwise(scope, [share], [scope.slice(sums, 0, D), count], [mean]);
  const centered = scope.floats('centered', N * D);
  emitPointwise(scope, [subtract(inputOf(0), inputOf(1))], [x, mean], [centered]);
  const squares = scope.floats('squares', N * D);
  emitPointwise(scope, [square(inputOf(0))], [centered], [squares]);
  const squareSums = scope.floats('squareSums', D);
  emitColumnSums(scope, emitCounted(scope, squares, mask, D), squareSums);
  scope.sumOverReplicas(squareSums);
  const variance = scope.floats('variance', D);
  emitPointwise(scope, [share], [squareSums, count], [variance]);
  const inverse = scope.floats('inverse', D);
  emitPointwise(scope, [divide(1, sqrt(add(inputOf(0), plan.epsilon)))], [variance], [inverse]);
  if (scope.keeps) {
    emitMoving(scope, plan.movingMean, mean, plan.momentum);
    emitMoving(scope, plan.movingVariance, variance, plan.momentum);
  }
  return { centered, inverse, batch: { mean, count, guard } };
}

/**
 * Emits the gradient of x through the normal values and the moments. With the sums A of dY and B of
 * dY times the normal values, over all rows, it is
 * `gamma * inverse * (dY - counted / n * (A + B * inverse * (c - mean * guard / n)))`: rows that do
 * not count pass none to the moments. The last term is that of the guard, by which the mean is not
 * quite that of the rows.
 */
function emitBatchGradient(
  scope: Scope,
  input: Value,
  dY: PlannedBuffer,
  { centered, inverse }: Moments,
  { mean, count, guard }: BatchMoments,
  [sum, product]: readonly [PlannedBuffer, PlannedBuffer],
  gamma: readonly PlannedBuffer[],
  dX: PlannedBuffer,
): void {
  const D = featuresOf(input);
  // Per feature: the sums and the shift, divided by the number of rows.
  const parts = ['a', 'b', 'shift'].map((name) => scope.floats(name, D)) as [PlannedBuffer, PlannedBuffer, PlannedBuffer];
  const n = add(inputOf(4), guard);
  const [A, B] = [divide(inputOf(0), n), divide(multiply(inputOf(1), inputOf(2)), n)];
  emitPointwise(scope, [A, B, divide(multiply(inputOf(3), guard), n)], [sum, product, inverse, mean, count], parts);
  const [a, b, shift] = parts;
  const passed = scope.floats('passedToMoments', dY.length);
  const ofMoments = add(inputOf(1), multiply(inputOf(2), subtract(inputOf(0), inputOf(3))));
  emitPointwise(scope, [ofMoments], [centered, a, b, shift], [passed]);
  const difference = multiply(inputOf(2), subtract(inputOf(0), inputOf(1)));
  const result = gamma.length > 0 ? multiply(inputOf(3), difference) : difference;
  emitPointwise(scope, [result], [dY, emitCounted(scope, passed, input.mask, D), inverse, ...gamma], [dX]);
}

/** Emits rows `[N, D]` with zeros in those that do not count. */
function emitCounted(scope: Scope, x: PlannedBuffer, mask: PlannedBuffer | null, features: number): PlannedBuffer {
  if (!mask) return x;
  const y = scope.floats('counted', x.length);
  scope.call('applyMask', { rows: mask.length, features, x, mask, y });
  return y;
}

/** Emits the sum of all rows of `x` `[N, D]` to `y` `[D]`. */
function emitColumnSums(scope: Scope, x: PlannedBuffer, y: PlannedBuffer): void {
  scope.call('reduceRows', { operation: REDUCTIONS.sum, outer: 1, count: x.length / y.length, inner: y.length, x, y });
}

function emitCopy(scope: Scope, x: PlannedBuffer, y: PlannedBuffer): void {
  emitMove(scope, { counts: [1], width: x.length, x, from: { strides: [0] }, y, to: { strides: [0] } });
}

/** Emits `moving = momentum * moving + (1 - momentum) * present`. */
function emitMoving(scope: Scope, weight: Weight, present: PlannedBuffer, momentum: number): void {
  const moved = scope.floats('moved', present.length);
  const moving = scope.weight(weight);
  emitPointwise(scope, [add(multiply(inputOf(0), momentum), multiply(inputOf(1), 1 - momentum))], [moving, present], [moved]);
  // Kernels do not write to what they read.
  emitCopy(scope, moved, moving);
}
