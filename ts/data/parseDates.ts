import { countsOf } from './countsOf.ts';
import { isMissing, type TableCell } from './missing.ts';
import { countGaps } from './timeSteps.ts';

/** Whether the day comes first, `31/12/2024`, or the month, `12/31/2024`. */
export type DateOrder = 'dayFirst' | 'monthFirst';

/** Dates of a column. */
export interface ParsedDates {
  /** Milliseconds since 1970 in UTC; NaN for what is no date. Times without a zone are in UTC. */
  readonly times: Float64Array;
  /** The order of day and month; null where none of the dates needs it. */
  readonly order: DateOrder | null;
  /** Whether neither a date nor the steps between the dates decide the order: it is a guess. */
  readonly isAmbiguous: boolean;
  /** Whether all dates are years, or seconds or milliseconds since 1970: perhaps other numbers. */
  readonly isEpoch: boolean;
  /**
   * Whether all are days since 1900, as spreadsheets store dates: only a name tells them from
   * numbers.
   */
  readonly isSerial: boolean;
}

/** The languages whose names of months are read; English first, where two languages differ. */
const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'pl', 'sv', 'da', 'nb', 'fi', 'tr', 'ru'];
const TIME = String.raw`(?:[T\s,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([ap]\.?m\.?)?)?\s*(Z|(?:UTC|GMT)?[+-]\d{2}:?\d{2}|(?:UTC|GMT)(?:[+-]\d{1,2})?|(?<=:\d{2}(?:\.\d+)?)[+-]\d{2})?`;
const YEAR_FIRST = new RegExp(`^(\\d{4})[-/.](\\d{1,2})(?:[-/.](\\d{1,2}))?${TIME}$`, 'iu');
const COMPACT = new RegExp(`^((?:19|20)\\d{2})(\\d{2})(\\d{2})${TIME}$`, 'iu');
const YEAR_LAST = new RegExp(`^(\\d{1,2})[-/.](\\d{1,2})[-/.](\\d{4}|\\d{2})${TIME}$`, 'iu');
const DAY_NAME = new RegExp(`^(?:\\p{L}{3,10},?\\s+)?(\\d{1,2})[-\\s.]+(\\p{L}{3,10})\\.?[-\\s,]+(\\d{4}|\\d{2})${TIME}$`, 'iu');
const NAME_DAY = new RegExp(`^(?:\\p{L}{3,10},?\\s+)?(\\p{L}{3,10})\\.?[-\\s]+(\\d{1,2})(?:st|nd|rd|th)?,?[-\\s]+(\\d{4})${TIME}$`, 'iu');
const NAME_YEAR = /^(\p{L}{3,10})\.?[-\s,]*(?:(\d{4})|[-'’](\d{2}))$/iu;
const YEAR = /^(?:1[89]|2[01])\d{2}$/;
const QUARTER = /^(?:(\d{4})[-\s/]?Q([1-4])|Q([1-4])[-\s/]?(\d{4}))$/i;
const WEEK = /^(\d{4})-?W(\d{2})(?:-?([1-7]))?$/i;
const CHARACTERS = /^(\d{4})年(\d{1,2})月(?:(\d{1,2})日)?$/;
const CLOCK = /^\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:\s*[ap]\.?m\.?)?$/i;
/** No date has more characters. */
const LONGEST = 50;
const EPOCH = /^\d{10}(?:\d{3})?$/;
const YEAR_MONTH = /^(\d{1,2})-(\d{2})$/;

/** The steps between fewer dates are even by chance. */
const FEWEST_DECIDING = 8;

/** A date of which day and month may be exchanged. */
interface Read {
  readonly year: number;
  readonly parts: readonly [number, number];
  /** Whether the order of the parts is open. */
  readonly isOpen: boolean;
  /** Milliseconds since midnight in UTC. */
  readonly time: number;
}

/**
 * Reads the dates of a column, in any usual form: ISO 8601, `31.12.2024`, `12/31/24 5:30 PM`, `3
 * Feb 2024`, `Feb 3, 2024`, `Jan-24`, `20241231`, `2024-W05`, `2024 Q1`, `2024年1月5日`, seconds or
 * milliseconds since 1970, days since 1900 as spreadsheets store them, years where all are years;
 * names of months in several languages. A time of day alone, `17:30`, is one of 1 January 1970.
 * `1-01`, `1-02`, … are years and months where each cell is the month after the one before. Whether
 * day or month comes first is decided by all dates together: one of `31/12` decides, otherwise the
 * order that leaves at most half as many steps without a row; with dots the day comes first.
 * @param order the order; null: it is decided
 */
export function parseDates(cells: ArrayLike<TableCell>, order: DateOrder | null = null): ParsedDates {
  const years = yearsOf(cells);
  const serials = years === null ? serialsOf(cells) : null;
  const isSerial = serials !== null;
  const read = years ?? serials ?? monthsOf(cells) ?? Array.from(cells, readDate);
  const isEpoch = years !== null || Array.from(cells).every((cell) => isMissing(cell) || EPOCH.test(String(cell).trim()));
  const open = read.filter((date): date is Read => typeof date === 'object' && date.isOpen);
  const firsts = open.some(({ parts: [first] }) => first > 12);
  const seconds = open.some(({ parts: [, second] }) => second > 12);
  const timesBy = (by: DateOrder) => Float64Array.from(read, (date) => (typeof date === 'number' ? date : timeOf(date, by)));
  const said = firsts === seconds ? null : firsts ? 'dayFirst' : 'monthFirst';
  const decided = order ?? said ?? (hasDots(cells) ? 'dayFirst' : null);
  if (open.length === 0) return { times: timesBy('dayFirst'), order: null, isAmbiguous: false, isEpoch, isSerial };
  if (decided) return { times: timesBy(decided), order: decided, isAmbiguous: false, isEpoch, isSerial };
  const [byDay, byMonth] = [timesBy('dayFirst'), timesBy('monthFirst')];
  const [ofDays, ofMonths] = [lackOf(byDay), lackOf(byMonth)];
  const isDay = ofDays === ofMonths ? unevenness(byDay) < unevenness(byMonth) : ofDays < ofMonths;
  const [least, most] = [Math.min(ofDays, ofMonths), Math.max(ofDays, ofMonths)];
  const isAmbiguous = open.length < FEWEST_DECIDING || 2 * least >= most || least > open.length;
  return { times: isDay ? byDay : byMonth, order: isDay ? 'dayFirst' : 'monthFirst', isAmbiguous, isEpoch, isSerial };
}

/** Whether a text is a date or a time, and no number. */
export function isDateText(text: string): boolean {
  if (!Number.isNaN(Number(text))) return false;
  const read = readDate(text);
  if (typeof read === 'number') return !Number.isNaN(read);
  return !Number.isNaN(timeOf(read, 'dayFirst')) || !Number.isNaN(timeOf(read, 'monthFirst'));
}

/** The beginnings of years; null unless all cells that have a value are years. */
function yearsOf(cells: ArrayLike<TableCell>): number[] | null {
  const years: number[] = [];
  let count = 0;
  for (let row = 0; row < cells.length; row++) {
    const text = String(cells[row] ?? '').trim();
    if (YEAR.test(text)) count++;
    else if (!isMissing(cells[row] as TableCell)) return null;
    years.push(YEAR.test(text) ? dated(Number(text), 1, 1, []) : Number.NaN);
  }
  return count === 0 ? null : years;
}

/** Numbers of days since 1900 from 1954 to 2119. */
const SERIALS = { from: 20_000, to: 80_000, of1970: 25_569 } as const;

/** The times of days since 1900, with the time of day as a fraction; null where any is none. */
function serialsOf(cells: ArrayLike<TableCell>): number[] | null {
  const times: number[] = [];
  let count = 0;
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row] as TableCell;
    if (isMissing(cell)) {
      times.push(Number.NaN);
      continue;
    }
    const days = /^\d{5}(?:\.\d+)?$/.test(String(cell).trim()) ? Number(cell) : Number.NaN;
    if (!(days >= SERIALS.from && days < SERIALS.to)) return null;
    count++;
    // Fractions of a day are rounded to seconds.
    times.push(Math.round((days - SERIALS.of1970) * 86_400) * 1000);
  }
  return count === 0 ? null : times;
}

