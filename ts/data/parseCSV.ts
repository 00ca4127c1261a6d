import Papa from 'papaparse';
import { FormatError } from '../core/errors.ts';
import { type CSVLayout, layoutOf, SPACE, separatorOf } from './csvFormat.ts';
import { decodedParts } from './decodeText.ts';
import { namesIn } from './headerRows.ts';
import { numberFormatOf } from './parseNumber.ts';
import type { OpenedSource } from './readBytes.ts';
import { remarkTest } from './remarkRows.ts';
import { cellsOfRule, isRule, type RuledLines, ruledLinesOf } from './ruledTable.ts';
import type { SkippedRow } from './tableFormat.ts';
import { numberedNames } from './uniqueNames.ts';

/** The options of `readCSV`, with their defaults. */
export interface CSVSettings {
  readonly separator: string;
  readonly header: boolean | number | 'auto';
  readonly encoding: string;
  readonly comments: string | null;
  /** Whether a field stands for no value, by the option `naValues`. */
  readonly isMarker: (field: string) => boolean;
  readonly badRows: 'error' | 'skip';
  readonly maxRowLength: number;
}

/** The detected properties of a file. */
export interface CSVHead {
  readonly names: readonly string[];
  readonly separator: string;
  /**
   * The separator with the space that is behind each where fields in quotes have one before them.
   */
  readonly delimiter: string;
  /** The character before a quote within a quoted field: a second quote, or a backslash. */
  readonly escapeSign: string;
  /** The character that encloses fields; one that no text has if quotes are ordinary characters. */
  readonly quote: string;
  /** The likely decimal sign. */
  readonly decimal: '.' | ',';
  readonly layout: CSVLayout;
  /** Whether a row between the others is a remark. */
  readonly isRemark: (fields: readonly string[]) => boolean;
  /** The lines that are drawn around the cells; null where none are. */
  readonly ruled: RuledLines | null;
  /** Whether every other line is empty, as programs write that take line ends for others. */
  readonly isSpaced: boolean;
}

/** A row of a file. */
export interface CSVRow {
  readonly fields: readonly string[];
  /** The line of the file on which it begins, from 1. */
  readonly line: number;
  /** The problem with its quotes. */
  readonly problem?: string;
}

/** A file in parts: what its head says, then rows. */
export interface CSVPart {
  readonly head: CSVHead;
  readonly encoding: string;
  /** The lines of the rows before the data: titles, names, units. */
  readonly begin: readonly number[];
  readonly rows: readonly CSVRow[];
  /** Rows that were left out. */
  readonly skipped: readonly SkippedRow[];
  /** The lines of remarks between the rows. */
  readonly remarks: readonly number[];
}

/** Records that decide separator, names and decimal sign. */
const SAMPLE_ROWS = 200;
/** The most characters before the first row, and the most blank lines between two rows. */
const MOST_BLANK = 2 ** 20;
/** An open quote that reaches farther is a mistake, where bad rows are left out. */
const FARTHEST_QUOTE = 2 ** 20;
/** So many empty lines between others are no missing cells. */
const FEWEST_BLANK = 10;
/** As the sign for quotes: none. */
const NO_QUOTES = '\u0000';
const CLOSED = 'has text after a closing quotation mark';
const OPEN = 'has a quotation mark that is not closed';

/**
 * Parses a file in parts.
 * @throws {FormatError} for a row that is longer than `maxRowLength`, no text, and with `badRows:
 *   'error'` for wrong quotes and a row that has another number of fields than the names
 */
