import { type ColumnDescription, DataError, type Table } from '../../node.ts';
import { isOfTime } from './rowForm.ts';
import { dateTexts } from './seriesDates.ts';

/** A column that names series has about as many values as a date has rows. */
const MOST_VALUES = 3;

/** What to do with a table of several series, which a column tells apart. */
export function oneSeries(column: string): string {
  return `a forecast continues one series, with a row for each date: give a file with the rows of one '${column}', or a table with a column for each, and name these by --target`;
}

/**
 * Warns of dates that have several rows.
 * @param table sorted by its dates
 * @param times the dates
 * @param taken the columns that are forecast, and that of the dates
 * @throws {DataError} where most dates have several rows, which a column tells apart: they are of
 *   several series
 */
export function checkRepeatedDates(table: Table, times: Float64Array, taken: readonly string[], warn: (message: string) => void): void {
  const starts = Array.from(times.keys()).filter((row) => row === 0 || times[row] !== times[row - 1]);
  const counts = starts.map((start, index) => (starts[index + 1] ?? times.length) - start);
  const repeated = counts.filter((count) => count > 1).length;
  if (repeated === 0) return;
  const most = Math.max(...counts);
  const [first] = dateTexts(times.subarray(starts[counts.findIndex((count) => count > 1)] as number).slice(0, 1));
  const others = table.describeColumns().filter(({ name }) => !taken.includes(name));
  const keys = keysOf(table, times, others, MOST_VALUES * most);
  const names = keys.map((name) => `'${name}'`).join(' and ');
  const which = keys.length > 0 ? `, which ${names} ${keys.length > 1 ? 'tell' : 'tells'} apart` : '';
  const time = keys.find((name) => isTime(others, name));
  const series = keys.filter((name) => !isTime(others, name));
  const rows = counts.every((count) => count === most) ? `${most} rows for each date` : `up to ${most} rows for a date`;
  if (2 * repeated > counts.length && series.length > 0)
    throw new DataError(`${table.source} has ${rows}, such as ${first}${which}: ${oneSeries(series.join("' and '"))}`);
  warn(
    `${table.source} has several rows for ${repeated} of ${counts.length} dates, the first of them ${first}${which}: each row is taken for the next step, in the order of the file; ` +
      (time !== undefined ? `write '${time}' into the dates` : 'if they are of one time, keep one of them, or write their sum or mean'),
  );
}

/** Whether a column has the times of a day, or numbers of them. */
function isTime(columns: readonly ColumnDescription[], name: string): boolean {
  const kind = columns.find((column) => column.name === name)?.kind;
  return kind === 'date' || (kind === 'number' && isOfTime(name));
}

/**
 * The column, or the two columns, whose values differ in the rows of each date; none if there are
 * none.
 */
function keysOf(table: Table, times: Float64Array, columns: readonly ColumnDescription[], most: number): readonly string[] {
  const candidates = columns
    .filter(({ distinct, missing }) => distinct <= most && missing === 0)
    .sort((a, b) => a.distinct - b.distinct)
    .map(({ name }) => ({ name, texts: table.texts(name) }));
  const differ = (...chosen: readonly (readonly string[])[]) =>
    new Set(Array.from(times, (time, row) => JSON.stringify([time, ...chosen.map((texts) => texts[row])]))).size === times.length;
  const one = candidates.find(({ texts }) => differ(texts));
  if (one) return [one.name];
  for (const [index, a] of candidates.entries())
    for (const b of candidates.slice(0, index)) if (differ(b.texts, a.texts)) return [b.name, a.name];
  return [];
}
