import { ArgumentError, DataError } from '../core/errors.ts';
import { countsOf } from './countsOf.ts';

/** Even steps of time, and the step in which each row is. */
export interface TimeSteps {
  /** When each step begins, in milliseconds since 1970 in UTC, ascending. */
  readonly times: Float64Array;
  /** For each row its step; -1 where it has no time. */
  readonly places: Int32Array;
  /** The step: `10min`, `1d`, `workday`, `1mo`, … */
  readonly every: string;
  /** Steps in which no row is. */
  readonly gaps: number;
  /** Rows beyond the first one of their step. */
  readonly duplicates: number;
}

/** Steps of a length, of working days, or of months: how steps are counted. */
interface Calendar {
  readonly every: string;
  /** The number of the step of a time; the first row is in step 0. */
  placeOf(time: number): number;
  /** When a step begins. */
  timeOf(place: number): number;
}

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000] as const;
const UNITS = { ms: 1, s: SECOND, min: MINUTE, h: HOUR, d: DAY, w: 7 * DAY } as const;
const MOST_STEPS = 2 ** 26;
/** Days without a weekend that make it likely that none was left out by chance. */
const FEWEST_WORKDAYS = 8;

/**
 * Finds the even steps of times in any order.
 * @param times milliseconds since 1970; NaN where a row has none
 * @param every the step: milliseconds, or a number and one of `ms`, `s`, `min`, `h`, `d`, `w`, `mo`,
 *   `y`, or 'workday'. Default: months where all rows are on one day of them; working days where
 *   no day is on a weekend; else the step that at least half of the neighbours have, of times that
 *   jitter the median
 * @throws {ArgumentError} for a step that is none
 * @throws {DataError} for fewer than two different times, and for more steps than fit in memory
 */
export function timeSteps(times: Float64Array, every: number | string | undefined, where: string): TimeSteps {
  const sorted = inOrder(times);
  if (sorted.length < 2) throw new DataError(`${where} has ${sorted.length} rows, at least two are needed`);
  const calendar = every === undefined ? calendarOf(sorted, where) : calendarBy(every, sorted, where);
  const count = calendar.placeOf(sorted.at(-1) as number) + 1;
  if (count > MOST_STEPS)
    throw new DataError(`a step of ${calendar.every} makes ${count} steps of ${where}, at most ${MOST_STEPS} are possible`);
  const rowsIn = new Uint32Array(count);
  const places = Int32Array.from(times, (time) => {
    if (Number.isNaN(time)) return -1;
    const place = calendar.placeOf(time);
    rowsIn[place] = (rowsIn[place] as number) + 1;
    return place;
  });
  const gaps = rowsIn.reduce((sum, rows) => sum + Number(rows === 0), 0);
  return {
    times: Float64Array.from({ length: count }, (_, place) => calendar.timeOf(place)),
    places,
    every: calendar.every,
    gaps,
    duplicates: sorted.length - (count - gaps),
  };
}

/** Part of the rows at which a day may begin. */
const MOST_MIDNIGHTS = 0.2;

/**
 * Times of day without dates, in which each that is earlier than the one before is of the next day;
 * other times as they are.
 */
export function overMidnight(times: Float64Array): Float64Array {
  const known = times.filter((time) => !Number.isNaN(time));
  const midnights = known.reduce((count, time, row) => count + Number(row > 0 && time < (known[row - 1] as number)), 0);
  if (midnights === 0 || midnights > MOST_MIDNIGHTS * known.length || !known.every((time) => time >= 0 && time < DAY)) return times;
  let [day, last] = [0, 0];
  return times.map((time) => {
    if (time < last) day += DAY;
    if (!Number.isNaN(time)) last = time;
    return day + time;
  });
}

/** Steps of the found length without a row; infinitely many where times make no steps. */
export function countGaps(times: Float64Array): number {
  const sorted = inOrder(times);
  const last = sorted.at(-1);
  if (last === undefined || last === sorted[0]) return Infinity;
  const calendar = calendarOf(sorted, 'the column');
  const places = sorted.map((time) => calendar.placeOf(time));
  const steps = places.reduce((count, place, row) => count + Number(row === 0 || place !== places[row - 1]), 0);
  return calendar.placeOf(last) + 1 - steps;
}

/** The times that there are, ascending. */
function inOrder(times: Float64Array): Float64Array {
  return times.filter((time) => !Number.isNaN(time)).sort();
}

/** The calendar that fits sorted times. */
function calendarOf(sorted: Float64Array, where: string): Calendar {
  const unique = sorted.filter((time, row) => row === 0 || time !== sorted[row - 1]);
  return monthsOf(unique) ?? workdaysOf(unique) ?? evenSteps(usualStep(sorted, where), sorted[0] as number, Math.round);
}

/**
 * The calendar of a given step, whose step 0 has the first of sorted times.
 * @param every as of {@link timeSteps}
 * @throws {ArgumentError} for a step that is none
 */
