import { describe } from '../core/describe.ts';
import { ArgumentError, FormatError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import { layoutOf, linesBefore } from './csvFormat.ts';
import { headerOption } from './headerOption.ts';
import { namesIn } from './headerRows.ts';
import type { TableCell } from './missing.ts';
import { numberFormatOf } from './parseNumber.ts';
import { remarkTest } from './remarkRows.ts';
import { Table } from './table.ts';
import { numberedNames } from './uniqueNames.ts';

/** A row of values, or a record: values by the names of columns. */
export type TableRow = readonly unknown[] | Readonly<Record<string, unknown>>;

/** Options of `tableFromRows`. */
export interface TableFromRowsOptions {
  /** The name of the table in error messages. Default 'the table'. */
  source?: string;
  /**
   * Whether the first row of values holds the names of the columns, or how many rows do. Default
   * 'auto': if its kind differs.
   */
  header?: boolean | number | 'auto';
}

const NAME = 'tableFromRows';
/** Rows that decide where the names are. */
const SAMPLE_ROWS = 200;

/** See `tableFromRows` of lazyReaders.ts. */
export function tableFromRows(rows: readonly TableRow[], options: TableFromRowsOptions = {}): Table {
  checkOptions(options, ['source', 'header'], NAME);
  const { source = 'the table', header = 'auto' } = options;
  if (!Array.isArray(rows) || !rows.every((row) => typeof row === 'object' && row !== null))
    throw new ArgumentError(`${NAME} takes an array of rows, each an array of values or a record, got ${describe(rows)}`);
  const areArrays = rows.some(Array.isArray);
  if (areArrays && !rows.every(Array.isArray)) throw new ArgumentError(`${NAME} takes arrays of values or records, not both`);
  return areArrays
    ? ofArrays(rows as readonly (readonly unknown[])[], source, headerOption(header, NAME))
    : ofRecords(rows as readonly Record<string, unknown>[], source);
}

function ofArrays(rows: readonly (readonly unknown[])[], source: string, header: number | boolean | 'auto'): Table {
  const width = rows.reduce((most, { length }) => Math.max(most, length), 0);
  const filled = [...rows.keys()].filter((row) => (rows[row] as readonly unknown[]).some((value) => textOf(value).trim() !== ''));
  const sample = filled
    .slice(0, SAMPLE_ROWS)
    .map((row) => Array.from({ length: width }, (_, place) => textOf((rows[row] as readonly unknown[])[place])));
  if (sample.length === 0) throw new FormatError(`${source} has no rows`);
  const { decimal } = numberFormatOf(sample.flat());
  const layout = layoutOf(sample, header, decimal);
  const { titles, nameRows, before } = layout;
  const isRemark = remarkTest(sample.slice(titles, titles + nameRows), sample.slice(before), width, decimal);
  const below = filled.slice(before).map((row) => ({ row, isRemark: isRemark((rows[row] as readonly unknown[]).map(textOf)) }));
  const kept = below.flatMap(({ row, isRemark: is }) => (is ? [] : [row]));
  if (kept.length === 0) throw new FormatError(`${source} has column names, but no rows below them`);
  const names = nameRows > 0 ? namesIn(sample.slice(titles, titles + nameRows)) : numberedNames(width);
  // Programs leave empty rows below and empty columns beside a table.
  const columns = names.map((name, place) => [name, kept.map((row) => cellOf((rows[row] as readonly unknown[])[place]))] as const);
  const lines = filled.slice(0, before).map((row) => row + 1);
  return new Table(new Map(columns), {
    source,
    rows: kept.map((row) => row + 1),
    decimal,
    format: {
      encoding: '',
      separator: '',
      decimal,
      ...linesBefore(layout, lines, (kept[0] as number) + 1),
      remarkLines: below.flatMap(({ row, isRemark: is }) => (is ? [row + 1] : [])),
    },
  });
}

function ofRecords(records: readonly Record<string, unknown>[], source: string): Table {
  if (records.length === 0) throw new FormatError(`${source} has no rows`);
  const columns = new Map<string, TableCell[]>();
  for (const [row, record] of records.entries()) {
    for (const [name, cell] of cellsOf(record, '')) {
      const cells = columns.get(name) ?? [];
      columns.set(name, cells);
      while (cells.length < row) cells.push(null);
      if (cells.length === row) cells.push(cell);
    }
  }
  if (columns.size === 0) throw new FormatError(`${source} has rows without values`);
  for (const cells of columns.values()) while (cells.length < records.length) cells.push(null);
  return new Table(columns, { source });
}

/** The cells of a record by names of columns: those of a record in it have names `outer.inner`. */
function* cellsOf(record: Readonly<Record<string, unknown>>, prefix: string): Generator<readonly [string, TableCell]> {
  for (const [name, value] of Object.entries(record)) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date))
      yield* cellsOf(value as Record<string, unknown>, `${prefix}${name}.`);
    else yield [`${prefix}${name}`, cellOf(value)];
  }
}

/** A value as a cell: dates as texts of ISO 8601, arrays as JSON. */
function cellOf(value: unknown): TableCell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'string') return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : isoOf(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A date without a time that is midnight. */
function isoOf(date: Date): string {
  return date.toISOString().replace(/T00:00:00\.000Z$/, '');
}

function textOf(value: unknown): string {
  const cell = cellOf(value);
  return cell === null ? '' : String(cell);
}
