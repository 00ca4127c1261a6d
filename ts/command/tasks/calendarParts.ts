import type { CalendarPart } from '../../data/calendar.ts';
import { DAY } from '../../data/workingDays.ts';

const YEAR = 365.2425 * DAY;

/**
 * What the dates of a column can tell: the time of day where they are less than a day apart, the
 * weekday where they are less than a week apart and of several weekdays, and the time of the year
 * where they are less than half a year apart and of more than a year.
 */
export function calendarPartsOf(times: ArrayLike<number>): readonly CalendarPart[] {
  const sorted = [...new Set(Array.from(times))].filter((time) => !Number.isNaN(time)).sort((a, b) => a - b);
  const steps = sorted.slice(1).map((time, index) => time - (sorted[index] as number));
  const step = steps.sort((a, b) => a - b)[steps.length >> 1];
  if (step === undefined) return [];
  const span = (sorted.at(-1) as number) - (sorted[0] as number);
  return [
    ...(step < DAY ? (['hour'] as const) : []),
    ...(step < 7 * DAY && new Set(sorted.map((time) => new Date(time).getUTCDay())).size > 1 ? (['weekday'] as const) : []),
    ...(step < YEAR / 2 && span > YEAR ? (['year'] as const) : []),
  ];
}
