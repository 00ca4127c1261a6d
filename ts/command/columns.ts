import { suggest } from '../core/suggestion.ts';
import { ArgumentError, type ColumnDescription, type ColumnKind, type Table } from '../node.ts';
import { namesIn } from './nameList.ts';
import type { TableFlags } from './table.ts';

/** The most names that a message lists. */
const LISTED = 20;

/** Names with commas between; of many the first ones. */
function listed(names: readonly string[]): string {
  const more = names.length - LISTED;
  return more > 1 ? `${names.slice(0, LISTED).join(', ')} and ${more} more` : names.join(', ');
}

/** A column, or none. @throws {ArgumentError} naming the flag, for an unknown name */
export function requireColumn(table: Table, name: string, flag: string): string {
  if (!table.names.includes(name))
    throw new ArgumentError(
      `${flag}: ${table.source} has no column '${name}'${name.length > 2 ? suggest(name, table.names) : ''}; it has ${listed(table.names)}`,
    );
  return name;
}

/**
 * The column of a file that a model reads.
 * @param trained its name in training
 * @param flag what names a column that is called otherwise
 * @param given the value of the flag
 * @throws {ArgumentError} naming the columns of the file, when it is none of them
 */
export function trainedColumn(table: Table, trained: string, flag: string, given: string | undefined): string {
  return trainedColumns(table, [trained], flag, given)[0] as string;
}

/** The columns of a file that a model reads, in its order. See {@link trainedColumn}. */
export function trainedColumns(table: Table, trained: readonly string[], flag: string, given: string | undefined): readonly string[] {
  const { length } = trained;
  const names = given === undefined ? trained : length === 1 ? [requireColumn(table, given, flag)] : requireColumns(table, given, flag);
  if (names.length !== length)
    throw new ArgumentError(
      `${flag} must name ${length} columns, those that the model was trained on as ${trained.join(', ')}, got ${given}`,
    );
  const lacking = names.filter((name) => !table.names.includes(name));
  if (lacking.length === 0) return names;
  // The file may have another separator than the one that the model keeps.
  const isOneColumn = table.names.length === 1 && length > 1;
  const order = length === 1 ? 'COLUMN' : `with names in the order of the model: ${trained.join(', ')}`;
  throw new ArgumentError(
    `${table.source} has no ${lacking.length === 1 ? 'column' : 'columns'} ${listed(lacking.map((name) => `'${name}'`))}, which the model was trained on; ` +
      (isOneColumn
        ? `all of it is one column, ${listed(table.names)}: --separator auto detects the separator`
        : `it has ${listed(table.names)}: if one of them has these values, give ${flag} ${order}`),
  );
}

/** Tells of columns of a file that a model does not read. */
export function noteUnused(table: Table, used: readonly string[], { note }: Pick<TableFlags, 'note'>): void {
  const others = table.names.filter((name) => !used.includes(name));
  const what = others.length === 1 ? 'a column' : `${others.length} columns`;
  if (others.length > 0) note(`${table.source} has ${what} that the model does not read: ${listed(others)}`);
}

/**
 * The columns that a flag names with commas between.
 * @throws {ArgumentError} naming the flag, for an unknown name
 */
export function requireColumns(table: Table, names: string, flag: string): string[] {
  const found = namesIn(names).map((name) => requireColumn(table, name, flag));
  const twice = found.find((name, place) => found.indexOf(name) < place);
  if (twice !== undefined) throw new ArgumentError(`${flag} names the column '${twice}' twice: name each once`);
  return found;
}

/** How a column is found. */
interface ColumnSearch {
  /** The flag that names it. */
  readonly flag: string;
  readonly given: string | undefined;
  /** Its usual names, in lower case without other characters. */
  readonly names: readonly string[];
  /** The kinds that it may have, the most probable first. */
  readonly kinds: readonly ColumnKind[];
  /** Columns that were chosen for something else. */
  readonly taken?: readonly string[];
}

/** Whether a column has one of these names, whatever its capitals and its punctuation. */
export function isCalled(name: string, names: readonly string[]): boolean {
  return names.includes(name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, ''));
}

/**
 * The column that a flag names; without one, the only one that has such a name, or is of the first
 * of these kinds that any is of.
 * @throws {ArgumentError} when there is none, or several
 */
export function findColumn(table: Table, columns: readonly ColumnDescription[], search: ColumnSearch): string {
  const { flag, given, names, kinds, taken = [] } = search;
  if (given !== undefined) {
    if (taken.includes(given)) throw new ArgumentError(`${flag} names the column '${given}', which another flag names: give two columns`);
    return requireColumn(table, given, flag);
  }
  const free = columns.filter(({ name }) => !taken.includes(name));
  const named = free.filter(({ name }) => isCalled(name, names));
  const ofKinds = kinds.map((each) => free.filter(({ kind }) => kind === each)).find(({ length }) => length > 0);
  const found = named.length > 0 ? named : (ofKinds ?? []);
  if (found.length === 1) return (found[0] as ColumnDescription).name;
  if (free.length === 0)
    throw new ArgumentError(
      `${table.source}: no column is left for ${flag}, because it has only ${table.names.map((name) => `'${name}'`).join(', ')}: if other fields are in it, give --separator`,
    );
  const reason =
    found.length > 1
      ? `${found.map(({ name }) => name).join(', ')} could be it`
      : `none of ${listed(free.map(({ name, kind }) => `${name} (${kind})`))} is called ${names.slice(0, 3).join(', ')} or the like`;
  const remedy = table.names.length === 1 ? 'all is one column: give another --separator, or check the file' : `give ${flag} COLUMN`;
  throw new ArgumentError(`${table.source}: which column is ${flag}? ${reason}: ${remedy}`);
}

/** Whether each cell of a column is a number, whatever its kind: years are dates, too. */
export function holdsNumbers(table: Table, name: string): boolean {
  return table
    .numbers(name, { missing: 'nan', invalid: 'missing' })
    .every((value, row) => !Number.isNaN(value) || !table.hasValue(name, row));
}