/**
 * The times of years and months, `1-01` to `3-12`; null where they do not follow each other, since
 * such texts are also scores and ranges.
 */
function monthsOf(cells: ArrayLike<TableCell>): number[] | null {
  if (cells.length < 3) return null;
  const months: number[] = [];
  for (let row = 0; row < cells.length; row++) {
    const [, year, month] = YEAR_MONTH.exec(String(cells[row]).trim()) ?? [];
    if (year === undefined || Number(month) < 1 || Number(month) > 12) return null;
    months.push(12 * fullYear(year) + Number(month) - 1);
    if (row > 0 && months[row] !== (months[row - 1] as number) + 1) return null;
  }
  return months.map((month) => dated(Math.floor(month / 12), 1, (month % 12) + 1, []));
}

/** A date, or the time of one that is complete. NaN for what is no date. */
function readDate(cell: TableCell): Read | number {
  if (cell === null || isMissing(cell)) return Number.NaN;
  const text = typeof cell === 'number' ? String(cell) : cell.trim();
  if (text.length > LONGEST || !/\d/.test(text)) return Number.NaN;
  if (EPOCH.test(text)) return Number(text) * (text.length === 10 ? 1000 : 1);
  const first = YEAR_FIRST.exec(text) ?? COMPACT.exec(text);
  if (first) return dated(Number(first[1]), Number(first[3] ?? 1), Number(first[2]), first.slice(4));
  const last = YEAR_LAST.exec(text);
  if (last) {
    const time = timeOfDay(last.slice(4));
    return Number.isNaN(time) ? time : { year: fullYear(last[3] as string), parts: [Number(last[1]), Number(last[2])], isOpen: true, time };
  }
  // Other numbers are none; the rest has letters or colons.
  if (!/[\p{L}:]/u.test(text)) return Number.NaN;
  if (CLOCK.test(text)) return timeOfDay(/^(\d+):(\d+)(?::(\d+)(?:[.,](\d+))?)?\s*([ap])?/i.exec(text)?.slice(1) ?? []);
  return readNamed(text.replace(/\bde\s+/gi, ''));
}

