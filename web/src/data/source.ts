import { BacktimeError, readCoNLL, readCSV, readText, readTs, type Table, tableFromRows } from 'backtime';
import { arffAsCSV, isARFF } from './arff.ts';
import type { BundledData } from './bundled.ts';
import type { DataSource, ReadAs } from './dataSource.ts';
import { fileKind } from './fileKind.ts';
import { readJSON } from './readJSON.ts';
import { joinFiles } from './severalFiles.ts';
import { looksLikeWordLines } from './wordLines.ts';

/** How a file is to be read, where the user says it; all else is found out. */
export interface ReadSettings {
  readonly as?: ReadAs | undefined;
  /** Whether a row holds the names of the columns, or how many rows do. */
  readonly header?: boolean | number | undefined;
  /** A label of the Encoding Standard. */
  readonly encoding?: string | undefined;
  readonly separator?: string | undefined;
  readonly sheet?: string | undefined;
}

/** A file of the user, and where it was in a folder: `walk/first.csv`. */
export interface ChosenFile {
  readonly file: File;
  readonly path: string;
}

/** Is told which part of the files has been read, 0 to 1. */
export type OnRead = (part: number) => void;

/** A larger file would not fit in the memory that a page may have. */
const LARGEST_FILES = 300_000_000;
/** Bytes that say what a file is. */
const FIRST_BYTES = 2 ** 16;

/** Reads what the user dropped, picked or pasted. @throws {Error} with a message for the user */
export async function readFiles(files: readonly ChosenFile[], settings: ReadSettings, onRead: OnRead = () => {}): Promise<DataSource> {
  const size = files.reduce((sum, { file }) => sum + file.size, 0);
  const [first] = files;
  if (!first) throw new Error('There are no files in what was dropped.');
  const name = files.length === 1 ? first.path : `${files.length} files`;
  if (size > LARGEST_FILES)
    throw new Error(
      `${name} ${files.length === 1 ? 'has' : 'have'} ${Math.round(size / 1e6)} MB; this page reads up to ${LARGEST_FILES / 1e6} MB.`,
    );
  let before = 0;
  const sources: { readonly path: string; readonly source: DataSource }[] = [];
  for (const { file, path } of files) {
    const start = before;
    const tell = (bytes: number) => onRead(size === 0 ? 1 : Math.min(1, (start + bytes) / size));
    sources.push({ path, source: await readFile(file, path, settings, tell) });
    before += file.size;
  }
  return sources.length === 1 ? (sources[0]?.source as DataSource) : joinFiles(sources);
}

async function readFile(file: File, name: string, settings: ReadSettings, onBytes: (bytes: number) => void): Promise<DataSource> {
  const bytes = await firstBytes(file).catch((cause: unknown) => {
    throw new Error(`${name} cannot be read. Is it a folder, or was it changed meanwhile?`, { cause });
  });
  if (bytes.length === 0) throw new Error(`${name} is empty.`);
  const { kind, advice } = fileKind(bytes, name);
  if (kind === 'other') throw new Error(`${name} ${advice}.`);
  try {
    const read = kind === 'spreadsheet' ? readSpreadsheet(file, name, settings) : readTextFile(file, name, bytes, settings, onBytes);
    return await read;
  } catch (error) {
    throw error instanceof BacktimeError ? new Error(messageFor(error, name), { cause: error }) : error;
  }
}

