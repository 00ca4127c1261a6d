import { describe } from '../core/describe.ts';
import { ArgumentError, FormatError } from '../core/errors.ts';
import { booleanOption, checkOptions, oneOf } from '../core/options.ts';
import { countsOf } from './countsOf.ts';
import type { DataSource, ProgressOptions, ReadOptions } from './dataSource.ts';
import { decodedParts } from './decodeText.ts';
import type { TableCell } from './missing.ts';
import { openSource } from './readBytes.ts';
import { Table } from './table.ts';
import type { SkippedRow } from './tableFormat.ts';
import { numberedNames, uniqueNames } from './uniqueNames.ts';

/** Options of `readCoNLL`. */
export interface CoNLLOptions extends ReadOptions, ProgressOptions {
  /**
   * The separator of columns: '\t' is a tab, ' ' is any run of spaces and tabs. Default 'auto': the
   * one with which more lines have the same number of columns. A line that fits only the other
   * separator is split by that one.
   */
  separator?: 'auto' | '\t' | ' ';
  /**
   * Whether the first line holds the names of the columns. Default 'auto': it does if it has usual
   * names of columns, such as `word` and `tag`.
   */
  header?: boolean | 'auto';
  /** The encoding, such as 'windows-1252'. Default 'auto': as `readCSV` finds it. */
  encoding?: string;
  /**
   * The start of comment lines, which are left out. null: there are no comments. Default '#'. A
   * line that starts so is still a word if it has all columns, and a tag that other lines have.
   */
  comments?: string | null;
  /**
   * What a line with another number of columns does: 'error' throws, 'skip' leaves out its
   * sentence, and `Table.skipped` says why. Default 'error'.
   */
  badRows?: 'error' | 'skip';
}

const NAME = 'readCoNLL';
const OPTIONS = ['separator', 'header', 'encoding', 'comments', 'badRows', 'maxBytes', 'onRead'] as const;
/** A table takes several times the memory of its text. */
const MOST_BYTES = 2 ** 30;
/** The number of lines that decide the separator and the number of columns. */
const SAMPLE = 5000;
/** The columns of CoNLL-U, https://universaldependencies.org/format.html */
const UNIVERSAL = ['id', 'form', 'lemma', 'upos', 'xpos', 'feats', 'head', 'deprel', 'deps', 'misc'] as const;
/** The comment with which CoNLL-U Plus names its columns. */
const NAMED_COLUMNS = /^#\s*global\.columns\s*=\s*(.*)$/;
const NAMES_OF_WORDS = /^(words?|tokens?|forms?|text)$/i;
const NAMES_OF_TAGS = /^((ner|pos)[ _-]?)?(tags?|labels?|upos|pos|ner|entity|slots?)$/i;

type Settings = Required<Omit<CoNLLOptions, 'maxBytes' | 'onRead'>>;
type Separator = '\t' | ' ';

/** A line that is not blank. */
interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** The blank lines and document starts before it: the same number for a whole sentence. */
  readonly block: number;
}

/** A line that holds a word. */
interface Word extends Omit<Line, 'text'> {
  readonly cells: readonly string[];
}

/** See `readCoNLL` of lazyReaders.ts. */
export async function readCoNLL(source: DataSource, options: CoNLLOptions = {}): Promise<Table> {
  const { encoding, ...settings } = settingsOf(options);
  const { name, parts } = openSource(source, NAME, options, MOST_BYTES);
  let [text, found] = ['', ''];
  const decoded = decodedParts(parts, encoding, `${NAME}: ${name}`, (label) => {
    found = label;
  });
  for await (const part of decoded) text += part;
  return tableOf(linesOf(text), settings, { name, encoding: found });
}

