import { describe, expect, test } from 'vitest';
import { expectClose } from '../../support/differences.ts';
import { callReference, unwritten } from '../../support/kernelRuns.ts';

const KEY = { seedLow: 42, seedHigh: 7, subsequence: 3 };
const COUNT = 40_000;

function uniform(options: {
  count?: number;
  low?: number;
  high?: number;
  subsequence?: number;
  seedLow?: number;
  seedHigh?: number;
}): Float64Array {
  const y = unwritten(options.count ?? COUNT);
  callReference('randomUniform', { ...KEY, low: 0, high: 1, count: y.length, ...options, y });
  return y;
}

function normal(truncated: boolean, count = COUNT, mean = 0, standardDeviation = 1): Float64Array {
  const y = unwritten(count);
  callReference('randomNormal', { ...KEY, count, mean, standardDeviation, truncated: truncated ? 1 : 0, y });
  return y;
}

function moments(values: Float64Array): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}

/** Five standard errors of a mean of {@link COUNT} values with this standard deviation. */
const fiveErrors = (standardDeviation: number) => (5 * standardDeviation) / Math.sqrt(COUNT);

describe('uniform numbers', () => {
  test('start with the known answer of the generator for the zero key', () => {
    const words = [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8];
    const expected = words.map((word) => Math.floor(word / 256) / 2 ** 24);
    expect([...uniform({ count: 4, seedLow: 0, seedHigh: 0, subsequence: 0 })]).toEqual(expected);
  });

  test('have the mean and variance of the range', () => {
    const values = uniform({ low: -2, high: 4 });
    expect(values.every((value) => value >= -2 && value < 4)).toBe(true);
    const { mean, variance } = moments(values);
    expect(Math.abs(mean - 1)).toBeLessThan(fiveErrors(Math.sqrt(3)));
    expect(Math.abs(variance - 3)).toBeLessThan(fiveErrors(3 * Math.sqrt(0.8)));
  });

  test('depend on seed and subsequence, not on the count', () => {
    expect([...uniform({ count: 5 })]).toEqual([...uniform({ count: 9 }).subarray(0, 5)]);
    for (const other of [{ seedLow: 1 }, { seedHigh: 1 }, { subsequence: 1 }])
      expect(uniform({ count: 5, ...other })).not.toEqual(uniform({ count: 5 }));
  });
});

describe('normal numbers', () => {
  test('have the moments and tails of the distribution', () => {
    const values = normal(false, COUNT, 3, 2).map((value) => (value - 3) / 2);
    const { mean, variance } = moments(values);
    expect(Math.abs(mean)).toBeLessThan(fiveErrors(1));
    expect(Math.abs(variance - 1)).toBeLessThan(fiveErrors(Math.sqrt(2)));
    const beyondTwo = values.filter((value) => Math.abs(value) > 2).length / COUNT;
    expect(Math.abs(beyondTwo - 0.0455)).toBeLessThan(fiveErrors(Math.sqrt(0.0455 * 0.9545)));
  });

  test('that are neighbours are not correlated', () => {
    const values = normal(false);
    let product = 0;
    for (let i = 1; i < COUNT; i++) product += values[i] * values[i - 1];
    expect(Math.abs(product / COUNT)).toBeLessThan(fiveErrors(1));
  });

  test('truncated stay within two standard deviations and keep the shape inside', () => {
    const values = normal(true);
    expect(values.every((value) => Math.abs(value) <= 2)).toBe(true);
    const { mean, variance } = moments(values);
    // Variance of a standard normal cut at two: 1 - 4 φ(2) / (2 Φ(2) - 1) = 0.7737 (0.8796²).
    expect(Math.abs(mean)).toBeLessThan(fiveErrors(0.8796));
    expect(Math.abs(variance - 0.7737)).toBeLessThan(fiveErrors(0.9));
  });

  test.each([false, true])('do not depend on the count (truncated: %s)', (truncated) => {
    const many = normal(truncated, 64);
    for (const count of [1, 2, 3, 5, 63]) expect([...normal(truncated, count)]).toEqual([...many.subarray(0, count)]);
  });
});

