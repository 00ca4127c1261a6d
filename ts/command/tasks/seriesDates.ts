import { DAY, isWorkingDay } from '../../data/workingDays.ts';

/** Dates as text: without the time of the day where all are at midnight. */
export function dateTexts(times: Float64Array): string[] {
  const isOfDays = times.every((time) => time % DAY === 0);
  return Array.from(times, (time) => new Date(time).toISOString().slice(0, isOfDays ? 10 : 24));
}

/**
 * A gap in the dates of a series: a step of more than one and a half times the usual one.
 * @returns how many there are, and the place of the first; null where there are none
 */
export function findGaps(times: Float64Array): { count: number; after: number } | null {
  const steps = Array.from(times.subarray(1), (time, index) => time - (times[index] as number));
  const usual = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)] as number;
  // Over a weekend, working days are three days apart.
  const most = Array.from(times).every(isWorkingDay) ? Math.max(1.5 * usual, 3 * DAY) : 1.5 * usual;
  const gaps = steps.flatMap((step, index) => (step > most ? [index] : []));
  return gaps.length > 0 ? { count: gaps.length, after: gaps[0] as number } : null;
}