export async function* parseCSV({ name, parts }: OpenedSource, settings: CSVSettings, owner: string): AsyncGenerator<CSVPart> {
  const where = `${owner}: ${name}`;
  const skips = settings.badRows === 'skip';
  let encoding = '';
  let head: CSVHead | null = null;
  const begin: number[] = [];
  /** Rows of data so far. */
  let count = 0;
  /** The line on which the text that is pending begins. */
  let line = 1;
  let pending = '';
  /** Empty lines after the last row, which are cells of a table of one column if a row follows. */
  let blank: CSVRow[] = [];
  /** The characters with which the next attempt is made; more after one that found no whole row. */
  let attemptAt = 0;
  const take = (isLast: boolean): CSVPart | null => {
    head ??= headOf(pending, settings, isLast);
    if (!head) {
      if (isLast) throw new FormatError(`${where} has no rows`);
      return null;
    }
    const found = parsed(pending, line, head, settings, !isLast);
    pending = found.rest;
    line = found.next;
    return partOf(head, cellsIn(found.rows, head));
  };
  const partOf = (of: CSVHead, all: readonly CSVRow[]): CSVPart => {
    const rows: CSVRow[] = [];
    const skipped: SkippedRow[] = [];
    const remarks: number[] = [];
    const { before } = of.layout;
    for (const row of all) {
      const { fields } = row;
      if (fields.length === 1 && fields[0] === '') {
        if (of.names.length > 1 || of.isSpaced || begin.length < before) continue;
        if (blank.push(row) > MOST_BLANK)
          throw new FormatError(`${where} has more than ${MOST_BLANK} blank lines from line ${blank[0]?.line} on`);
        continue;
      }
      for (const empty of blank) rows.push(empty);
      blank = [];
      if (begin.length < before) {
        if (isFilled(fields)) begin.push(row.line);
        continue;
      }
      if (of.isRemark(fields)) {
        remarks.push(row.line);
        continue;
      }
      count++;
      if (!row.problem && fields.length === of.names.length) rows.push(row);
      else if (skips) skipped.push({ line: row.line, reason: row.problem ?? fieldsOf(fields.length, of.names.length) });
      else throw new FormatError(`${where}: ${whatIsWrong(row, of)}`);
    }
    return { head: of, encoding, begin, rows, skipped, remarks };
  };
  /** Leaves out the line with an open quote, where the end of the text does not close it. */
  const skipLine = (of: CSVHead): CSVPart => {
    const end = pending.indexOf('\n') + 1;
    const problem = { fields: [], line, problem: OPEN };
    pending = pending.slice(end);
    line++;
    return partOf(of, [problem]);
  };
  const checkLength = (): void => {
    if (pending.length > settings.maxRowLength)
      throw new FormatError(
        `${where}: the row that begins on line ${line} is longer than ${settings.maxRowLength} characters, the option maxRowLength` +
          (pending.includes('\n') ? ': a quote in it may not be closed' : ''),
      );
  };
  let held = '';
  let isBlank = true;
  const tell = (name: string) => {
    encoding = name;
  };
  for await (const text of decodedParts(parts, settings.encoding, where, tell)) {
    // All ends of lines become '\n'; one may be cut in two.
    const all = held + text;
    held = all.endsWith('\r') ? '\r' : '';
    pending += (held ? all.slice(0, -1) : all).replace(/\r\n?/g, '\n');
    isBlank &&= !/\S/.test(text);
    if (isBlank) {
      if (pending.length > MOST_BLANK) throw new FormatError(`${where}: its first ${MOST_BLANK} characters are blank`);
      continue;
    }
    if (!pending.includes('\n')) checkLength();
    if (!pending.includes('\n') || pending.length < Math.max(attemptAt, head ? 0 : 2 ** 16)) continue;
    for (;;) {
      const { length } = pending;
      const part = take(false);
      if (part && part.rows.length + part.skipped.length + part.remarks.length > 0) yield part;
      const isStuck = pending.length === length;
      // An open quote may reach far: each attempt has twice as much.
      attemptAt = isStuck ? 2 * length : 0;
      if (!isStuck || !head || !skips || length <= FARTHEST_QUOTE) {
        if (isStuck) checkLength();
        break;
      }
      yield skipLine(head);
    }
  }
  pending += held ? '\n' : '';
  if (isBlank) throw new FormatError(`${where} has no rows`);
  const last = take(true);
  if (last && count === 0) throw new FormatError(`${where} has column names, but no rows below them`);
  if (last) yield last;
}

/** The rows of cells in rows of fields, without what only separates cells. */
function cellsIn(rows: readonly CSVRow[], { separator, ruled }: CSVHead): readonly CSVRow[] {
  if (separator === SPACE) return rows.map((row) => ({ ...row, fields: withoutRuns(row.fields) }));
  if (!ruled) return rows;
  return rows.filter(({ fields }) => !isRule(fields)).map((row) => ({ ...row, fields: cellsOfRule(row.fields, ruled) }));
}

function fieldsOf(fields: number, columns: number): string {
  return `has ${fields} ${fields === 1 ? 'field' : 'fields'}, but there are ${columns} ${columns === 1 ? 'column' : 'columns'}`;
}

/** The error message about a row. */
function whatIsWrong({ fields, line, problem }: CSVRow, { names, separator }: CSVHead): string {
  const others = ", or leave such rows out, { badRows: 'skip' }";
  if (problem) return `line ${line} ${problem}: double the quotes inside of fields${problem === OPEN ? ', close it' : ''}${others}`;
  return (
    `line ${line} has ${fields.length} fields, but the table has ${names.length} columns: put fields with ` +
    `${separator === '\t' ? 'tabs' : `'${separator}'`} in quotes, give the separator, say how comments begin, { comments: '#' }${others}`
  );
}

/** The fields between runs of spaces; of an empty line one, as of others. */
function withoutRuns(fields: readonly string[]): string[] {
  const filled = fields.filter((field) => field !== '');
  return filled.length === 0 ? [''] : filled;
}

