import type { TaskName } from '../tasks/task.ts';
import type { BundledData } from './bundled.ts';
import { type OnRead, parseTable, type Table } from './table.ts';

/** What the user chose to learn from: a table, or a plain text. */
export interface DataSource {
  readonly name: string;
  readonly text: string;
  /** Null for plain text. */
  readonly table: Table | null;
  /** What the data set is meant for, when that is known. */
  readonly task: TaskName | null;
}

const TABLE_FILE = /\.(csv|tsv|tab)$/i;
/** A larger file would be slow to show and to train on in a page. */
const LARGEST_FILE = 50_000_000;

/** Reads a file that the user dropped or picked. @throws {Error} with a message for the user */
export async function readFile(file: File, onRead?: OnRead): Promise<DataSource> {
  if (file.size > LARGEST_FILE) {
    throw new Error(`${file.name} has ${Math.round(file.size / 1e6)} MB; this page reads files up to ${LARGEST_FILE / 1e6} MB.`);
  }
  const bytes = await file.arrayBuffer().catch((cause: unknown) => {
    throw new Error(`${file.name} cannot be read. Is it a folder, or was it changed meanwhile?`, { cause });
  });
  const text = decode(bytes);
  if (text === null) throw new Error(`${file.name} is not a text file in UTF-8. Save it as CSV, TSV or plain text in UTF-8 first.`);
  if (text.trim() === '') throw new Error(`${file.name} is empty.`);
  return sourceOf(file.name, text, onRead);
}

/**
 * Null for bytes that are no text in UTF-8; zeros are in files of numbers or of UTF-16, and in no
 * text.
 */
function decode(bytes: ArrayBuffer): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

/** A table when the name says so, else plain text. @throws {TableError} */
export function sourceOf(name: string, text: string, onRead?: OnRead): DataSource {
  const table = TABLE_FILE.test(name) ? parseTable(text, 'guess', onRead) : null;
  return { name, text, table, task: table ? null : 'write' };
}

/** Loads a data set of the page. @throws {Error} with a message for the user */
export async function loadBundled({ name, url, task, names = {} }: BundledData, onRead?: OnRead): Promise<DataSource> {
  const response = await fetch(url).catch((cause: unknown) => {
    throw new Error(`Loading “${name}” failed. Is there a connection to the network?`, { cause });
  });
  if (!response.ok) throw new Error(`Loading “${name}” failed: the server answered ${response.status}.`);
  const text = await response.text();
  const table = parseTable(text, 'guess', onRead);
  const rename = table.columns.map((column) => names[column] ?? {});
  const rows = table.rows.map(({ row, cells }) => ({ row, cells: cells.map((cell, index) => rename[index][cell] ?? cell) }));
  return { name, text, table: { ...table, rows }, task };
}
