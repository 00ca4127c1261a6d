import { describe, test } from 'vitest';
import { dotProduct, expectGradient } from '../../support/differences.ts';
import { callReference } from '../../support/kernelRuns.ts';
import { RandomArrays } from '../../support/randomArrays.ts';
import { type SequenceCase, type SequenceSetting, sequenceCase } from '../../support/sequenceCases.ts';

const CELLS = ['simpleRnn', 'lstm', 'gru', 'gruResetBefore'] as const;
const SHAPE = { steps: 5, batch: 3, features: 4, units: 3 };

/** Settings beside the cell, each with what it is about. */
const SETTINGS: Record<string, Omit<SequenceSetting, 'cell'>> = {
  'all outputs': { ...SHAPE },
  'no bias': { ...SHAPE, bias: false },
  'the final state': { ...SHAPE, gradients: 'final' },
  'all outputs and the final state, from an initial state': { ...SHAPE, gradients: 'both', initialState: true },
  'reversed, from an initial state': { ...SHAPE, reverse: true, initialState: true },
  'a left mask': { ...SHAPE, mask: 'left', gradients: 'both', initialState: true },
  'a right mask': { ...SHAPE, mask: 'right', gradients: 'both', initialState: true },
  'a mask with holes': { ...SHAPE, mask: 'holes', gradients: 'both', initialState: true },
  'a mask with holes, reversed': { ...SHAPE, mask: 'holes', gradients: 'both', reverse: true, initialState: true },
  'zeros at masked outputs': { ...SHAPE, mask: 'holes', zeroOutput: true, gradients: 'both', initialState: true },
  'zeros at masked outputs, reversed': { ...SHAPE, mask: 'right', zeroOutput: true, reverse: true },
  'one-hot ids': { ...SHAPE, input: 'ids' },
  'one-hot ids, masked and reversed': { ...SHAPE, input: 'ids', mask: 'left', reverse: true, gradients: 'both' },
  'rows of a table': { ...SHAPE, input: 'table' },
  'rows of a table, masked and reversed': { ...SHAPE, input: 'table', mask: 'holes', reverse: true, gradients: 'both' },
  'one unit, one step, one sequence': { steps: 1, batch: 1, features: 1, units: 1, initialState: true },
  'a linear output and tanh gates': { ...SHAPE, activation: 'linear', recurrentActivation: 'tanh' },
  'a sigmoid output and linear gates': { ...SHAPE, activation: 'sigmoid', recurrentActivation: 'linear' },
  'a relu output': { ...SHAPE, activation: 'relu' },
};

describe.each(CELLS)('back-propagation through time of %s', (cell) => {
  test.each(Object.entries(SETTINGS))('with %s', (_, setting) => {
    const { forward, backward } = sequenceCase({ ...setting, cell }, new RandomArrays(17));
    const objective = () => objectiveOf({ forward, backward });
    objective();
    callReference('sequenceBackward', { ...backward, saved: backward.saved.slice() });
    expectAllGradients({ forward, backward }, objective);
    if (forward.initialH) expectGradient(backward.dInitialH, objective, forward.initialH, 'dInitialH');
    if (forward.initialC) expectGradient(backward.dInitialC, objective, forward.initialC, 'dInitialC');
  });

  test.each([1, 2, 3, 5, 9])('truncated to chunks of %i steps: each chunk starts from a constant state', (truncate) => {
    for (const reverse of [false, true]) {
      const setting: SequenceSetting = { ...SHAPE, cell, truncate, reverse, mask: 'holes', gradients: 'both', initialState: true };
      const sequence = sequenceCase(setting, new RandomArrays(23));
      callReference('sequenceForward', sequence.forward);
      callReference('sequenceBackward', { ...sequence.backward, saved: sequence.backward.saved.slice() });
      const objective = chunkedObjective(sequence, truncate);
      expectAllGradients(sequence, objective);
      if (sequence.forward.initialH) expectGradient(sequence.backward.dInitialH, objective, sequence.forward.initialH, 'dInitialH');
      if (sequence.forward.initialC) expectGradient(sequence.backward.dInitialC, objective, sequence.forward.initialC, 'dInitialC');
    }
  });
});

/** The scalar whose gradients `dOutput`, `dFinalH` and `dFinalC` are; runs forward. */
function objectiveOf({ forward, backward }: SequenceCase): number {
  callReference('sequenceForward', forward);
  const { steps: T, batch: B, units: H, h, c } = forward;
  const last = (T - 1) * B * H;
  let sum = 0;
  if (backward.dOutput) sum += dotProduct(forward.y ?? h, backward.dOutput);
  if (backward.dFinalH) sum += dotProduct(h.subarray(last), backward.dFinalH);
  if (backward.dFinalC && c) sum += dotProduct(c.subarray(last), backward.dFinalC);
  return sum;
}

/**
 * The same scalar, computed from separate sequences for the chunks, whose initial states do not
 * depend on the weights.
 */
function chunkedObjective({ forward, backward }: SequenceCase, truncate: number): () => number {
  const { steps: T, batch: B, features: D, units: H, reverse } = forward;
  const saved = forward.saved.length / T;
  const chunks: [first: number, end: number][] = [];
  for (let end = T; end > 0; end -= truncate) chunks.push([Math.max(0, end - truncate), end]);
  const states = chunks.map(([first]) => ({
    initialH: first === 0 ? forward.initialH : forward.h.slice((first - 1) * B * H, first * B * H),
    initialC: first === 0 ? forward.initialC : forward.c?.slice((first - 1) * B * H, first * B * H),
  }));
  return () =>
    chunks.reduce((sum, [first, end], index) => {
      const [inputFirst, inputEnd] = reverse ? [T - end, T - first] : [first, end];
      const chunkForward = {
        ...forward,
        ...states[index],
        ...{ steps: end - first, hSteps: end - first, cSteps: end - first },
        x: forward.x?.subarray(inputFirst * B * D, inputEnd * B * D),
        mask: forward.mask?.subarray(inputFirst * B, inputEnd * B),
        saved: new Float64Array((end - first) * saved),
        h: new Float64Array((end - first) * B * H),
        c: forward.c && new Float64Array((end - first) * B * H),
      };
      const isLast = end === T;
      const chunkBackward = {
        ...backward,
        dOutput: backward.dOutput?.subarray(first * B * H, end * B * H),
        dFinalH: isLast ? backward.dFinalH : null,
        dFinalC: isLast ? backward.dFinalC : null,
      };
      return sum + objectiveOf({ forward: chunkForward, backward: chunkBackward });
    }, 0);
}

function expectAllGradients({ forward, backward }: SequenceCase, objective: () => number): void {
  expectGradient(backward.dKernel, objective, forward.kernel, 'dKernel');
  expectGradient(backward.dRecurrentKernel, objective, forward.recurrentKernel, 'dRecurrentKernel');
  if (forward.bias) expectGradient(backward.dBias, objective, forward.bias, 'dBias');
  if (forward.x) expectGradient(backward.dX, objective, forward.x, 'dX');
  if (forward.table) expectGradient(backward.dTable, objective, forward.table, 'dTable');
}
