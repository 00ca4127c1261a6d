import Papa from 'papaparse';
import { FormatError } from '../core/errors.ts';
import { type CSVLayout, layoutOf, separatorOf } from './csvFormat.ts';
import { decodedParts } from './decodeText.ts';
import { numberFormatOf } from './parseNumber.ts';
import type { OpenedSource } from './readBytes.ts';

/** The options of `readCSV`, with their defaults. */
export interface CSVSettings {
  readonly separator: string;
  readonly header: boolean | 'auto';
  readonly encoding: string;
  readonly comments: string | null;
  /** Whether a field stands for no value, by the option `naValues`. */
  readonly isMarker: (field: string) => boolean;
  readonly badRows: 'error' | 'skip';
  readonly maxRowLength: number;
}

/** What was found out about a file. */
export interface CSVHead {
  readonly names: readonly string[];
  readonly separator: string;
  /** The likely decimal sign. */
  readonly decimal: '.' | ',';
  readonly layout: CSVLayout;
}

/** A row of a file. */
export interface CSVRow {
  readonly fields: readonly string[];
  /** The line of the file on which it begins, from 1. */
  readonly line: number;
}

/** A file in parts: what its head says, then rows. */
export interface CSVPart {
  readonly head: CSVHead;
  readonly rows: readonly CSVRow[];
  /** The lines of rows that were left out because they have another number of fields. */
  readonly skipped: readonly number[];
}

/** Records that decide separator, names and decimal sign. */
const SAMPLE_ROWS = 200;
/** The most characters before the first row, and the most blank lines between two rows. */
const MOST_BLANK = 2 ** 20;

/**
 * Parses a file in parts.
 * @throws {FormatError} for a row that is longer than `maxRowLength`, an open quote, no text, and
 *   with `badRows: 'error'` for a row that has another number of fields than the names
 */
export async function* parseCSV({ name, parts }: OpenedSource, settings: CSVSettings, owner: string): AsyncGenerator<CSVPart> {
  const where = `${owner}: ${name}`;
  let head: CSVHead | null = null;
  /** Rows so far; titles and names count, empty lines do not. */
  let count = 0;
  /** The line on which the text that is pending begins. */
  let line = 1;
  let pending = '';
  /** Empty lines after the last row, which are cells of a table of one column if a row follows. */
  let blank: CSVRow[] = [];
  /** The characters with which the next attempt is made; more after one that found no whole row. */
  let attemptAt = 0;
  const separator = settings.separator;
  const take = (isLast: boolean): CSVPart | null => {
    if (!head) {
      const sample = (of: string) => parse(pending, of, settings, !isLast).data.filter(isFilled).slice(0, SAMPLE_ROWS);
      const chosen = separator === 'auto' ? separatorOf(sample) : separator;
      const records = sample(chosen);
      if (records.length === 0) {
        if (isLast) throw new FormatError(`${where} has no rows`);
        return null;
      }
      head = headOf(records, chosen, settings);
    }
    const { rows, rest, next, isOpen } = parsed(pending, line, head.separator, settings, !isLast);
    pending = rest;
    line = next;
    if (isLast && isOpen)
      throw new FormatError(
        `${where}: a quote in line ${rows.at(-1)?.line} is never closed: double the quotes inside of fields, or close it`,
      );
    return partOf(head, rows);
  };
  const partOf = (of: CSVHead, all: readonly CSVRow[]): CSVPart => {
    const rows: CSVRow[] = [];
    const skipped: number[] = [];
    const begin = before(of);
    for (const row of all) {
      const { fields } = row;
      if (fields.length === 1 && fields[0] === '') {
        if (of.names.length > 1 || count < begin) continue;
        if (blank.push(row) > MOST_BLANK)
          throw new FormatError(`${where} has more than ${MOST_BLANK} blank lines from line ${blank[0]?.line} on`);
        continue;
      }
      for (const empty of blank) rows.push(empty);
      blank = [];
      if (++count <= begin) continue;
      if (fields.length === of.names.length) rows.push(row);
      else if (settings.badRows === 'skip') skipped.push(row.line);
      else
        throw new FormatError(
          `${where}: line ${row.line} has ${fields.length} fields, but the table has ${of.names.length} columns: put fields with ` +
            `${of.separator === '\t' ? 'tabs' : `'${of.separator}'`} in quotes, give the separator, say how comments begin, { comments: '#' }, or leave such rows out, { badRows: 'skip' }`,
        );
    }
    return { head: of, rows, skipped };
  };
  let held = '';
  let isBlank = true;
  for await (const text of decodedParts(parts, settings.encoding, where)) {
    // All ends of lines become '\n'; one may be cut in two.
    const all = held + text;
    held = all.endsWith('\r') ? '\r' : '';
    pending += (held ? all.slice(0, -1) : all).replace(/\r\n?/g, '\n');
    isBlank &&= !/\S/.test(text);
    if (isBlank) {
      if (pending.length > MOST_BLANK) throw new FormatError(`${where}: its first ${MOST_BLANK} characters are blank`);
      continue;
    }
    if (pending.length > settings.maxRowLength && !pending.includes('\n'))
      throw new FormatError(
        `${where}: the row that begins on line ${line} is longer than ${settings.maxRowLength} characters, the option maxRowLength`,
      );
    if (!pending.includes('\n') || pending.length < Math.max(attemptAt, head ? 0 : 2 ** 16)) continue;
    const length = pending.length;
    const part = take(false);
    // An open quote may reach far: each attempt has twice as much.
    attemptAt = pending.length === length ? 2 * length : 0;
    if (part && part.rows.length + part.skipped.length > 0) yield part;
    if (pending.length === length && length > settings.maxRowLength)
      throw new FormatError(
        `${where}: the row that begins on line ${line} is longer than ${settings.maxRowLength} characters, the option maxRowLength: a quote in it may not be closed`,
      );
  }
  pending += held ? '\n' : '';
  if (isBlank) throw new FormatError(`${where} has no rows`);
  const last = take(true);
  if (last && count <= before(last.head)) throw new FormatError(`${where} has names of columns, but no rows below them`);
  if (last) yield last;
}

