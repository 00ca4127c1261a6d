import { describe, expect, test } from 'vitest';
import { power } from '../../ts/core/power.ts';

describe('power', () => {
  test('is exact where products are', () => {
    expect(power(0.7, 0)).toBe(1);
    expect(power(0.7, 1)).toBe(0.7);
    expect(power(3, 33)).toBe(5559060566555523);
    expect(power(0.5, 1000)).toBe(Number.MIN_VALUE * 2 ** 74);
    expect(power(0, 5)).toBe(0);
  });

  test('is made of these products and no others, so that it has the same bits everywhere', () => {
    const base = 0.9;
    const [second, fourth] = [base * base, base * base * (base * base)];
    expect(power(base, 13)).toBe(base * fourth * (fourth * fourth));
    expect(power(base, 6)).toBe(second * fourth);
  });

  test('is within exponent * 2^-52 of the power', () => {
    for (const base of [0.9, 0.99, 0.999, 0.9999]) {
      for (const exponent of [2, 3, 10, 137, 1000, 4095, 65_536, 123_457]) {
        const expected = base ** exponent;
        expect(Math.abs(power(base, exponent) - expected)).toBeLessThanOrEqual(exponent * 2 ** -52 * expected);
      }
    }
  });
});
