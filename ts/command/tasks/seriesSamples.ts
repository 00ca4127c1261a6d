import { rowsByValue } from '../../data/rowsByValue.ts';
import { ArgumentError, DataError, readTs, type Table, type TableFormat } from '../../node.ts';
import { noteUnused, trainedColumn, trainedColumns } from '../columns.ts';
import { READING, readingOf, readTable, rowUnit, type TableFlags, withCells } from '../table.ts';
import { refuseUnread } from '../unreadFlags.ts';
import { type FeatureColumns, featureNames, featuresOf } from './features.ts';
import { filled, missingOf, noValue, placeOf } from './missingFlag.ts';
import type { ColumnFlags } from './task.ts';

/**
 * How samples stand in a file: as series in a `.ts` file; each series in a row, with a column for
 * each step, or in several rows, of which a column says the series; or each sample in a row, with
 * a column for each feature, which is a series of one step.
 */
export type SeriesForm = { readonly kind: 'ts' } | InTable;

/** A form of a table. */
export type InTable = TableForm<'rows'> | (TableForm<'features'> & FeatureColumns) | (TableForm<'groups'> & { readonly group: string });

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
    const value = Number(text);
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

/**
 * The samples of a table.
 * @throws {DataError} naming the row, for a target or a number that is missing
 */
export function samplesOf(whole: Table, form: InTable, flags: TableFlags, kind: TargetKind | null): SeriesSamples {
  if (form.kind === 'groups') return groupsOf(whole, form, flags, kind);
  const table = kind !== null ? withCells(whole, [[form.target, kind]], flags) : whole;
  const rows = Array.from({ length: table.rowCount }, (_, row) => row);
  const isOfFeatures = form.kind === 'features';
  return {
    channels: isOfFeatures ? featureNames(form).length : 1,
    sequences: isOfFeatures ? featuresOf(table, form, flags) : seriesOfRows(table, form),
    given: isOfFeatures
      ? new Map(table.names.map((name) => [name, table.column(name)]))
      : new Map([[rowUnit(table), rows.map((row) => String(table.fileRow(row)))]]),
    format: table.format,
    ...targetsOf(table, form.target, kind),
    places: rows.map((row) => placeOf(table, row, form.target)),
  };
}

/** The columns of numbers, with NaN for missing ones. */
function numbersOf(table: Table, columns: readonly string[]): (row: number, column: number) => number {
  const data = columns.map((name) => table.numbers(name, { missing: 'nan' }));
  return (row, column) => (data[column] as Float64Array)[row] as number;
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
