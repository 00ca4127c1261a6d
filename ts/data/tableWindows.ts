import { ArgumentError, DataError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import { positiveInteger } from '../core/shape.ts';
import { type Tensor, tensorOf } from '../core/tensor.ts';
import { countsOf } from './countsOf.ts';
import type { MissingNumbers } from './missing.ts';
import { rowsByValue } from './rowsByValue.ts';
import { textsIn } from './textsIn.ts';

/** The part of a table that `tableWindows` reads. */
export interface WindowedTable {
  readonly source: string;
  readonly rowCount: number;
  numbers(name: string, options?: { missing?: MissingNumbers }): Float64Array;
  texts(name: string): string[];
}

/** Options of `Table.windows`. */
export interface TableWindowsOptions {
  /** C: the columns of numbers, one channel each. */
  channels: readonly string[];
  /** L: the rows of a window. */
  length: number;
  /** Rows from the beginning of one window to that of the next. Default `length`: no overlap. */
  stride?: number;
  /**
   * The column that says which recording, device or series a row is of: a window has rows of one
   * only, also where their rows alternate. Default: all rows are of one.
   */
  group?: string;
  /** The column of the class: a window has the one that most of its rows have. Default none. */
  label?: string;
  /**
   * How missing numbers of a column are filled before it is cut, as in `Table.numbers`. Default
   * 'error'.
   */
  missing?: MissingNumbers;
}

/** Windows of the rows of a table. */
export interface TableWindows {
  /** `[N, L, C]` */
  readonly x: Tensor<Float64Array>;
  /** The class of each window; empty without `label`. */
  readonly labels: readonly string[];
  /** The group of each window; empty without `group`. */
  readonly groups: readonly string[];
}

/** `Table.windows`, which documents it. */
export function tableWindows(table: WindowedTable, options: TableWindowsOptions): TableWindows {
  checkOptions(options, ['channels', 'length', 'stride', 'group', 'label', 'missing'], 'windows');
  const names = textsIn(options?.channels, 'windows: channels', "['x', 'y']");
  if (names.length === 0) throw new ArgumentError('windows: channels must name at least one column of numbers');
  const L = positiveInteger(options.length, 'windows: length');
  const stride = positiveInteger(options.stride ?? L, 'windows: stride');
  const channels = names.map((name) => table.numbers(name, { missing: options.missing ?? 'error' }));
  const labels = options.label === undefined ? null : table.texts(options.label);
  const groups = rowsByGroup(table, options.group);
  const windows: { readonly group: string; readonly rows: readonly number[] }[] = [];
  for (const [group, rows] of groups)
    for (let start = 0; start + L <= rows.length; start += stride) windows.push({ group, rows: rows.slice(start, start + L) });
  if (windows.length === 0) {
    const longest = [...groups.values()].reduce((most, { length }) => Math.max(most, length), 0);
    throw new DataError(`windows: length is ${L}, but no series of ${table.source} has more than ${longest} rows`);
  }
  const C = channels.length;
  const x = new Float64Array(windows.length * L * C);
  for (const [n, { rows }] of windows.entries())
    for (const [step, row] of rows.entries())
      for (const [channel, numbers] of channels.entries()) x[(n * L + step) * C + channel] = numbers[row] as number;
  return {
    x: tensorOf([windows.length, L, C], x),
    labels: labels ? windows.map(({ rows }) => mostFrequent(rows.map((row) => labels[row] as string))) : [],
    groups: options.group === undefined ? [] : windows.map(({ group }) => group),
  };
}

function rowsByGroup(table: WindowedTable, column: string | undefined): Map<string, number[]> {
  if (column === undefined) return new Map([['', Array.from({ length: table.rowCount }, (_, row) => row)]]);
  return rowsByValue(table.texts(column));
}

function mostFrequent(values: readonly string[]): string {
  return [...countsOf(values)].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}
