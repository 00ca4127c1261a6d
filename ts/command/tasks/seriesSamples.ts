import { rowsByValue } from '../../data/rowsByValue.ts';
import {
  ArgumentError,
  type ColumnDescription,
  DataError,
  type MissingNumbers,
  Normalization,
  readTs,
  type Table,
  type TableFormat,
  type Tensor,
} from '../../node.ts';
import { findColumn, holdsNumbers, noteUnused, requireColumn, requireColumns, trainedColumn, trainedColumns } from '../columns.ts';
import { READING, readingOf, readTable, rowUnit, type TableFlags, withCells } from '../table.ts';
import { refuseUnread } from '../unreadFlags.ts';
import { TARGET_NAMES } from './columnNames.ts';
import { type RowKind, rowFormOf } from './rowForm.ts';
import type { ColumnFlags } from './task.ts';

/**
 * How samples stand in a file: as series in a `.ts` file; each series in a row, with a column for
 * each step, or in several rows, of which a column says the series; or each sample in a row, with
 * a column for each feature, which is a series of one step.
 */
export type SeriesForm = { readonly kind: 'ts' } | InTable;

type InTable = TableForm<'rows'> | TableForm<'features'> | (TableForm<'groups'> & { readonly group: string });

interface TableForm<Kind> {
  readonly kind: Kind;
  readonly columns: readonly string[];
  readonly target: string;
  readonly missing: string;
}

/** What a target is. */
export type TargetKind = 'class' | 'number';

/** Series of C channels; their lengths may differ. */
export interface SeriesSamples {
  readonly channels: number;
  /** `[T, C]` each; NaN only of features that are filled with the mean. */
  readonly sequences: readonly Float64Array[];
  /** The columns of answers that say which sample each is of. */
  readonly given: ReadonlyMap<string, readonly unknown[]>;
  /** How the text of the file was read; null for other files. */
  readonly format: TableFormat | null;
  /** For each the class as the file has it; null where none was asked for. */
  readonly classes: readonly string[] | null;
  /** For each the number to predict; null where none was asked for. */
  readonly numbers: Float64Array | null;
  /** For each the place of its target in error messages. */
  readonly places: readonly string[];
}

