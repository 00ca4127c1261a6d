import { expect, test } from 'vitest';
import { dateTexts, findGaps } from '../../ts/command/tasks/seriesDates.ts';

const times = (...dates: string[]) => Float64Array.from(dates, (date) => Date.parse(date));

test('dates are written without the time where all are at midnight', () => {
  expect(dateTexts(times('2024-03-01', '2024-03-02'))).toEqual(['2024-03-01', '2024-03-02']);
  expect(dateTexts(times('2024-03-01', '2024-03-01T12:00:00Z'))).toEqual(['2024-03-01T00:00:00.000Z', '2024-03-01T12:00:00.000Z']);
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
