import { describe, expect, test } from 'vitest';
import { dateTexts, findGaps, nextDates } from '../../ts/command/tasks/nextDates.ts';

const times = (...dates: string[]) => Float64Array.from(dates, (date) => Date.parse(date.includes('T') ? date : `${date}T00:00:00Z`));
const DAY = 86_400_000;
const range = (from: string, count: number, step: number) =>
  Float64Array.from({ length: count }, (_, index) => (times(from)[0] as number) + index * step);

describe('the dates that follow a series', () => {
  test.each<[string, Float64Array, string[] | null]>([
    ['hours', range('2024-02-29T22:00:00Z', 30, DAY / 24), ['2024-03-02T04:00:00.000Z', '2024-03-02T05:00:00.000Z']],
    ['days', range('2024-02-01', 28, DAY), ['2024-02-29', '2024-03-01']],
    ['weeks', range('2024-02-01', 8, 7 * DAY), ['2024-03-28', '2024-04-04']],
    ['months on their first day', times('2023-11-01', '2023-12-01', '2024-01-01'), ['2024-02-01', '2024-03-01']],
    ['two months', times('2024-01-01', '2024-02-01'), ['2024-03-01', '2024-04-01']],
    ['months on their last day', times('2023-10-31', '2023-11-30', '2023-12-31'), ['2024-01-31', '2024-02-29']],
    ['months on the 30th', times('2023-10-30', '2023-11-30', '2023-12-30', '2024-01-30'), ['2024-02-29', '2024-03-30']],
    ['months at noon', times('2023-11-01T12:00:00Z', '2023-12-01T12:00:00Z'), ['2024-01-01T12:00:00.000Z', '2024-02-01T12:00:00.000Z']],
    ['quarters', times('2023-03-31', '2023-06-30', '2023-09-30'), ['2023-12-31', '2024-03-31']],
    ['years', times('2020-02-29', '2021-02-28', '2022-02-28'), ['2023-02-28', '2024-02-29']],
    ['years before 1970', times('1950-01-01', '1951-01-01'), ['1952-01-01', '1953-01-01']],
    [
      'working days',
      times('2024-03-04', '2024-03-05', '2024-03-06', '2024-03-07', '2024-03-08', '2024-03-11', '2024-03-15').slice(0, 6),
      ['2024-03-12', '2024-03-13'],
    ],
    [
      'the end of a week',
      times('2024-03-01', '2024-03-04', '2024-03-05', '2024-03-06', '2024-03-07', '2024-03-08'),
      ['2024-03-11', '2024-03-12'],
    ],
    ['uneven days', times('2024-03-01', '2024-03-02', '2024-03-05', '2024-03-06'), null],
    ['one date twice', times('2024-03-01', '2024-03-01'), null],
    ['one date', times('2024-03-01'), null],
  ])('%s', (_, given, expected) => {
    const next = nextDates(given, 2);
    expect(next && dateTexts(next)).toEqual(expected);
  });

  test('gaps: none in months, in working days and over a change of the step', () => {
    expect(findGaps(times('2023-12-31', '2024-01-31', '2024-02-29', '2024-03-31'))).toBeNull();
    expect(findGaps(times('2024-03-01', '2024-03-04', '2024-03-05', '2024-03-06', '2024-03-07'))).toBeNull();
    expect(findGaps(times('2024-03-02', '2024-03-03', '2024-03-04', '2024-03-06', '2024-03-07', '2024-03-10'))).toEqual({
      count: 2,
      after: 2,
    });
    expect(findGaps(times('2024-03-02'))).toBeNull();
  });
});
