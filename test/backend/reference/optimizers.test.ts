import { describe, expect, test } from 'vitest';
import { expectClose } from '../../support/differences.ts';
import { callReference } from '../../support/kernelRuns.ts';
import { RandomArrays } from '../../support/randomArrays.ts';

/**
 * Three steps of an optimizer on one parameter at a time, by the formulas of Keras' documentation,
 * in terms of all gradients so far.
 */
const STEPS = 3;
const P = 5;
const ROUNDING = { relative: 1e-14 };

function gradientsOf(seed: number): Float64Array[] {
  const random = new RandomArrays(seed);
  return Array.from({ length: STEPS }, () => random.floats(P));
}

/**
 * The moving mean of `values` from 0: the last value weighs `1 - rho`, the one before
 * `rho (1 - rho)`, and so on.
 */
function movingMean(values: number[], rho: number): number {
  return values.reduce((sum, value, index) => sum + (1 - rho) * rho ** (values.length - 1 - index) * value, 0);
}

function expectParameters(
  parameters: Float64Array,
  start: Float64Array,
  gradients: Float64Array[],
  stepsOf: (g: number[]) => number[],
): void {
  const expected = start.map((value, i) => stepsOf(gradients.map((g) => g[i])).reduce((sum, step) => sum - step, value));
  expectClose(parameters, expected, ROUNDING, 'parameters');
}

describe('sgd', () => {
  test.each([
    ['plain', 0, false],
    ['momentum', 0.9, false],
    ['Nesterov', 0.9, true],
  ])('%s', (_, momentum, nesterov) => {
    const gradients = gradientsOf(1);
    const start = new RandomArrays(2).floats(P);
    const parameters = start.slice();
    const velocity = momentum > 0 ? new Float64Array(P) : null;
    const settings = Float64Array.of(0.05);
    for (const g of gradients) {
      callReference('sgd', { count: P, momentum, nesterov: nesterov ? 1 : 0, parameters, gradients: g, velocity, settings });
    }
    // Velocity at step t: sum over s <= t of momentum^(t-s) * rate * g_s; Nesterov moves by
    // momentum * velocity + rate * g.
    expectParameters(parameters, start, gradients, (g) =>
      g.map((present, t) => {
        const v = g.slice(0, t + 1).reduce((sum, past, s) => sum + momentum ** (t - s) * 0.05 * past, 0);
        return nesterov ? momentum * v + 0.05 * present : v;
      }),
    );
  });
});

describe('rmsProp', () => {
  test.each([
    ['plain', 0, false],
    ['momentum', 0.8, false],
    ['centered', 0, true],
    ['centered with momentum', 0.8, true],
  ])('%s', (_, momentum, centered) => {
    const gradients = gradientsOf(3);
    const start = new RandomArrays(4).floats(P);
    const parameters = start.slice();
    const slots = {
      meanSquare: new Float64Array(P),
      mean: centered ? new Float64Array(P) : null,
      velocity: momentum > 0 ? new Float64Array(P) : null,
    };
    for (const g of gradients) {
      const hyper = { count: P, oneMinusRho: 1 - 0.9, momentum, epsilon: 1e-7, settings: Float64Array.of(0.01) };
      callReference('rmsProp', { ...hyper, ...slots, parameters, gradients: g });
    }
    expectParameters(parameters, start, gradients, (g) => {
      const steps = g.map((present, t) => {
        const past = g.slice(0, t + 1);
        const square = movingMean(
          past.map((value) => value ** 2),
          0.9,
        );
        const mean = centered ? movingMean(past, 0.9) : 0;
        return (0.01 * present) / Math.sqrt(square - mean ** 2 + 1e-7);
      });
      return steps.map((_step, t) => steps.slice(0, t + 1).reduce((sum, past, s) => sum + momentum ** (t - s) * past, 0));
    });
  });
});

test('adam with bias correction', () => {
  const gradients = gradientsOf(5);
  const start = new RandomArrays(6).floats(P);
  const parameters = start.slice();
  const slots = { momentum: new Float64Array(P), velocity: new Float64Array(P) };
  gradients.forEach((g, index) => {
    const t = index + 1;
    const alpha = (0.001 * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);
    const hyper = { count: P, oneMinusBeta1: 1 - 0.9, oneMinusBeta2: 1 - 0.999, epsilon: 1e-7, settings: Float64Array.of(alpha) };
    callReference('adam', { ...hyper, ...slots, parameters, gradients: g });
  });
  expectParameters(parameters, start, gradients, (g) =>
    g.map((_present, t) => {
      const past = g.slice(0, t + 1);
      const m = movingMean(past, 0.9);
      const v = movingMean(
        past.map((value) => value ** 2),
        0.999,
      );
      return (0.001 * (m / (1 - 0.9 ** (t + 1)))) / ((Math.sqrt(v) + 1e-7) / Math.sqrt(1 - 0.999 ** (t + 1)));
    }),
  );
});

describe('clipping', () => {
  const clip = (values: number[], limit: number) => {
    const gradients = Float64Array.from(values);
    const norm = new Float64Array(1);
    callReference('clipByNorm', { count: values.length, limit, gradients, norm });
    return { gradients: [...gradients], norm: norm[0] };
  };

  test('by norm scales down to the limit, and leaves shorter gradients alone', () => {
    const clipped = clip([3, 4], 1);
    expect(clipped.norm).toBe(5);
    expectClose(clipped.gradients, [0.6, 0.8], ROUNDING, 'gradients');
    expect(clip([3, 4], 6)).toEqual({ gradients: [3, 4], norm: 5 });
    expect(clip([0, 0], 1)).toEqual({ gradients: [0, 0], norm: 0 });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('by norm makes everything NaN when one gradient is %s', (value) => {
    expect(clip([value, 1], 1).gradients).toEqual([Number.NaN, Number.NaN]);
  });

  test('by value', () => {
    const gradients = Float64Array.of(-3, 0.5, 2, Number.NaN);
    callReference('clipByValue', { count: 4, limit: 1, gradients });
    expect([...gradients]).toEqual([-1, 0.5, 1, Number.NaN]);
  });
});
