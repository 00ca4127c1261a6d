import { describe, expect, test } from 'vitest';
import { kernelBackends } from '../../support/backends.ts';
import { unwritten } from '../../support/kernelRuns.ts';
import { anySize, expectParity, forSeeds } from '../../support/parity.ts';
import { RandomArrays } from '../../support/randomArrays.ts';
import { PARITY } from '../../support/tolerances.ts';

const anyKey = (random: RandomArrays) => ({
  seedLow: random.integer(2 ** 31),
  seedHigh: random.integer(2 ** 31),
  subsequence: random.integer(2 ** 31),
});

describe.each(await kernelBackends())('random kernels on $label draw what the reference draws', ({ backend }) => {
  const counts = (seed: number, random: RandomArrays) => (seed <= 33 ? seed : random.integer(3000, 34));

  test('uniform numbers', () => {
    forSeeds(40, (seed) => {
      const random = new RandomArrays(seed);
      const count = counts(seed, random);
      const args = { ...anyKey(random), count, low: -0.25, high: 1.5, y: unwritten(count) };
      expectParity(backend, 'randomUniform', args, PARITY.rounding);
    });
  });

  test.each([0, 1])('normal numbers (truncated: %i)', (truncated) => {
    forSeeds(40, (seed) => {
      const random = new RandomArrays(seed);
      const count = counts(seed, random);
      const args = { ...anyKey(random), count, mean: 0.5, standardDeviation: 2, truncated, y: unwritten(count) };
      expectParity(backend, 'randomNormal', args, PARITY.rounding);
    });
  });

  test('dropout drops the same elements', () => {
    forSeeds(60, (seed) => {
      const random = new RandomArrays(seed);
      const sizes = { steps: random.integer(6, 1), batch: anySize(random), features: anySize(random) };
      const length = sizes.steps * sizes.batch * sizes.features;
      const firstRow = random.integer(40);
      const counter = Int32Array.of(random.integer(1000), firstRow, firstRow + sizes.batch + random.integer(9));
      const options = { rate: random.choice([0, 0.1, 0.5, 0.9]), sharedOverSteps: random.choice([0, 1]), counter };
      const args = { ...anyKey(random), ...sizes, ...options, x: random.float32s(length, 0.5, 1), y: unwritten(length) };
      const { actual, expected } = expectParity(backend, 'dropout', args, PARITY.pointwise);
      expect([...actual.y].map((value) => value === 0)).toEqual([...expected.y].map((value) => value === 0));
    });
  });

  test('noise', () => {
    forSeeds(60, (seed) => {
      const random = new RandomArrays(seed);
      const sizes = { steps: random.integer(6, 1), batch: anySize(random), features: anySize(random) };
      const firstRow = random.integer(40);
      const counter = Int32Array.of(random.integer(1000), firstRow, firstRow + sizes.batch + random.integer(9));
      const args = { ...anyKey(random), ...sizes, counter, y: unwritten(sizes.steps * sizes.batch * sizes.features) };
      expectParity(backend, 'normalNoise', args, PARITY.rounding);
    });
  });

  test('orthogonal matrices', () => {
    forSeeds(40, (seed) => {
      const random = new RandomArrays(seed);
      const rows = seed <= 33 ? seed : anySize(random);
      const columns = anySize(random);
      const args = { ...anyKey(random), rows, columns, gain: 1.25, y: unwritten(rows * columns) };
      expectParity(backend, 'orthogonal', args, PARITY.orthogonal);
    });
  });
});