/** The flags that `findSeries` reads. */
interface SeriesFlags extends TableFlags {
  readonly target?: string;
  readonly group?: string;
  readonly columns?: string;
  readonly missing?: string;
  readonly rows?: RowKind;
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

/**
 * The flag `--missing` of features: rows are in no order.
 * @throws {ArgumentError} for another text
 */
function missingOfFeatures(given: string): 'mean' | 'error' | number {
  if (given === 'mean' || given === 'error') return given;
  const value = Number(given);
  if (given.trim() === '' || !Number.isFinite(value))
    throw new ArgumentError(
      `--missing must be mean, error or a number where each row has features, got '${given}': --rows series takes the columns for steps`,
    );
  return value;
}

/** The samples of a file, and how they stand in it. */
export interface FoundSeries {
  readonly form: SeriesForm;
  readonly columns: readonly ColumnDescription[];
  readonly samples: SeriesSamples;
  /** What was taken for what, for reading. */
  readonly choice: string;
  /** The decimal sign of a table. */
  readonly decimal?: '.' | ',';
}

/**
 * Finds out how the samples of a file stand in it.
 * @param target what the column of targets holds
 */
export async function findSeries(file: string, flags: SeriesFlags, target: TargetKind): Promise<FoundSeries> {
  if (/\.ts(\.gz)?$/.test(file)) {
    refuseUnread(file, 'a .ts file', flags, ['missing', 'rows']);
    const form = { kind: 'ts' } as const;
    const samples = await readSeries(file, form, flags, target);
    const { channels } = samples;
    return { form, columns: [], samples, choice: channels === 1 ? '1 channel' : `${channels} channels` };
  }
  const table = await readTable(file, flags);
  const columns = table.describeColumns();
  const group = flags.group === undefined ? undefined : requireColumn(table, flags.group, '--group');
  if (group !== undefined && flags.rows !== undefined)
    throw new ArgumentError(
      `--rows ${flags.rows} says what each row is, but with --group several rows are a series: leave one of them out`,
    );
  const named = flags.columns === undefined ? undefined : requireColumns(table, flags.columns, '--columns');
  const taken = [...(group === undefined ? [] : [group]), ...(named ?? [])];
  const kinds = target === 'class' ? (['category'] as const) : [];
  const targetColumn = findColumn(table, columns, { flag: '--target', given: flags.target, names: TARGET_NAMES, kinds, taken });
  const others = columns.filter(({ name }) => name !== targetColumn && name !== group);
  const numbers = others.filter(({ kind }) => kind === 'number').map(({ name }) => name);
  const row = flags.rows === undefined ? rowFormOf(table, named ?? numbers) : { kind: flags.rows, reason: '' };
  const kind = group !== undefined ? 'groups' : row.kind === 'series' ? 'rows' : 'features';
  // Years are dates, and numbers: of a series its time, of a sample a feature.
  const isFeature = ({ name, kind: is }: ColumnDescription) => is === 'number' || (is === 'date' && holdsNumbers(table, name));
  const chosen = named ?? (kind === 'features' ? others.filter(isFeature).map(({ name }) => name) : numbers);
  if (chosen.length === 0)
    throw new ArgumentError(
      `${table.source} has no columns of numbers besides the target '${targetColumn}'${others.length === 0 ? '' : `, but ${others.map(({ name, kind }) => `${name} (${kind})`).join(', ')}`}` +
        (others.some(({ kind }) => kind === 'text') ? ': --task classify-text learns from texts' : ''),
    );
  requireNumbers(table, columns, chosen, '--columns');
  if (target === 'number') requireNumbers(table, columns, [targetColumn], '--target');
  const left = others.filter(({ name, kind }) => kind !== 'empty' && !chosen.includes(name));
  const missing = flags.missing ?? (kind === 'features' ? 'mean' : 'error');
  const common = { columns: chosen, target: targetColumn, missing };
  const form: InTable = kind === 'groups' ? { kind, ...common, group: group as string } : { kind, ...common };
  const samples = samplesOf(table, form, flags, target);
  const choice = choiceText(form, samples, row.reason, left);
  return { form, columns, samples, choice, decimal: table.format?.decimal ?? '.' };
}

/** @throws {ArgumentError} for a column of texts where numbers are needed */
function requireNumbers(table: Table, columns: readonly ColumnDescription[], names: readonly string[], flag: string): void {
  const wrong = columns.find(({ name, kind }) => names.includes(name) && (kind === 'category' || kind === 'text' || kind === 'empty'));
  if (!wrong) return;
  const { name, kind, reason } = wrong;
  const remedy = flag === '--target' && kind === 'category' ? '--task classify-series learns classes' : `name another by ${flag}`;
  throw new ArgumentError(
    `column '${name}' of ${table.source} has no numbers (${reason}): ${remedy}; if some of its texts mean missing values, name them by --na-values`,
  );
}

/**
 * Reads samples as those that a model was trained on.
 * @param target what the column of targets holds; null where it is not needed
 */
export async function readSeries(file: string, form: SeriesForm, flags: ColumnFlags, target: TargetKind | null): Promise<SeriesSamples> {
  if (form.kind !== 'ts') {
    const table = await readTable(file, flags);
    return samplesOf(table, formIn(table, form, flags, target !== null), flags, target);
  }
  refuseUnread(file, 'a .ts file', flags, [...READING, 'target', 'group', 'columns']);
  const { sequences, targets, classNames } = await readTs(file);
  const places = sequences.map((_, index) => `series ${index + 1} of ${file}`);
  const broken = sequences.findIndex((steps) => steps.flat().some(Number.isNaN));
  if (broken >= 0) throw new DataError(`${places[broken]} has a missing value`);
  if (target !== null && targets.length === 0) throw new DataError(`${file} has no targets`);
  const classes = Array.from(targets, (value) => classNames[value] ?? String(value));
  const numberOf = (text: string, index: number) => {
    const value = text === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(value)) throw new DataError(`${places[index]} is '${text}', expected a number`);
    return value;
  };
  return {
    channels: sequences[0]?.[0]?.length ?? 0,
    sequences: sequences.map((steps) => Float64Array.from(steps.flat())),
    given: new Map([['series', sequences.map((_, index) => String(index + 1))]]),
    format: null,
    classes: target === 'class' ? classes : null,
    numbers: target === 'number' ? Float64Array.from(classes, numberOf) : null,
    places,
  };
}

