import { expect, test } from 'vitest';
import { bestBaseline, naiveForecasts } from '../src/tasks/baseline.ts';

test('naive forecasts are as computed by hand, and the trend moves the last season', () => {
  const series = [1, 5, 2, 6, 3, 7, 4, 8];
  const found = naiveForecasts(series, [6], 2, 2);
  const rms = (...errors: number[]) => Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
  const slope = (7 - 1) / 5;
  // Of 3 and 7 above 2 and 6.
  const level = 1;
  expect(found.map(({ rule }) => rule)).toEqual(['lastValue', 'drift', 'seasonalNaive', 'seasonalDrift']);
  const expected = [rms(4 - 7, 8 - 7), rms(4 - 7 - slope, 8 - 7 - 2 * slope), rms(4 - 3, 8 - 7), rms(4 - 3 - level, 8 - 7 - level)];
  for (const [place, { value }] of found.entries()) expect(value).toBeCloseTo(expected[place], 10);
  expect(bestBaseline(found, 'error').rule).toBe('seasonalDrift');
  expect(naiveForecasts(series, [3, 5], 1, 1).map(({ rule }) => rule)).toEqual(['lastValue', 'drift']);
});