/** A date with the name of a month, or a part of a year. */
function readNamed(text: string): number {
  const day = DAY_NAME.exec(text);
  if (day) return dated(fullYear(day[3] as string), Number(day[1]), monthOf(day[2] as string), day.slice(4));
  const month = NAME_DAY.exec(text);
  if (month) return dated(Number(month[3]), Number(month[2]), monthOf(month[1] as string), month.slice(4));
  const only = NAME_YEAR.exec(text);
  if (only) return dated(fullYear((only[2] ?? only[3]) as string), 1, monthOf(only[1] as string), []);
  const quarter = QUARTER.exec(text);
  if (quarter) return dated(Number(quarter[1] ?? quarter[4]), 1, 3 * Number(quarter[2] ?? quarter[3]) - 2, []);
  const week = WEEK.exec(text);
  if (week) return weekOf(Number(week[1]), Number(week[2]), Number(week[3] ?? 1));
  const characters = CHARACTERS.exec(text);
  return characters ? dated(Number(characters[1]), Number(characters[3] ?? 1), Number(characters[2]), []) : Number.NaN;
}

const DAY = 86_400_000;

/** The day of a week of ISO 8601, 1 for Monday: week 1 has 4 January. */
function weekOf(year: number, week: number, day: number): number {
  const fourth = dated(year, 4, 1, []);
  const time = fourth + ((week - 1) * 7 + day - 1 - ((new Date(fourth).getUTCDay() + 6) % 7)) * DAY;
  return week >= 1 && week <= 53 ? time : Number.NaN;
}

