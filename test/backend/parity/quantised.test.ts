import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../ts/backend/backend.ts';
import { ACTIVATIONS, CELLS } from '../../../ts/backend/kernels.generated.ts';
import { loadBackend } from '../../../ts/backend/select.ts';
import { loadQuantisedKernels } from '../../../ts/backend/wasm/quantisedKernels.ts';
import { pack } from '../../../ts/program/packedWeights.ts';
import { kernelBackends } from '../../support/backends.ts';
import { expectClose } from '../../support/differences.ts';
import { type TestArguments, unwritten } from '../../support/kernelRuns.ts';
import { anySize, forSeeds } from '../../support/parity.ts';
import { RandomArrays } from '../../support/randomArrays.ts';
import { runKernel } from '../../support/runKernel.ts';
import { type SequenceSetting, sequenceCase, withoutBackward } from '../../support/sequenceCases.ts';
import { PARITY, QUANTISED_SEQUENCES } from '../../support/tolerances.ts';

const TYPES = ['int16', 'int8'] as const;
type Type = (typeof TYPES)[number];
const MOST = { int16: 2047, int8: 127 };

/** Random integers of all that a type has, and scales for its columns. */
function kernel(type: Type, depth: number, columns: number, random: RandomArrays) {
  const most = MOST[type];
  const integers = random.integers(depth * columns, 2 * most + 1).map((integer) => integer - most);
  return { integers, scales: random.float32s(columns, 0.1 / most, 1 / most) };
}

function packed(backend: Backend, type: Type, depth: number, columns: number, gates: number, integers: ArrayLike<number>) {
  const { packing, words } = pack(backend, type, integers, [depth, columns], gates);
  return { packing, words };
}

const reference = await loadBackend('reference');

const backends = await kernelBackends();
for (const { backend } of backends) await loadQuantisedKernels(backend);

