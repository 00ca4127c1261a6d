import { countsOf } from './countsOf.ts';
import { isMissing, type TableCell } from './missing.ts';
import { parseDates } from './parseDates.ts';
import { numberFormatOf, parseNumber } from './parseNumber.ts';

/** The kind of a column. */
export type ColumnKind = 'number' | 'date' | 'category' | 'text' | 'key' | 'empty';

/** The detected kind of a column, and the reason. */
export interface ColumnDescription {
  readonly name: string;
  readonly kind: ColumnKind;
  /** The reason in words: `397 of 400 values are numbers, with a decimal comma`. */
  readonly reason: string;
  /** Cells without a value. */
  readonly missing: number;
  /** Different values. */
  readonly distinct: number;
  /** Numbers such as -999 that may stand for missing values. */
  readonly sentinels: readonly number[];
}

/** How many of the values must be numbers, or dates, for the column to be one of them. */
const MOST = 0.9;
/** A column of more different values than this is no category. */
const CATEGORIES = 50;

/** Detects the kind of a column from all of its cells. */
export function describeColumn(name: string, cells: ArrayLike<TableCell>, likelyDecimal: '.' | ',' = '.'): ColumnDescription {
  const values = Array.from(cells).filter((cell) => !isMissing(cell));
  const missing = cells.length - values.length;
  const distinct = new Set(values).size;
  const of = (kind: ColumnKind, reason: string, sentinels: readonly number[] = []) => ({
    name,
    kind,
    reason,
    missing,
    distinct,
    sentinels,
  });
  const count = values.length;
  if (count === 0) return of('empty', 'it has no values');
  const format = numberFormatOf(values, likelyDecimal);
  const numbers = values.map((value) => parseNumber(value, format)).filter((value) => !Number.isNaN(value));
  const isNamedDate = /date|datum|time|epoch|^ts$|^(?:year|jahr|année|año|anno|ano)$/i.test(name);
  const dates = values.some((value) => typeof value === 'string') || isNamedDate ? parseDates(values) : null;
  const read = Array.from(dates?.times ?? []).filter((time) => !Number.isNaN(time));
  // Numbers of customers and of telephones have as many digits as seconds since 1970.
  const isDate = isNamedDate || !(dates?.isSerial || (dates?.isEpoch && !looksLikeTimes(read)));
  if (isDate && read.length >= MOST * count) return of('date', `${read.length} of ${count} values are dates`);
  if (numbers.length >= MOST * count) {
    const isCounting = numbers.length === count && numbers.every((value, row) => row === 0 || value === (numbers[row - 1] as number) + 1);
    if (isCounting && count > 2 && /^(?:|id|no|nr|index|row|unnamed.*|column1|#)$/i.test(name))
      return of('key', 'its numbers count the rows');
    const decimal = format.decimal === ',' ? ', with a decimal comma' : '';
    return of('number', `${numbers.length} of ${count} values are numbers${decimal}`, sentinelsOf(numbers));
  }
  const words = values.reduce<number>((sum, value) => sum + String(value).trim().split(/\s+/).length, 0) / count;
  if (distinct <= CATEGORIES && (distinct <= count / 2 || distinct <= 2))
    return of('category', `${count} values are ${distinct} different ones`);
  if (words < 1.5 && distinct === count && count > 2 && /id$|key|name|code/i.test(name)) return of('key', 'every row has another value');
  return of('text', `its values have ${words.toFixed(1)} words on average, and ${distinct} of ${count} differ`);
}

const LEAP_YEAR = 366 * 86_400_000;

function isNewYear(time: number): boolean {
  return new Date(time).toISOString().slice(4) === '-01-01T00:00:00.000Z';
}

/**
 * Whether times follow each other as those of a log do: years one after the other, however many
 * rows a year has, and other times in order, between 1990 and 2100, and at
 * least half of the steps are the same. Steps of one second or millisecond count rather than tell
 * the time.
 */
function looksLikeTimes(times: readonly number[]): boolean {
  const steps = times.slice(1).map((time, row) => time - (times[row] as number));
  const [first, last] = [times[0] as number, times.at(-1) as number];
  const [low, high] = [Math.min(first, last), Math.max(first, last)];
  if (steps.length < 2) return false;
  if (!steps.every((step) => step >= 0) && !steps.every((step) => step <= 0)) return false;
  if (times.every(isNewYear)) return steps.every((step) => Math.abs(step) <= LEAP_YEAR) && steps.some((step) => step !== 0);
  if (low < Date.UTC(1990) || high > Date.UTC(2100)) return false;
  const [step, count] = [...countsOf(steps)].sort(([, many], [, few]) => few - many)[0] as [number, number];
  return count >= steps.length / 2 && Math.abs(step) !== 1 && Math.abs(step) !== 1000 && step !== 0;
}

const NINES = /^-?9{2,}(\.9+)?$/;

/**
 * Numbers that programs write for missing ones: -99, -999, 9999, -99.9 and the like, if they are
 * far from all others: below 0 where no other is, or farther from the others than these are from
 * each other.
 */
export function sentinelsOf(numbers: readonly number[]): number[] {
  const marks = new Set<number>();
  let [low, high, others] = [Infinity, -Infinity, 0];
  for (const number of numbers) {
    if (NINES.test(String(number))) marks.add(number);
    else {
      others++;
      low = Math.min(low, number);
      high = Math.max(high, number);
    }
  }
  const isFar = (mark: number) => (mark < 0 && low >= 0) || (Math.abs(mark) >= 999 && Math.max(low - mark, mark - high) > high - low);
  return others * 2 > numbers.length ? [...marks].filter(isFar) : [];
}
