import { DataError, type DateOrder, type Table } from 'backtime';

/** Dates that may all have the day or the month first. */
export interface OpenDates {
  readonly column: string;
  /** One of them, as it is written. */
  readonly cell: string;
  readonly order: DateOrder;
  /** What the cell is with the day first and with the month first, in milliseconds since 1970. */
  readonly times: Readonly<Record<DateOrder, number>>;
}

/**
 * Dates that are other ones with the day or the month first, and dates in both readings. Likelier
 * is the reading that leaves fewer steps without a row: of the first of each month, months.
 */
export function openDatesOf(table: Table, name: string, rows: readonly number[], said: DateOrder | null): OpenDates | null {
  const own = table.select([name]).rowsAt(rows);
  const read = (order: DateOrder) => own.dates(name, { invalid: 'missing', order });
  const [byDay, byMonth] = [read('dayFirst'), read('monthFirst')];
  const place = byDay.findIndex((time, row) => time !== byMonth[row] && !Number.isNaN(time));
  const isOpen = place !== -1 && byDay.every((time, row) => Number.isNaN(time) === Number.isNaN(byMonth[row]));
  if (!isOpen) return null;
  const [ofDays, ofMonths] = [gapsOf(own, name, 'dayFirst'), gapsOf(own, name, 'monthFirst')];
  const guessed = own.dates(name, { invalid: 'missing' })[place] === byDay[place] ? 'dayFirst' : 'monthFirst';
  const order = said ?? (ofDays === ofMonths ? guessed : ofDays < ofMonths ? 'dayFirst' : 'monthFirst');
  const times = { dayFirst: byDay[place] as number, monthFirst: byMonth[place] as number };
  return { column: name, cell: String(own.column(name)[place]).trim(), order, times };
}

/** Steps without a row, and rows of one step, by one reading. */
function gapsOf(table: Table, time: string, order: DateOrder): number {
  try {
    const { gaps, duplicates } = table.timeSteps({ time, order });
    return gaps + duplicates;
  } catch (error) {
    if (error instanceof DataError) return Infinity;
    throw error;
  }
}

/** How open dates are taken, for the user. */
export function describeOpen({ column, cell, order, times }: OpenDates): string {
  const other = order === 'dayFirst' ? 'monthFirst' : 'dayFirst';
  return `Every date of “${column}” may have the day or the month first. “${cell}” is taken for ${longDate(times[order])}, not for ${longDate(times[other])}: change it below if that is wrong.`;
}

/** `3 April 2024` */
export function longDate(time: number): string {
  return new Date(time).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
}