/** The first bytes of a file, unpacked. */
async function firstBytes(file: File): Promise<Uint8Array> {
  const begin = new Uint8Array(await file.slice(0, FIRST_BYTES).arrayBuffer());
  if (begin[0] !== 0x1f || begin[1] !== 0x8b) return begin;
  const reader = file.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  try {
    const { value } = await reader.read();
    return value ?? new Uint8Array();
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** What an error of the package says to a person who does not call its functions. */
function messageFor(error: Error, name: string): string {
  const message = error.message.replace(/^\w+: /, '');
  if (message.includes('has no rows') || message.includes('has no words')) return `${name} is empty.`;
  if (message.includes('no rows below them')) return `${name} has column names, but no rows.`;
  if (message.includes('is not text')) return `${name} is not text that can be read. Choose another encoding, or save it as CSV in UTF-8.`;
  if (message.includes('cannot unpack'))
    return `${name} cannot be unpacked: the file is damaged or was cut off. Copy or download it again.`;
  return message.startsWith(name) ? message : `${name} cannot be read: ${message}`;
}

/** The sheet that is asked for, or the first with rows. */
async function readSpreadsheet(file: File, name: string, { sheet: wanted, header }: ReadSettings): Promise<DataSource> {
  const { readXlsx } = await import('hucre/xlsx');
  const { sheets } = await readXlsx(new Uint8Array(await file.arrayBuffer()));
  const filled = sheets.filter(({ rows }) => rows.some((row) => row.some((cell) => cell !== null && cell !== '')));
  const sheet = filled.find((other) => other.name === wanted) ?? filled[0];
  if (!sheet) throw new Error(`${name} has no sheet with anything in it.`);
  const table = await tableFromRows(sheet.rows, { source: name, ...(header !== undefined && { header }) });
  return { name, text: '', table, task: null, sheets: filled.map((other) => other.name), readAs: null };
}

/** The bytes up to the end of the last line, of UTF-16 with the zero after it. */
function wholeLines(bytes: Uint8Array): Uint8Array {
  const end = bytes.lastIndexOf(10) + 1;
  if (end === 0 || bytes.length < FIRST_BYTES) return bytes;
  return bytes.slice(0, bytes[end] === 0 ? end + 1 : end);
}

const TABLE_NAME = /\.(csv|tsv|tab|dat|data)(\.gz)?$/i;

async function readTextFile(
  file: File,
  name: string,
  bytes: Uint8Array,
  settings: ReadSettings,
  onRead: (bytes: number) => void,
): Promise<DataSource> {
  const { encoding, separator, header, as } = settings;
  const textOptions = { onRead, ...(encoding && { encoding }) };
  const source = { name, text: '', task: null, sheets: [] as string[] };
  const begin = (await readText(wholeLines(bytes), encoding ? { encoding } : {}).catch(() => '')).trimStart();
  if (as !== 'text' && /^[[{]/.test(begin)) {
    const table = await readJSON(await readText(file, textOptions), name);
    if (table) return { ...source, table, readAs: null };
  }
  if (as !== 'text' && isARFF(begin)) {
    const rows = new TextEncoder().encode(arffAsCSV(await readText(file, textOptions)));
    const options = { badRows: 'skip', header: true, separator: ',', comments: '%' } as const;
    return { ...source, table: await readCSV(new File([rows], name), options), readAs: null };
  }
  if (as !== 'text' && /^([#%].*\s+)*@\w+[\s\S]*^@data\b/im.test(begin))
    return { ...source, table: await readSeriesArchive(file, name), readAs: null };
  if (/^(<!doctype html|<html)/i.test(begin))
    throw new Error(`${name} is a web page. Copy its table into a spreadsheet and save that as CSV, or save its text as a plain text.`);
  const advice = as === undefined ? adviceFor(begin) : null;
  if (advice !== null) throw new Error(`${name} ${advice}.`);
  const readAs = as ?? (await formOf(begin, name));
  if (readAs === 'text') {
    const text = await readText(file, textOptions);
    if (text.trim() === '') throw new Error(`${name} is empty.`);
    return { ...source, text, table: null, task: 'write', readAs };
  }
  if (readAs === 'words') {
    const table = await readCoNLL(file, {
      ...textOptions,
      badRows: 'skip',
      ...((separator === '\t' || separator === ' ') && { separator }),
      ...(header !== undefined && { header: Boolean(header) }),
    });
    return { ...source, table, task: 'tagWords', readAs };
  }
  const table = await readCSV(file, {
    ...textOptions,
    badRows: 'skip',
    ...(separator && { separator }),
    ...(header !== undefined && { header }),
  });
  if (table.rowCount === 0) {
    const [first] = table.skipped;
    throw new Error(`No row of ${name} can be read: line ${first?.line} ${first?.reason}.`);
  }
  return { ...source, table, readAs };
}

/** What a text is most probably. @param begin its first lines */
async function formOf(begin: string, name: string): Promise<ReadAs> {
  if (looksLikeWordLines(begin, name)) return 'words';
  return TABLE_NAME.test(name) || (await looksLikeTable(begin)) ? 'table' : 'text';
}

/** What to do with texts that hold tables in forms that are not read; null for others. */
function adviceFor(begin: string): string | null {
  if (/^<\?xml\b/i.test(begin)) return 'is XML. Save its rows as CSV or as JSON, in a spreadsheet or by the program that it is from';
  if (/^\s*INSERT INTO\b/im.test(begin))
    return 'is a copy of a database. Export the table that you want as CSV: databases have a command or a menu for that';
  const lines = begin.split(/\r\n?|\n/).filter((line) => line.trim() !== '');
  const isSparse = lines.length > 2 && lines.slice(0, -1).every((line) => /^[+-]?[\d.]+(?: +\d+:[+-]?[\d.eE+-]+)+ *$/.test(line));
  return isSparse ? 'is a file of LIBSVM, which has the number of its column before each value. Write it as CSV first' : null;
}

/** Lines of a text that are no table seldom have the same number of separators. */
const TABLE_LINES = 20;

/**
 * Whether a text without a table's name is one: nearly all of its first lines have the same number
 * of fields, more than one. Sentences have commas, too, so these count only where no field is long.
 */
async function looksLikeTable(begin: string): Promise<boolean> {
  const lines = begin.split(/\r\n?|\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const sample = lines
    .slice(0, -1)
    .slice(0, TABLE_LINES)
    .concat(lines.length === 1 ? lines : []);
  if (sample.length < 2) return false;
  if (areAligned(sample) || areBetweenLines(lines.slice(0, TABLE_LINES))) return true;
  return ['\t', ';', '|', ','].some((separator) => {
    const fields = sample.map((line) => line.split(separator));
    const counts = fields.map(({ length }) => length);
    const usual = counts[Math.floor(counts.length / 2)] as number;
    const alike = counts.filter((count) => count === usual).length / counts.length;
    if (usual < 2 || alike < 0.9) return false;
    if (separator === '\t') return true;
    // In sentences a space follows.
    const inner = fields.flatMap((own) => own.slice(1));
    const spaced = inner.filter((field) => field.startsWith(' ')).length;
    return spaced < inner.length / 2 && (separator === ',' || alike === 1);
  });
}

/** Lines of a text above a table that is drawn with characters. */
const MOST_ABOVE = 3;

/**
 * Whether a table is drawn with characters: a line of dashes below the names, bars between cells.
 */
function areBetweenLines(lines: readonly string[]): boolean {
  const rule = lines.findIndex((line) => /^[\s|+:=-]+$/.test(line) && /[|+]/.test(line) && /[-=]/.test(line));
  const rows = lines.slice(rule + 1).filter((line) => line.includes('|'));
  return rule >= 0 && rule <= MOST_ABOVE + 1 && rows.length > 0 && rows.length >= 0.8 * (lines.length - rule - 1);
}

/** Whether numbers stand below each other, with spaces between them. */
function areAligned(lines: readonly string[]): boolean {
  const fields = lines.map((line) => line.trim().split(/ +/));
  const [names, ...rows] = fields;
  const isNumber = (text: string) => /^[+-]?[\d.]+(?:e[+-]?\d+)?$/i.test(text);
  return (
    rows.length > 1 && rows.every((row) => row.length > 1 && row.length === names?.length && row.filter(isNumber).length * 2 >= row.length)
  );
}

/** Series of the UEA and UCR archives as rows of steps. */
async function readSeriesArchive(file: File, name: string): Promise<Table> {
  const { sequences, classNames, targets } = await readTs(file);
  const channels = sequences[0]?.[0]?.length ?? 0;
  const names = Array.from({ length: channels }, (_, channel) => (channels === 1 ? 'value' : `channel ${channel + 1}`));
  const rows: unknown[][] = [['series', 'class', ...names]];
  for (const [series, steps] of sequences.entries()) {
    const target = targets[series];
    const label = target === undefined ? null : (classNames[target] ?? target);
    for (const step of steps) rows.push([series + 1, label, ...step.map((value) => (Number.isNaN(value) ? null : value))]);
  }
  return tableFromRows(rows, { source: name, header: true });
}

/** Loads a data set of the page. @throws {Error} with a message for the user */
export async function loadBundled(
  { name, url, task, names = {}, areWords = false }: BundledData,
  onRead: OnRead = () => {},
): Promise<DataSource> {
  const response = await fetch(url).catch((cause: unknown) => {
    throw new Error(`Loading “${name}” failed. Is there a connection to the network?`, { cause });
  });
  if (!response.ok) throw new Error(`Loading “${name}” failed: the server answered ${response.status}.`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const options = { onRead: (read: number) => onRead(read / bytes.length) };
  const table = await (areWords ? readCoNLL(bytes, options) : readCSV(bytes, options));
  return { name, text: '', table: await renamed(table, names), task, sheets: [], readAs: null };
}

/** The table with readable names in the place of cells. */
async function renamed(table: Table, names: NonNullable<BundledData['names']>): Promise<Table> {
  if (Object.keys(names).length === 0) return table;
  const columns = table.names.map((column) => table.texts(column).map((cell) => names[column]?.[cell] ?? cell));
  const rows = Array.from({ length: table.rowCount }, (_, row) => columns.map((cells) => cells[row]));
  return tableFromRows([[...table.names], ...rows], { source: table.source, header: true });
}
