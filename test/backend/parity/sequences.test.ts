import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../ts/backend/backend.ts';
import { kernelBackends } from '../../support/backends.ts';
import { unwritten } from '../../support/kernelRuns.ts';
import { anySize, expectParity, expectSameBuffers, forSeeds, runReference } from '../../support/parity.ts';
import { RandomArrays } from '../../support/randomArrays.ts';
import { runKernel } from '../../support/runKernel.ts';
import { type SequenceCase, type SequenceSetting, sequenceCase, withoutBackward, withPackedWeights } from '../../support/sequenceCases.ts';
import { PARITY } from '../../support/tolerances.ts';

const CELLS = ['simpleRnn', 'lstm', 'gru', 'gruResetBefore'] as const;
type CellName = (typeof CELLS)[number];

/** A setting with everything about it random. */
function anySetting(cell: CellName, random: RandomArrays): SequenceSetting {
  const activation = random.choice(['tanh', 'tanh', 'sigmoid', 'linear', 'relu'] as const);
  const recurrentActivation = random.choice(['sigmoid', 'sigmoid', 'tanh', 'relu'] as const);
  // Over more steps, states without bounds overflow, and gates outside 0..1 make random networks
  // chaotic.
  const bounded = activation !== 'linear' && activation !== 'relu' && recurrentActivation === 'sigmoid';
  return {
    cell,
    steps: random.integer(bounded ? 12 : 4, 1),
    batch: anySize(random),
    features: anySize(random),
    units: anySize(random),
    activation,
    recurrentActivation,
    input: random.choice(['x', 'x', 'ids', 'table'] as const),
    mask: random.choice(['none', 'left', 'right', 'holes'] as const),
    reverse: random.choice([true, false]),
    bias: random.choice([true, true, false]),
    initialState: random.choice([true, false]),
    truncate: random.choice([0, 0, 1, 3, 5, 20]),
    gradients: random.choice(['outputs', 'final', 'both'] as const),
    zeroOutput: random.choice([true, false]),
  };
}

/** Each backend goes back over what it saved itself; the states are the same for both. */
function expectSequenceParity(backend: Backend, { forward, backward }: SequenceCase): void {
  const ownLayout = ['saved'];
  const { actual, expected } = expectParity(backend, 'sequenceForward', forward, PARITY.sequence, { ownLayout });
  for (const keep of ['all', 'last'] as const) expectParity(backend, 'sequenceForward', withoutBackward(forward, keep), PARITY.sequence);
  expectParity(backend, 'sequenceForward', withPackedWeights(backend, forward), PARITY.sequence);
  const args = { ...backward, h: expected.h.map(Math.fround), c: expected.c?.map(Math.fround) };
  const runs = {
    actual: runKernel(backend, 'sequenceBackward', { ...args, saved: actual.saved as Float64Array }),
    expected: runReference('sequenceBackward', { ...args, saved: expected.saved as Float64Array }),
  };
  expectSameBuffers('sequenceBackward', args, runs, PARITY.sequenceGradients, { ownLayout });
}

