import { DataError, type Table } from '../node.ts';
import { readText } from './readText.ts';
import { readingOf, readTable, type TableFlags } from './table.ts';

/**
 * Reads a `.txt` file with a text on each line, in which commas and quotes are letters like others.
 * @param isColumn whether the model knows a column of this name
 * @returns the texts; null for a file of another ending, and for a table: its first line names such
 *   a column, or flags say how it is read
 * @throws {DataError} for a line without text, unless `--bad-rows skip` leaves it out
 * @throws the errors of {@link readText}
 */
export async function textLines(file: string, flags: TableFlags, isColumn: (name: string) => boolean): Promise<string[] | null> {
  const { separator, comments, naValues, header, warn } = flags;
  if (!/\.txt(\.gz)?$/i.test(file) || [separator, comments, naValues, header].some((flag) => flag !== undefined)) return null;
  const lines = (await readText(file, readingOf(flags).encoding)).split(/\r\n?|\n/);
  while (lines.at(-1)?.trim() === '') lines.pop();
  const head = lines.find((line) => !/^(#|\s*$)/.test(line)) ?? '';
  if (head.split(/[,;\t|]/).some((name) => isColumn(name.trim().replaceAll('"', '')))) return null;
  const texts = lines.filter((line) => line.trim() !== '');
  if (texts.length === 0) throw new DataError(`${file} has no texts: give a text on each line`);
  const left = lines.length - texts.length;
  if (left === 0) return texts;
  const first = `line ${lines.findIndex((line) => line.trim() === '') + 1}`;
  if (readingOf(flags).badRows !== 'skip') throw new DataError(`${first} of ${file} has no text: --bad-rows skip leaves such lines out`);
  warn(`${left} ${left === 1 ? 'line' : 'lines'} of ${file} left out, the first is ${first}: no text`);
  return texts;
}

/** A character that is in no text. */
const UNUSED = '\u001f';

/**
 * Reads a `.csv` or `.tsv` file that has one column, in which what separates columns elsewhere is
 * part of the texts, quoted or not.
 * @param isColumn whether the model knows a column of this name
 * @returns null for a file of another ending, one whose first line is no such name, and with
 *   `--separator`
 * @throws the errors of {@link readTable}
 */
export async function textColumn(file: string, flags: TableFlags, isColumn: (name: string) => boolean): Promise<Table | null> {
  if (!/\.(csv|tsv)(\.gz)?$/i.test(file) || flags.separator !== undefined) return null;
  const warnings: string[] = [];
  const table = await readTable(file, { ...flags, separator: UNUSED, warn: (message) => warnings.push(message) }).catch(() => null);
  const [name] = table?.names ?? [];
  if (!table || name === undefined || table.names.length > 1 || !isColumn(name)) return null;
  for (const message of warnings) flags.warn(message);
  return table;
}
