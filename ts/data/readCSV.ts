import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { checkOptions, oneOf } from '../core/options.ts';
import { positiveInteger } from '../core/shape.ts';
import { linesBefore } from './csvFormat.ts';
import type { DataSource, ProgressOptions, ReadOptions } from './dataSource.ts';
import { headerOption } from './headerOption.ts';
import type { TableCell } from './missing.ts';
import { type CSVPart, type CSVSettings, parseCSV } from './parseCSV.ts';
import { openSource } from './readBytes.ts';
import { Table } from './table.ts';
import type { SkippedRow } from './tableFormat.ts';
import { textsIn } from './textsIn.ts';

/** Options of `readCSV` and `readCSVRows`. */
export interface CSVOptions extends ReadOptions, ProgressOptions {
  /**
   * The separator of fields. Default 'auto': the one of `,`, `;`, tab and `|` that fits the rows,
   * or spaces between numbers. With ' ', runs of spaces separate fields.
   */
  separator?: string;
  /**
   * Whether the first row holds the names of the columns, or how many rows do: the names of several
   * rows are joined by spaces. Default 'auto': if its kind differs, and several rows where groups
   * stand above names.
   */
  header?: boolean | number | 'auto';
  /**
   * The encoding, such as 'windows-1252'. Default 'auto': UTF-8, UTF-16, or the one of
   * Windows-1252, Shift JIS, EUC-JP, EUC-KR, GB 18030, Big5, Windows-1251 and KOI8-R that fits the
   * text.
   */
  encoding?: string;
  /**
   * The prefix of comment lines, which are skipped everywhere. Default null: lines that begin with
   * `#`, `//` or `%` are skipped before the table, and between the rows where they stand alone or
   * in the place of a number or a date.
   */
  comments?: string | null;
  /**
   * How a row is handled that has more or fewer fields than there are columns, or wrong quotes: an
   * error, or it is skipped, and `Table.skipped` has the reason. Default 'error'.
   */
  badRows?: 'error' | 'skip';
  /**
   * Texts that mark a missing value, besides the usual ones such as '', 'NA' and '-'. Case, and
   * spaces around them, are ignored. Such a cell becomes null, with `readCSVRows` ''. Default none.
   * (The `na_values` of pandas.)
   */
  naValues?: readonly string[];
  /** The largest number of characters of a row. Default 2^24. */
  maxRowLength?: number;
}

const OPTIONS = ['separator', 'header', 'encoding', 'comments', 'badRows', 'naValues', 'maxRowLength', 'maxBytes', 'onRead'] as const;
/** A table needs several times the memory of its text. */
const MOST_BYTES = 2 ** 30;

/** See `readCSV` of lazyReaders.ts. */
export async function readCSV(source: DataSource, options: CSVOptions = {}): Promise<Table> {
  const settings = settingsOf(options, 'readCSV');
  const opened = openSource(source, 'readCSV', options, MOST_BYTES);
  let first: CSVPart | null = null;
  let columns: TableCell[][] = [];
  const lines: number[] = [];
  const skipped: SkippedRow[] = [];
  const remarkLines: number[] = [];
  for await (const part of parseCSV(opened, settings, 'readCSV')) {
    if (!first) columns = part.head.names.map(() => []);
    first = part;
    for (const row of part.skipped) skipped.push(row);
    for (const line of part.remarks) remarkLines.push(line);
    for (const { fields, line } of part.rows) {
      lines.push(line);
      for (let place = 0; place < columns.length; place++) {
        const cell = fields[place] as string;
        (columns[place] as TableCell[]).push(settings.isMarker(cell) ? null : cell);
      }
    }
  }
  const { head, encoding, begin } = first as unknown as CSVPart;
  const { separator, decimal } = head;
  const map = new Map(head.names.map((name, place) => [name, columns[place] as TableCell[]]));
  const places = linesBefore(head.layout, begin, lines[0] ?? skipped[0]?.line ?? 1);
  const format = { encoding, separator, decimal, ...places, remarkLines };
  return new Table(map, { source: opened.name, lines: Uint32Array.from(lines), decimal, skipped, format });
}

/** See `readCSVRows` of lazyReaders.ts. */
export async function* readCSVRows(source: DataSource, options: CSVOptions = {}): AsyncGenerator<Readonly<Record<string, string>>> {
  const settings = settingsOf(options, 'readCSVRows');
  const cellOf = (field: string) => (settings.isMarker(field) ? '' : field);
  for await (const { head, rows } of parseCSV(openSource(source, 'readCSVRows', options, Infinity), settings, 'readCSVRows'))
    for (const { fields } of rows) yield Object.fromEntries(head.names.map((name, place) => [name, cellOf(fields[place] as string)]));
}

/** Says which cells the option `naValues` names. */
function markersOf({ naValues = [] }: CSVOptions, owner: string): (cell: string) => boolean {
  const plain = (text: string) => text.trim().toLowerCase();
  const markers = new Set(textsIn(naValues, `${owner}: naValues`, "['unknown', '-999']").map(plain));
  return markers.size === 0 ? () => false : (cell) => markers.has(plain(cell));
}

function settingsOf(options: CSVOptions, owner: string): CSVSettings {
  checkOptions(options, OPTIONS, owner);
  const { separator = 'auto', header = 'auto', encoding = 'auto', comments = null, badRows = 'error' } = options;
  if (typeof separator !== 'string' || separator === '')
    throw new ArgumentError(`${owner}: separator must be 'auto' or a separator of fields, such as ';', got ${describe(separator)}`);
  if (typeof encoding !== 'string') throw new ArgumentError(`${owner}: encoding must be a string, got ${describe(encoding)}`);
  if (comments !== null && (typeof comments !== 'string' || comments === ''))
    throw new ArgumentError(`${owner}: comments must be the prefix of comments, such as '#', or null, got ${describe(comments)}`);
  if (comments === separator)
    throw new ArgumentError(
      `${owner}: comments and separator are both ${describe(separator)}: give the prefix of comments, such as '#', or null`,
    );
  return {
    separator: separator === 'tab' ? '\t' : separator,
    header: headerOption(header, owner),
    encoding,
    comments,
    isMarker: markersOf(options, owner),
    badRows: oneOf(badRows, ['error', 'skip'], `${owner}: badRows`),
    maxRowLength: positiveInteger(options.maxRowLength ?? 2 ** 24, `${owner}: maxRowLength`),
  };
}
