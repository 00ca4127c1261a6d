import { ACTIVATIONS, CELLS } from '../backend/kernels.generated.ts';
import { StateError } from '../core/errors.ts';
import type { ActivationName } from './activations.ts';
import { emitCellSteps } from './emitCellSteps.ts';
import { emitDropout } from './emitDropout.ts';
import { emitMove } from './emitMove.ts';
import { copy } from './emitSteps.ts';
import type { CarriedState, EmittedArguments, PackedBuffers } from './emitter.ts';
import type { PlannedBuffer } from './plannedBuffer.ts';
import type { RecurrentPlan } from './recurrentPlan.ts';
import type { Scope } from './scope.ts';
import { lengthOf, type Value } from './value.ts';
import type { Weight } from './weight.ts';

/**
 * Emits a recurrent layer. One kernel call runs the whole sequence. It takes one-hot and embedding
 * rows as ids, unless dropout needs the rows.
 *
 * Letters: B batch, T steps, D features, H units, S floats saved per unit.
 * @returns the output, and with `returnState` the states after the last step
 */
export function emitRecurrent(scope: Scope, [input, ...initial]: readonly [Value, ...Value[]], plan: RecurrentPlan): readonly Value[] {
  const { cell, units, kernel, recurrentKernel, bias } = plan;
  const { rows: batch, form } = input;
  const [steps, features] = input.shape as readonly [number, number];
  const { states, saved: savedPerUnit } = CELLS[cell];
  const [activation, recurrentActivation] = [plan.activation.kernelName, plan.recurrentActivation.kernelName];
  const { gates } = CELLS[cell];
  const packed = scope.packed(kernel, gates);
  if (packed && plan.recurrentDropout > 0)
    throw new StateError(
      `${scope.name} of a quantised model has recurrentDropout, and is used with training: true: quantize a model that uses it without`,
    );
  if (plan.recurrentDropout > 0 || !isFused(activation) || !isFused(recurrentActivation))
    return emitStepByStep(scope, [input, ...initial], plan);
  const drops = plan.dropout > 0;
  const dropoutPlan = {
    rows: batch,
    features,
    rate: plan.dropout,
    subsequence: drops ? scope.drawSubsequence() : 0,
    sharedOverSteps: true,
    seed: plan.seed,
  };

  const carriedH = scope.state('h', batch * units, plan.stateful);
  const carriedC = states > 1 ? scope.state('c', batch * units, plan.stateful) : null;
  const inStream = carriedH?.from === 'step';
  let x: PlannedBuffer | null = null;
  let ids: PlannedBuffer | null = null;
  let table: Weight | null = null;
  if (drops) {
    x = scope.floats('dropped', lengthOf(input));
    emitDropout(scope, scope.floatsOf(input), x, dropoutPlan);
  } else if (form.kind === 'rows' && (form.table === null || !inStream)) {
    // Not for the few rows of a single step: finding equal ids takes time in proportion to the
    // vocabulary.
    ({ ids, table } = form);
  } else x = scope.floatsOf(input);

  const [initialH, initialC] = initial;
  const stateLength = batch * units;
  const zeroOutput = plan.zeroOutputForMask && input.mask !== null;
  const y = zeroOutput ? scope.floats('y', steps * stateLength) : null;
  const needsGradient =
    packed === null && (input.needsGradient || initial.some((state) => state.needsGradient) || scope.isTrainable(kernel));
  // Without a backward pass only the outputs that the layer above reads are kept.
  const keeps = scope.keeps && needsGradient;
  const hSteps = keeps || (plan.returnSequences && !y) ? steps : 1;
  const cSteps = keeps ? steps : 1;
  const saved = keeps ? scope.floats('saved', steps * stateLength * savedPerUnit) : null;
  const statesOf = (carried: CarriedState | null, name: string, count: number) =>
    carried?.from === 'step' ? carried.after : scope.floats(name, count * stateLength);
  const h = statesOf(carriedH, 'h', hSteps);
  const c = states > 1 ? statesOf(carriedC, 'c', cSteps) : null;
  const shared = {
    cell: CELLS[cell].code,
    activation: ACTIVATIONS[activation],
    recurrentActivation: ACTIVATIONS[recurrentActivation],
    steps,
    batch,
    features,
    units,
    vocabulary: table ? (table.shape[0] as number) : 0,
    reverse: plan.goBackwards ? 1 : 0,
    x,
    ids,
    table: table && scope.weight(table),
    mask: input.mask,
    initialH: initialH ? scope.floatsOf(initialH) : carriedH?.before,
    initialC: initialC ? scope.floatsOf(initialC) : carriedC?.before,
    h,
    c,
  } satisfies Partial<EmittedArguments<'sequenceForward'>>;
  const forward = { ...shared, hSteps, cSteps, bias: bias && scope.weight(bias), y };
  const kernels = () => ({ kernel: scope.weight(kernel), recurrentKernel: scope.weight(recurrentKernel) });
  if (packed) {
    const recurrent = scope.packed(recurrentKernel, gates) as PackedBuffers;
    scope.call('quantisedSequenceForward', {
      ...forward,
      packing: packed.packing,
      ...{ kernelWords: packed.words.length, kernel: packed.words, kernelScales: packed.scales },
      ...{ recurrentWords: recurrent.words.length, recurrentKernel: recurrent.words, recurrentScales: recurrent.scales },
    });
  } else {
    const ready = inStream ? scope.streamWeights({ cell, features, units, kernel, recurrentKernel }) : null;
    scope.call('sequenceForward', { ...forward, ...kernels(), packedLength: ready?.length ?? 0, packed: ready, saved });
  }

  if (carriedH?.from === 'batch') keepLast(scope, h, carriedH.after);
  if (c && carriedC?.from === 'batch') keepLast(scope, c, carriedC.after);

  const floatValue = (shape: readonly number[], buffer: PlannedBuffer, mask: PlannedBuffer | null): Value => ({
    shape,
    rows: batch,
    form: { kind: 'floats', buffer },
    mask,
    needsGradient,
  });
  const lastOf = (all: PlannedBuffer) => floatValue([units], scope.slice(all, all.length - stateLength, stateLength), null);
  const finalH = lastOf(h);
  const finalStates = c ? [finalH, lastOf(c)] : [finalH];
  // The last output is the last state, unless outputs of skipped steps are zeros.
  const output = plan.returnSequences ? floatValue([steps, units], y ?? h, input.mask) : y ? lastOf(y) : finalH;
  const outputs = plan.returnState ? [output, ...finalStates] : [output];
  if (packed) return outputs;
  scope.backward(outputs, (gradients) => {
    if (!saved) return;
    const dInput = x && gradients.to(input);
    const dX = dInput && drops ? scope.floats('dDropped', dInput.length) : dInput;
    const ofOutput = output === finalH ? null : gradients.of(output);
    scope.call('sequenceBackward', {
      ...shared,
      ...kernels(),
      saved,
      truncate: plan.truncate ?? 0,
      dOutput: ofOutput && (plan.returnSequences ? ofOutput : atLastStep(scope, ofOutput, steps)),
      dFinalH: gradients.of(finalH),
      dFinalC: finalStates[1] && gradients.of(finalStates[1]),
      zeroOutput: zeroOutput ? 1 : 0,
      dKernel: gradients.toWeight(kernel),
      dRecurrentKernel: gradients.toWeight(recurrentKernel),
      dBias: bias && gradients.toWeight(bias),
      dX,
      dTable: table && gradients.toWeight(table),
      dInitialH: initialH && gradients.to(initialH),
      dInitialC: initialC && gradients.to(initialC),
    });
    if (dX && dInput && drops) emitDropout(scope, dX, dInput, dropoutPlan);
  });
  return outputs;
}

