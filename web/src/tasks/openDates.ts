import type { DateOrder, Table } from 'backtime';
import { parseDates } from '../../../ts/data/parseDates.ts';

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
 * Dates of a column that are other ones with the day or the month first, and one of them in both
 * readings. Which is likelier, is decided as the package does.
 */
export function openDatesOf(table: Table, name: string, said: DateOrder | null): OpenDates | null {
  const cells = table.column(name);
  const [{ times: byDay }, { times: byMonth }] = [parseDates(cells, 'dayFirst'), parseDates(cells, 'monthFirst')];
  const place = byDay.findIndex((time, row) => time !== byMonth[row] && !Number.isNaN(time));
  const isOpen = place !== -1 && byDay.every((time, row) => Number.isNaN(time) === Number.isNaN(byMonth[row]));
  if (!isOpen) return null;
  const times = { dayFirst: byDay[place] as number, monthFirst: byMonth[place] as number };
  return { column: name, cell: String(cells[place]).trim(), order: said ?? parseDates(cells).order ?? 'dayFirst', times };
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
