import { ACTIVATIONS, CELLS } from '../backend/kernels.generated.ts';
import { sizeOf } from '../core/shape.ts';
import { CELL_STEPS } from './cellSteps.ts';
import { emitDropout } from './emitDropout.ts';
import { emitMove } from './emitMove.ts';
import { emitFunction, emitPointwise } from './emitPointwise.ts';
import { emitSteps } from './emitSteps.ts';
import { expression, input as inputOf, multiply } from './expression.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { RecurrentPlan } from './recurrentPlan.ts';
import type { Scope } from './scope.ts';
import { featuresOf, lengthOf, matrixRows, type Value } from './value.ts';
import type { Weight } from './weight.ts';

/** A recurrent layer that is emitted step by step. */
export interface CellStepsPlan extends RecurrentPlan {
  readonly input: Value;
  /** The states before the first step; null: zeros. */
  readonly initial: readonly (Value | null)[];
}

/**
 * Emits a recurrent layer as calls for each step. The fused kernel takes less time and memory; this
 * serves what it does not have: `recurrentDropout`, and activations that are expressions.
 *
 * With `recurrentDropout` every gate has masks of its own, of the input and of the state, as in
 * Keras; otherwise all gates have one mask of the input. A batch has the same masks at all steps.
 * @returns the output and the states after the last step
 */
export function emitCellSteps(scope: Scope, plan: CellStepsPlan): readonly Value[] {
  const { units, input, recurrentDropout } = plan;
  const { gates, states: stateCount } = CELLS[plan.cell];
  const { rows } = input;
  const kernels = blocksOf(scope, plan.kernel, featuresOf(input), units);
  const recurrentKernels = blocksOf(scope, plan.recurrentKernel, units, units);
  const biases = plan.bias ? blocksOf(scope, plan.bias, 1, units) : null;

  const x = droppedInputs(scope, plan, gates).map((each, gate) => emitProduct(scope, each, kernels[gate] as Value, biases?.[gate] ?? null));
  const state = (buffer: PlannedBuffer): Value => ({
    shape: [units],
    rows,
    form: { kind: 'floats', buffer },
    mask: null,
    needsGradient: false,
  });
  const stateMasks = Array.from({ length: gates }, () => (recurrentDropout > 0 ? state(stateMask(scope, plan, rows)) : null));
  const zeros = state(scope.zeros(rows * units));
  return emitSteps(scope, {
    options: plan,
    inputs: x as readonly Value[] as readonly [Value, ...Value[]],
    initial: Array.from({ length: stateCount }, (_, index) => plan.initial[index] ?? zeros),
    mask: input.mask,
    needsGradient: input.needsGradient || scope.isTrainable(plan.kernel) || plan.initial.some((each) => each?.needsGradient),
    step: (inner, parts, states) => {
      const [h] = states as readonly [Value];
      const after = CELL_STEPS[plan.cell]({
        scope: inner,
        x: parts,
        states,
        activation: plan.activation,
        recurrentActivation: plan.recurrentActivation,
        seen: (gate) => {
          const mask = stateMasks[gate];
          return mask ? emitFunction(inner, multiply(inputOf(0), inputOf(1)), [h, mask], h) : h;
        },
        // The biases of a second row are recurrent ones.
        product: (gate, value) => emitProduct(inner, value, recurrentKernels[gate] as Value, biases?.[gates + gate] ?? null),
      });
      return [after[0] as Value, ...after];
    },
  });
}

/** The input as each gate sees it. */
function droppedInputs(scope: Scope, { input, dropout, recurrentDropout, seed }: CellStepsPlan, gates: number): readonly Value[] {
  if (dropout === 0) return new Array<Value>(gates).fill(input);
  const dropped = () => {
    const features = featuresOf(input);
    const dropoutPlan = { rows: input.rows, features, rate: dropout, subsequence: scope.drawSubsequence(), sharedOverSteps: true, seed };
    const y = scope.floats('dropped', lengthOf(input));
    emitDropout(scope, scope.floatsOf(input), y, dropoutPlan);
    const output: Value = { ...input, form: { kind: 'floats', buffer: y } };
    scope.backward([output], (gradients) => {
      const dY = gradients.of(output);
      const dX = dY && gradients.to(input);
      if (dY && dX) emitDropout(scope, dY, dX, dropoutPlan);
    });
    return output;
  };
  return recurrentDropout > 0 ? Array.from({ length: gates }, dropped) : new Array<Value>(gates).fill(dropped());
}

/** The factors of the dropout of a state: 0, or `1 / (1 - rate)`. */
function stateMask(scope: Scope, { units, recurrentDropout, seed }: CellStepsPlan, rows: number): PlannedBuffer {
  const ones = scope.floats('ones', rows * units);
  emitPointwise(scope, [expression(1)], [], [ones]);
  const mask = scope.floats('stateMask', ones.length);
  emitDropout(scope, ones, mask, {
    rows,
    features: units,
    rate: recurrentDropout,
    subsequence: scope.drawSubsequence(),
    sharedOverSteps: true,
    seed,
  });
  return mask;
}

/**
 * The columns of each gate of a weight `[N, G*H]`, `[N, H]` each. A bias is one row: `[G*H]`, or
 * `[2*G*H]` with recurrent biases.
 */
function blocksOf(scope: Scope, weight: Weight, rows: number, units: number): readonly Value[] {
  const width = sizeOf(weight.shape) / rows;
  const walks = Array.from({ length: width / units }, (_, index) => ({ start: index * units, strides: [width] }));
  const whole = { strides: [units] };
  const needsGradient = scope.isTrainable(weight);
  const blocks = walks.map((from): Value => {
    const buffer = scope.floats('block', rows * units);
    emitMove(scope, { counts: [rows], width: units, x: scope.weight(weight), from, y: buffer, to: whole });
    return { shape: [units], rows, form: { kind: 'floats', buffer }, mask: null, needsGradient };
  });
  scope.backward(blocks, (gradients) => {
    if (!needsGradient) return;
    const target = gradients.toWeight(weight);
    for (const [index, block] of blocks.entries()) {
      const x = gradients.of(block) ?? scope.zeros(rows * units);
      emitMove(scope, { counts: [rows], width: units, x, from: whole, y: target, to: walks[index] as (typeof walks)[number] });
    }
  });
  return blocks;
}

/** `x · kernel + bias` over the last axis. */
function emitProduct(scope: Scope, x: Value, kernel: Value, bias: Value | null): Value {
  const units = featuresOf(kernel);
  const rows = matrixRows(x);
  const shared = {
    rows,
    features: featuresOf(x),
    units,
    activation: ACTIVATIONS.linear,
    x: scope.floatsOf(x),
    kernel: scope.floatsOf(kernel),
  };
  const y = scope.floats('y', rows * units);
  scope.call('denseForward', { ...shared, bias: bias && scope.floatsOf(bias), y });
  const output: Value = {
    shape: [...x.shape.slice(0, -1), units],
    rows: x.rows,
    form: { kind: 'floats', buffer: y },
    mask: null,
    needsGradient: x.needsGradient || kernel.needsGradient || (bias?.needsGradient ?? false),
  };
  scope.backward([output], (gradients) => {
    const dY = gradients.of(output);
    if (!dY) return;
    // The kernel writes the gradients of both weights. Those of frozen weights are not kept.
    const target = (weight: Value) => gradients.to(weight) ?? scope.floats('dFrozen', lengthOf(weight));
    scope.call('denseBackward', { ...shared, y, dY, dKernel: target(kernel), dBias: bias && target(bias), dX: gradients.to(x) });
  });
  return output;
}