function settingsOf(options: CoNLLOptions): Settings {
  checkOptions(options, OPTIONS, NAME);
  const { header = 'auto', encoding = 'auto', comments = '#' } = options;
  if (typeof encoding !== 'string') throw new ArgumentError(`${NAME}: encoding must be a string, got ${describe(encoding)}`);
  if (comments !== null && (typeof comments !== 'string' || comments === ''))
    throw new ArgumentError(`${NAME}: comments must be a string that is not empty, such as '#', or null, got ${describe(comments)}`);
  return {
    separator: oneOf(options.separator ?? 'auto', ['auto', '\t', ' '], `${NAME}: separator`),
    header: header === 'auto' ? header : booleanOption(header, true, `${NAME}: header`),
    encoding,
    comments,
    badRows: oneOf(options.badRows ?? 'error', ['error', 'skip'], `${NAME}: badRows`),
  };
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let block = 0;
  for (const [index, line] of text.split(/\r\n?|\n/).entries()) {
    // -DOCSTART- begins a document. It stands on a line of its own between blank lines.
    if (line.trim() === '' || line.startsWith('-DOCSTART-')) block++;
    else lines.push({ number: index + 1, text: line, block });
  }
  return lines;
}

function tableOf(
  lines: readonly Line[],
  { separator: given, header, comments, badRows }: Omit<Settings, 'encoding'>,
  { name, encoding }: { readonly name: string; readonly encoding: string },
): Table {
  const mayBeComment = ({ text }: Line) => comments !== null && text.startsWith(comments);
  const plain = lines.filter((line) => !mayBeComment(line));
  if (plain.length === 0) throw new FormatError(`${NAME}: ${name} has no words: give one word per line, with its tag beside it`);
  const { separator, width } = columnsOf(plain.slice(0, SAMPLE), given);
  const other = separator === '\t' ? ' ' : '\t';
  const cellsOf = ({ text }: Line) => {
    const cells = split(text, separator);
    if (cells.length === width || given !== 'auto') return cells;
    const others = split(text, other);
    return others.length === width ? others : cells;
  };
  const tags = new Set(plain.map((line) => cellsOf(line).at(-1)));
  /** A word may begin with the characters of a comment. */
  const isWord = (line: Line) => {
    if (!mayBeComment(line)) return true;
    const cells = cellsOf(line);
    return cells.length === width && (width === 1 || tags.has(cells.at(-1)));
  };
  const words: Word[] = lines.filter(isWord).map(({ text, ...line }) => ({ ...line, cells: cellsOf({ text, ...line }) }));
  const first = words[0] as Word;
  const hasHeader = header === 'auto' ? areNames(first.cells) : header;
  const body = hasHeader ? words.slice(1) : words;
  const names = hasHeader ? first.cells : (declaredNames(lines, width) ?? usualNames(body, width));
  const { kept, skipped } = wellFormedSentences(body.filter(isSyntacticWord(names)), width, name, badRows);
  if (kept.length === 0)
    throw new FormatError(
      `${NAME}: ${name} has no sentence that can be read: line ${skipped[0]?.line ?? first.number} ${skipped[0]?.reason ?? 'holds names'}`,
    );
  const columns: readonly (readonly TableCell[])[] = [
    numbersOf(kept),
    ...names.map((column, place) => {
      // CoNLL-U writes _ for a missing value; but in the column of words it may be a word.
      const nothing = hasIds(names) && !NAMES_OF_WORDS.test(column) ? '_' : '';
      return kept.map(({ cells }) => (cells[place] === '' || cells[place] === nothing ? null : (cells[place] as string)));
    }),
  ];
  return new Table(new Map(uniqueNames(['sentence', ...names]).map((column, place) => [column, columns[place] as readonly TableCell[]])), {
    source: name,
    lines: Uint32Array.from(kept, ({ number }) => number),
    skipped,
    format: {
      encoding,
      separator,
      decimal: '.',
      hasHeader,
      nameLines: hasHeader ? [first.number] : [],
      headerReason: reasonOf(header, hasHeader, first.cells),
      firstLine: first.number,
      titleLines: [],
      unitsLine: null,
      remarkLines: [],
    },
  });
}

function split(text: string, separator: Separator): string[] {
  if (separator === '\t') return text.split('\t').map((cell) => cell.trim());
  return text.trim().split(/[\t ]+/);
}

