// Columns of numbers that say when a row is, or its place: a forecast goes along them, and
// continues another.

const PART_OF_DATE = /^(year|quarter|month|week|weekday|day|day of (the )?(week|month|year)|hour|minute|second)s?$/i;
const ORDER = /^(date|time|date ?time|time ?stamp|index|idx|id|no|nr|number|row|step|sample|t)$/i;

/** Whether a name is that of a part of dates, whose numbers come again and again. */
export function partOfDate(name: string): boolean {
  return PART_OF_DATE.test(words(name));
}

/**
 * Whether numbers count the rows, or are dates that are written as numbers: 20240131, 202401,
 * years, seconds since 1970.
 */
export function countsRows(name: string, numbers: Float64Array): boolean {
  if (numbers.length < 3) return false;
  const steps = numbers.subarray(1).map((value, index) => value - numbers[index]);
  const isMonotone = steps.every((step) => step >= 0) || steps.every((step) => step <= 0);
  if (!isMonotone) return TIME.test(words(name)) && restartsOf(steps) <= MOST_RESTARTS * steps.length;
  if (steps.every((step) => step === 0)) return false;
  if (ORDER.test(words(name)) || steps.every((step) => step === steps[0] && Math.abs(step) === 1)) return true;
  if (!numbers.every(Number.isInteger)) return false;
  return numbers.every(isDay) || numbers.every(isMonth) || areYears(numbers, steps) || areTimes(numbers, steps);
}

const TIME = /^(time|time ?stamp|elapsed( time)?|ms|milliseconds?|seconds?|step|sample|t)$/i;
/** Part of the rows at which a recording may begin. */
const MOST_RESTARTS = 0.05;

/** How often the time begins anew, as it does with each recording. */
function restartsOf(steps: Float64Array): number {
  return steps.reduce((sum, step) => sum + Number(step < 0), 0);
}

function words(name: string): string {
  return name.replace(/[_\s]+/g, ' ').trim();
}

/** 20240131 */
function isDay(value: number): boolean {
  return isMonth(Math.floor(value / 100)) && value % 100 >= 1 && value % 100 <= 31;
}

/** 202401 */
function isMonth(value: number): boolean {
  return isYear(Math.floor(value / 100)) && value % 100 >= 1 && value % 100 <= 12;
}

function isYear(value: number): boolean {
  return value >= 1800 && value < 2200;
}

/** One after the other, however many rows a year has. */
function areYears(numbers: Float64Array, steps: Float64Array): boolean {
  return numbers.every(isYear) && steps.every((step) => Math.abs(step) <= 1);
}

/** Seconds since 1970, or thousandths, millionths or billionths of them, in years of computers. */
function areTimes(numbers: Float64Array, steps: Float64Array): boolean {
  const isTime = (value: number) => [1, 1e3, 1e6, 1e9].some((unit) => value >= 3e8 * unit && value < 4e9 * unit);
  return steps.every((step) => step !== 0) && numbers.every(isTime);
}