export function calendarBy(every: number | string, sorted: Float64Array, where: string): Calendar {
  const start = sorted[0] as number;
  if (every === 'workday') return workdays(start);
  const [, count = '', unit = ''] = typeof every === 'string' ? (/^(\d*\.?\d*)\s*([a-z]+)$/.exec(every) ?? []) : [];
  const number = count === '' ? 1 : Number(count);
  const months = unit === 'mo' ? number : unit === 'y' ? 12 * number : 0;
  if (Number.isInteger(months) && months > 0) return stepsOfMonths(months, start);
  const step = typeof every === 'number' ? every : number * (UNITS[unit as keyof typeof UNITS] ?? Number.NaN);
  if (step > 0 && Number.isFinite(step)) return evenSteps(step, start);
  throw new ArgumentError(
    `${where}: every must be a number of milliseconds, 'workday', or a number and one of ${Object.keys(UNITS).join(', ')}, mo, y, as '10min', got ${every}`,
  );
}

/** @param place makes a number of steps whole: times that jitter are of the nearest step */
function evenSteps(step: number, start: number, place: (steps: number) => number = Math.floor): Calendar {
  return {
    every: nameOf(step),
    placeOf: (time) => place((time - start) / step),
    timeOf: (number) => start + number * step,
  };
}

/** `90min`, `1d`: the largest unit that fits. */
function nameOf(step: number): string {
  const [unit, length] = Object.entries(UNITS).findLast(([, size]) => step % size === 0 || size === 1) as [string, number];
  return `${step / length}${unit}`;
}

/** Months, where all times are at one time of one day of them, or of their last day. */
function monthsOf(unique: Float64Array): Calendar | null {
  if (unique.length < 3) return null;
  const start = unique[0] as number;
  const clock = start % DAY;
  const isLast = (time: number) => new Date(time + DAY).getUTCDate() === 1;
  const day = new Date(start).getUTCDate();
  const fits = (time: number) => time % DAY === clock && new Date(time).getUTCDate() === day;
  if (!unique.every(fits) && !unique.every((time) => time % DAY === clock && isLast(time))) return null;
  const months = Array.from(unique, monthOf);
  const steps = months.slice(1).map((month, row) => month - (months[row] as number));
  const step = steps.reduce(greatestDivisor, 0);
  return step === 0 ? null : stepsOfMonths(step, start);
}

function stepsOfMonths(step: number, start: number): Calendar {
  const first = monthOf(start);
  const startsLast = new Date(start + DAY).getUTCDate() === 1;
  const begin = new Date(start);
  return {
    every: step % 12 === 0 ? `${step / 12}y` : `${step}mo`,
    placeOf: (time) => Math.floor((monthOf(time) - first) / step),
    timeOf: (place) => {
      const month = begin.getUTCMonth() + place * step;
      const last = Date.UTC(begin.getUTCFullYear(), month + 1, 0);
      const same = Date.UTC(begin.getUTCFullYear(), month, begin.getUTCDate());
      return (startsLast || same > last ? last : same) + (start % DAY);
    },
  };
}

function monthOf(time: number): number {
  const date = new Date(time);
  return 12 * date.getUTCFullYear() + date.getUTCMonth();
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** Working days, where most days follow each other and none is on a weekend. */
function workdaysOf(unique: Float64Array): Calendar | null {
  const clock = (unique[0] as number) % DAY;
  const areDays = unique.length >= FEWEST_WORKDAYS && unique.every((time) => time % DAY === clock && weekday(time) < 5);
  if (!areDays) return null;
  const following = unique.filter((time, row) => row > 0 && time - (unique[row - 1] as number) === DAY).length;
  return following >= unique.length / 2 ? workdays(unique[0] as number) : null;
}

/** The days from Monday to Friday; a time on a weekend is of the Friday before. */
function workdays(start: number): Calendar {
  const numberOf = (time: number) => {
    const days = Math.floor(time / DAY) + 3;
    return 5 * Math.floor(days / 7) + Math.min(4, days - 7 * Math.floor(days / 7));
  };
  const first = numberOf(start);
  return {
    every: 'workday',
    placeOf: (time) => numberOf(time) - first,
    timeOf: (place) => {
      const number = first + place;
      return (7 * Math.floor(number / 5) + (number - 5 * Math.floor(number / 5)) - 3) * DAY + (((start % DAY) + DAY) % DAY);
    },
  };
}

/** 0 for Monday. */
function weekday(time: number): number {
  return (new Date(time).getUTCDay() + 6) % 7;
}

/** The step that at least half of the neighbours have, otherwise the median. @throws {DataError} */
function usualStep(sorted: Float64Array, where: string): number {
  const steps = sorted
    .subarray(1)
    .map((time, row) => time - (sorted[row] as number))
    .filter((step) => step > 0)
    .sort();
  const median = steps[steps.length >> 1];
  if (median === undefined) throw new DataError(`${where}: all rows have the same time`);
  // In sorted steps, one that at least half of them have is in the middle, or just before it.
  const before = steps[(steps.length - 1) >> 1] as number;
  return (countsOf(steps).get(before) as number) >= steps.length / 2 ? before : median;
}
