import { readJSONLines, type Table, tableFromRows } from 'backtime';

type Row = Readonly<Record<string, unknown>> | readonly unknown[];

/**
 * A table of JSON: an array of records or of rows, an object with such an array in it, an object of
 * columns, of records or of numbers, as pandas writes them too, or a record a line; null for what
 * is none of these.
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
  const { columns: names, data } = value as Readonly<Record<string, unknown>>;
  if (Array.isArray(names) && Array.isArray(data) && data.every(Array.isArray)) return [names, ...data];
  return longestList(value) ?? recordsBy(entries);
}

/** Objects within objects in which rows are looked for. */
const DEEPEST = 4;

/** The longest list of rows in it: services wrap it in what they say of the answer. */
function longestList(value: unknown, depth = 0): readonly Row[] | null {
  if (!isRow(value) || depth > DEEPEST) return null;
  if (Array.isArray(value)) return value.length > 0 && value.every(isRow) ? value : null;
  const lists = Object.values(value).map((item) => longestList(item, depth + 1));
  return lists.reduce<readonly Row[] | null>((longest, list) => (list && list.length > (longest?.length ?? 0) ? list : longest), null);
}

/** Fewer numbers are rather settings of a program. */
const FEWEST_NUMBERS = 10;

/** Rows of an object whose names say what each is of: records of the same kind, or numbers. */
function recordsBy(entries: readonly (readonly [string, unknown])[]): readonly Row[] | null {
  if (entries.length >= FEWEST_NUMBERS && entries.every(([, item]) => typeof item === 'number' || item === null))
    return entries.map(([key, item]) => ({ key, value: item }));
  const records = entries.flatMap(([key, item]) => (isRow(item) && !Array.isArray(item) ? [{ key, cells: { ...item } as Cells }] : []));
  const names = Object.keys(records[0]?.cells ?? {});
  const areAlike = records.every(({ cells }) => names.every((name) => name in cells));
  if (records.length < 2 || records.length < entries.length || names.length === 0 || !areAlike) return null;
  // Columns by their names, each of cells by their rows.
  if (names.length > records.length)
    return names.map((name) => ({ key: name, ...Object.fromEntries(records.map(({ key, cells }) => [key, cells[name]])) }));
  return records.map(({ key, cells }) => ({ key, ...cells }));
}

type Cells = Readonly<Record<string, unknown>>;