/**
 * The form with the columns that a file has.
 * @param needsTarget whether the file must have the column of targets
 * @throws {ArgumentError} when it lacks one
 */
function formIn(table: Table, form: InTable, flags: ColumnFlags, needsTarget: boolean): InTable {
  if (flags.group !== undefined && form.kind !== 'groups')
    throw new ArgumentError(
      `--group ${flags.group}: the model was trained on ${form.kind === 'rows' ? 'series' : 'samples'} of a row each: leave it out`,
    );
  const columns = trainedColumns(table, form.columns, '--columns', flags.columns);
  const target = needsTarget ? trainedColumn(table, form.target, '--target', flags.target) : (flags.target ?? form.target);
  const group = form.kind === 'groups' ? trainedColumn(table, form.group, '--group', flags.group) : null;
  noteUnused(table, [...columns, target, ...(group === null ? [] : [group])], flags);
  return { ...form, columns, target, ...(group === null ? {} : { group }) } as InTable;
}

/** The targets of all rows of a table, with '' or NaN where there is none. */
interface Targets {
  readonly classes: readonly string[] | null;
  readonly numbers: Float64Array | null;
}

function targetsOf(table: Table, column: string, kind: TargetKind | null): Targets {
  if (kind === null) return { classes: null, numbers: null };
  return kind === 'class'
    ? { classes: table.texts(column).map((text) => text.trim()), numbers: null }
    : { classes: null, numbers: table.numbers(column, { missing: 'nan' }) };
}

function samplesOf(whole: Table, form: InTable, flags: TableFlags, kind: TargetKind | null): SeriesSamples {
  if (form.kind === 'groups') return groupsOf(whole, form, flags, kind);
  const table = kind !== null ? withCells(whole, [[form.target, kind]], flags) : whole;
  const rows = Array.from({ length: table.rowCount }, (_, row) => row);
  const isOfFeatures = form.kind === 'features';
  return {
    channels: isOfFeatures ? form.columns.length : 1,
    sequences: isOfFeatures ? featuresOf(table, form) : seriesOfRows(table, form),
    given: isOfFeatures
      ? new Map(table.names.map((name) => [name, table.column(name)]))
      : new Map([[rowUnit(table), rows.map((row) => String(table.fileRow(row)))]]),
    format: table.format,
    ...targetsOf(table, form.target, kind),
    places: rows.map((row) => placeOf(table, row, form.target)),
  };
}

const placeOf = (table: Table, row: number, column: string) => `${table.place(row)}, column '${column}',`;

/** The columns of numbers, with NaN for missing ones. */
function numbersOf(table: Table, columns: readonly string[]): (row: number, column: number) => number {
  const data = columns.map((name) => table.numbers(name, { missing: 'nan' }));
  return (row, column) => (data[column] as Float64Array)[row] as number;
}

const noValue = (table: Table, row: number, column: string, remedy: string) =>
  new DataError(`${placeOf(table, row, column)} has no value: fill it, --missing ${remedy} for example`);

function featuresOf(table: Table, { columns, missing }: TableForm<'features'>): Float64Array[] {
  const at = numbersOf(table, columns);
  const filling = missingOfFeatures(missing);
  return Array.from({ length: table.rowCount }, (_, row) =>
    Float64Array.from(columns, (name, column) => {
      const value = at(row, column);
      if (!Number.isNaN(value)) return value;
      if (filling === 'error') throw noValue(table, row, name, 'mean');
      return filling === 'mean' ? Number.NaN : filling;
    }),
  );
}

