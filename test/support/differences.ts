import { expect } from 'vitest';

/**
 * The gradient of a scalar function by central differences, in the array's own precision (use
 * Float64Array).
 * @param evaluate computes the scalar from the present content of `values`
 * @param values changed one by one and put back
 * @param step 1e-5 balances the error of the formula (step^2) against rounding (1e-16 / step)
 */
export function centralDifferences(evaluate: () => number, values: Float64Array | Float32Array, step = 1e-5): Float64Array {
  const gradient = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    values[i] = value + step;
    const above = evaluate();
    values[i] = value - step;
    const below = evaluate();
    values[i] = value;
    gradient[i] = (above - below) / (2 * step);
  }
  return gradient;
}

/**
 * How far two arrays may be apart: |actual - expected| <= absolute + relative * max(SMALLEST_SCALE,
 * largest |expected|).
 */
export interface Tolerance {
  readonly absolute?: number;
  readonly relative?: number;
}

/**
 * Numbers are compared as if at least one of them were this large: rounding in the sums that make
 * tiny ones is not tiny.
 */
export const SMALLEST_SCALE = 1e-2;

/**
 * What central differences with the default step reach on sums of order one, however small the
 * gradient is.
 */
export const DIFFERENCE_TOLERANCE: Tolerance = { absolute: 2e-8, relative: 2e-8 };

/**
 * Fails, naming the element that is furthest off, unless every element is within the tolerance. NaN
 * is only close to NaN.
 * @param what names the compared arrays in the failure
 */
export function expectClose(
  actual: ArrayLike<number> | null | undefined,
  expected: ArrayLike<number> | null | undefined,
  tolerance: Tolerance,
  what: string,
): void {
  if (!actual || !expected) expect.fail(`${what} is missing`);
  expect(actual.length, `length of ${what}`).toBe(expected.length);
  let largest = SMALLEST_SCALE;
  for (let i = 0; i < expected.length; i++) if (Number.isFinite(expected[i])) largest = Math.max(largest, Math.abs(expected[i]));
  const allowed = (tolerance.absolute ?? 0) + (tolerance.relative ?? 0) * largest;
  let worst = -1;
  let worstError = allowed;
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(actual[i], expected[i]) || actual[i] === expected[i]) continue;
    const error = Math.abs(actual[i] - expected[i]);
    if (error <= worstError) continue;
    worst = i;
    if (Number.isNaN(error)) break;
    worstError = error;
  }
  if (worst >= 0) expect.fail(`${what}[${worst}] of ${expected.length} is ${actual[worst]}, expected ${expected[worst]} within ${allowed}`);
}

/** Fails unless `gradient` is the derivative of `evaluate` with respect to `values`. */
export function expectGradient(
  gradient: ArrayLike<number> | null | undefined,
  evaluate: () => number,
  values: Float64Array,
  what: string,
  tolerance: Tolerance = DIFFERENCE_TOLERANCE,
): void {
  expectClose(gradient, centralDifferences(evaluate, values), tolerance, what);
}

/** Sum of products: the scalar whose gradient with respect to `outputs` is `weights`. */
export function dotProduct(outputs: ArrayLike<number>, weights: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < outputs.length; i++) sum += outputs[i] * weights[i];
  return sum;
}