/** The time of a date whose day and month are known; NaN when the calendar has none. */
function dated(year: number, day: number, month: number, time: readonly (string | undefined)[]): number {
  return timeOf({ year, parts: [day, month], isOpen: false, time: timeOfDay(time) }, 'dayFirst');
}

function timeOf({ year, parts: [first, second], isOpen, time }: Read, order: DateOrder): number {
  const [day, month] = isOpen && order === 'monthFirst' ? [second, first] : [first, second];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? date.getTime() + time : Number.NaN;
}

/** Milliseconds since midnight in UTC. NaN when the clock has no such time. */
function timeOfDay([hours = '0', minutes = '0', seconds = '0', fraction = '', half = '', zone = '']: readonly (
  | string
  | undefined
)[]): number {
  const isAfternoon = /^p/i.test(half);
  if (half !== '' && (Number(hours) < 1 || Number(hours) > 12)) return Number.NaN;
  const hour = half === '' ? Number(hours) : (Number(hours) % 12) + (isAfternoon ? 12 : 0);
  if (hour > 24 || Number(minutes) > 59 || Number(seconds) > 60) return Number.NaN;
  const [, sign, zoneHours = '0', zoneMinutes = '0'] = /^(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?$/i.exec(zone) ?? [];
  const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === '-' ? -1 : 1);
  return ((hour * 60 + Number(minutes) - offset) * 60 + Number(seconds)) * 1000 + Number(`0.${fraction || 0}`) * 1000;
}

/** Names of months in lower case, with the number of the month, from 1. */
let monthNames: readonly (readonly [string, number])[] | null = null;
const foundMonths = new Map<string, number>();

/** The number of a month, from 1, by its name or the first letters of it; NaN for another word. */
function monthOf(name: string): number {
  const word = name.toLowerCase();
  const known = foundMonths.get(word);
  if (known !== undefined) return known;
  monthNames ??= LANGUAGES.flatMap((language) =>
    (['long', 'short'] as const).flatMap((width) => {
      const { format } = new Intl.DateTimeFormat(language, { month: width, day: 'numeric', timeZone: 'UTC' });
      // Beside a day, names have the form that dates have: января, not январь.
      return Array.from({ length: 12 }, (_, month) => [nameIn(format(Date.UTC(2024, month, 15))), month + 1] as const);
    }),
  );
  const month = monthNames.find(([known]) => known.startsWith(word) || (word.startsWith(known) && word.length <= known.length + 1))?.[1];
  foundMonths.set(word, month ?? Number.NaN);
  return month ?? Number.NaN;
}

function nameIn(date: string): string {
  return /\p{L}{3,}/u.exec(date)?.[0].toLowerCase() ?? date;
}

/** A year of two digits is one from 1970 to 2069. */
function fullYear(text: string): number {
  const year = Number(text);
  return text.length > 2 ? year : year + (year < 70 ? 2000 : 1900);
}

/** Steps without a row, and dates that do not exist. */
function lackOf(times: Float64Array): number {
  return countGaps(times) + times.reduce((count, time) => count + Number(Number.isNaN(time)), 0);
}

/** How many steps between neighbours differ from the most frequent step; dates that fail count. */
function unevenness(times: Float64Array): number {
  const steps = Array.from(times.subarray(1), (time, row) => Math.abs(time - (times[row] as number)));
  return times.length - [...countsOf(steps.filter((step) => step !== 0)).values()].reduce((most, count) => Math.max(most, count), 0);
}

function hasDots(cells: ArrayLike<TableCell>): boolean {
  return Array.from(cells).some((cell) => typeof cell === 'string' && /^\d{1,2}\.\d{1,2}\./.test(cell.trim()));
}
