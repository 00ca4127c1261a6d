import {
  ArgumentError,
  type ColumnDescription,
  DataError,
  type MissingNumbers,
  Normalization,
  readTs,
  type Table,
  type Tensor,
} from '../../node.ts';
import { findColumn, readTable, requireColumn, requireColumns, type TableFlags } from '../table.ts';
import { refuseUnread } from '../unreadFlags.ts';
import { TARGET_NAMES } from './columnNames.ts';

/**
 * How series stand in a file: in a `.ts` file; each in a row, with a column for each step; or each
 * in several rows, of which a column says the series.
 */
export type SeriesForm =
  | { readonly kind: 'ts' }
  | { readonly kind: 'rows'; readonly columns: readonly string[]; readonly target: string; readonly missing: string }
  | {
      readonly kind: 'groups';
      readonly columns: readonly string[];
      readonly target: string;
      readonly group: string;
      readonly missing: string;
    };

/** Series of C channels; their lengths may differ. */
export interface SeriesSamples {
  readonly channels: number;
  /** `[T, C]` each. */
  readonly sequences: readonly Float64Array[];
  /** The kind of the names: the column of answers. */
  readonly unit: 'line' | 'row' | 'series';
  /** The name of each in answers. */
  readonly names: readonly string[];
  /** For each the target as the file has it; null when the file has none. */
  readonly targets: readonly string[] | null;
  /** For each the place of its target in error messages. */
  readonly places: readonly string[];
}

/** The flags that `findSeries` reads. */
interface SeriesFlags extends TableFlags {
  readonly target?: string;
  readonly group?: string;
  readonly columns?: string;
  readonly missing?: string;
}

/** The flag `--missing`. @throws {ArgumentError} for another text */
export function missingOf(given: string | undefined, usual: MissingNumbers): MissingNumbers {
  if (given === undefined) return usual;
  if (given === 'error' || given === 'previous' || given === 'linear') return given;
  const value = Number(given);
  if (given.trim() === '' || !Number.isFinite(value))
    throw new ArgumentError(`--missing must be error, previous, linear or a number, got '${given}'`);
  return value;
}

/** Finds out how the series of a file stand in it. */
export async function findSeries(
  file: string,
  flags: SeriesFlags,
  targetKinds: readonly ('category' | 'number')[],
): Promise<{ form: SeriesForm; columns: readonly ColumnDescription[]; samples: SeriesSamples }> {
  if (/\.ts(\.gz)?$/.test(file)) {
    refuseUnread(file, 'a .ts file', flags, ['target', 'group', 'columns', 'missing']);
    const form = { kind: 'ts' } as const;
    return { form, columns: [], samples: await readSeries(file, form, flags) };
  }
  const table = await readTable(file, flags);
  const columns = table.describeColumns();
  const group = flags.group === undefined ? undefined : requireColumn(table, flags.group, '--group');
  const named = flags.columns === undefined ? undefined : requireColumns(table, flags.columns, '--columns');
  const taken = [...(group === undefined ? [] : [group]), ...(named ?? [])];
  const target = findColumn(table, columns, { flag: '--target', given: flags.target, names: TARGET_NAMES, kinds: targetKinds, taken });
  const numbers = columns.filter(({ name, kind }) => kind === 'number' && name !== target && name !== group);
  const chosen = named ?? numbers.map(({ name }) => name);
  if (chosen.length === 0) throw new ArgumentError(`${table.source} has no columns of numbers besides the target '${target}'`);
  const missing = flags.missing ?? 'error';
  const form: SeriesForm =
    group === undefined ? { kind: 'rows', columns: chosen, target, missing } : { kind: 'groups', columns: chosen, target, group, missing };
  return { form, columns, samples: samplesOf(table, form, missingOf(missing, 'error')) };
}

/** Reads series as those that a model was trained on. */
export async function readSeries(file: string, form: SeriesForm, flags: SeriesFlags): Promise<SeriesSamples> {
  if (form.kind !== 'ts') return samplesOf(await readTable(file, flags), form, missingOf(form.missing, 'error'));
  refuseUnread(file, 'a .ts file', flags, ['separator', 'comments', 'encoding', 'naValues', 'badRows']);
  const { sequences, targets, classNames } = await readTs(file);
  const places = sequences.map((_, index) => `series ${index + 1} of ${file}`);
  const broken = sequences.findIndex((steps) => steps.flat().some(Number.isNaN));
  if (broken >= 0) throw new DataError(`${places[broken]} has a missing value`);
  return {
    channels: sequences[0]?.[0]?.length ?? 0,
    sequences: sequences.map((steps) => Float64Array.from(steps.flat())),
    unit: 'series',
    names: sequences.map((_, index) => String(index + 1)),
    targets: targets.length === 0 ? null : targets.map((target) => classNames[target] ?? String(target)),
    places,
  };
}