describe.each(await kernelBackends())('sequence kernels on $label compute what the reference computes', ({ backend }) => {
  test.each(CELLS)('%s on random settings', (cell) => {
    forSeeds(40, (seed) => {
      const random = new RandomArrays(seed);
      expectSequenceParity(backend, sequenceCase(anySetting(cell, random), random));
    });
  });

  test.each(CELLS)('%s on every number of units and sequences from 1 to 33', (cell) => {
    forSeeds(33, (size) => {
      const random = new RandomArrays(size);
      const settings: SequenceSetting[] = [
        { cell, steps: 3, batch: 34 - size, features: random.integer(9, 1), units: size, mask: 'holes' },
        { cell, steps: 2, batch: size, features: 34 - size, units: random.integer(9, 1) },
      ];
      for (const setting of settings) expectSequenceParity(backend, sequenceCase(setting, random));
    });
  });

  test.each(CELLS)('%s over many steps', (cell) => {
    const setting: SequenceSetting = { cell, steps: 100, batch: 4, features: 6, units: 16, mask: 'right', gradients: 'both' };
    expectSequenceParity(backend, sequenceCase(setting, new RandomArrays(5)));
  });

  // What the kernels do at once depends on these sizes: crate/src/rnn/input.rs and
  // weight_gradients.rs.
  test.each([
    // Gradients of more than 512 valid steps.
    { cell: 'gru', steps: 11, batch: 70, features: 5, units: 12, mask: 'holes', initialState: true },
    { cell: 'lstm', steps: 11, batch: 70, input: 'ids', features: 5, units: 12, mask: 'right', truncate: 4 },
    // One step has more.
    { cell: 'gruResetBefore', steps: 3, batch: 700, features: 3, units: 4, initialState: true },
    // A recurrent kernel whose gradient waits for the end.
    { cell: 'simpleRnn', steps: 4, batch: 150, features: 3, units: 365, mask: 'holes' },
    // As many features as are projected step by step, and more; then a kernel too large for it.
    { cell: 'lstm', steps: 2, batch: 6, features: 512, units: 3, initialState: true },
    { cell: 'lstm', steps: 2, batch: 6, features: 513, units: 3 },
    { cell: 'gru', steps: 2, batch: 6, features: 300, units: 150, mask: 'left' },
  ] as const)('$cell of $units units on $steps steps of $batch sequences', (setting) => {
    expectSequenceParity(backend, sequenceCase({ ...setting, gradients: 'both' }, new RandomArrays(7)));
  });

  // Inputs projected for several groups of steps without a backward pass: crate/src/rnn/input.rs.
  test.each([
    { cell: 'lstm', steps: 900, batch: 2, features: 3, units: 5, mask: 'right' },
    { cell: 'gru', steps: 13, batch: 140, features: 513, units: 3, mask: 'left' },
    { cell: 'gruResetBefore', steps: 3, batch: 1100, features: 600, units: 2, mask: 'holes' },
    { cell: 'gru', steps: 300, batch: 8, input: 'table', vocabulary: 100_000, features: 3, units: 5, mask: 'holes' },
    { cell: 'simpleRnn', steps: 1500, batch: 1, features: 3, units: 5, reverse: true },
  ] as const)('$cell on $steps steps of $batch sequences without a backward pass', (setting) => {
    const { forward } = sequenceCase({ ...setting, initialState: true, zeroOutput: true }, new RandomArrays(8));
    for (const keep of ['all', 'last'] as const) expectParity(backend, 'sequenceForward', withoutBackward(forward, keep), PARITY.sequence);
  });

  test('no other number of steps can be kept than all and, without a backward pass, one', () => {
    const { forward } = sequenceCase({ cell: 'lstm', steps: 4, batch: 3, features: 2, units: 5 }, new RandomArrays(9));
    const kept = (steps: number) => unwritten(steps * 3 * 5);
    for (const run of [
      (args: object) => runKernel(backend, 'sequenceForward', { ...forward, ...args }),
      (args: object) => runReference('sequenceForward', { ...forward, ...args }),
    ]) {
      expect(() => run({ hSteps: 2, h: kept(2), saved: null })).toThrow(/h is to be kept for 2 of 4 steps/);
      expect(() => run({ hSteps: 1, h: kept(1) })).toThrow(/h is to be kept for 1 of 4 steps/);
      expect(() => run({ cSteps: 1, c: kept(1) })).toThrow(/c is to be kept for 1 of 4 steps/);
    }
  });

  test.each(CELLS)('%s where every step is masked', (cell) => {
    for (const initialState of [true, false]) {
      const setting: SequenceSetting = { cell, steps: 3, batch: 5, features: 4, units: 6, mask: 'holes', initialState, gradients: 'both' };
      const { forward, backward } = sequenceCase(setting, new RandomArrays(6));
      const mask = new Int32Array(3 * 5);
      expectSequenceParity(backend, { forward: { ...forward, mask }, backward: { ...backward, mask } });
    }
  });
});
