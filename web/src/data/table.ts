import Papa from 'papaparse';
import { amount, count } from './count.ts';

/** Something wrong with one row of a file. */
export interface RowProblem {
  /** As a spreadsheet counts: the first row of the file is 1, column names included. */
  readonly row: number;
  readonly message: string;
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
  readonly rows: readonly TableRow[];
  /** Rows that were left out, and why. */
  readonly problems: readonly RowProblem[];
}

/** Is told which part of a file has been read, 0 to 1, a hundred times at most. */
export type OnRead = (part: number) => void;

/** A file that holds no table at all. */
export class TableError extends Error {}

/** Whether a cell is a number: `1.5`, `-2e3`; not empty, not `12 kg`. */
export function isNumber(cell: string): boolean {
  return cell !== '' && Number.isFinite(Number(cell));
}

/** Reads comma-, tab- or semicolon-separated text; the separator is found from the content. @throws {TableError} */
export function parseTable(text: string, hasHeader: boolean | 'guess' = 'guess', onRead: OnRead = () => {}): Table {
  const records = parseRecords(text.replace(/^\uFEFF/, ''), onRead);
  const first = records[0];
  if (!first) throw new TableError('The file is empty.');
  if (first.problem) throw new TableError(`Row ${first.row} ${first.problem}. It tells what columns there are; mend it first.`);
  const named = hasHeader === 'guess' ? looksLikeHeader(first.cells) : hasHeader;
  const columns = named ? nameColumns(first.cells) : first.cells.map((_, index) => `column ${index + 1}`);
  const rows: TableRow[] = [];
  const problems: RowProblem[] = [];
  for (const record of named ? records.slice(1) : records) {
    if (record.problem) problems.push({ row: record.row, message: record.problem });
    else if (record.cells.length === columns.length) rows.push(record);
    else
      problems.push({
        row: record.row,
        message: `has ${amount(record.cells.length, 'cell')}, but there are ${amount(columns.length, 'column')}`,
      });
  }
  if (rows.length === 0)
    throw new TableError(problems.length === 0 ? 'The file has column names, but no rows.' : 'No row of the file can be read.');
  return { columns, hasHeader: named, rows, problems };
}

interface Record extends TableRow {
  readonly problem?: string;
}

/** How much is read between two calls of an {@link OnRead}. */
const TELLING = 0.01;

function parseRecords(text: string, onRead: OnRead): Record[] {
  const newline = text.includes('\n') ? '\n' : '\r';
  // Tab-separated files seldom quote, and then a quotation mark is only a character.
  const config = text.slice(0, text.indexOf(newline) + 1 || undefined).includes('\t') ? { delimiter: '\t', quoteChar: '\u0000' } : {};
  const data: string[][] = [];
  const errors: Papa.ParseError[] = [];
  let delimiter = '';
  let told = 0;
  Papa.parse<string[]>(text, {
    ...config,
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
  return data.flatMap((cells, index) => {
    const trimmed = cells.map((cell) => (delimiter === ';' ? withDecimalPoint(cell.trim()) : cell.trim()));
    if (trimmed.every((cell) => cell === '')) return [];
    return [{ row: index + 1, cells: trimmed, problem: broken.get(index) }];
  });
}

/** What is wrong with the quotation marks of rows, by index; such a row takes in what follows, up to the next mark that closes it. */
function describeBrokenQuotes(rows: readonly (readonly string[])[], errors: readonly Papa.ParseError[]): Map<number, string> {
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
      return [row, lines === 1 ? what : `${what}, so that ${count(lines)} lines became one cell`];
    }),
  );
}

/** Files are separated by semicolons where the comma is the decimal sign. */
function withDecimalPoint(cell: string): string {
  return cell.replace(/^([-+]?\d+),(\d+)$/, '$1.$2');
}

/** Names are short, all there, all different, and no numbers. */
function looksLikeHeader(cells: readonly string[]): boolean {
  return cells.every((cell) => cell !== '' && cell.length <= 40 && !isNumber(cell)) && new Set(cells).size === cells.length;
}

function nameColumns(cells: readonly string[]): string[] {
  const taken = new Set<string>();
  return cells.map((cell, index) => {
    const name = cell === '' || taken.has(cell) ? `${cell || 'column'} ${index + 1}` : cell;
    taken.add(name);
    return name;
  });
}
