import Papa from 'papaparse';
import { amount, count } from './count.ts';
import { guessHeader } from './header.ts';

/** Something wrong with one row of a file. */
export interface RowProblem {
  /** As a spreadsheet counts: the first row of the file is 1, column names included. */
  readonly row: number;
  readonly message: string;
  /** How many lines of the file it took in, where these are several. */
  readonly lines?: number;
}

export interface TableRow {
  /** Its number in the file, as in {@link RowProblem}. */
  readonly row: number;
  /** One cell a column, trimmed. */
  readonly cells: readonly string[];
}

/** A file of rows and columns, all cells still text. */
export interface Table {
  readonly columns: readonly string[];
  /** Whether the first row held their names. */
  readonly hasHeader: boolean;
  /** What that was told from, for the user: “because …”. */
  readonly headerReason: string;
  /** The number of the first row, below titles: that of the names, or of the first data. */
  readonly firstRow: number;
  readonly rows: readonly TableRow[];
  /** Rows that were left out, and why. */
  readonly problems: readonly RowProblem[];
}

/** Is told which part of a file has been read, 0 to 1, a hundred times at most. */
export type OnRead = (part: number) => void;

/** A file that holds no table at all. */
export class TableError extends Error {}

/**
 * Reads comma-, tab- or semicolon-separated text; the separator is found from the content, and so
 * is, unless it is said, whether the first row holds the names of the columns.
 * @throws {TableError}
 */
export function parseTable(text: string, hasHeader: boolean | 'guess' = 'guess', onRead: OnRead = () => {}): Table {
  const records = parseRecords(text.replace(/^\uFEFF/, ''), onRead);
  const filled = records.filter(({ cells }) => !isBlank(cells));
  if (filled.length === 0) throw new TableError('The file is empty.');
  const { titles, ...header } = guessHeader(
    filled.map(({ cells }) => cells),
    hasHeader === 'guess' ? undefined : hasHeader,
  );
  const first = filled[titles];
  if (first.problem) throw new TableError(`Row ${first.row} ${first.problem}. It tells what columns there are; mend it first.`);
  const columns = header.hasHeader ? nameColumns(first.cells) : first.cells.map((_, index) => `column ${index + 1}`);
  const rows: TableRow[] = [];
  const problems: RowProblem[] = filled.slice(0, titles).map(({ row }) => ({ row, message: 'is a title: the table begins below it' }));
  const inside = records.slice(first.row - (header.hasHeader ? 0 : 1), filled[filled.length - 1].row);
  const spaced = isSpaced(inside);
  for (const { row, cells, problem, lines } of inside) {
    if (problem) problems.push({ row, message: problem, lines });
    else if (isBlank(cells)) {
      // A line without any separator is a row of a table of one column; in another it is only
      // space.
      if (cells.length === columns.length && !spaced) problems.push({ row, message: 'is empty' });
    } else if (cells.length === columns.length) rows.push({ row, cells });
    else problems.push({ row, message: `has ${amount(cells.length, 'cell')}, but there are ${amount(columns.length, 'column')}` });
  }
  if (rows.length === 0)
    throw new TableError(problems.length === titles ? 'The file has column names, but no rows.' : 'No row of the file can be read.');
  return { columns, hasHeader: header.hasHeader, headerReason: header.reason, firstRow: first.row, rows, problems };
}

/** Whether every other line is empty, as programs that take line ends for others write files. */
function isSpaced(records: readonly Record[]): boolean {
  const blank = records.filter(({ cells }) => cells.length === 1 && isBlank(cells)).length;
  return blank > 0 && blank >= 0.9 * (records.length - blank - 1);
}

/**
 * All rows from the first of the table on, in the order of the file, with those that cannot be
 * read: they have their time too.
 */
export function rowsInOrder({ rows, problems, firstRow }: Table): (TableRow | RowProblem)[] {
  const unread = problems.filter(({ row }) => row >= firstRow);
  return unread.length === 0 ? [...rows] : [...rows, ...unread].sort((a, b) => a.row - b.row);
}

function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell === '');
}

/** How much is read between two calls of an {@link OnRead}. */
const TELLING = 0.01;

interface Record extends TableRow {
  readonly problem?: string;
  readonly lines?: number;
}

/** All rows of a file, blank ones too: the row of a record is its index and one. */
function parseRecords(text: string, onRead: OnRead): Record[] {
  const data: string[][] = [];
  const errors: Papa.ParseError[] = [];
  let delimiter = '';
  let told = 0;
  Papa.parse<string[]>(text, {
    ...formatOf(text),
    header: false,
    skipEmptyLines: false,
    step: ({ data: cells, errors: found, meta }) => {
      for (const error of found) errors.push({ ...error, row: data.length });
      data.push(cells);
      delimiter = meta.delimiter;
      const part = meta.cursor / text.length;
      if (part - told < TELLING) return;
      told = part;
      onRead(part);
    },
  });
  const broken = describeBrokenQuotes(data, errors);
  return data.map((cells, index) => ({
    row: index + 1,
    cells: cells.map((cell) => (delimiter === ';' ? withDecimalPoint(cell.trim()) : cell.trim())),
    ...broken.get(index),
  }));
}

/**
 * How a file is separated and quoted, told from its first line with a separator, which is below
 * titles.
 */
function formatOf(text: string): { delimiter?: string; quoteChar?: string } {
  const start = text.search(/^.*[\t,;|]/m);
  if (start === -1) return {};
  const end = text.slice(start).search(/[\r\n]/);
  // Tab-separated files seldom quote, and then a quotation mark is only a character.
  if (text.slice(start, end === -1 ? undefined : start + end).includes('\t')) return { delimiter: '\t', quoteChar: '\u0000' };
  // The titles would count as rows of one cell.
  return start === 0 ? {} : { delimiter: Papa.parse(text.slice(start), { preview: 10 }).meta.delimiter };
}

/**
 * What is wrong with the quotation marks of rows, by index; such a row takes in what follows, up to
 * the next mark that closes it.
 */
function describeBrokenQuotes(
  rows: readonly (readonly string[])[],
  errors: readonly Papa.ParseError[],
): Map<number, { readonly problem: string; readonly lines?: number }> {
  const codes = new Map<number, Set<string>>();
  for (const { row, type, code } of errors) {
    if (type === 'Quotes' && row !== undefined) codes.set(row, (codes.get(row) ?? new Set()).add(code));
  }
  return new Map(
    [...codes].map(([row, found]) => {
      const lines = Math.max(...rows[row].map((cell) => cell.trimEnd().split(/\r\n?|\n/).length));
      const what = [
        ...(found.has('InvalidQuotes') ? ['has text after a closing quotation mark'] : []),
        ...(found.has('MissingQuotes') ? ['has a quotation mark that is not closed'] : []),
      ].join(' and ');
      return [row, lines === 1 ? { problem: what } : { problem: `${what}, so that ${count(lines)} lines became one cell`, lines }];
    }),
  );
}

/** Files are separated by semicolons where the comma is the decimal sign. */
function withDecimalPoint(cell: string): string {
  return cell.replace(/^([-+]?\d+),(\d+)$/, '$1.$2');
}

function nameColumns(cells: readonly string[]): string[] {
  const taken = new Set<string>();
  return cells.map((cell, index) => {
    const name = cell === '' || taken.has(cell) ? `${cell || 'column'} ${index + 1}` : cell;
    taken.add(name);
    return name;
  });
}
