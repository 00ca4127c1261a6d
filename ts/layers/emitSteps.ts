import { emitMove } from './emitMove.ts';
import { emitFunction } from './emitPointwise.ts';
import type { CarriedState } from './emitter.ts';
import { input as inputOf, less, where } from './expression.ts';
import { LoopMemory } from './loopMemory.ts';
import { maskAsFloats } from './mergeMasks.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { Scope } from './scope.ts';
import { featuresOf, lengthOf, type Value } from './value.ts';

/** Options of a loop over the steps of a sequence. */
export interface StepsOptions {
  readonly goBackwards: boolean;
  readonly truncate: number | null;
  readonly zeroOutputForMask: boolean;
  readonly returnSequences: boolean;
}

/** A loop over the steps of sequences. */
export interface StepsPlan {
  readonly options: StepsOptions;
  /** Sequences `[T, n]`: each step has a part of each. */
  readonly inputs: readonly [Value, ...Value[]];
  /** The states before the first step, `[n]` each. */
  readonly initial: readonly Value[];
  readonly mask: PlannedBuffer | null;
  /** Whether a gradient flows through the steps. */
  readonly needsGradient: boolean;
  /**
   * Emits a step.
   * @returns the output `[n]`, then the states after the step
   */
  step(scope: Scope, inputs: readonly Value[], states: readonly Value[]): readonly Value[];
}

/** The first value where the third is above 0, else the second. */
const CHOSEN = /* @__PURE__ */ where(
  /* @__PURE__ */ less(0, /* @__PURE__ */ inputOf(2)),
  /* @__PURE__ */ inputOf(0),
  /* @__PURE__ */ inputOf(1),
);

/**
 * Emits calls for each step of sequences, each step from the states after the one before. At a step
 * that the mask skips, the states stay, and the output is that of the step before, zeros at the
 * beginning; an output that is the first state is that state, as in Keras on JAX.
 *
 * Letters: T steps, B sequences side by side, n size of an input, a state or the output.
 * @returns the output, `[T, n]` or of the last step `[n]`, and the states after the last step
 */
export function emitSteps(scope: Scope, plan: StepsPlan): readonly Value[] {
  const { options, inputs, mask, needsGradient } = plan;
  const [{ shape }] = inputs;
  const steps = shape[0] as number;
  const memory = new LoopMemory(scope, scope.keeps && needsGradient ? steps : null);
  const parts = inputs.map((sequence) => stepsOf(scope, sequence, memory));
  const counts = new Map<number, readonly Value[]>();
  const countsOf = (like: Value, place: number): Value => {
    const size = featuresOf(like);
    const known = counts.get(size) ?? stepsOf(scope, maskAsFloats(scope, mask as PlannedBuffer, { ...like, shape: [steps, size] }), memory);
    counts.set(size, known);
    return known[place] as Value;
  };

  let states = plan.initial;
  let output: Value | null = null;
  let carried: CarriedState | null = null;
  const sequences: Value[] = [];
  for (let step = 0; step < steps; step++) {
    const place = options.goBackwards ? steps - 1 - step : step;
    const begins = options.truncate !== null && step > 0 && (steps - step) % options.truncate === 0;
    const detached = (value: Value): Value => (begins ? { ...value, needsGradient: false } : value);
    const before = states.map(detached);
    const own = memory.step(step);
    const inner = scope.inner('step', { memory: own, keepsStates: false });
    const [made, ...after] = plan.step(
      inner,
      parts.map((sequence) => sequence[place] as Value),
      before,
    ) as readonly [Value, ...Value[]];
    const chosen = (value: Value, other: Value) => emitFunction(inner, CHOSEN, [value, other, countsOf(value, place)], value);
    // A value lives for two steps, so a state that stays is copied.
    const kept = (value: Value) => (own.has(value) ? value : emitFunction(inner, inputOf(0), [value], value));
    states = after.map((value, index) => (mask ? chosen(value, before[index] as Value) : kept(value)));
    const constant = (buffer: PlannedBuffer): Value => ({ ...floats(buffer, made), needsGradient: false });
    const zeros = () => constant(scope.zeros(lengthOf(made)));
    if (!mask) output = kept(made);
    else if (options.zeroOutputForMask) output = chosen(made, zeros());
    else if (made === after[0]) output = states[0] as Value;
    else {
      // Streams and windows continue a sequence, whose last output is no state of the cell.
      if (step === 0) carried = scope.state('output', lengthOf(made), false);
      const before: Value = output ?? (carried ? constant(carried.before) : zeros());
      output = chosen(made, detached(before));
    }
    if (!options.returnSequences) continue;

    const length = lengthOf(output);
    const [sequence = { ...floats(scope.floats('y', steps * length), output), shape: [steps, ...output.shape], mask, needsGradient }] =
      sequences;
    sequences[0] = sequence;
    const part = (whole: PlannedBuffer) => scope.slice(whole, step * length, length);
    const last = output;
    copy(inner, inner.floatsOf(last), part(scope.floatsOf(sequence)));
    inner.backward([sequence], (gradients) => {
      const dY = gradients.of(sequence);
      const target = dY && gradients.to(last);
      if (dY && target) copy(inner, part(dY), target);
    });
  }
  if (carried) copy(scope, scope.floatsOf(output as unknown as Value), (carried as CarriedState).after);
  memory.finish();
  return [sequences[0] ?? (output as Value), ...states];
}

/** The steps of a sequence, each a value. */
function stepsOf(scope: Scope, sequence: Value, memory: LoopMemory): readonly Value[] {
  const [steps, features] = sequence.shape as readonly [number, number];
  const all = scope.floatsOf(sequence);
  const length = sequence.rows * features;
  let gradient: PlannedBuffer | null = null;
  const values = Array.from({ length: steps }, (_, step) => {
    const value: Value = { ...floats(scope.slice(all, step * length, length), sequence), shape: [features] };
    memory.giveGradient(value, () => {
      gradient ??= scope.floats('dSteps', all.length);
      return scope.slice(gradient, step * length, length);
    });
    return value;
  });
  scope.backward(values, (gradients) => {
    const target = gradients.to(sequence);
    if (!target || !gradient) return;
    for (const [step, value] of values.entries())
      if (!gradients.of(value)) copy(scope, scope.zeros(length), scope.slice(gradient, step * length, length));
    copy(scope, gradient, target);
  });
  return values;
}

function floats(buffer: PlannedBuffer, like: Value): Value {
  return { ...like, form: { kind: 'floats', buffer }, mask: null };
}

/** Emits a copy of a buffer. */
export function copy(scope: Scope, x: PlannedBuffer, y: PlannedBuffer): void {
  const walk = { strides: [0] };
  emitMove(scope, { counts: [1], width: x.length, x, from: walk, y, to: walk });
}
