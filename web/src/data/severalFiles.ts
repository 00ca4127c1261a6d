import { type Table, tableFromRows } from 'backtime';
import type { DataSource } from './dataSource.ts';

interface NamedSource {
  /** `walk/first.csv` */
  readonly path: string;
  readonly source: DataSource;
}

/** Where several files are in one folder, its name says nothing of them. */
interface PlacedFile extends NamedSource {
  /** The name of the folder that tells files apart; null where all are in one. */
  readonly folder: string | null;
  /** The name of the file without its ending. */
  readonly file: string;
}

/**
 * Several files as one table: tables below each other, with the file and its folder as columns, so
 * that a file can be a recording and a folder a class; texts as examples. Texts in folders are an
 * example each, whose class is the folder; else each file is a class, and its lines are examples.
 * @throws {Error} with a message for the user
 */
export async function joinFiles(sources: readonly NamedSource[]): Promise<DataSource> {
  const placed = place(sources);
  const name = `${sources.length} files`;
  const tables = placed.filter(({ source }) => source.table !== null);
  if (tables.length > 0 && tables.length < placed.length) {
    const other = placed.find(({ source }) => source.table === null) as PlacedFile;
    throw new Error(`${tables[0]?.path} is a table and ${other.path} is a text: choose files of one kind.`);
  }
  const rows = tables.length > 0 ? rowsOfTables(tables) : rowsOfTexts(placed);
  const table = await tableFromRows(rows, { source: name, header: true });
  return { name, text: '', table, task: null, sheets: [], readAs: null };
}

function place(sources: readonly NamedSource[]): PlacedFile[] {
  const folders = sources.map(({ path }) => path.split('/').slice(0, -1));
  const areAlike = folders.every((parts) => parts.join('/') === folders[0]?.join('/'));
  return sources.map(({ path, source }, index) => ({
    path,
    source,
    folder: areAlike ? null : (folders[index]?.at(-1) ?? ''),
    file: (path.split('/').at(-1) as string).replace(/(\.\w{1,5})+$/, ''),
  }));
}

/** @throws {Error} for tables of other columns */
function rowsOfTables(files: readonly PlacedFile[]): unknown[][] {
  const first = files[0]?.source.table as Table;
  const hasFolders = files.some(({ folder }) => folder !== null);
  const names = [...(hasFolders ? ['folder'] : []), 'file', ...first.names].map((name, index, all) =>
    all.indexOf(name) === index ? name : `${name} 2`,
  );
  const rows: unknown[][] = [names];
  for (const { path, source, folder, file } of files) {
    const table = source.table as Table;
    const other = first.names.find((name) => !table.names.includes(name)) ?? table.names.find((name) => !first.names.includes(name));
    if (other !== undefined)
      throw new Error(
        `The files have other columns: “${other}” is not in all of them. ${files[0]?.path} has ${first.names.join(', ')}; ${path} has ${table.names.join(', ')}.`,
      );
    const columns = first.names.map((name) => table.column(name));
    for (let row = 0; row < table.rowCount; row++)
      rows.push([...(hasFolders ? [folder] : []), file, ...columns.map((cells) => cells[row])]);
  }
  return rows;
}

function rowsOfTexts(files: readonly PlacedFile[]): unknown[][] {
  const rows: unknown[][] = [['text', 'class', 'file']];
  for (const { source, folder, file } of files) {
    const texts = folder === null ? source.text.split(/\r\n?|\n/).filter((line) => line.trim() !== '') : [source.text.trim()];
    for (const text of texts) rows.push([text, folder ?? file, file]);
  }
  return rows;
}