/** The separator, and the number of columns that most lines have. */
function columnsOf(lines: readonly Line[], given: Settings['separator']): { readonly separator: Separator; readonly width: number } {
  const found = (['\t', ' '] as const).map((separator) => {
    const counts = countsOf(lines.map(({ text }) => split(text, separator).length));
    const [width, fitting] = [...counts].reduce((most, next) => (next[1] > most[1] ? next : most));
    return { separator, width, fitting };
  }) as [Found, Found];
  const [tabs, spaces] = found;
  if (given !== 'auto') return given === '\t' ? tabs : spaces;
  return tabs.width > 1 && tabs.fitting >= spaces.fitting ? tabs : spaces;
}

interface Found {
  readonly separator: Separator;
  readonly width: number;
  /** The number of lines with this number of columns. */
  readonly fitting: number;
}

function areNames(cells: readonly string[]): boolean {
  return cells.some((cell) => NAMES_OF_WORDS.test(cell)) && cells.some((cell) => NAMES_OF_TAGS.test(cell));
}

/** The names of columns from a comment of CoNLL-U Plus. */
function declaredNames(lines: readonly Line[], width: number): readonly string[] | null {
  const names = lines.flatMap(({ text }) => NAMED_COLUMNS.exec(text)?.[1]?.trim().split(/\s+/) ?? []);
  return names.length === width ? names : null;
}

/** Names of columns for a file without names. */
function usualNames(words: readonly Word[], width: number): readonly string[] {
  const areCounted = width > 1 && words.every(({ cells }) => /^\d+([-.]\d+)?$/.test(cells[0] as string));
  if (areCounted && width === UNIVERSAL.length) return UNIVERSAL;
  const names = numberedNames(width);
  const word = areCounted ? 1 : 0;
  if (areCounted) names[0] = UNIVERSAL[0];
  names[word] = 'word';
  if (width > word + 1) names[width - 1] = 'tag';
  return names;
}

/** Whether the first column numbers the words of a sentence. */
function hasIds(names: readonly string[]): boolean {
  return names[0]?.toLowerCase() === UNIVERSAL[0];
}

/** Whether a line is a word, not a range of words (3-4) or an empty word (3.1) of CoNLL-U. */
function isSyntacticWord(names: readonly string[]): (word: Word) => boolean {
  return ({ cells }) => !hasIds(names) || !/^\d+[-.]\d+$/.test(cells[0] as string);
}

/**
 * The words of sentences whose lines all have the usual number of columns.
 * @throws {FormatError} naming the first line that has not, unless badRows is 'skip'
 */
function wellFormedSentences(
  words: readonly Word[],
  width: number,
  name: string,
  badRows: Settings['badRows'],
): { readonly kept: readonly Word[]; readonly skipped: readonly SkippedRow[] } {
  const bad = words.filter(({ cells }) => cells.length !== width);
  const [first] = bad;
  const reasonFor = ({ cells: { length } }: Word) => `has ${length} ${length === 1 ? 'field' : 'fields'}, but most lines have ${width}`;
  if (first && badRows === 'error')
    throw new FormatError(
      `${NAME}: line ${first.number} of ${name} ${reasonFor(first)}: correct it, or leave out its sentence with { badRows: 'skip' }`,
    );
  const broken = new Set(bad.map(({ block }) => block));
  return {
    kept: words.filter(({ block }) => !broken.has(block)),
    skipped: bad.map((word) => ({ line: word.number, reason: `${reasonFor(word)}: its sentence is left out` })),
  };
}

/** The number of each word's sentence, from 1. */
function numbersOf(words: readonly Word[]): number[] {
  let number = 0;
  return words.map(({ block }, place) => {
    if (block !== words[place - 1]?.block) number++;
    return number;
  });
}

function reasonOf(header: Settings['header'], hasHeader: boolean, cells: readonly string[]): string {
  if (header !== 'auto') return 'it was chosen';
  return hasHeader ? 'they are usual names of such columns' : `“${cells[0]}” is not a usual name of such a column`;
}
