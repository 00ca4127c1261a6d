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
import { findColumn, readTable, type TableFlags } from '../table.ts';
import { TARGET_NAMES } from './targetNames.ts';

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
  /** The name of each in answers. */
  readonly names: readonly string[];
  /** For each the target as the file has it; null when the file has none. */
  readonly targets: readonly string[] | null;
  /** For each the place of its target in error messages. */
  readonly places: readonly string[];
}

/** What `findSeries` reads of the flags. */
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
    const form = { kind: 'ts' } as const;
    return { form, columns: [], samples: await readSeries(file, form, flags) };
  }
  const table = await readTable(file, flags);
  const columns = table.describeColumns();
  const taken = flags.group === undefined ? [] : [flags.group];
  const target = findColumn(table, columns, { flag: '--target', given: flags.target, names: TARGET_NAMES, kinds: targetKinds, taken });
  const named = flags.columns?.split(',').map((name) => name.trim());
  for (const name of named ?? []) table.column(name);
  const numbers = columns.filter(({ name, kind }) => kind === 'number' && name !== target && name !== flags.group);
  const chosen = named ?? numbers.map(({ name }) => name);
  if (chosen.length === 0) throw new ArgumentError(`${table.source} has no columns of numbers besides the target '${target}'`);
  const missing = flags.missing ?? 'error';
  const form: SeriesForm =
    flags.group === undefined
      ? { kind: 'rows', columns: chosen, target, missing }
      : { kind: 'groups', columns: chosen, target, group: flags.group, missing };
  return { form, columns, samples: samplesOf(table, form, missingOf(missing, 'error')) };
}

/** Reads series as those that a model was trained on. */
export async function readSeries(file: string, form: SeriesForm, flags: SeriesFlags): Promise<SeriesSamples> {
  if (form.kind !== 'ts') return samplesOf(await readTable(file, flags), form, missingOf(form.missing, 'error'));
  const { sequences, targets, classNames } = await readTs(file);
  const places = sequences.map((_, index) => `series ${index + 1} of ${file}`);
  const broken = sequences.findIndex((steps) => steps.flat().some(Number.isNaN));
  if (broken >= 0) throw new DataError(`${places[broken]} has a missing value`);
  return {
    channels: sequences[0]?.[0]?.length ?? 0,
    sequences: sequences.map((steps) => Float64Array.from(steps.flat())),
    names: sequences.map((_, index) => String(index + 1)),
    targets: targets.length === 0 ? null : targets.map((target) => classNames[target] ?? String(target)),
    places,
  };
}

function samplesOf(table: Table, form: Exclude<SeriesForm, { kind: 'ts' }>, missing: MissingNumbers): SeriesSamples {
  const targets = table.names.includes(form.target) ? table.texts(form.target).map((text) => text.trim()) : null;
  const place = (row: number) => `row ${table.fileRow(row)} of ${table.source}, column '${form.target}',`;
  const all = Array.from({ length: table.rowCount }, (_, row) => row);
  const data = form.columns.map((name) =>
    table.numbers(name, { missing: form.kind === 'rows' && missing === 'error' ? Number.NaN : missing }),
  );
  const at = (row: number, column: number) => data[column]?.[row] as number;
  if (form.kind === 'rows') {
    const sequences = all.map((row) => {
      // Empty fields after the last value: the series is shorter than others.
      const length = form.columns.reduce((last, _, column) => (Number.isNaN(at(row, column)) ? last : column + 1), 0);
      const steps = Float64Array.from({ length }, (_, column) => at(row, column));
      const gap = length === 0 ? 0 : steps.findIndex(Number.isNaN);
      if (gap >= 0)
        throw new DataError(
          `row ${table.fileRow(row)} of ${table.source}, column '${form.columns[gap]}', has no value: fill it by --missing 0`,
        );
      return steps;
    });
    return { channels: 1, sequences, names: all.map((row) => String(table.fileRow(row))), targets, places: all.map(place) };
  }
  const groups = new Map<string, number[]>();
  for (const [row, name] of table.texts(form.group).entries()) {
    const rows = groups.get(name);
    if (rows) rows.push(row);
    else groups.set(name, [row]);
  }
  const members = [...groups.values()];
  for (const rows of targets ? members : []) {
    const other = rows.find((row) => targets?.[row] !== targets?.[rows[0] as number]);
    if (other !== undefined)
      throw new DataError(`${place(other)} is '${targets?.[other]}', but its series began with '${targets?.[rows[0] as number]}'`);
  }
  return {
    channels: form.columns.length,
    sequences: members.map((rows) => Float64Array.from(rows.flatMap((row) => data.map((numbers) => numbers[row] as number)))),
    names: [...groups.keys()],
    targets: targets && members.map((rows) => targets[rows[0] as number] as string),
    places: members.map((rows) => place(rows[0] as number)),
  };
}

/** The classes of series. @throws {DataError} naming the place, for another or none */
export function seriesLabels(
  { targets, places }: SeriesSamples,
  file: string,
  known?: readonly string[],
): { labels: Int32Array; names: readonly string[] } {
  if (!targets) throw new DataError(`${file} has no column of the right answers`);
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
  if (!targets) throw new DataError(`${file} has no column of the right answers`);
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
