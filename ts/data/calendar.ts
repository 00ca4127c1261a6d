import { DAY } from './workingDays.ts';

/** What a date tells that comes again, with its name. */
export const CALENDAR = { weekday: 'day of the week', hour: 'time of day', year: 'time of the year' } as const;

export type CalendarPart = keyof typeof CALENDAR;

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

/** The two numbers of a place on a circle: the end of a day is beside its beginning, midnight. */
const WAVES = { sine: Math.sin, cosine: Math.cos } as const;

/** The part of its day or its year that has passed at a time, and any number of whole days. */
const PHASES = {
  hour: (time: number) => time / DAY,
  year: (time: number) => {
    const year = new Date(time).getUTCFullYear();
    const [begin, end] = [Date.UTC(year, 0), Date.UTC(year + 1, 0)];
    return (time - begin) / (end - begin);
  },
} as const;

/** The names of the numbers of a part: `day of the week (Monday)`, `time of day (sine)`. */
export function calendarNames(part: CalendarPart): string[] {
  const names = part === 'weekday' ? WEEKDAYS : Object.keys(WAVES);
  return names.map((name) => `${CALENDAR[part]} (${name})`);
}

/**
 * The numbers of a part of a date. Each weekday has one, 0 or 1: on one day of the week all may
 * differ, which few rows of a wave do not show.
 * @param time milliseconds since 1970 in UTC; NaN gives NaN, of weekdays 0
 */
export function calendarNumbers(part: CalendarPart, time: number): number[] {
  if (part === 'weekday') return WEEKDAYS.map((_, day) => Number(new Date(time).getUTCDay() === day));
  return Object.values(WAVES).map((wave) => wave(2 * Math.PI * PHASES[part](time)));
}
