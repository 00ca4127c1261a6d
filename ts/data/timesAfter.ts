import { ArgumentError, DataError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import { positiveInteger } from '../core/shape.ts';
import { calendarBy } from './timeSteps.ts';
import { DAY, isWorkingDay } from './workingDays.ts';

/** Options of `timesAfter`. */
export interface TimesAfterOptions {
  /**
   * The step: a number of milliseconds, or a number and a unit (`ms`, `s`, `min`, `h`, `d`, `w`,
   * `mo`, `y`): '10min'; or 'workday'. Default: the step of the last twelve times.
   */
  every?: number | string;
}

/** The last times that decide the step. */
const RECENT = 12;

const monthOf = (time: number) => {
  const date = new Date(time);
  return 12 * date.getUTCFullYear() + date.getUTCMonth();
};
const dayOf = (time: number) => new Date(time).getUTCDate();

/** The time on a day of a month, or on its last day where the month is shorter. */
function inMonth(month: number, day: number, timeOfDay: number): number {
  const last = new Date(Date.UTC(0, 0)).setUTCFullYear(Math.floor(month / 12), (month % 12) + 1, 0);
  return last - Math.max(0, dayOf(last) - day) * DAY + timeOfDay;
}

/** The only value of a list; null where there are several. */
const only = (values: readonly number[]) => (values.every((value) => value === values[0]) ? (values[0] ?? null) : null);

/** See `timesAfter` of lazyForecast.ts. */
export function timesAfter(times: ArrayLike<number | Date>, n: number, options: TimesAfterOptions = {}): Float64Array | null {
  checkOptions(options, ['every'], 'timesAfter');
  const count = positiveInteger(n, 'timesAfter: n');
  const given = Float64Array.from(times, Number);
  if (given.length === 0) throw new ArgumentError('timesAfter: times is empty, at least one time is needed');
  const wrong = given.findIndex((time, row) => !Number.isFinite(time) || (row > 0 && time < (given[row - 1] as number)));
  if (wrong >= 0)
    throw new DataError(
      `timesAfter: times must be finite and ascending, got ${given[wrong]} at index ${wrong}: sort the rows by their time`,
    );
  if (options.every === undefined) return nextTimes(given, count);
  const calendar = calendarBy(options.every, given, 'timesAfter');
  const first = calendar.placeOf(given.at(-1) as number) + 1;
  return Float64Array.from({ length: count }, (_, ahead) => calendar.timeOf(first + ahead));
}

/**
 * The times after those of a series, whose steps are all of one length, of whole months (on one
 * day, or on the last), or of working days. Years and quarters are months.
 * @param times milliseconds since 1970 in UTC, earliest first
 * @returns null where the steps are none of these
 */
export function nextTimes(times: Float64Array, n: number): Float64Array | null {
  const recent = Array.from(times.slice(-RECENT));
  const last = recent.at(-1) as number;
  const differences = (values: readonly number[]) => values.slice(1).map((value, index) => value - (values[index] as number));
  const ahead = (next: (index: number) => number) => Float64Array.from({ length: n }, (_, index) => next(index + 1));
  const steps = differences(recent);
  const step = only(steps);
  const months = only(differences(recent.map(monthOf)));
  const timeOfDay = only(recent.map((time) => ((time % DAY) + DAY) % DAY));
  const day = Math.max(...recent.map(dayOf));
  const isOnDay = recent.every((time) => time === inMonth(monthOf(time), day, timeOfDay ?? 0));
  // Before the even step, which two dates a month apart have too.
  if (months && timeOfDay !== null && isOnDay && recent.length > 1)
    return ahead((index) => inMonth(monthOf(last) + index * months, day, timeOfDay));
  const isOfDays = timeOfDay !== null && recent.length > 5 && Array.from(times).every(isWorkingDay);
  if (isOfDays && steps.some((each) => each === DAY) && steps.every((each) => each === DAY || each === 3 * DAY)) {
    let time = last;
    return ahead(() => {
      do time += DAY;
      while (!isWorkingDay(time));
      return time;
    });
  }
  return step !== null && step > 0 ? ahead((index) => last + index * step) : null;
}
