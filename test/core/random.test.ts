import { describe, expect, test } from 'vitest';
import { ArgumentError } from '../../ts/core/errors.ts';
import { philox4x32, RandomSequence, seedWords } from '../../ts/core/random.ts';

/** Known answers of Random123 (kat_vectors, philox4x32 with 10 rounds). */
const KNOWN_ANSWERS = [
  { counter: [0, 0, 0, 0], key: [0, 0], numbers: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    numbers: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    numbers: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
];

describe('philox4x32', () => {
  test.each(KNOWN_ANSWERS)('gives the published numbers for counter $counter', ({ counter, key, numbers }) => {
    const out = new Uint32Array(4);
    philox4x32(counter, key, out);
    expect([...out]).toEqual(numbers);
  });

  test('agrees with 64-bit integer arithmetic', () => {
    const random = new RandomSequence(5, 0);
    const out = new Uint32Array(4);
    for (let trial = 0; trial < 200; trial++) {
      const counter = Array.from({ length: 4 }, () => random.nextUint32());
      const key = Array.from({ length: 2 }, () => random.nextUint32());
      philox4x32(counter, key, out);
      expect([...out]).toEqual(philoxInBigIntegers(counter, key));
    }
  });
});

function philoxInBigIntegers(counter: number[], key: number[]): number[] {
  const low = (value: bigint) => value & 0xffffffffn;
  let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  for (let round = 0; round < 10; round++) {
    const first = c0 * 0xd2511f53n;
    const second = c2 * 0xcd9e8d57n;
    [c0, c1, c2, c3] = [(second >> 32n) ^ c1 ^ k0, low(second), (first >> 32n) ^ c3 ^ k1, low(first)];
    [k0, k1] = [low(k0 + 0x9e3779b9n), low(k1 + 0xbb67ae85n)];
  }
  return [c0, c1, c2, c3].map(Number);
}

describe('seedWords', () => {
  test('splits a seed into its low and high 32 bits', () => {
    expect(seedWords(7)).toEqual([7, 0]);
    expect(seedWords(2 ** 32 + 3)).toEqual([3, 1]);
    expect(seedWords(0x123456789abcdef0n)).toEqual([0x9abcdef0, 0x12345678]);
    expect(seedWords(-1)).toEqual([0xffffffff, 0xffffffff]);
  });

  test.each([0.5, Number.NaN, 2 ** 60])('refuses %s', (seed) => {
    expect(() => seedWords(seed)).toThrow(ArgumentError);
  });
});

describe('RandomSequence', () => {
  const draw = (seed: number, subsequence: number) => {
    const random = new RandomSequence(seed, subsequence);
    return Array.from({ length: 9 }, () => random.nextUint32());
  };

  test('repeats with the same seed and subsequence, and differs with another', () => {
    expect(draw(1, 2)).toEqual(draw(1, 2));
    expect(draw(1, 2)).not.toEqual(draw(1, 3));
    expect(draw(1, 2)).not.toEqual(draw(2, 2));
    expect(new Set(draw(1, 2)).size).toBe(9);
  });

  test('uniform numbers have the mean and variance of U(0, 1)', () => {
    const random = new RandomSequence(3, 0);
    const count = 20_000;
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < count; i++) {
      const u = random.uniform();
      expect(u >= 0 && u < 1).toBe(true);
      sum += u;
      squares += (u - 0.5) ** 2;
    }
    // Five standard errors of the mean (0.29 / sqrt(count)) and of the variance (0.075 /
    // sqrt(count)).
    expect(Math.abs(sum / count - 0.5)).toBeLessThan((5 * 0.29) / Math.sqrt(count));
    expect(Math.abs(squares / count - 1 / 12)).toBeLessThan((5 * 0.075) / Math.sqrt(count));
  });

  test('every permutation of three is equally likely', () => {
    const random = new RandomSequence(11, 4);
    const counts = new Map<string, number>();
    const trials = 6000;
    for (let trial = 0; trial < trials; trial++) {
      const key = random.permutation(3).join('');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['012', '021', '102', '120', '201', '210']);
    const chiSquared = [...counts.values()].reduce((sum, seen) => sum + (seen - trials / 6) ** 2 / (trials / 6), 0);
    // 99.9 % quantile of chi squared with five degrees of freedom.
    expect(chiSquared).toBeLessThan(20.5);
  });

  test('shuffles nothing and one element without drawing', () => {
    const random = new RandomSequence(1, 0);
    expect([...random.permutation(0)]).toEqual([]);
    expect([...random.permutation(1)]).toEqual([0]);
    expect(random.nextUint32()).toBe(new RandomSequence(1, 0).nextUint32());
  });
});