/** The rows before the first one of data. */
function before({ layout: { titles, hasHeader, hasUnits } }: CSVHead): number {
  return titles + Number(hasHeader) + Number(hasUnits);
}

function isFilled(record: readonly string[]): boolean {
  return record.some((field) => field.trim() !== '');
}

/**
 * The rows of a text, what is left of it, the line on which that begins, and whether a quote is
 * open at its end.
 * @param line the line on which the text begins
 */
function parsed(text: string, line: number, separator: string, settings: CSVSettings, leavesLast: boolean) {
  const rows: CSVRow[] = [];
  let isOpen = false;
  let next = line;
  let end = 0;
  // Comments are left out between rows, so where a row ends says on which line it begins.
  const take = (fields: string[], to: number): void => {
    next += lineEnds(text, end, to);
    end = to;
    const own = fields.reduce((sum, field) => sum + lineEnds(field, 0, field.length), Number(!isOpen && text[to - 1] === '\n'));
    rows.push({ fields, line: next - own });
  };
  // Texts without quotes and comments have a row a line.
  const isPlain = settings.comments === null && !text.includes('"');
  const step = ({ data, errors, meta }: Parsed): void => {
    isOpen ||= errors.some(({ code }) => code === 'MissingQuotes');
    take(data[0] as string[], meta.cursor);
  };
  const { data, meta } = parse(text, separator, settings, leavesLast, isPlain ? undefined : step);
  if (!isPlain) return { rows, rest: text.slice(end), next, isOpen };
  return {
    rows: data.map((fields, row) => ({ fields, line: line + row })),
    rest: text.slice(meta.cursor),
    next: line + data.length,
    isOpen,
  };
}

/** What papaparse gives: rows, and where in the text the next one begins. */
interface Parsed {
  readonly data: string[][];
  readonly errors: readonly { readonly code: string }[];
  readonly meta: { readonly cursor: number };
}

/** Parses a text. @param step takes the rows one by one; without it all are returned */
function parse(text: string, separator: string, settings: CSVSettings, leavesLast: boolean, step?: (row: Parsed) => void): Parsed {
  const parser = new Papa.Parser({ delimiter: separator, newline: '\n', comments: settings.comments ?? false, step });
  return parser.parse(text, 0, leavesLast) as Parsed;
}

/** The ends of lines in a part of a text. */
function lineEnds(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

function headOf(given: readonly (readonly string[])[], separator: string, { header, isMarker }: CSVSettings): CSVHead {
  const records = given.map((fields) => fields.map((field) => (isMarker(field) ? '' : field)));
  // Where fields end at semicolons or tabs, commas may be decimal.
  const fields = records.flat();
  const decimal = separator === ',' ? '.' : numberFormatOf(fields).decimal;
  const layout = layoutOf(records, header, decimal);
  // A line of names may begin as a comment.
  const first = (records[layout.titles] as readonly string[]).map((field, place) => (place === 0 ? field.replace(/^#\s*/, '') : field));
  return { names: layout.hasHeader ? uniqueNames(first) : first.map((_, place) => `column${place + 1}`), separator, decimal, layout };
}

/** Names of columns: every one has a name, and no two have the same. */
function uniqueNames(fields: readonly string[]): string[] {
  const taken = new Set<string>();
  return fields.map((field, place) => {
    const base = field.trim() === '' ? (place === 0 ? 'index' : `column${place + 1}`) : field.trim();
    let name = base;
    for (let number = 2; taken.has(name); number++) name = `${base}_${number}`;
    taken.add(name);
    return name;
  });
}