/** The same by calls for each step, for what the fused kernel does not have. */
function emitStepByStep(scope: Scope, [input, ...initial]: readonly [Value, ...Value[]], plan: RecurrentPlan): readonly Value[] {
  const { units } = plan;
  const length = input.rows * units;
  const names = ['h', 'c'].slice(0, CELLS[plan.cell].states);
  const carried = names.map((name) => scope.state(name, length, plan.stateful));
  const before = carried.map((state, index): Value | null => {
    if (initial[index]) return initial[index];
    const form = state && { kind: 'floats' as const, buffer: state.before };
    return form && { shape: [units], rows: input.rows, form, mask: null, needsGradient: false };
  });
  const emitted = emitCellSteps(scope, { ...plan, input, initial: before });
  const [output, ...states] = emitted as readonly [Value, ...Value[]];
  for (const [index, state] of carried.entries()) if (state) copy(scope, scope.floatsOf(states[index] as Value), state.after);
  return plan.returnState ? [output, ...states] : [output];
}

/**
 * Copies the state after the last step for the next batch. The backward pass still reads the state
 * before the first step.
 */
function keepLast(scope: Scope, all: PlannedBuffer, kept: PlannedBuffer): void {
  copy(scope, scope.slice(all, all.length - kept.length, kept.length), kept);
}

/** The gradient of the last output as a gradient of all outputs: zeros at the steps before. */
function atLastStep(scope: Scope, gradient: PlannedBuffer, steps: number): PlannedBuffer {
  const { length } = gradient;
  const all = scope.floats('dOutputs', steps * length);
  // Memory that nothing writes stays zero.
  const zeros = scope.zeros(length);
  if (steps > 1)
    emitMove(scope, { counts: [steps - 1], width: length, x: zeros, from: { strides: [0] }, y: all, to: { strides: [length] } });
  emitMove(scope, {
    counts: [1],
    width: length,
    x: gradient,
    from: { strides: [0] },
    y: all,
    to: { start: (steps - 1) * length, strides: [0] },
  });
  return all;
}

/** Whether the fused kernel has this activation. Softmax needs whole rows. */
function isFused(activation: ActivationName | null): activation is ActivationName {
  return activation !== null && activation !== 'softmax';
}
