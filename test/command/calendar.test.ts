import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { calendarPartsOf } from '../../ts/command/tasks/calendarParts.ts';
import { categoryPlaces, featureNames, missingCells } from '../../ts/command/tasks/features.ts';
import { findSeries } from '../../ts/command/tasks/findSeries.ts';
import { readSeries } from '../../ts/command/tasks/seriesSamples.ts';
import { folderWith } from './support.ts';

const HOUR = 3_600_000;
const times = (count: number, step: number) => Array.from({ length: count }, (_, index) => Date.UTC(2024, 0, 1) + index * step);

const DAY = 24 * HOUR;

test.each<[string, readonly number[], readonly string[]]>([
  ['hours of some days', times(100, HOUR), ['hour', 'weekday']],
  ['hours of a day', times(20, HOUR), ['hour']],
  ['days of a month', times(30, DAY), ['weekday']],
  ['days of which each has three rows', times(90, 8 * HOUR).map((time) => time - (time % DAY)), ['weekday']],
  ['days, of one two times, in no order', [times(2, 40 * DAY)[1] as number, ...times(11, DAY), Date.UTC(2024, 0, 6, 1)], ['weekday']],
  ['days of two years, and missing ones', [Number.NaN, ...times(700, DAY), Number.NaN], ['weekday', 'year']],
  ['days of ten months', times(300, DAY), ['weekday']],
  ['days of 13 months', times(400, DAY), ['weekday', 'year']],
  ['days of two years', times(700, DAY), ['weekday', 'year']],
  ['weeks of two years', times(100, 7 * DAY), ['year']],
  ['weeks, of which one is a day late', [...times(20, 7 * DAY), Date.UTC(2024, 6, 2)], []],
  ['quarters', times(9, 91 * DAY), ['year']],
  ['half years', times(9, 183 * DAY), []],
  ['years', times(9, 366 * DAY), []],
  ['one day', times(1, HOUR), []],
])('%s tell what comes again in them', (_what, given, parts) => {
  expect(calendarPartsOf(given)).toEqual(parts);
});

test('a column of dates is read so, also of a new file', async () => {
  const rows = times(20, 24 * HOUR).map((time, row) => `${new Date(time).toISOString().slice(0, 10)},${row},${3 * row}`);
  const folder = folderWith({ 'sales.csv': `date,price,sold\n${rows.join('\n')}\n` });
  const warnings: string[] = [];
  const flags = { target: 'sold', warn: (text: string) => warnings.push(text), note: () => {} };
  const { form, choice } = await findSeries(join(folder, 'sales.csv'), flags, 'number');
  expect(form).toMatchObject({ columns: ['date', 'price'], calendar: [['weekday'], null] });
  expect(choice).toContain('; date as day of the week');
  if (form.kind !== 'features') return expect.fail(form.kind);
  expect(featureNames(form).slice(0, 2)).toEqual(['date day of the week (Sunday)', 'date day of the week (Monday)']);
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
  expect([...categoryPlaces(form)]).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(warnings).toEqual([]);
});

test('the numbers of a date are of one column, and those of weekdays are categories', () => {
  const columns = { columns: ['date', 'price'], calendar: [['hour', 'year'] as const, null] };
  expect([...categoryPlaces({ columns: ['date'], calendar: [['hour', 'weekday', 'year']] })]).toEqual([2, 3, 4, 5, 6, 7, 8]);
  const x = Number.NaN;
  expect(missingCells(columns, [Float64Array.of(x, x, x, x, 5), Float64Array.of(0, 1, 0, 1, x), Float64Array.of(x, x, x, x, x)])).toBe(4);
});