describe.each(backends)('products of integers on $label', ({ backend }) => {
  function denseRuns(type: Type, rows: number, depth: number, units: number, random: RandomArrays, input: 'x' | 'ids', scale = 1) {
    const { integers, scales } = kernel(type, depth, units, random);
    const args = {
      rows,
      features: depth,
      units,
      activation: ACTIVATIONS.linear,
      x: input === 'x' ? random.float32s(rows * depth, -scale, scale) : null,
      ids: input === 'ids' ? random.integers(rows, depth) : null,
      kernelScales: scales,
      bias: random.choice([true, false]) ? random.float32s(units) : null,
      y: unwritten(rows * units),
    };
    const run = (on: Backend) => {
      const { packing, words } = packed(on, type, depth, units, 1, integers);
      return runKernel(on, 'quantisedDenseForward', { ...args, packing, kernelWords: words.length, kernel: words }).y;
    };
    return { actual: run(backend), expected: run(reference) };
  }

  test.each(TYPES)('a dense product of %s has the bits of the reference', (type) => {
    forSeeds(60, (seed) => {
      const random = new RandomArrays(seed);
      const { actual, expected } = denseRuns(type, anySize(random), anySize(random), anySize(random), random, 'x');
      expect(actual).toEqual(expected);
    });
  });

  test.each(TYPES)('so has one of more depth than a sum has room for, of %s', (type) => {
    for (const depth of [1023, 1024, 1025, 2100]) {
      const { actual, expected } = denseRuns(type, 6, depth, 9, new RandomArrays(depth), 'x', 50);
      expect(actual).toEqual(expected);
    }
  });

  test.each(TYPES)('rows of the kernel by their ids are those of the reference, of %s', (type) => {
    forSeeds(20, (seed) => {
      const random = new RandomArrays(seed);
      const { actual, expected } = denseRuns(type, anySize(random), random.choice([1, 5, 33, 1030]), anySize(random), random, 'ids');
      expectClose(actual, expected, PARITY.sums, 'y');
    });
  });

  test.each(TYPES)('rows of zeros, of tiny numbers and with NaN or infinity, of %s', (type) => {
    const random = new RandomArrays(3);
    const { integers, scales } = kernel(type, 7, 5, random);
    for (const [element, isNumber] of [
      [0, true],
      [1e-38, true],
      [Number.POSITIVE_INFINITY, false],
      [Number.NaN, false],
    ] as const) {
      const x = new Float64Array(7);
      x[5] = element;
      for (const on of [backend, reference]) {
        const { packing, words } = packed(on, type, 7, 5, 1, integers);
        const { y } = runKernel(on, 'quantisedDenseForward', {
          ...{ rows: 1, features: 7, units: 5, activation: ACTIVATIONS.linear, x, ids: null, bias: null },
          ...{ packing, kernelWords: words.length, kernel: words, kernelScales: scales, y: unwritten(5) },
        });
        expect([...y]).toEqual(new Array(5).fill(isNumber ? 0 : Number.NaN));
      }
    }
  });

  function sequenceRuns(type: Type, setting: SequenceSetting, keep: 'all' | 'last', random: RandomArrays): void {
    const { forward } = sequenceCase({ ...setting, gradients: 'outputs' }, random);
    const { saved: _, kernel: _kernel, recurrentKernel: _recurrent, ...args } = withoutBackward(forward, keep);
    const { gates } = CELLS[setting.cell];
    const { features: D, units: H } = setting;
    const [input, recurrent] = [kernel(type, D, gates * H, random), kernel(type, H, gates * H, random)];
    // So that sums of as many products are about 1.
    for (const [{ scales }, depth] of [[input, D] as const, [recurrent, H] as const])
      for (const [index, scale] of scales.entries()) scales[index] = Math.fround(scale / Math.sqrt(depth));
    const run = (on: Backend): TestArguments<'quantisedSequenceForward'> => {
      const x = packed(on, type, D, gates * H, gates, input.integers);
      const h = packed(on, type, H, gates * H, gates, recurrent.integers);
      return runKernel(on, 'quantisedSequenceForward', {
        ...args,
        packing: x.packing,
        ...{ kernelWords: x.words.length, kernel: x.words, kernelScales: input.scales },
        ...{ recurrentWords: h.words.length, recurrentKernel: h.words, recurrentScales: recurrent.scales },
      });
    };
    const [actual, expected] = [run(backend), run(reference)];
    const tolerance = setting.steps === 1 && setting.cell !== 'gruResetBefore' ? PARITY.sequence : QUANTISED_SEQUENCES[type];
    for (const name of ['h', 'c', 'y'] as const) if (args[name]) expectClose(actual[name], expected[name], tolerance, name);
  }

  test.each(Object.keys(CELLS) as (keyof typeof CELLS)[])('%s on random settings', (cell) => {
    forSeeds(40, (seed) => {
      const random = new RandomArrays(seed);
      const setting: SequenceSetting = {
        cell,
        // The integers of a single step are the same on all backends.
        steps: random.choice([1, 1, 2, 5, 8]),
        batch: anySize(random),
        features: anySize(random),
        units: anySize(random),
        activation: random.choice(['tanh', 'tanh', 'sigmoid'] as const),
        recurrentActivation: random.choice(['sigmoid', 'sigmoid', 'tanh'] as const),
        input: random.choice(['x', 'x', 'ids', 'table'] as const),
        mask: random.choice(['none', 'left', 'right', 'holes'] as const),
        reverse: random.choice([true, false]),
        bias: random.choice([true, true, false]),
        initialState: random.choice([true, false]),
        zeroOutput: random.choice([true, false]),
      };
      sequenceRuns(random.choice(TYPES), setting, random.choice(['all', 'last'] as const), random);
    });
  });

  test.each([
    { cell: 'lstm', steps: 3, batch: 300, features: 5, units: 12, mask: 'holes' },
    { cell: 'gru', steps: 900, batch: 2, features: 3, units: 5, mask: 'right' },
    { cell: 'gruResetBefore', steps: 2, batch: 5, features: 1100, units: 9 },
    { cell: 'simpleRnn', steps: 2, batch: 3, features: 4, units: 1030 },
    { cell: 'lstm', steps: 300, batch: 8, input: 'table', vocabulary: 100_000, features: 3, units: 5, mask: 'holes' },
  ] as const)('$cell of $units units on $steps steps of $batch sequences', (setting) => {
    for (const type of TYPES) sequenceRuns(type, { ...setting, initialState: true }, 'all', new RandomArrays(8));
  });
});
