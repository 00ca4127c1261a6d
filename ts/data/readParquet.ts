import { describe } from '../core/describe.ts';
import { ArgumentError, FileError, FormatError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import { isError } from '../core/tags.ts';
import type { TableCell } from './missing.ts';
import { bytesOf, type DataSource, openSource, type ReadOptions } from './readBytes.ts';
import { Table } from './table.ts';

const NAME = 'readParquet';

/** The functions of the package hyparquet that read a file. */
export interface Hyparquet {
  // biome-ignore lint/suspicious/noExplicitAny: the package's own types, which may not be installed
  parquetMetadataAsync(file: ArrayBuffer): Promise<any>;
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
  checkOptions(options, ['columns', 'hyparquet', 'maxBytes'], NAME);
  const opened = openSource(source, NAME, options);
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = options.hyparquet ?? (await loadHyparquet());
  const bytes = await bytesOf(opened);
  const file = bytes.buffer as ArrayBuffer;
  const where = `${NAME}: ${opened.name}`;
  let records: readonly Record<string, unknown>[];
  let names: readonly string[];
  try {
    const metadata = await parquetMetadataAsync(file);
    const all = parquetSchema(metadata).children.map(({ element }) => element.name);
    const unknown = options.columns?.find((name) => !all.includes(name));
    if (unknown !== undefined) throw new ArgumentError(`${where} has no column ${describe(unknown)}; it has ${all.join(', ')}`);
    names = options.columns ?? all;
    records = await parquetReadObjects({ file, metadata, columns: [...names] });
  } catch (cause) {
    if (cause instanceof ArgumentError) throw cause;
    throw new FormatError(`${where} cannot be read as Parquet: ${isError(cause) ? cause.message : String(cause)}`, { cause });
  }
  const columns = names.map(
    (name) => [name, records.map((record, row) => cellOf(record[name], `${where}: row ${row + 1}, column '${name}',`))] as const,
  );
  return new Table(new Map(columns), { source: opened.name });
}

async function loadHyparquet(): Promise<Hyparquet> {
  try {
    // By a variable, since a bundler would refuse a package that is not installed.
    const name = 'hyparquet';
    return await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
  } catch (cause) {
    throw new FileError(
      `${NAME} needs the package hyparquet, which did not load: npm install hyparquet, and where a bundler makes the program, give it, readParquet(source, { hyparquet })`,
      { cause },
    );
  }
}

/** A value as a cell. Dates become texts of ISO 8601, which `Table.dates` reads. */
function cellOf(value: unknown, where: string): TableCell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Date) return value.toISOString();
  throw new FormatError(`${where} holds ${describe(value)}: only numbers, texts, booleans and dates are read, no nested values`);
}