describe('dropout', () => {
  const x = new Float64Array(6 * 8 * 10).map((_, i) => i + 1);
  const drop = (options: {
    rate?: number;
    shared?: boolean;
    counter?: number[];
    batch?: number;
    input?: Float64Array;
    subsequence?: number;
  }) => {
    const batch = options.batch ?? 8;
    const input = options.input ?? x;
    const y = unwritten(6 * batch * 10);
    const sizes = { steps: 6, batch, features: 10, rate: options.rate ?? 0.25, sharedOverSteps: options.shared ? 1 : 0 };
    callReference('dropout', {
      ...KEY,
      ...sizes,
      subsequence: options.subsequence ?? 3,
      counter: Int32Array.from(options.counter ?? [0, 0, 8]),
      x: input,
      y,
    });
    return y;
  };

  test('drops the fraction asked for and scales the rest', () => {
    const y = drop({});
    const kept = y.filter((value) => value !== 0).length;
    expect(Math.abs(kept / x.length - 0.75)).toBeLessThan(5 * Math.sqrt((0.25 * 0.75) / x.length));
    y.forEach((value, i) => {
      if (value !== 0) expect(value).toBeCloseTo(x[i] / 0.75, 10);
    });
  });

  test('of rate 0 is the identity', () => {
    expect(drop({ rate: 0 })).toEqual(x);
  });

  test('drops something else at another iteration and in another layer', () => {
    expect(drop({})).toEqual(drop({}));
    expect(drop({ counter: [1, 0, 8] })).not.toEqual(drop({}));
    expect(drop({ subsequence: 4 })).not.toEqual(drop({}));
  });

  test('drops the same features at all steps when shared', () => {
    const y = drop({ shared: true });
    for (let t = 1; t < 6; t++) for (let i = 0; i < 80; i++) expect(y[t * 80 + i] === 0).toBe(y[i] === 0);
  });

  test('does not depend on how the batch is split', () => {
    const rows = (first: number, count: number) =>
      Float64Array.from({ length: 6 * count * 10 }, (_, i) => x[(Math.floor(i / (count * 10)) * 8 + first) * 10 + (i % (count * 10))]);
    const whole = drop({});
    const halves = [0, 5].map((first) => {
      const count = first === 0 ? 5 : 3;
      return { first, count, y: drop({ batch: count, counter: [0, first, 8], input: rows(first, count) }) };
    });
    for (const { first, count, y } of halves) {
      for (let t = 0; t < 6; t++) {
        expect([...y.subarray(t * count * 10, (t + 1) * count * 10)]).toEqual([
          ...whole.subarray((t * 8 + first) * 10, (t * 8 + first + count) * 10),
        ]);
      }
    }
  });
});

describe('orthogonal matrices', () => {
  const orthogonal = (rows: number, columns: number, gain = 1) => {
    const y = unwritten(rows * columns);
    callReference('orthogonal', { ...KEY, rows, columns, gain, y });
    return y;
  };

  test.each([
    [1, 1],
    [5, 5],
    [7, 3],
    [3, 8],
    [33, 33],
  ])('of %i rows and %i columns have orthonormal columns or rows', (rows, columns) => {
    const y = orthogonal(rows, columns, 1.5);
    const count = Math.min(rows, columns);
    const length = Math.max(rows, columns);
    const element = (vector: number, k: number) => (rows < columns ? y[vector * columns + k] : y[k * columns + vector]) / 1.5;
    const products = new Float64Array(count * count);
    for (let i = 0; i < count; i++)
      for (let j = 0; j < count; j++) for (let k = 0; k < length; k++) products[i * count + j] += element(i, k) * element(j, k);
    const identity = products.map((_, i) => (i % (count + 1) === 0 ? 1 : 0));
    expectClose(products, identity, { absolute: 1e-14 }, 'products');
  });

  test('are Q of the normal matrix: R is upper triangular with a positive diagonal', () => {
    const [rows, columns] = [6, 4];
    const q = orthogonal(rows, columns);
    const a = normal(false, rows * columns);
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < columns; j++) {
        let r = 0;
        for (let k = 0; k < rows; k++) r += q[k * columns + i] * a[k * columns + j];
        if (i > j) expect(Math.abs(r)).toBeLessThan(1e-13);
        if (i === j) expect(r).toBeGreaterThan(0);
      }
    }
  });

  test('are transposed when there are fewer rows than columns', () => {
    const tall = orthogonal(6, 4);
    const wide = orthogonal(4, 6);
    for (let i = 0; i < 6; i++) for (let j = 0; j < 4; j++) expect(wide[j * 6 + i]).toBe(tall[i * 4 + j]);
  });
});
