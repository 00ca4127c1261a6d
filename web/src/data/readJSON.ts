import { readJSONLines, type Table, tableFromRows } from 'backtime';

type Row = Readonly<Record<string, unknown>> | readonly unknown[];

/**
 * A table of JSON: an array of records or of rows, an object with such an array, an object of
 * columns, or a record a line; null for what is none of these.
 */
export async function readJSON(text: string, name: string): Promise<Table | null> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return readLines(text, name, error);
  }
  const rows = rowsIn(value);
  return rows && tableFromRows(rows, { source: name });
}

/** @throws the error of the line that is no JSON, where the first lines are */
async function readLines(text: string, name: string, whole: unknown): Promise<Table | null> {
  const rows: Row[] = [];
  try {
    const bytes = new TextEncoder().encode(text);
    for await (const value of readJSONLines(bytes)) {
      if (!isRow(value)) return null;
      rows.push(value);
    }
  } catch (error) {
    const message = error instanceof Error ? error.message.replace(/^.*?(line \d+) of the bytes/, '$1') : String(error);
    if (rows.length > 0) throw new Error(`${name}: ${message}`, { cause: error });
    // Texts may begin with a bracket, too.
    if (!/\.(json|jsonl|ndjson)(\.gz)?$/i.test(name)) return null;
    throw new Error(`${name} is not JSON: ${whole instanceof Error ? whole.message : whole}`, { cause: whole });
  }
  return rows.length === 0 ? null : tableFromRows(rows, { source: name });
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}

function rowsIn(value: unknown): readonly Row[] | null {
  if (Array.isArray(value)) {
    if (value.length === 0) return null;
    if (value.every(isRow)) return value as Row[];
    // A series alone.
    return value.every((item) => typeof item !== 'object') ? value.map((item) => ({ value: item })) : null;
  }
  if (!isRow(value)) return null;
  const entries = Object.entries(value);
  const columns = entries.filter(([, items]) => Array.isArray(items) && !items.some(isRow)) as [string, unknown[]][];
  const [first] = columns;
  if (first && columns.length === entries.length && columns.every(([, items]) => items.length === first[1].length))
    return first[1].map((_, row) => Object.fromEntries(columns.map(([name, items]) => [name, items[row]])));
  // The longest list in it: services wrap it in what they say of the answer.
  const lists = entries.flatMap(([, items]) => (Array.isArray(items) && items.length > 0 && items.every(isRow) ? [items as Row[]] : []));
  return lists.sort((a, b) => b.length - a.length)[0] ?? null;
}
