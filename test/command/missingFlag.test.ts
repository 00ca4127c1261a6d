import { expect, test } from 'vitest';
import { filled, missingOf, missingOfFeatures } from '../../ts/command/tasks/missingFlag.ts';
import { ArgumentError } from '../../ts/index.ts';

const x = Number.NaN;
const gaps = Float64Array.of(x, 1, x, x, 7, x, 4, x);

test.each<['error' | 'previous' | 'linear' | number, readonly number[]]>([
  ['error', [...gaps]],
  [3, [3, 1, 3, 3, 7, 3, 4, 3]],
  ['previous', [1, 1, 1, 1, 7, 7, 4, 4]],
  ['linear', [1, 1, 3, 5, 7, 5.5, 4, 4]],
])('%s fills gaps between, before and after numbers', (missing, numbers) => {
  expect([...filled(gaps, missing)]).toEqual(numbers);
});

test('a channel without numbers stays so', () => {
  expect([...filled(Float64Array.of(x, x), 'linear')]).toEqual([x, x]);
});

test('the flag is a rule or a number', () => {
  expect([missingOf(undefined, 'linear'), missingOf('previous', 'error'), missingOf('-2.5', 'error')]).toEqual([
    'linear',
    'previous',
    -2.5,
  ]);
  expect([missingOfFeatures('mean'), missingOfFeatures('error'), missingOfFeatures('7')]).toEqual(['mean', 'error', 7]);
});

test.each(['', ' ', 'Infinity', 'median'])('it is not %j', (given) => {
  expect(() => missingOf(given, 'error')).toThrow(
    new ArgumentError(`--missing must be error, previous, linear or a number, got '${given}'`),
  );
  expect(() => missingOfFeatures(given)).toThrow(
    new ArgumentError(
      `--missing must be mean, error or a number where each row has features, got '${given}': --rows series takes the columns for steps`,
    ),
  );
});
