import { describe, expect, test } from 'vitest';
import { ArgumentError, DataError } from '../../ts/core/errors.ts';
import { timesAfter } from '../../ts/data/lazyForecast.ts';
import type { TimesAfterOptions } from '../../ts/data/timesAfter.ts';

const times = (...dates: string[]) => Float64Array.from(dates, (date) => Date.parse(date.includes('T') ? date : `${date}T00:00:00Z`));
const DAY = 86_400_000;
const range = (from: string, count: number, step: number) =>
  Float64Array.from({ length: count }, (_, index) => (times(from)[0] as number) + index * step);
/** More than decide the step. */
const WORKING_DAYS = Array.from({ length: 3 }, (_, week) => [19, 20, 21, 22, 23].map((day) => new Date(Date.UTC(2024, 1, day + 7 * week))))
  .flat()
  .map((date) => date.toISOString().slice(0, 10));

/** The next two, without the time of the day where all are at midnight. */
async function texts(given: ArrayLike<number | Date>, options?: TimesAfterOptions): Promise<string[] | null> {
  const next = await timesAfter(given, 2, options);
  const isOfDays = next?.every((time) => time % DAY === 0);
  return next && Array.from(next, (time) => new Date(time).toISOString().slice(0, isOfDays ? 10 : 24));
}

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
    ['five working days, which are too few', times('2024-03-01', '2024-03-04', '2024-03-05', '2024-03-06', '2024-03-07'), null],
    ['working days after a Saturday', times('2024-02-17', ...WORKING_DAYS), null],
    [
      'months at noon around 1970',
      times('1969-11-01T12:00:00Z', '1969-12-01T12:00:00Z', '1970-01-01T12:00:00Z'),
      ['1970-02-01T12:00:00.000Z', '1970-03-01T12:00:00.000Z'],
    ],
    ['twelve days after a gap', Float64Array.of(...times('2024-01-01'), ...range('2024-02-01', 12, DAY)), ['2024-02-13', '2024-02-14']],
    ['eleven days after a gap', Float64Array.of(...times('2024-01-01'), ...range('2024-02-01', 11, DAY)), null],
    ['uneven days', times('2024-03-01', '2024-03-02', '2024-03-05', '2024-03-06'), null],
    ['one date twice', times('2024-03-01', '2024-03-01'), null],
    ['one date', times('2024-03-01'), null],
  ])('%s', async (_, given, expected) => {
    expect(await texts(given)).toEqual(expected);
  });

  test('a given step goes before that of the times', async () => {
    expect(await texts(times('2024-01-30', '2024-02-29'), { every: '1mo' })).toEqual(['2024-03-30', '2024-04-30']);
    expect(await texts(times('2024-03-01', '2024-03-02', '2024-03-08'), { every: 'workday' })).toEqual(['2024-03-11', '2024-03-12']);
    expect(await texts(times('2024-03-01', '2024-03-02', '2024-03-08'), { every: '2d' })).toEqual(['2024-03-09', '2024-03-11']);
    expect(await texts(times('2024-03-01'), { every: DAY })).toEqual(['2024-03-02', '2024-03-03']);
  });

  test('takes dates, and refuses what is no ascending series of times', async () => {
    expect(await texts([new Date('2024-03-01'), new Date('2024-03-02')])).toEqual(['2024-03-03', '2024-03-04']);
    await expect(timesAfter([], 2)).rejects.toThrow(new ArgumentError('timesAfter: times is empty, at least one time is needed'));
    await expect(timesAfter(times('2024-03-02', '2024-03-01'), 2)).rejects.toThrow(/ascending, got 1709251200000 at index 1: sort/);
    await expect(timesAfter([Number.NaN], 2)).rejects.toThrow(DataError);
    await expect(timesAfter(times('2024-03-02'), 0)).rejects.toThrow('timesAfter: n');
    await expect(timesAfter(times('2024-03-02'), 2, { every: 'soon' })).rejects.toThrow(
      "timesAfter: every must be a number of milliseconds, 'workday'",
    );
    await expect(timesAfter(times('2024-03-02'), 2, { step: 1 } as object)).rejects.toThrow('step');
  });
});
