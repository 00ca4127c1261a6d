import { describe } from '../core/describe.ts';
import { FileError, FormatError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import { isError } from '../core/tags.ts';
import type { DataSource, ReadOptions } from './dataSource.ts';
import type { TableCell } from './missing.ts';
import { noColumn } from './noColumn.ts';
import { openRandomAccess, type RandomAccessFile } from './randomAccess.ts';
import { readWhole } from './readBytes.ts';
import { Table } from './table.ts';

/** The functions of the package hyparquet that read a file. */
export interface Hyparquet {
  // biome-ignore lint/suspicious/noExplicitAny: the package's own types, which may not be installed
  parquetMetadataAsync(file: RandomAccessFile): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: the same
  parquetSchema(metadata: any): { readonly children: readonly { readonly element: { readonly name: string } }[] };
  // biome-ignore lint/suspicious/noExplicitAny: the same
  parquetReadObjects(options: any): Promise<Record<string, unknown>[]>;
}

/** Options of `readParquet`. */
export interface ParquetOptions extends ReadOptions {
  /** The columns to read. Default: all. */
  columns?: readonly string[];
  /**
   * The package: `import * as hyparquet from 'hyparquet'`. Default: it is imported by its name, which
   * Node can do.
   */
  hyparquet?: Hyparquet;
}

/** See `readParquet` of lazyReaders.ts. */
export async function readParquet(source: DataSource, options: ParquetOptions = {}): Promise<Table> {
  const library = await checked(options, 'readParquet');
  const { name: file, bytes } = await readWhole(source, 'readParquet', options);
  const where = `readParquet: ${file}`;
  const { names, read } = await openTable(library, bytes.buffer, options, where);
  const records = await read();
  const columns = names.map((name) => [name, records.map((record, row) => cellOf(record[name], row, name, where))] as const);
  return new Table(new Map(columns), { source: file });
}

/** See `readParquetRows` of lazyReaders.ts. */
export async function* readParquetRows(
  source: DataSource,
  options: ParquetOptions = {},
): AsyncGenerator<Readonly<Record<string, TableCell>>> {
  const library = await checked(options, 'readParquetRows');
  const { name, file, close } = await openRandomAccess(source, 'readParquetRows', options);
  const where = `readParquetRows: ${name}`;
  try {
    const { names, groups, read } = await openTable(library, file, options, where);
    let start = 0;
    for (const count of groups) {
      const records = await read(start, start + count);
      for (const [row, record] of records.entries())
        yield Object.fromEntries(names.map((column) => [column, cellOf(record[column], start + row, column, where)]));
      start += count;
    }
  } finally {
    await close();
  }
}

async function checked(options: ParquetOptions, owner: string): Promise<Hyparquet> {
  checkOptions(options, ['columns', 'hyparquet', 'maxBytes'], owner);
  return options.hyparquet ?? (await loadHyparquet(owner));
}

/**
 * The columns of a file, the rows of its groups, and what reads rows.
 * @throws {ArgumentError} for an unknown column
 * @throws {FormatError} when it is no such file
 */
async function openTable(library: Hyparquet, file: RandomAccessFile, { columns }: ParquetOptions, where: string) {
  const run = async <T>(use: () => Promise<T>): Promise<T> => {
    try {
      return await use();
    } catch (cause) {
      throw new FormatError(`${where} cannot be read as Parquet: ${isError(cause) ? cause.message : String(cause)}`, { cause });
    }
  };
  const { metadata, all } = await run(async () => {
    const metadata = await library.parquetMetadataAsync(file);
    return { metadata, all: library.parquetSchema(metadata).children.map(({ element }) => element.name) };
  });
  const unknown = columns?.find((name) => !all.includes(name));
  if (unknown !== undefined) throw noColumn(unknown, where, all);
  const names = columns ?? all;
  return {
    names,
    groups: (metadata.row_groups as readonly { readonly num_rows: number | bigint }[]).map(({ num_rows }) => Number(num_rows)),
    read: (rowStart?: number, rowEnd?: number) =>
      run(() => library.parquetReadObjects({ file, metadata, columns: [...names], rowStart, rowEnd })),
  };
}

async function loadHyparquet(owner: string): Promise<Hyparquet> {
  try {
    // An expression that no minifier computes: bundlers and Vite's server would look for the
    // package, which may not be installed.
    const name = ['hyparquet'][Math.min(0, owner.length)] as string;
    return await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
  } catch (cause) {
    throw new FileError(
      `${owner} needs the package hyparquet, which did not load: npm install hyparquet, and where a bundler makes the program, give it, ${owner}(source, { hyparquet })`,
      { cause },
    );
  }
}

/** A value as a cell. Dates become texts of ISO 8601, which `Table.dates` reads. */
function cellOf(value: unknown, row: number, name: string, where: string): TableCell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Date) return value.toISOString();
  throw new FormatError(
    `${where}: row ${row + 1}, column '${name}', holds ${describe(value)}: only numbers, texts, booleans and dates are read, no nested values`,
  );
}
