import { FormatError, type Table, type TableRow, tableFromRows } from '../node.ts';
import { readText } from './readText.ts';

/** Whether a file is JSON, or JSON lines, by its ending. */
export function isJSON(file: string): boolean {
  return /\.(json|jsonl|ndjson)(\.gz)?$/i.test(file);
}

/**
 * Reads a table of JSON: an array of records, of rows, or of single values, which are the column
 * `text` or `value`; or an object of columns. In `.jsonl` and `.ndjson` each line is one of these
 * rows.
 * @throws {FormatError} for what is no JSON, or no table
 * @throws the errors of {@link readText}
 */
export async function readRecords(file: string, encoding: string | undefined): Promise<Table> {
  const text = await readText(file, encoding);
  const isLines = !/\.json(\.gz)?$/i.test(file) || holdsLines(text);
  const values = isLines ? linesOf(text, file) : rowsOf(parsed(text, file));
  if (!values || values.length === 0)
    throw new FormatError(
      `${file} is JSON, but no table: it must be an array of records [{"x": 1}, …], of rows or of texts, or an object of columns {"x": [1, …]}`,
    );
  const isRow = (value: unknown) => typeof value === 'object' && value !== null;
  if (values.every(isRow)) return tableFromRows(values as TableRow[], { source: file });
  if (values.some(isRow)) throw new FormatError(`${file} has records and single values: give one of them`);
  const name = values.every((value) => typeof value === 'string') ? 'text' : 'value';
  return tableFromRows(
    values.map((value) => ({ [name]: value })),
    { source: file },
  );
}

/** Whether lines are values of JSON each, which programs write into `.json` files, too. */
function holdsLines(text: string): boolean {
  const [first, second] = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (first === undefined || second === undefined) return false;
  try {
    return [first, second].every((line) => /^[[{"]/.test(line.trim()) && JSON.parse(line) !== undefined);
  } catch {
    return false;
  }
}

function linesOf(text: string, file: string): unknown[] {
  const lines = text.split(/\r?\n/);
  return lines.flatMap((line, index) => (line.trim() === '' ? [] : [parsed(line, `line ${index + 1} of ${file}`)]));
}

/** The rows of a value; null for one that has none. */
function rowsOf(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return null;
  // Columns as arrays, or as objects by the index of the row, which pandas writes.
  const columns = Object.entries(value).map(([name, cells]) => [name, typeof cells === 'object' && cells !== null ? cells : null] as const);
  const [first] = columns;
  if (!first?.[1]) return null;
  const rows = Object.keys(first[1]);
  const fits = columns.every(
    ([, cells]) => cells !== null && Object.keys(cells).length === rows.length && rows.every((row) => row in cells),
  );
  if (!fits) return null;
  return rows.map((row) => Object.fromEntries(columns.map(([name, cells]) => [name, (cells as Readonly<Record<string, unknown>>)[row]])));
}

function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FormatError(`${what} is not JSON: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
