import { countsOf } from './countsOf.ts';
import { isMissing, type TableCell } from './missing.ts';
import { parseDates } from './parseDates.ts';
import { numberFormatOf, parseNumber } from './parseNumber.ts';

/** What a column holds. */
export type ColumnKind = 'number' | 'date' | 'category' | 'text' | 'key' | 'empty';

/** What a column was taken for, and why. */
export interface ColumnDescription {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Why, in words: `397 of 400 values are numbers, with a decimal comma`. */
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
const SENTINELS = [-9999, -999.9, -999, -99.9, -99, 999, 9999, 99999];

/** Says what a column holds, from all of its cells. */
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
  const isNamedDate = /date|time|epoch|^ts$/i.test(name);
  const dates = values.some((value) => typeof value === 'string') || isNamedDate ? parseDates(values) : null;
  const read = Array.from(dates?.times ?? []).filter((time) => !Number.isNaN(time));
  // Numbers of customers and of telephones have as many digits as seconds since 1970.
  const isDate = !dates?.isEpoch || isNamedDate || looksLikeTimes(read);
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

/**
 * Whether times follow each other as those of a log do: in order, between 1990 and 2100, and at
 * least half of the steps are the same. Steps of one second or millisecond count rather than tell
 * the time.
 */
function looksLikeTimes(times: readonly number[]): boolean {
  const steps = times.slice(1).map((time, row) => time - (times[row] as number));
  const [first, last] = [times[0] as number, times.at(-1) as number];
  const [low, high] = [Math.min(first, last), Math.max(first, last)];
  if (steps.length < 2 || low < Date.UTC(1990) || high > Date.UTC(2100)) return false;
  if (!steps.every((step) => step >= 0) && !steps.every((step) => step <= 0)) return false;
  const [step, count] = [...countsOf(steps)].sort(([, many], [, few]) => few - many)[0] as [number, number];
  return count >= steps.length / 2 && Math.abs(step) !== 1 && Math.abs(step) !== 1000 && step !== 0;
}

/** Numbers that stand far from all others, in the form that people give to missing values. */
function sentinelsOf(numbers: readonly number[]): number[] {
  return SENTINELS.filter((sentinel) => {
    if (!numbers.includes(sentinel)) return false;
    const others = numbers.filter((value) => value !== sentinel);
    const [low, high] = others.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
    return others.length > 0 && (sentinel < low - (high - low) || sentinel > high + (high - low));
  });
}
