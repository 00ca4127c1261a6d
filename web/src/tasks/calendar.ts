import { nextTimes } from '../../../ts/data/timesAfter.ts';
import { CALENDAR, type CalendarFeature } from '../data/calendarFeature.ts';
import type { KeyedSeries } from './keyedSeries.ts';
import { UnusableDataError } from './task.ts';

const DAY = 86_400_000;
/** 1970 began with a Thursday; weeks with a Monday. */
const DAYS_BEFORE_1970 = 3;

/** Where a time is in its day, week or year, from 0 to below 1. */
function phaseOf(feature: CalendarFeature, time: number): number {
  const days = time / DAY;
  if (feature === 'hour') return days - Math.floor(days);
  if (feature === 'weekday') {
    const weeks = (days + DAYS_BEFORE_1970) / 7;
    return weeks - Math.floor(weeks);
  }
  const year = new Date(time).getUTCFullYear();
  const [begin, end] = [Date.UTC(year, 0), Date.UTC(year + 1, 0)];
  return (time - begin) / (end - begin);
}

/** The two numbers of a phase: its end is beside its beginning, as midnight is. */
const WAVES = { sine: Math.sin, cosine: Math.cos } as const;

/** The names of the columns that are made of dates. */
export function calendarNames(features: readonly CalendarFeature[]): string[] {
  return features.flatMap((feature) => Object.keys(WAVES).map((wave) => `${CALENDAR[feature]} (${wave})`));
}

/**
 * A series with what its dates tell as last columns, up to `horizon` steps after its last.
 * @throws {UnusableDataError} when the dates are not known, or not those of the next steps
 */
export function withCalendar(own: KeyedSeries, features: readonly CalendarFeature[], horizon: number): KeyedSeries {
  if (features.length === 0) return own;
  const { series, times, keyValue } = own;
  const what = features.map((feature) => CALENDAR[feature]).join(', ');
  const length = series.length + horizon;
  const known = times?.slice(0, length) ?? [];
  const next = known.length < length && known.length > 0 ? nextTimes(Float64Array.from(known), length - known.length) : new Float64Array();
  if (known.length === 0 || next === null)
    throw new UnusableDataError(
      `The ${what} cannot be read${keyValue === '' ? '' : ` of series “${keyValue}”`}: ${next === null ? 'its dates are uneven, so the dates of the next steps are unknown' : 'no column tells the dates of its rows'}. Give a row for each step, with its date, or leave the dates out of what is read.`,
    );
  const all = [...known, ...next];
  const columns = features.flatMap((feature) =>
    Object.values(WAVES).map((wave) => all.map((time) => wave(2 * Math.PI * phaseOf(feature, time)))),
  );
  return { ...own, inputs: [...own.inputs, ...columns] };
}
