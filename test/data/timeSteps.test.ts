import { describe, expect, test } from 'vitest';
import { ArgumentError, DataError, type Table, tableFromRows } from '../../ts/index.ts';

const tableOf = (times: readonly string[]): Promise<Table> => tableFromRows(times.map((time, row) => ({ time, x: row })));
const iso = (time: number | undefined) => new Date(time ?? Number.NaN).toISOString().replace('T00:00:00.000Z', '');

describe('the steps of a table', () => {
  test.each<[string, string[], string, number, number[], number, number]>([
    ['days in any order, one missing', ['2024-01-04', '2024-01-01', '2024-01-02'], '1d', 4, [3, 0, 1], 1, 0],
    ['months', ['2024-01-01', '2024-02-01', '2024-03-01', '2024-05-01'], '1mo', 5, [0, 1, 2, 4], 1, 0],
    ['quarters', ['2024-01-01', '2024-04-01', '2024-07-01', '2024-10-01'], '3mo', 4, [0, 1, 2, 3], 0, 0],
    ['ends of months', ['2024-01-31', '2024-02-29', '2024-03-31', '2024-04-30'], '1mo', 4, [0, 1, 2, 3], 0, 0],
    ['years', ['1999', '2000', '2002', '2003'], '1y', 5, [0, 1, 3, 4], 1, 0],
    ['hours, twice', ['2024-01-01 00:00', '2024-01-01 01:00', '2024-01-01 01:00', '2024-01-01 02:00'], '1h', 3, [0, 1, 1, 2], 0, 1],
    ['a cell that is no date', ['2024-01-01', 'soon', '2024-01-02', '2024-01-03'], '1d', 3, [0, -1, 1, 2], 0, 0],
  ])('%s', async (_, times, every, count, places, gaps, duplicates) => {
    const found = (await tableOf(times)).timeSteps({ time: 'time' });
    expect([found.every, found.times.length, [...found.places], found.gaps, found.duplicates]).toEqual([
      every,
      count,
      places,
      gaps,
      duplicates,
    ]);
  });

  test('working days skip weekends, and a holiday is a gap', async () => {
    // 2024-01-01 is a Monday; 2024-01-10 is left out.
    const days = ['01', '02', '03', '04', '05', '08', '09', '11', '12', '15'].map((day) => `2024-01-${day}`);
    const found = (await tableOf(days)).timeSteps({ time: 'time' });
    expect([found.every, found.gaps, [...found.places]]).toEqual(['workday', 1, [0, 1, 2, 3, 4, 5, 6, 8, 9, 10]]);
    expect([iso(found.times[7]), iso(found.times[10])]).toEqual(['2024-01-10', '2024-01-15']);
    const before = (await tableOf(['1969-12-26', '1969-12-29'])).timeSteps({ time: 'time', every: 'workday' });
    expect([before.times.length, iso(before.times[1])]).toEqual([2, '1969-12-29']);
  });

  test('steps of months keep the day, or the last one of a shorter month', async () => {
    const table = await tableOf(['2024-01-30', '2024-05-30']);
    expect([...table.timeSteps({ time: 'time', every: '1mo' }).times].map(iso)).toEqual([
      '2024-01-30',
      '2024-02-29',
      '2024-03-30',
      '2024-04-30',
      '2024-05-30',
    ]);
  });

  test('the order of day and month may be said', async () => {
    const table = await tableOf(['01/02/2024', '01/03/2024', '01/04/2024']);
    const firstOf = (order: 'dayFirst' | 'monthFirst') => {
      const { every, times } = table.timeSteps({ time: 'time', order });
      return [every, iso(times[0] as number), iso(times[2] as number)];
    };
    expect(firstOf('dayFirst')).toEqual(['1mo', '2024-02-01', '2024-04-01']);
    expect(firstOf('monthFirst')).toEqual(['1d', '2024-01-02', '2024-01-04']);
  });

  test('days and times of day may be two columns', async () => {
    const rows = Array.from({ length: 48 }, (_, hour) => ({ day: `2024-01-0${1 + Math.floor(hour / 24)}`, time: `${hour % 24}:00` }));
    const found = (await tableFromRows(rows)).timeSteps({ time: 'day', clock: 'time' });
    expect([found.every, found.gaps, found.duplicates, found.times.length]).toEqual(['1h', 0, 0, 48]);
  });

  test('resample has a step a month', async () => {
    const table = await tableOf(['2024-01-01', '2024-02-01', '2024-03-01', '2024-05-01']);
    const made = table.resample({ time: 'time', columns: ['x'] });
    expect([made.step, made.gaps, [...made.values.data]]).toEqual(['1mo', 1, [0, 1, 2, 2, 3]]);
    expect([...table.resample({ time: 'time', columns: ['x'], method: 'linear' }).values.data][3]).toBeCloseTo(2 + 31 / 61);
  });

  test('what has no steps is refused', async () => {
    const table = await tableOf(['2024-01-01', '2024-01-01']);
    expect(() => table.timeSteps({ time: 'time' })).toThrow(DataError);
    expect(() => table.timeSteps({ time: 'time', every: 'soon' })).toThrow(ArgumentError);
    expect(() => table.timeSteps({ time: 'when' })).toThrow(/no column 'when'/);
    const [none, one] = [await tableOf(['a', 'b']), await tableOf(['2024-01-01', 'b'])];
    expect(() => none.timeSteps({ time: 'time' })).toThrow(/has 0 rows/);
    expect(() => one.timeSteps({ time: 'time' })).toThrow(/has 1 rows/);
    expect([table.hasValue('time', 0), table.hasValue('x', 5)]).toEqual([true, false]);
  });
});
