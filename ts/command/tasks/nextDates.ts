const DAY = 86_400_000;
/** The last dates that decide the step. */
const RECENT = 12;

const monthOf = (time: number) => {
  const date = new Date(time);
  return 12 * date.getUTCFullYear() + date.getUTCMonth();
};
const dayOf = (time: number) => new Date(time).getUTCDate();
const isWorkingDay = (time: number) => ![0, 6].includes(new Date(time).getUTCDay());

/** The time on a day of a month, or on its last day where the month is shorter. */
function inMonth(month: number, day: number, timeOfDay: number): number {
  const last = new Date(Date.UTC(0, 0)).setUTCFullYear(Math.floor(month / 12), (month % 12) + 1, 0);
  return last - Math.max(0, dayOf(last) - day) * DAY + timeOfDay;
}

/** The only value of a list; null where there are several. */
const only = (values: readonly number[]) => (values.every((value) => value === values[0]) ? (values[0] ?? null) : null);

/**
 * The dates after those of a series, whose steps are all of one length, of whole months (on one
 * day, or on the last), or of working days. Years and quarters are months.
 * @param times milliseconds since 1970, earliest first
 * @returns null where the steps are none of these
 */
export function nextDates(times: Float64Array, n: number): Float64Array | null {
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
