import { CALENDAR, type CalendarPart, calendarNumbers } from '../../../ts/data/calendar.ts';
import { nextTimes } from '../../../ts/data/timesAfter.ts';
import type { KeyedSeries } from './keyedSeries.ts';
import { UnusableDataError } from './task.ts';

/**
 * A series with what its dates tell as last columns, up to `horizon` steps after its last.
 * @throws {UnusableDataError} when the dates are not known, or not those of the next steps
 */
export function withCalendar(own: KeyedSeries, parts: readonly CalendarPart[], horizon: number): KeyedSeries {
  if (parts.length === 0) return own;
  const { series, times, keyValue } = own;
  const what = parts.map((part) => CALENDAR[part]).join(', ');
  const length = series.length + horizon;
  const known = times?.slice(0, length) ?? [];
  const next = known.length < length && known.length > 0 ? nextTimes(Float64Array.from(known), length - known.length) : new Float64Array();
  if (known.length === 0 || next === null)
    throw new UnusableDataError(
      `The ${what} cannot be read${keyValue === '' ? '' : ` of series “${keyValue}”`}: ${next === null ? 'its dates are uneven, so the dates of the next steps are unknown' : 'no column tells the dates of its rows'}. Give a row for each step, with its date, or leave the dates out of what is read.`,
    );
  const all = [...known, ...next];
  const columns = parts.flatMap((part) => {
    const rows = all.map((time) => calendarNumbers(part, time));
    return rows[0]?.map((_, place) => rows.map((numbers) => numbers[place] as number)) ?? [];
  });
  return { ...own, inputs: [...own.inputs, ...columns] };
}
