import type { CELLS } from '../backend/kernels.generated.ts';
import type { ResolvedActivation } from './activationFunction.ts';
import { emitActivation } from './emitActivation.ts';
import { emitFunction } from './emitPointwise.ts';
import { add, type Expression, input, multiply, subtract } from './expression.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';

/** The values of a cell at one step. */
export interface CellStep {
  readonly scope: Scope;
  /** The input's part of each gate, with its bias. */
  readonly x: readonly Value[];
  /** The states before the step, h first. */
  readonly states: readonly Value[];
  readonly activation: ResolvedActivation;
  readonly recurrentActivation: ResolvedActivation;
  /** The state h as a gate sees it: in training without the units that are dropped. */
  seen(gate: number): Value;
  /** A product with the recurrent kernel of a gate, with the recurrent bias if there is one. */
  product(gate: number, h: Value): Value;
}

const [A, B, C, D] = [input(0), input(1), input(2), input(3)];

/**
 * The cells' equations for one step, in operations on whole states: from the states before to the
 * states after. The kernels compute the same in one pass; these serve what kernels do not have.
 */
export const CELL_STEPS: Readonly<Record<keyof typeof CELLS, (step: CellStep) => readonly Value[]>> = {
  simpleRnn: (step) => [gate(step, 0, step.activation)],
  lstm(step) {
    const i = gate(step, 0, step.recurrentActivation);
    const f = gate(step, 1, step.recurrentActivation);
    const g = gate(step, 2, step.activation);
    const o = gate(step, 3, step.recurrentActivation);
    const [, before] = step.states as readonly [Value, Value];
    const c = combine(step, add(multiply(A, B), multiply(C, D)), [f, before, i, g]);
    return [combine(step, multiply(A, B), [o, emitActivation(step.scope, step.activation, c)]), c];
  },
  gru(step) {
    const z = gate(step, 0, step.recurrentActivation);
    const r = gate(step, 1, step.recurrentActivation);
    const sum = combine(step, add(A, multiply(B, C)), [step.x[2] as Value, r, step.product(2, step.seen(2))]);
    return update(step, z, sum);
  },
  gruResetBefore(step) {
    const z = gate(step, 0, step.recurrentActivation);
    const r = gate(step, 1, step.recurrentActivation);
    const reset = combine(step, multiply(A, B), [r, step.seen(2)]);
    return update(step, z, combine(step, add(A, B), [step.x[2] as Value, step.product(2, reset)]));
  },
};

function combine({ scope }: CellStep, result: Expression, inputs: readonly Value[]): Value {
  return emitFunction(scope, result, inputs, inputs[0] as Value);
}

/** `activation(x + h · recurrentKernel)` of one gate. */
function gate(step: CellStep, index: number, activation: ResolvedActivation): Value {
  const sum = combine(step, add(A, B), [step.x[index] as Value, step.product(index, step.seen(index))]);
  return emitActivation(step.scope, activation, sum);
}

/** `h' = z * h + (1 - z) * activation(sum)` */
function update(step: CellStep, z: Value, sum: Value): readonly Value[] {
  const candidate = emitActivation(step.scope, step.activation, sum);
  const mean = add(multiply(A, B), multiply(subtract(1, A), C));
  return [combine(step, mean, [z, step.states[0] as Value, candidate])];
}
