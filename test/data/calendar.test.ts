import { expect, test } from 'vitest';
import { CALENDAR, type CalendarPart, calendarNames, calendarNumbers } from '../../ts/data/calendar.ts';

const numbers = (part: CalendarPart, date: string) =>
  calendarNumbers(part, Date.parse(date)).map((value) => Math.round(value * 1e6) / 1e6 + 0);

test('each number of a date has a name', () => {
  for (const part of Object.keys(CALENDAR) as CalendarPart[]) expect(calendarNumbers(part, 0)).toHaveLength(calendarNames(part).length);
  expect(calendarNames('weekday').slice(0, 2)).toEqual(['day of the week (Sunday)', 'day of the week (Monday)']);
  expect(calendarNames('hour')).toEqual(['time of day (sine)', 'time of day (cosine)']);
});

test('a weekday is 1, at each time of the day', () => {
  for (const time of ['2024-01-01', '2024-01-01T23:59:59Z', '1969-12-29T12:00Z'])
    expect(numbers('weekday', time)).toEqual([0, 1, 0, 0, 0, 0, 0]);
  expect(calendarNumbers('weekday', Number.NaN)).toEqual([0, 0, 0, 0, 0, 0, 0]);
});

test('the times of the day and of the year go round a circle, in every year and before 1970', () => {
  for (const day of ['2024-02-29', '1960-02-29']) {
    expect(numbers('hour', `${day}T00:00Z`)).toEqual([0, 1]);
    expect(numbers('hour', `${day}T06:00Z`)).toEqual([1, 0]);
    expect(numbers('hour', `${day}T12:00Z`)).toEqual([0, -1]);
  }
  for (const year of [1950, 2023, 2024, 2100]) expect(numbers('year', `${year}-01-01`)).toEqual([0, 1]);
  expect(numbers('year', '2023-07-02T12:00Z')).toEqual([0, -1]);
  expect(numbers('year', '2024-07-02T00:00Z')).toEqual([0, -1]);
  expect(numbers('year', '2023-04-02T06:00Z')).toEqual([1, 0]);
  expect(calendarNumbers('year', Number.NaN)).toEqual([Number.NaN, Number.NaN]);
});
