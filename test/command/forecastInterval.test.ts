import { expect, test } from 'vitest';
import { coverageOf, residualsOf, whyNoInterval, whyNotMeasured } from '../../ts/command/tasks/forecastInterval.ts';

/** N forecasts of a step and two columns; the second has errors a hundred times as large. */
function forecasts(errors: readonly number[]) {
  const shape = [errors.length, 1, 2];
  const predicted = { shape, data: Float64Array.from({ length: 2 * errors.length }, (_, index) => index) };
  const actual = {
    shape,
    data: predicted.data.map((value, index) => value + (errors[index >> 1] as number) * (index % 2 === 0 ? 1 : 100)),
  };
  return { predicted, actual };
}

const EVEN = Array.from({ length: 101 }, (_, index) => index - 50);

test('the interval of 90 % covers the errors between their quantiles, of each column by itself', () => {
  const { predicted, actual } = forecasts(EVEN);
  const residuals = residualsOf(actual, predicted, 2);
  expect(residuals).toHaveLength(101);
  expect(residuals[0]).toEqual([-50, -5000]);
  // From -45 to 45, both included.
  expect(coverageOf(predicted, actual, residuals, 0)).toBeCloseTo(91 / 101, 10);
  // Only those from the place on: 26 to 50, of which 20 are at most 45.
  expect(coverageOf(predicted, actual, residuals, 76)).toBeCloseTo(20 / 25, 10);
  const wider = forecasts(EVEN.map((error) => 2 * error));
  expect(coverageOf(wider.predicted, wider.actual, residuals, 0)).toBeCloseTo(45 / 101, 10);
  const higher = forecasts(EVEN.map((error) => error + 1000));
  expect(coverageOf(higher.predicted, higher.actual, residuals, 0)).toBe(0);
});

test('without forecasts to measure, or with few errors, there is no coverage', () => {
  const { predicted, actual } = forecasts(EVEN);
  const residuals = residualsOf(actual, predicted, 2);
  expect(coverageOf(predicted, actual, residuals, -1)).toBeNull();
  expect(coverageOf(predicted, actual, residuals.slice(0, 9), 0)).toBeNull();
});

test('an interval that is not given, or not measured, says how much data it takes', () => {
  expect([whyNoInterval(20, 0.9), whyNoInterval(4, 0.5), whyNotMeasured(20, 1), whyNotMeasured(102, 26)]).toEqual([null, null, null, null]);
  expect(whyNoInterval(19, 0.9)).toMatch(/one of 90 % takes the errors of 20 forecasts .* has 19: .*--validation-split/);
  expect(whyNotMeasured(19, 1)).toMatch(/takes 20 steps of validation data, and there were 19: /);
  expect(whyNotMeasured(101, 26)).toMatch(/takes 102 steps/);
});

test('of many errors some hundred are kept, evenly over all', () => {
  const { predicted, actual } = forecasts(Array.from({ length: 1000 }, (_, index) => index));
  const residuals = residualsOf(actual, predicted, 2);
  expect(residuals).toHaveLength(200);
  expect(residuals.slice(0, 3)).toEqual([
    [0, 0],
    [5, 500],
    [10, 1000],
  ]);
});
