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
  /** Its number in the file, from 1. Titles and names count, empty lines and comments do not. */
  readonly fileRow: number;
}

/** A file in parts: what its head says, then rows. */
export interface CSVPart {
  readonly head: CSVHead;
  readonly rows: readonly CSVRow[];
  /** The numbers of rows that were left out because they have another number of fields. */
  readonly skipped: readonly number[];
}

/** Records that decide separator, names and decimal sign. */
const SAMPLE_ROWS = 200;

/**
 * Parses a file in parts.
 * @throws {FormatError} for a row that is longer than `maxRowLength`, an open quote, no text, and
 *   with `badRows: 'error'` for a row that has another number of fields than the names
 */
export async function* parseCSV({ name, parts }: OpenedSource, settings: CSVSettings, owner: string): AsyncGenerator<CSVPart> {
  const where = `${owner}: ${name}`;
  let head: CSVHead | null = null;
  let fileRow = 0;
  let pending = '';
  /** Empty lines after the last row, which are cells of a table of one column if a row follows. */
  let blank = 0;
  /** The characters with which the next attempt is made; more after one that found no whole row. */
  let attemptAt = 0;
  const separator = settings.separator;
  const take = (isLast: boolean): CSVPart | null => {
    if (!head) {
      const sample = (of: string) => parsed(pending, of, settings, !isLast).records.filter(isFilled).slice(0, SAMPLE_ROWS);
      const chosen = separator === 'auto' ? separatorOf(sample) : separator;
      const records = sample(chosen);
      if (records.length === 0) {
        if (isLast) throw new FormatError(`${where} has no rows`);
        return null;
      }
      head = headOf(records, chosen, settings);
    }
    const { records, rest, isOpen } = parsed(pending, head.separator, settings, !isLast);
    pending = rest;
    if (isLast && isOpen)
      throw new FormatError(
        `${where}: a quote in row ${fileRow + records.length} is never closed: double the quotes inside of fields, or close it`,
      );
    return partOf(head, records);
  };
  const partOf = (of: CSVHead, records: readonly (readonly string[])[]): CSVPart => {
    const rows: CSVRow[] = [];
    const skipped: number[] = [];
    const begin = before(of);
    for (const fields of records) {
      if (fields.length === 1 && fields[0] === '') {
        blank++;
        continue;
      }
      if (of.names.length === 1 && fileRow >= begin) for (; blank > 0; blank--) rows.push({ fields: [''], fileRow: ++fileRow });
      blank = 0;
      fileRow++;
      if (fileRow <= begin) continue;
      if (fields.length === of.names.length) rows.push({ fields, fileRow });
      else if (settings.badRows === 'skip') skipped.push(fileRow);
      else
        throw new FormatError(
          `${where}: row ${fileRow} has ${fields.length} fields, but the table has ${of.names.length} columns: put fields with ` +
            `${of.separator === '\t' ? 'tabs' : `'${of.separator}'`} in quotes, give the separator, say how comments begin, { comments: '#' }, or leave such rows out, { badRows: 'skip' }`,
        );
    }
    return { head: of, rows, skipped };
  };
  let held = '';
  for await (const text of decodedParts(parts, settings.encoding, where)) {
    // All ends of lines become '\n'; one may be cut in two.
    const all = held + text;
    held = all.endsWith('\r') ? '\r' : '';
    pending += (held ? all.slice(0, -1) : all).replace(/\r\n?/g, '\n');
    if (pending.length > settings.maxRowLength && !pending.includes('\n'))
      throw new FormatError(`${where}: row ${fileRow + 1} is longer than ${settings.maxRowLength} characters, the option maxRowLength`);
    if (!pending.includes('\n') || pending.length < Math.max(attemptAt, head ? 0 : 2 ** 16)) continue;
    const length = pending.length;
    const part = take(false);
    // An open quote may reach far: each attempt has twice as much.
    attemptAt = pending.length === length ? 2 * length : 0;
    if (part && part.rows.length + part.skipped.length > 0) yield part;
    if (pending.length === length && length > settings.maxRowLength)
      throw new FormatError(
        `${where}: row ${fileRow + 1} is longer than ${settings.maxRowLength} characters, the option maxRowLength: a quote in it may not be closed`,
      );
  }
  pending += held ? '\n' : '';
  const last = take(true);
  if (last && fileRow <= before(last.head)) throw new FormatError(`${where} has names of columns, but no rows below them`);
  if (last) yield last;
}

/** The rows before the first one of data. */
function before({ layout: { titles, hasHeader, hasUnits } }: CSVHead): number {
  return titles + Number(hasHeader) + Number(hasUnits);
}

function isFilled(record: readonly string[]): boolean {
  return record.some((field) => field.trim() !== '');
}

/** The records of a text, what is left of it, and whether a quote is open at its end. */
function parsed(text: string, separator: string, { comments }: CSVSettings, leavesLast: boolean) {
  const parser = new Papa.Parser({ delimiter: separator, newline: '\n', comments: comments ?? false });
  const { data, errors, meta } = parser.parse(text, 0, leavesLast) as {
    data: string[][];
    errors: readonly { readonly code: string }[];
    meta: { readonly cursor: number };
  };
  return {
    records: data,
    rest: leavesLast ? text.slice(meta.cursor) : '',
    isOpen: errors.some(({ code }) => code === 'MissingQuotes'),
  };
}

function headOf(records: readonly (readonly string[])[], separator: string, { header }: CSVSettings): CSVHead {
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
