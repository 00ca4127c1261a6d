import { ArgumentError, type ColumnDescription, type ColumnKind, readCSV, readParquet, type Table } from '../node.ts';

/** The flags for reading a table. */
export interface TableFlags {
  readonly separator?: string;
  readonly encoding?: string;
  readonly badRows?: string;
}

/** Reads a table of CSV, TSV or Parquet. @throws the errors of `readCSV` and `readParquet` */
export async function readTable(file: string, { separator, encoding, badRows }: TableFlags): Promise<Table> {
  if (file.endsWith('.parquet')) return readParquet(file);
  return readCSV(file, {
    ...(separator === undefined ? {} : { separator }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(badRows === undefined ? {} : { badRows: badRows as 'error' | 'skip' }),
  });
}

/** What finds a column. */
interface ColumnSearch {
  /** The flag that names it. */
  readonly flag: string;
  readonly given: string | undefined;
  /** What names it often has. */
  readonly names: RegExp;
  /** What it may hold. */
  readonly kinds: readonly ColumnKind[];
  /** Columns that were chosen for something else. */
  readonly taken?: readonly string[];
}

/**
 * The column that a flag names; without one, that which has such a name, or the only one of these
 * kinds.
 * @throws {ArgumentError} when there is none, or several
 */
export function findColumn(table: Table, columns: readonly ColumnDescription[], search: ColumnSearch): string {
  const { flag, given, names, kinds, taken = [] } = search;
  if (given !== undefined) {
    table.column(given);
    return given;
  }
  const free = columns.filter(({ name }) => !taken.includes(name));
  const named = free.filter(({ name }) => names.test(name.trim()));
  if (named[0]) return named[0].name;
  const fitting = free.filter(({ kind }) => kinds.includes(kind));
  const [only] = fitting;
  if (only && fitting.length === 1) return only.name;
  const found = only ? `${fitting.map(({ name }) => name).join(', ')} could be it` : `none of ${table.names.join(', ')} fits`;
  throw new ArgumentError(`${table.source}: which column is ${flag}? ${found}: give ${flag} COLUMN`);
}

/** Two tables side by side, as CSV. */
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
