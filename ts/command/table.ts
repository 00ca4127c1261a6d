import { ArgumentError, type ColumnDescription, type ColumnKind, DataError, readCSV, readParquet, type Table } from '../node.ts';
import { isJSON, readRecords } from './readRecords.ts';
import { refuseUnread } from './unreadFlags.ts';

/** The flags for reading a table. */
export interface TableFlags {
  readonly separator?: string;
  readonly comments?: string;
  readonly encoding?: string;
  readonly badRows?: 'error' | 'skip';
  /** Texts that stand for no value, with commas between. */
  readonly naValues?: string;
  /** Prints a warning. */
  readonly warn: (message: string) => void;
}

/**
 * Reads a table of CSV, TSV, JSON, JSON lines or Parquet. Warns of rows that are left out.
 * @throws {ArgumentError} for a flag that the form of the file does not read
 * @throws the errors of `readCSV`, `readParquet` and `readRecords`
 */
export async function readTable(file: string, flags: TableFlags): Promise<Table> {
  const { separator, comments, encoding, badRows, naValues } = flags;
  const naRemedy = 'null means a missing value there, so write null in the place of these texts, or give the table as CSV';
  if (/\.parquet$/i.test(file)) {
    refuseUnread(file, 'Parquet', flags, ['separator', 'comments', 'encoding', 'naValues'], { naValues: naRemedy });
    return readParquet(file);
  }
  if (isJSON(file)) {
    refuseUnread(file, 'JSON', flags, ['separator', 'comments', 'naValues'], { naValues: naRemedy });
    return readRecords(file, encoding);
  }
  const table = await readCSV(file, {
    ...(separator === undefined ? {} : { separator }),
    ...(comments === undefined ? {} : { comments }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(badRows === undefined ? {} : { badRows }),
    ...(naValues === undefined ? {} : { naValues: naValues.split(',') }),
  });
  warnOfSkipped(table, file, flags);
  return table;
}

/** Warns of rows of a file that a reader has left out. */
export function warnOfSkipped({ skipped: { length, 0: first } }: Table, file: string, { warn }: Pick<TableFlags, 'warn'>): void {
  if (length > 0)
    warn(`${length} ${length === 1 ? 'row' : 'rows'} of ${file} left out, the first is line ${first?.line}, which ${first?.reason}`);
}

/** A column whose cells are needed, and what they are. */
export type NeededColumn = readonly [name: string, what: string];

/**
 * The rows in which no needed cell is empty.
 * @throws {DataError} naming the first other row, unless `--bad-rows skip` leaves them out
 */
export function withCells(table: Table, needed: readonly NeededColumn[], { badRows, warn }: TableFlags): Table {
  const cells = needed.map(([name, what]) => ({ name, what, texts: table.texts(name) }));
  // `none` may be a word or a class, but is no number.
  const lackIn = (row: number) =>
    cells.find(({ name, what, texts }) => (what === 'number' ? !table.hasValue(name, row) : texts[row]?.trim() === ''));
  const all = Array.from({ length: table.rowCount }, (_, row) => row);
  const kept = all.filter((row) => !lackIn(row));
  const first = all.find((row) => lackIn(row));
  if (first === undefined) return table;
  const { name, what } = lackIn(first) as (typeof cells)[number];
  if (badRows !== 'skip')
    throw new DataError(`${table.place(first)}, column '${name}', has no ${what}: --bad-rows skip leaves such rows out`);
  const left = table.rowCount - kept.length;
  warn(
    `${left} ${left === 1 ? 'row' : 'rows'} of ${table.source} left out, the first is ${placeIn(table, first)}: no ${what} in '${name}'`,
  );
  return table.rowsAt(kept);
}

/** `line 7`, of a file without lines `row 7`. */
function placeIn(table: Table, row: number): string {
  return table.place(row).replace(/ of .*$/s, '');
}

/** A column, or none. @throws {ArgumentError} naming the flag, for an unknown name */
export function requireColumn(table: Table, name: string, flag: string): string {
  if (!table.names.includes(name))
    throw new ArgumentError(`${flag}: ${table.source} has no column '${name}'; it has ${table.names.join(', ')}`);
  return name;
}

/**
 * The columns that a flag names with commas between.
 * @throws {ArgumentError} naming the flag, for an unknown name
 */
export function requireColumns(table: Table, names: string, flag: string): string[] {
  return names.split(',').map((name) => requireColumn(table, name.trim(), flag));
}

/** How a column is found. */
interface ColumnSearch {
  /** The flag that names it. */
  readonly flag: string;
  readonly given: string | undefined;
  /** Its usual names, in lower case without other characters. */
  readonly names: readonly string[];
  /** The kinds that it may have, the most probable first. */
  readonly kinds: readonly ColumnKind[];
  /** Columns that were chosen for something else. */
  readonly taken?: readonly string[];
}

/** Whether a column has one of these names, whatever its capitals and its punctuation. */
export function isCalled(name: string, names: readonly string[]): boolean {
  return names.includes(name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, ''));
}

/**
 * The column that a flag names; without one, the only one that has such a name, or is of the first
 * of these kinds that any is of.
 * @throws {ArgumentError} when there is none, or several
 */
export function findColumn(table: Table, columns: readonly ColumnDescription[], search: ColumnSearch): string {
  const { flag, given, names, kinds, taken = [] } = search;
  if (given !== undefined) {
    if (taken.includes(given)) throw new ArgumentError(`${flag} names the column '${given}', which another flag names: give two columns`);
    return requireColumn(table, given, flag);
  }
  const free = columns.filter(({ name }) => !taken.includes(name));
  const named = free.filter(({ name }) => isCalled(name, names));
  const ofKinds = kinds.map((each) => free.filter(({ kind }) => kind === each)).find(({ length }) => length > 0);
  const found = named.length > 0 ? named : (ofKinds ?? []);
  if (found.length === 1) return (found[0] as ColumnDescription).name;
  const reason =
    found.length > 1
      ? `${found.map(({ name }) => name).join(', ')} could be it`
      : `none of ${free.map(({ name }) => name).join(', ')} is called ${names.slice(0, 3).join(', ')} or the like`;
  throw new ArgumentError(`${table.source}: which column is ${flag}? ${reason}: give ${flag} COLUMN`);
}

/** Columns side by side, as CSV. */
export function csvOf(columns: ReadonlyMap<string, readonly unknown[]>): string {
  const rows = [...columns.values()][0]?.length ?? 0;
  const lines = [[...columns.keys()].map(fieldOf).join(',')];
  for (let row = 0; row < rows; row++) lines.push([...columns.values()].map((cells) => fieldOf(cells[row])).join(','));
  return `${lines.join('\n')}\n`;
}

function fieldOf(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