function isFilled(record: readonly string[]): boolean {
  return record.some((field) => field.trim() !== '');
}

/**
 * The rows of a text, what is left of it, and the line on which that begins.
 * @param line the line on which the text begins
 */
function parsed(text: string, line: number, dialect: CSVHead, settings: CSVSettings, leavesLast: boolean) {
  // Texts without quotes and comments have a row a line.
  if (settings.comments === null && !text.includes(dialect.quote)) {
    const { data, meta } = parse(text, dialect, settings, leavesLast);
    return { rows: data.map((fields, row) => ({ fields, line: line + row })), rest: text.slice(meta.cursor), next: line + data.length };
  }
  const rows: CSVRow[] = [];
  let rest = text;
  let next = line;
  // After a row with wrong quotes, which took in lines of others, the next line starts again.
  for (let isDone = false; !isDone; ) {
    let end = 0;
    let broken: CSVRow | null = null;
    const step = ({ data, errors, meta: { cursor } }: Parsed, parser: Papa.Parser): void => {
      if (broken) return;
      const fields = data[0] as string[];
      // Comments are left out between rows, so where a row ends says on which line it begins.
      const after = next + lineEnds(rest, end, cursor);
      const isOpen = errors.some(({ code }) => code === 'MissingQuotes');
      const own = fields.reduce((sum, field) => sum + lineEnds(field, 0, field.length), Number(!isOpen && rest[cursor - 1] === '\n'));
      const problem = isOpen ? OPEN : errors.some(({ code }) => code === 'InvalidQuotes') ? CLOSED : null;
      const row = { fields, line: after - own, ...(problem && { problem }) };
      if (problem && fields.some((field) => field.includes('\n'))) {
        broken = row;
        parser.abort();
        return;
      }
      rows.push(row);
      [next, end] = [after, cursor];
    };
    parse(rest, dialect, settings, leavesLast, step);
    const found = broken as CSVRow | null;
    isDone = found === null;
    if (found) {
      rows.push(found);
      for (; next <= found.line; next++) end = rest.indexOf('\n', end) + 1;
    }
    rest = rest.slice(end);
  }
  return { rows, rest, next };
}

/** The result of papaparse: rows, and where in the text the next one begins. */
interface Parsed {
  readonly data: string[][];
  readonly errors: readonly { readonly code: string }[];
  readonly meta: { readonly cursor: number };
}

/** How fields are written. */
type Dialect = Pick<CSVHead, 'delimiter' | 'quote' | 'escapeSign'>;

/** Parses a text. @param step takes the rows one by one; without it all are returned */
function parse(
  text: string,
  { delimiter, quote, escapeSign }: Dialect,
  settings: CSVSettings,
  leavesLast: boolean,
  step?: (row: Parsed, parser: Papa.Parser) => void,
): Parsed {
  const parser: Papa.Parser = new Papa.Parser({
    delimiter,
    newline: '\n',
    quoteChar: quote,
    escapeChar: escapeSign,
    comments: settings.comments ?? false,
    ...(step && { step: (row: Parsed) => step(row, parser) }),
  });
  return parser.parse(text, 0, leavesLast) as Parsed;
}

