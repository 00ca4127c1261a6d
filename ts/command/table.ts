import { numberFormatOf } from '../data/parseNumber.ts';
import { ArgumentError, DataError, readCSV, readParquet, type Table } from '../node.ts';
import { namesIn } from './nameList.ts';
import { isJSON, readRecords } from './readRecords.ts';
import { refuseUnread } from './unreadFlags.ts';

/** How the text of a table is read, where it is not detected. */
export interface Reading {
  readonly separator?: string;
  readonly comments?: string;
  readonly encoding?: string;
  readonly badRows?: 'error' | 'skip';
  /** Texts that stand for no value, with commas between. */
  readonly naValues?: string;
  /** Whether the first row holds the names of the columns. */
  readonly header?: boolean;
  /** The decimal sign of numbers that could have either, such as `1.500`. */
  readonly decimal?: '.' | ',';
}

/** The names of {@link Reading}. */
export const READING = ['separator', 'comments', 'encoding', 'badRows', 'naValues', 'header', 'decimal'] as const;

/** The flags for reading a table: those that were given. */
export interface TableFlags extends Reading {
  /** How the file was read that the model was trained on: a flag that is not given is as it was. */
  readonly saved?: Reading;
  /** Prints a warning. */
  readonly warn: (message: string) => void;
  /** Prints what a user may want to know. */
  readonly note: (message: string) => void;
}

/** The flags for reading that were given. */
export function givenReading(flags: Reading): Reading {
  return Object.fromEntries(READING.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])));
}

/** How a file is read: as the flags say, else as the file was that the model was trained on. */
export function readingOf(flags: TableFlags): Reading {
  return { ...flags.saved, ...givenReading(flags) };
}

/**
 * Reads a table of CSV, TSV, JSON, JSON lines or Parquet. Warns of rows that are left out.
 * @throws {ArgumentError} for a flag that the form of the file does not read
 * @throws the errors of `readCSV`, `readParquet` and `readRecords`
 */
export async function readTable(file: string, flags: TableFlags): Promise<Table> {
  const table = await readAs(file, flags);
  const { decimal = '.' } = table.format ?? {};
  const likely = flags.decimal ?? flags.saved?.decimal ?? decimal;
  if (likely === decimal) return table;
  // A file of another country may tell its sign by itself.
  const cells = table.names.flatMap((name) => table.column(name));
  return flags.decimal !== undefined || numberFormatOf(cells, likely).decimal === likely ? table.withDecimal(likely) : table;
}

/** What a row of a file is called: tables of texts have lines. */
export function rowUnit(table: Table): 'line' | 'row' {
  return table.place(0).startsWith('line') ? 'line' : 'row';
}

/** @throws {ArgumentError} for a file that is surely no table, by its ending */
function refuseOtherFiles(file: string): void {
  if (/\.(xlsx?|xlsm|ods|numbers)$/i.test(file))
    throw new ArgumentError(`${file} is a file of a spreadsheet program: save the sheet as CSV there, and give that file`);
  if (/\.(safetensors|keras|h5|onnx)$/i.test(file))
    throw new ArgumentError(`${file} is a model, but the first argument is the file to read: give the model by --model ${file}`);
}

async function readAs(file: string, flags: TableFlags): Promise<Table> {
  refuseOtherFiles(file);
  const { separator, comments, encoding, badRows, naValues, header } = readingOf(flags);
  const naRemedy = 'null means a missing value there, so write null in the place of these texts, or give the table as CSV';
  if (/\.parquet$/i.test(file)) {
    refuseUnread(file, 'Parquet', flags, ['separator', 'comments', 'encoding', 'naValues', 'header'], { naValues: naRemedy });
    return readParquet(file);
  }
  if (isJSON(file)) {
    refuseUnread(file, 'JSON', flags, ['separator', 'comments', 'naValues', 'header'], { naValues: naRemedy });
    return readRecords(file, encoding);
  }
  const table = await readCSV(file, {
    ...(separator === undefined ? {} : { separator }),
    ...(comments === undefined ? {} : { comments }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(badRows === undefined ? {} : { badRows }),
    ...(naValues === undefined ? {} : { naValues: namesIn(naValues) }),
    ...(header === undefined ? {} : { header }),
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
export function withCells(table: Table, needed: readonly NeededColumn[], flags: TableFlags): Table {
  const cells = needed.map(([name, what]) => ({ name, what, texts: table.texts(name) }));
  // `none` may be a word or a class, but is no number.
  const lackIn = (row: number) =>
    cells.find(({ name, what, texts }) => (what === 'number' ? !table.hasValue(name, row) : texts[row]?.trim() === ''));
  const all = Array.from({ length: table.rowCount }, (_, row) => row);
  const kept = all.filter((row) => !lackIn(row));
  const first = all.find((row) => lackIn(row));
  if (first === undefined) return table;
  const { name, what } = lackIn(first) as (typeof cells)[number];
  if (readingOf(flags).badRows !== 'skip')
    throw new DataError(`${table.place(first)}, column '${name}', has no ${what}: --bad-rows skip leaves such rows out`);
  if (kept.length === 0)
    throw new DataError(`no row of ${table.source} has ${cells.map((each) => `a ${each.what} in '${each.name}'`).join(' and ')}`);
  const left = table.rowCount - kept.length;
  flags.warn(
    `${left} ${left === 1 ? 'row' : 'rows'} of ${table.source} left out, the first is ${placeIn(table, first)}: no ${what} in '${name}'`,
  );
  return table.rowsAt(kept);
}

/** `line 7`, of a file without lines `row 7`. */
function placeIn(table: Table, row: number): string {
  return table.place(row).replace(/ of .*$/s, '');
}
