import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { calendarFeatures, calendarNumbers, calendarOf } from '../../ts/command/tasks/calendar.ts';
import { categoryPlaces } from '../../ts/command/tasks/features.ts';
import { findSeries } from '../../ts/command/tasks/findSeries.ts';
import { readSeries } from '../../ts/command/tasks/seriesSamples.ts';
import { folderWith } from './support.ts';

const HOUR = 3_600_000;
const times = (count: number, step: number) => Array.from({ length: count }, (_, index) => Date.UTC(2024, 0, 1) + index * step);

test.each<[string, readonly number[], readonly string[]]>([
  ['hours of some days', times(100, HOUR), ['time of day', 'weekday']],
  ['days of a month', times(30, 24 * HOUR), ['weekday']],
  ['days of two years', times(700, 24 * HOUR), ['weekday', 'time of year']],
  ['weeks of two years', times(100, 7 * 24 * HOUR), ['time of year']],
  ['years', times(9, 366 * 24 * HOUR), []],
  ['one day', times(1, HOUR), []],
])('%s tell what comes again in them', (_what, given, parts) => {
  expect(calendarOf(given)).toEqual(parts);
});

test('a date is a number for each weekday, and its place in the day and in the year on a circle', () => {
  const monday = calendarNumbers(Date.UTC(2024, 0, 1, 6), ['time of day', 'weekday']);
  expect(monday.map((value) => Math.round(value * 1e6) / 1e6 + 0)).toEqual([1, 0, 0, 1, 0, 0, 0, 0, 0]);
  expect(
    calendarFeatures('date', ['time of day', 'weekday'])
      .slice(0, 4)
      .map(({ name }) => name),
  ).toEqual(['date time of day (sine)', 'date time of day (cosine)', 'date weekday=Sunday', 'date weekday=Monday']);
  const [a, b] = [Date.UTC(2023, 2, 1), Date.UTC(2024, 1, 29)].map((time) => calendarNumbers(time, ['time of year'])) as [
    number[],
    number[],
  ];
  for (const place of [0, 1]) expect(a[place]).toBeCloseTo(b[place] as number, 1);
});

test('a column of dates is read so, also of a new file', async () => {
  const rows = times(20, 24 * HOUR).map((time, row) => `${new Date(time).toISOString().slice(0, 10)},${row},${3 * row}`);
  const folder = folderWith({ 'sales.csv': `date,price,sold\n${rows.join('\n')}\n` });
  const warnings: string[] = [];
  const flags = { target: 'sold', warn: (text: string) => warnings.push(text), note: () => {} };
  const { form, choice } = await findSeries(join(folder, 'sales.csv'), flags, 'number');
  expect(form).toMatchObject({ columns: ['date', 'price'], calendar: [['weekday'], null] });
  expect(choice).toContain('; date as weekday');
  writeFileSync(join(folder, 'new.csv'), 'price,date\n5,2024-03-02\n6,\n');
  const { sequences } = await readSeries(join(folder, 'new.csv'), form, flags, null);
  expect(sequences.map((row) => [...row])).toEqual([
    [0, 0, 0, 0, 0, 0, 1, 5],
    [0, 0, 0, 0, 0, 0, 0, 6],
  ]);
  writeFileSync(join(folder, 'wrong.csv'), 'price,date\n5,2024-03-02\n6,soon\n');
  await expect(readSeries(join(folder, 'wrong.csv'), form, flags, null)).rejects.toThrow(
    /line 3 of .*, column 'date', is 'soon', expected a date/,
  );
  if (form.kind === 'features') expect([...categoryPlaces(form)]).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(warnings).toEqual([]);
});
