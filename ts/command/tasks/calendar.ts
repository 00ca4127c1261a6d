import { DAY } from '../../data/workingDays.ts';

/** What a date tells that comes again: its place in the day, in the week and in the year. */
export type CalendarPart = 'time of day' | 'weekday' | 'time of year';

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const YEAR = 365.2425 * DAY;

/** A number of a row. */
export interface Feature {
  readonly name: string;
  /** Whether it is 0 or 1. */
  readonly isCategory: boolean;
}

/**
 * What the dates of a column can tell: the time of the day where they are less than a day apart,
 * the weekday where they are less than a week apart and of several weekdays, and the time of the
 * year where they are less than half a year apart and of more than a year.
 */
export function calendarOf(times: ArrayLike<number>): readonly CalendarPart[] {
  const sorted = [...new Set(Array.from(times))].filter((time) => !Number.isNaN(time)).sort((a, b) => a - b);
  const steps = sorted.slice(1).map((time, index) => time - (sorted[index] as number));
  const step = steps.sort((a, b) => a - b)[steps.length >> 1];
  if (step === undefined) return [];
  const different = (of: (time: number) => number) => new Set(sorted.map(of)).size;
  const span = (sorted.at(-1) as number) - (sorted[0] as number);
  return [
    ...(step < DAY && different((time) => time % DAY) > 1 ? (['time of day'] as const) : []),
    ...(step < 7 * DAY && different((time) => new Date(time).getUTCDay()) > 1 ? (['weekday'] as const) : []),
    ...(step < YEAR / 2 && span > YEAR ? (['time of year'] as const) : []),
  ];
}

/** The numbers of a date: `date weekday=Monday`, `date time of year (sine)`. */
export function calendarFeatures(name: string, parts: readonly CalendarPart[]): readonly Feature[] {
  return parts.flatMap((part): readonly Feature[] =>
    part === 'weekday'
      ? WEEKDAYS.map((day) => ({ name: `${name} weekday=${day}`, isCategory: true }))
      : ['sine', 'cosine'].map((wave) => ({ name: `${name} ${part} (${wave})`, isCategory: false })),
  );
}

/** The numbers of a date; NaN, of a weekday 0, where there is none. */
export function calendarNumbers(time: number, parts: readonly CalendarPart[]): number[] {
  return parts.flatMap((part) => {
    if (part === 'weekday') return WEEKDAYS.map((_, day) => Number(new Date(time).getUTCDay() === day));
    const angle = 2 * Math.PI * (time / (part === 'time of day' ? DAY : YEAR));
    return [Math.sin(angle), Math.cos(angle)];
  });
}