function seriesOfRows(table: Table, { columns, missing }: TableForm<'rows'>): Float64Array[] {
  const at = numbersOf(table, columns);
  const filling = missingOf(missing, 'error');
  return Array.from({ length: table.rowCount }, (_, row) => {
    // Empty fields after the last value: the series is shorter than others.
    const length = columns.reduce((last, _name, column) => (Number.isNaN(at(row, column)) ? last : column + 1), 0);
    if (length === 0) throw new DataError(`${table.place(row)} has no values in the columns of the series`);
    const steps = filled(
      Float64Array.from({ length }, (_value, column) => at(row, column)),
      filling,
    );
    const gap = steps.findIndex(Number.isNaN);
    if (gap >= 0) throw noValue(table, row, columns[gap] as string, 'linear');
    return steps;
  });
}

function groupsOf(table: Table, form: Extract<SeriesForm, { kind: 'groups' }>, flags: TableFlags, kind: TargetKind | null): SeriesSamples {
  const { columns, target, group } = form;
  const { classes, numbers } = targetsOf(table, target, kind);
  const lacks = (row: number) => (classes ? classes[row] === '' : Number.isNaN(numbers?.[row] ?? 0));
  const texts = table.texts(group).map((text) => text.trim());
  const found = rowsByValue(texts);
  // A target may stand in one row of a series alone.
  const holders = new Map([...found].map(([name, rows]) => [name, rows.find((row) => !lacks(row))]));
  const without = [...found].filter(([name]) => name === '' || holders.get(name) === undefined);
  const [lost] = without;
  if (lost) {
    const [name, [row = 0]] = lost;
    const lack = name === '' ? `has no name of a series in '${group}'` : `has no ${kind} in '${target}'`;
    if (readingOf(flags).badRows !== 'skip')
      throw new DataError(
        `${name === '' ? table.place(row) : `the series '${name}', ${table.place(row)},`} ${lack}: --bad-rows skip leaves such series out`,
      );
    flags.warn(`${without.length} series of ${table.source} left out, the first begins on ${table.place(row)}: it ${lack}`);
  }
  const groups = new Map([...found].filter(([name]) => !without.some(([other]) => other === name)));
  const members = [...groups].map(([name, rows]) => ({ name, rows, holder: holders.get(name) as number }));
  if (members.length === 0) throw new DataError(`${table.source} has no series`);
  const targetAt = (row: number) => classes?.[row] ?? numbers?.[row];
  for (const { name, rows, holder } of members) {
    const other = rows.find((row) => !lacks(row) && targetAt(row) !== targetAt(holder));
    if (other !== undefined)
      throw new DataError(
        `${placeOf(table, other, target)} is '${targetAt(other)}', but the series '${name}' began with '${targetAt(holder)}' in ${table.place(holder)}`,
      );
  }
  const [C, at, filling] = [columns.length, numbersOf(table, columns), missingOf(form.missing, 'error')];
  return {
    channels: C,
    sequences: members.map(({ rows }) => {
      const steps = new Float64Array(rows.length * C);
      for (let column = 0; column < C; column++) {
        // Missing numbers are filled along each series, never from one series to the next.
        const channel = filled(
          Float64Array.from(rows, (row) => at(row, column)),
          filling,
        );
        const gap = channel.findIndex(Number.isNaN);
        if (gap >= 0) throw noValue(table, rows[gap] as number, columns[column] as string, 'linear');
        for (const [step, value] of channel.entries()) steps[step * C + column] = value;
      }
      return steps;
    }),
    given: new Map([['series', members.map(({ name }) => name)]]),
    format: table.format,
    classes: classes && members.map(({ holder }) => classes[holder] as string),
    numbers: numbers && Float64Array.from(members, ({ holder }) => numbers[holder] as number),
    places: members.map(({ holder }) => placeOf(table, holder, target)),
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

/** How the samples of a table were read, and the flags that change it. */
function choiceText(form: InTable, { sequences }: SeriesSamples, reason: string, left: readonly ColumnDescription[]): string {
  const { length } = form.columns;
  const names = [...form.columns.slice(0, 4), ...(length > 5 ? ['…'] : []), ...form.columns.slice(4).slice(-1)].join(', ');
  const because = reason === '' ? '' : `: ${reason}`;
  // Dates and names of series are no data of theirs.
  const leftOut =
    form.kind !== 'features' || left.length === 0
      ? ''
      : `; left out, as they are no numbers: ${left.map(({ name, kind }) => `${name} (${kind})`).join(', ')} (--columns names the columns to use)`;
  switch (form.kind) {
    case 'groups':
      return `the rows of each '${form.group}' are a series, of the ${length === 1 ? 'channel' : 'channels'} ${names}`;
    case 'rows':
      return `each row is a series, of the ${length} steps ${names}${because} (--rows features makes each column a feature with its own scale; rows that belong together need --group)`;
    case 'features': {
      const gaps = sequences.reduce((sum, values) => sum + values.filter(Number.isNaN).length, 0);
      const fill =
        gaps === 0
          ? ''
          : `; ${gaps} missing ${gaps === 1 ? 'value is' : 'values are'} the mean of the column (--missing error refuses them)`;
      return `each row has the ${length} ${length === 1 ? 'feature' : 'features'} ${names}${because} (--rows series makes the columns the steps of a series)${fill}${leftOut}`;
    }
  }
}

/** The classes of series. @throws {DataError} naming the place, for another or none */
export function seriesLabels(
  { classes, places }: SeriesSamples,
  known?: readonly string[],
): { labels: Int32Array; names: readonly string[] } {
  const texts = classes as readonly string[];
  const names = known ?? [...new Set(texts)].sort();
  const labels = Int32Array.from(texts, (text, index) => {
    const label = names.indexOf(text);
    if (label < 0) throw new DataError(`${places[index]} is '${text}', expected one of ${names.join(', ')}`);
    return label;
  });
  return { labels, names };
}

/**
 * Learns the mean and the variance of each channel, over all steps; a missing value is the mean.
 */
export function normalizationOf(sequences: readonly Float64Array[], channels: number): Normalization {
  const [sums, counts] = [new Float64Array(channels), new Float64Array(channels)];
  for (const steps of sequences)
    for (const [index, value] of steps.entries()) {
      if (Number.isNaN(value)) continue;
      const channel = index % channels;
      sums[channel] = (sums[channel] as number) + value;
      counts[channel] = (counts[channel] as number) + 1;
    }
  // A column may have no value in the rows to train on.
  const means = Array.from(sums, (sum, channel) => sum / Math.max(1, counts[channel] as number));
  const normalization = new Normalization();
  const data = Float64Array.from(sequences.flatMap((steps) => Array.from(steps, (value, index) => orMean(value, means[index % channels]))));
  normalization.adapt({ shape: [data.length / channels, channels], data });
  return normalization;
}

const orMean = (value: number, mean = 0) => (Number.isNaN(value) ? mean : value);

/**
 * Puts series of different lengths side by side, `[N, T, C]`. Shorter ones begin with the means,
 * which become zeros, the steps that a Masking after the normalization leaves out. Missing values
 * become the means, too.
 */
export function padded(sequences: readonly Float64Array[], channels: number, means: readonly number[]): Tensor {
  const longest = sequences.reduce((most, { length }) => Math.max(most, length), 0);
  const data = new Float64Array(sequences.length * longest);
  for (const [row, steps] of sequences.entries()) {
    const free = longest - steps.length;
    for (let index = 0; index < longest; index++)
      data[row * longest + index] = orMean(index < free ? Number.NaN : (steps[index - free] as number), means[index % channels]);
  }
  return { shape: [sequences.length, longest / channels, channels], data };
}