function samplesOf(table: Table, form: Exclude<SeriesForm, { kind: 'ts' }>, missing: MissingNumbers): SeriesSamples {
  const targets = table.names.includes(form.target) ? table.texts(form.target).map((text) => text.trim()) : null;
  const place = (row: number, column: string) => `${table.place(row)}, column '${column}',`;
  // Missing numbers are filled along each series, never from one series to the next.
  const data = form.columns.map((name) => table.numbers(name, { missing: 'nan' }));
  const at = (row: number, column: number) => (data[column] as Float64Array)[row] as number;
  const noValue = (row: number, column: number) =>
    new DataError(`${place(row, form.columns[column] as string)} has no value: fill it, --missing linear for example`);
  if (form.kind === 'rows') {
    const all = Array.from({ length: table.rowCount }, (_, row) => row);
    const sequences = all.map((row) => {
      // Empty fields after the last value: the series is shorter than others.
      const length = form.columns.reduce((last, _, column) => (Number.isNaN(at(row, column)) ? last : column + 1), 0);
      if (length === 0) throw new DataError(`${table.place(row)} has no values in the columns of the series`);
      const steps = filled(
        Float64Array.from({ length }, (_, column) => at(row, column)),
        missing,
      );
      const gap = steps.findIndex(Number.isNaN);
      if (gap >= 0) throw noValue(row, gap);
      return steps;
    });
    return {
      channels: 1,
      sequences,
      unit: table.place(0).startsWith('line') ? 'line' : 'row',
      names: all.map((row) => String(table.fileRow(row))),
      targets,
      places: all.map((row) => place(row, form.target)),
    };
  }
  const groups = new Map<string, number[]>();
  for (const [row, name] of table.texts(form.group).entries()) {
    const rows = groups.get(name);
    if (rows) rows.push(row);
    else groups.set(name, [row]);
  }
  const members = [...groups.values()];
  for (const rows of targets ? members : []) {
    const [first] = rows as [number];
    const other = rows.find((row) => targets?.[row] !== targets?.[first]);
    if (other !== undefined)
      throw new DataError(
        `${place(other, form.target)} is '${targets?.[other]}', but the series '${table.texts(form.group)[first]}' began with '${targets?.[first]}' in ${table.place(first)}`,
      );
  }
  const C = form.columns.length;
  const sequences = members.map((rows) => {
    const steps = new Float64Array(rows.length * C);
    for (let column = 0; column < C; column++) {
      const channel = filled(
        Float64Array.from(rows, (row) => at(row, column)),
        missing,
      );
      const gap = channel.findIndex(Number.isNaN);
      if (gap >= 0) throw noValue(rows[gap] as number, column);
      for (const [step, value] of channel.entries()) steps[step * C + column] = value;
    }
    return steps;
  });
  return {
    channels: C,
    sequences,
    unit: 'series',
    names: [...groups.keys()],
    targets: targets && members.map((rows) => targets[rows[0] as number] as string),
    places: members.map((rows) => place(rows[0] as number, form.target)),
  };
}

/** The numbers of a channel, with what `--missing` says in the place of NaN. */
function filled(numbers: Float64Array, missing: MissingNumbers): Float64Array {
  if (typeof missing === 'number') return numbers.map((value) => (Number.isNaN(value) ? missing : value));
  if (missing === 'error') return numbers;
  const isKnown = (value: number) => !Number.isNaN(value);
  return numbers.map((value, step) => {
    if (isKnown(value)) return value;
    const before = numbers.subarray(0, step).findLastIndex(isKnown);
    const after = step + numbers.subarray(step).findIndex(isKnown);
    // Before the first number and after the last one there is one neighbour.
    if (after < step) return numbers[before] ?? Number.NaN;
    if (before < 0 || missing === 'previous') return numbers[before < 0 ? after : before] as number;
    const [from, to] = [numbers[before] as number, numbers[after] as number];
    return from + ((to - from) * (step - before)) / (after - before);
  });
}

/** How the series of a file were read, for reading. */
export function formText(form: SeriesForm, channels: number): string {
  if (form.kind === 'ts') return channels === 1 ? '1 channel' : `${channels} channels`;
  const { length } = form.columns;
  const names = [...form.columns.slice(0, 4), ...(length > 5 ? ['…'] : []), ...form.columns.slice(4).slice(-1)].join(', ');
  if (form.kind === 'groups')
    return `the rows of each '${form.group}' are a series, of the ${length === 1 ? 'channel' : 'channels'} ${names}`;
  return `each row is a series, of the ${length} steps ${names} (rows that belong together need --group)`;
}

/** The classes of series. @throws {DataError} naming the place, for another or none */
export function seriesLabels(
  { targets, places }: SeriesSamples,
  file: string,
  known?: readonly string[],
): { labels: Int32Array; names: readonly string[] } {
  if (!targets) throw new DataError(`${file} has no column of targets`);
  const names = known ?? [...new Set(targets.filter((text) => text !== ''))].sort();
  const labels = Int32Array.from(targets, (text, index) => {
    const label = names.indexOf(text);
    if (label < 0) throw new DataError(`${places[index]} is '${text}', expected one of ${names.join(', ')}`);
    return label;
  });
  return { labels, names };
}

/** The numbers to predict. @throws {DataError} naming the place, for something else */
export function seriesNumbers({ targets, places }: SeriesSamples, file: string): Float64Array {
  if (!targets) throw new DataError(`${file} has no column of targets`);
  return Float64Array.from(targets, (text, index) => {
    const value = text === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(value)) throw new DataError(`${places[index]} is '${text}', expected a number`);
    return value;
  });
}

/** Learns the mean and the variance of each channel, over all steps. */
export function normalizationOf(sequences: readonly Float64Array[], channels: number): Normalization {
  const normalization = new Normalization();
  const data = Float64Array.from(sequences.flatMap((steps) => Array.from(steps)));
  normalization.adapt({ shape: [data.length / channels, channels], data });
  return normalization;
}

/**
 * Puts series of different lengths side by side, `[N, T, C]`. Shorter ones begin with the means,
 * which become zeros, the steps that a Masking after the normalization leaves out.
 */
export function padded(sequences: readonly Float64Array[], channels: number, means: readonly number[]): Tensor {
  const longest = sequences.reduce((most, { length }) => Math.max(most, length), 0);
  const data = new Float64Array(sequences.length * longest);
  for (const [row, steps] of sequences.entries()) {
    const free = longest - steps.length;
    for (let index = 0; index < free; index++) data[row * longest + index] = means[index % channels] as number;
    data.set(steps, row * longest + free);
  }
  return { shape: [sequences.length, longest / channels, channels], data };
}