/** The ends of lines in a part of a text. */
function lineEnds(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** The properties that the beginning of a text shows; null while it has no rows. */
function headOf(text: string, settings: CSVSettings, isLast: boolean): CSVHead | null {
  const { header, isMarker } = settings;
  const sampleOf = (delimiter: string, quote: string, escapeSign = quote) =>
    parse(text, { delimiter, quote, escapeSign }, settings, !isLast);
  const quoteOf = (separator: string) => {
    const usual = sampleOf(separator, '"');
    if (separator === '\t' && !quotesFields(text, usual)) return NO_QUOTES;
    return areInApostrophes(text, separator, () => sampleOf(separator, "'")) ? "'" : '"';
  };
  const all = (separator: string) => {
    const { data } = sampleOf(separator, quoteOf(separator));
    return separator === SPACE ? data.map(withoutRuns) : data;
  };
  const separator =
    settings.separator === 'auto'
      ? separatorOf((each) =>
          (each === settings.comments ? [] : all(each)).filter((fields) => isFilled(fields) && !isRule(fields)).slice(0, SAMPLE_ROWS),
        )
      : settings.separator;
  const quote = quoteOf(separator);
  const delimiter = quote === '"' && hasSpacedQuotes(all(separator)) ? `${separator} ` : separator;
  const escapeSign = escapesBy(text, (given) => sampleOf(delimiter, quote, given)) ?? quote;
  const sample = delimiter === separator && escapeSign === quote ? all(separator) : sampleOf(delimiter, quote, escapeSign).data;
  const ruled = ruledLinesOf(separator, sample.filter(isFilled).slice(0, SAMPLE_ROWS));
  const cells = ruled ? sample.filter((fields) => !isRule(fields)).map((fields) => cellsOfRule(fields, ruled)) : sample;
  const filled = cells.filter(isFilled).slice(0, SAMPLE_ROWS);
  if (filled.length === 0) return null;
  const records = filled.map((fields) => fields.map((field) => (isMarker(field) ? '' : field)));
  // Where fields end at semicolons or tabs, commas may be decimal.
  const decimal =
    separator === ',' ? '.' : numberFormatOf(records.flat(), separator === ';' ? decimalBesideSemicolons(records) : '.').decimal;
  const layout = layoutOf(records, header, decimal);
  const { titles, nameRows, before } = layout;
  const begin = records.slice(titles, titles + Math.max(1, nameRows));
  const [width] = begin.slice(-1).map(({ length }) => length);
  // A line of names may begin as a comment.
  const named = begin.map((fields) => fields.map((field, place) => (place === 0 ? field.replace(/^(?:#|\/\/)\s*/, '') : field)));
  const values = records.slice(before);
  const filledUp = asWide(named, values);
  const names = nameRows > 0 ? namesIn(filledUp) : numberedNames(width ?? 0);
  return {
    names,
    separator,
    delimiter,
    quote,
    escapeSign,
    decimal,
    layout,
    isRemark:
      settings.comments === null ? remarkTest(records.slice(titles, titles + nameRows), values, names.length, decimal) : () => false,
    ruled,
    isSpaced: isSpaced(sample.slice(0, 2 * SAMPLE_ROWS)),
  };
}

/** Whether all fields but the first begin with a space, some with a quote behind it. */
function hasSpacedQuotes(records: readonly (readonly string[])[]): boolean {
  const fields = records.flatMap((record) => record.slice(1));
  return fields.some((field) => field.startsWith(' "')) && fields.every((field) => field.startsWith(' '));
}

/** The backslash, where quotes within fields have one before them; else null. */
function escapesBy(text: string, sample: (escapeSign: string) => Parsed): string | null {
  if (!/[^\\]\\"/.test(text)) return null;
  const isWrong = ({ errors }: Parsed) => errors.some(({ code }) => code === 'MissingQuotes' || code === 'InvalidQuotes');
  return isWrong(sample('"')) && !isWrong(sample('\\')) ? '\\' : null;
}

/**
 * Rows of names as wide as those of values: programs leave out the name of an index, and write a
 * separator at the end of rows only.
 */
function asWide(names: readonly (readonly string[])[], values: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const width = names[0]?.length ?? 0;
  if (values.length < 2 || !values.every(({ length }) => length === width + 1)) return names;
  if (values.every((fields) => fields[width]?.trim() === '')) return names.map((fields) => [...fields, '']);
  const firsts = values.map(([first = '']) => first);
  const isIndex = new Set(firsts).size === firsts.length && firsts.every((first) => /^\S+$/.test(first));
  return isIndex ? names.map((fields) => ['', ...fields]) : names;
}

/**
 * Whether quotes enclose fields of a text with tabs: few programs quote there, and then every quote
 * is closed; of the others quotes are characters like others.
 */
function quotesFields(text: string, { errors }: Parsed): boolean {
  return /(?:^|[\t\n])"/.test(text) && errors.every(({ code }) => code !== 'MissingQuotes' && code !== 'InvalidQuotes');
}

/**
 * Whether apostrophes enclose fields, as programs of databases write them: all of the first line,
 * and in the sample, parsed so, every one is closed.
 */
function areInApostrophes(text: string, separator: string, sample: () => Parsed): boolean {
  const [line = ''] = text.split('\n', 1);
  const fields = line.trim().split(separator);
  return fields.length > 1 && fields.every((field) => /^'[^']+'$/.test(field)) && sample().errors.length === 0;
}

/** Whether every other record is empty, nearly everywhere. */
function isSpaced(records: readonly (readonly string[])[]): boolean {
  const isBlank = records.map((fields) => fields.length === 1 && !isFilled(fields));
  const alternates = isBlank.filter((blank, place) => blank && place > 0 && !isBlank[place - 1]).length;
  return alternates >= FEWEST_BLANK && alternates >= 0.9 * (records.length - alternates - 1);
}

/**
 * The decimal sign of numbers such as `20,125`, which could also have groups of thousands: programs
 * end fields with semicolons where commas are decimal.
 */
function decimalBesideSemicolons(records: readonly (readonly string[])[]): '.' | ',' {
  const has = (number: RegExp) => records.some((fields) => fields.some((field) => number.test(field.trim())));
  return has(/^[-+]?\d{1,3},\d{3}$/) && !has(/^[-+]?\d{1,3}\.\d{3}$/) ? ',' : '.';
}
