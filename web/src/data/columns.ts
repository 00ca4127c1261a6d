import type { ColumnDescription, ColumnKind, DateOrder, Table } from 'backtime';
import type { CalendarPart } from '../../../ts/data/calendar.ts';
import type { ColumnFacts } from './columnFacts.ts';
import { guessTarget } from './guessTarget.ts';
import { guessWords, type WordColumns } from './guessWords.ts';
import { countsRows, partOfDate } from './rowOrder.ts';

/** What the rows of a table are when series are classified. */
export type RowLayout =
  /** Every row is a whole series. */
  | 'rows'
  /** Every row is a step of a recording, which is an example. */
  | 'recordings'
  /** Every row is a step, and examples are pieces of some steps. */
  | 'windows';

/** Which column of a table plays which part; indices of columns. */
export interface ColumnRoles extends WordColumns {
  /** The text to read or to imitate. */
  readonly text: number;
  /** The class to be told. */
  readonly label: number;
  /** The number to predict. */
  readonly target: number;
  /** What a number is predicted from: the text, or the numbers of the row or its recording. */
  readonly from: 'text' | 'numbers';
  /** What the rows are when series are classified, or a number of them is predicted. */
  readonly layout: RowLayout;
  /** Which recording, device or person a row is a step of; null for none. */
  readonly series: number | null;
  /** The numbers of a step, or of a whole series. */
  readonly values: readonly number[];
  /** The one series to forecast. */
  readonly value: number;
  /** Other numbers that are read beside the series, up to where a forecast begins. */
  readonly inputs: readonly number[];
  /** Those of `inputs` that are known ahead: they are read for the steps of a forecast, too. */
  readonly ahead: readonly number[];
  /** What is read of the dates of a series, which is known ahead. */
  readonly calendar: readonly CalendarPart[];
  /** When a row is; null where no column says it, or it is not to be used. */
  readonly time: number | null;
  /** Whether dates have the day or the month first, where the user says it; null: it is found. */
  readonly dateOrder: DateOrder | null;
  /** Which of several series a row is of, when one is forecast; null for one series. */
  readonly key: number | null;
  /** The series to forecast, a cell of column `key`; null: all of them. */
  readonly keyValue: string | null;
}

const known = new WeakMap<Table, readonly ColumnFacts[]>();

/** Kinds that the user may say a column is of. */
export type SaidKind = Exclude<ColumnKind, 'empty'>;

/** Takes a column for what the user says it is. */
export function sayKind(table: Table, index: number, kind: SaidKind): void {
  const facts = columnFacts(table).map((column) =>
    column.index === index ? { ...column, kind, reason: 'you said so', order: kind === 'date' || kind === 'key' } : column,
  );
  known.set(table, facts);
}

/** What every column of a table holds; looked at once. */
export function columnFacts(table: Table): readonly ColumnFacts[] {
  const facts = known.get(table) ?? table.describeColumns().map((description, index) => factsOf(table, description, index));
  known.set(table, facts);
  return facts;
}

function factsOf(table: Table, description: ColumnDescription, index: number): ColumnFacts {
  const cells = table.column(description.name);
  let length = 0;
  let runs = 0;
  let last: unknown;
  for (const cell of cells) {
    length += cell === null ? 0 : String(cell).length;
    if (cell === last || cell === null || cell === '') continue;
    runs++;
    last = cell;
  }
  const filled = table.rowCount - description.missing;
  return {
    ...description,
    index,
    // Names of people differ in every row, too, and are what is read.
    order:
      description.kind === 'date' ||
      (description.kind === 'key' && !/name/i.test(description.name)) ||
      (description.kind === 'number' && counts(table, description.name)),
    length: length / Math.max(1, cells.length),
    run: filled / Math.max(1, runs),
    inRuns: runs === description.distinct && description.distinct <= table.rowCount / 4 && description.distinct > 1,
  };
}

function counts(table: Table, name: string): boolean {
  if (partOfDate(name)) return true;
  const numbers = table.numbers(name, { missing: 'nan', invalid: 'missing' }).filter((value) => !Number.isNaN(value));
  return countsRows(name, numbers);
}

/** More classes are not told apart: the most frequent are kept. */
export const MOST_CLASSES = 50;
/** Rows of one class together, on average, that make a log of it. */
const LONG_RUN = 8;

/** A first guess at the roles, for the user to correct. */
export function guessRoles(table: Table): ColumnRoles {
  const facts = columnFacts(table);
  const isNumber = ({ kind }: ColumnFacts) => kind === 'number';
  const told = facts.filter(({ order, kind }) => !order && kind !== 'empty');
  const words = told.filter((column) => !isNumber(column));
  const text = longest(words) ?? longest(told) ?? longest(facts) ?? 0;
  const classes = told.filter(({ distinct }) => distinct >= 2 && distinct <= Math.min(MOST_CLASSES, table.rowCount / 2));
  const recording = told.find((column) => column.inRuns && (isNumber(column) || column.distinct > MOST_CLASSES || namesGroup(column.name)));
  const candidates = classes.filter(({ index }) => index !== recording?.index);
  const wordsOfClasses = candidates.filter((column) => !isNumber(column) && !namesGroup(column.name));
  // Where no column has as many different cells as there may be classes, what is wrong is said of
  // another column than the text.
  const others = facts.filter(({ index }) => index !== text && index !== recording?.index);
  const label =
    named(wordsOfClasses) ??
    fewest(wordsOfClasses) ??
    named(candidates) ??
    fewest(candidates) ??
    fewest(others.filter(({ order, kind }) => !order && kind !== 'empty')) ??
    fewest(others) ??
    0;
  const target = guessTarget(facts)?.target ?? null;
  const isClass = label !== target && facts[label]?.distinct !== undefined && facts[label].distinct <= MOST_CLASSES;
  const { layout, series } = guessLayout(table, facts, isClass ? label : (target ?? label), recording);
  // What is told of the numbers, a class or another number, is taken out when the task is known.
  const numeric = facts.filter((column) => isNumber(column) && column.index !== series);
  const values = numeric.filter(({ order }) => !order);
  const value = guessValue(facts, series);
  const time = facts.find(({ kind, missing }) => kind === 'date' && missing < table.rowCount / 2)?.index ?? null;
  return {
    text,
    label,
    target: target ?? value,
    from: isRead(facts[text], table) ? 'text' : 'numbers',
    layout,
    series,
    values: (values.length === 0 ? numeric : values).map(({ index }) => index),
    value,
    inputs: [],
    ahead: [],
    calendar: [],
    time,
    dateOrder: null,
    ...guessWords(facts),
    ...guessKey(table, facts, time, value),
  };
}

/** Mean characters of a text; names are shorter than sentences, and classes are few. */
const SHORTEST_TEXT = 3;

/** Whether a column holds texts to read: many, different, and no dates or counts. */
export function isRead(column: ColumnFacts | undefined, { rowCount }: Table): boolean {
  if (column?.kind !== 'text' && column?.kind !== 'key') return false;
  return !column.order && column.length >= SHORTEST_TEXT && column.distinct > rowCount / 4;
}

const GROUP =
  /(^|[_\s])(id|device|sensor|subject|person|user|recording|session|trial|file|node|machine|engine|battery|vehicle|unit|series|patient|participant)s?([_\s]|$)/i;
const CLASS = /^(class|label|target|category|activity|kind|type|sentiment|stars|rating|species|y)$/i;

function namesGroup(name: string): boolean {
  return GROUP.test(name.replace(/([a-z])([A-Z])/g, '$1_$2'));
}

/** What the rows are: by how long classes and recordings stay. */
function guessLayout(
  table: Table,
  facts: readonly ColumnFacts[],
  label: number,
  recording: ColumnFacts | undefined,
): Pick<ColumnRoles, 'layout' | 'series'> {
  const labels = table.texts(table.names[label] as string);
  if (recording) {
    const isOne = classesWithin(table.texts(recording.name), labels) === 1;
    return { layout: isOne ? 'recordings' : 'windows', series: recording.index };
  }
  const groups = facts.filter(
    ({ index, kind, distinct, name }) =>
      index !== label &&
      (kind === 'category' || (kind === 'number' && namesGroup(name))) &&
      distinct >= 2 &&
      distinct <= table.rowCount / 4,
  );
  const runs = groups.map(({ index, name }) => ({ index, name, run: meanRun(table.texts(name), labels) }));
  // A column that is named as devices are is one, also where all change their class at once.
  const namedGroups = runs.filter(({ name, run }) => namesGroup(name) && run >= LONG_RUN);
  const best =
    namedGroups[0] ??
    runs.reduce<{ index: number | null; run: number }>((most, next) => (next.run > most.run ? next : most), {
      index: null,
      run: meanRun(null, labels),
    });
  const hasClasses = new Set(labels).size > 1;
  return best.run >= LONG_RUN && hasClasses ? { layout: 'windows', series: best.index } : { layout: 'rows', series: null };
}

/** How many classes the recording with most of them has. */
function classesWithin(groups: readonly string[], labels: readonly string[]): number {
  const found = new Map<string, Set<string>>();
  for (const [row, group] of groups.entries()) {
    const classes = found.get(group) ?? new Set();
    if (labels[row] !== '') classes.add(labels[row] as string);
    found.set(group, classes);
  }
  return [...found.values()].reduce((most, { size }) => Math.max(most, size), 0);
}

/** How many rows of a class follow each other, within each group. */
function meanRun(groups: readonly string[] | null, labels: readonly string[]): number {
  const last = new Map<string, string>();
  let runs = 0;
  for (const [row, label] of labels.entries()) {
    const group = groups?.[row] ?? '';
    if (last.get(group) !== label) runs++;
    last.set(group, label);
  }
  return labels.length / Math.max(1, runs);
}

/**
 * The column that says which of several series a row is of, where rows of one time are many: with
 * it hardly any time is twice.
 */
function guessKey(table: Table, facts: readonly ColumnFacts[], time: number | null, value: number): Pick<ColumnRoles, 'key' | 'keyValue'> {
  const none = { key: null, keyValue: '' };
  if (time === null) return none;
  const times = table.texts(table.names[time] as string);
  if (new Set(times).size > 0.9 * times.length) return none;
  for (const { index, name, distinct, kind } of facts) {
    const mayBe =
      index !== time && index !== value && kind !== 'date' && kind !== 'empty' && distinct >= 2 && distinct <= table.rowCount / 3;
    if (!mayBe) continue;
    const keys = table.texts(name);
    if (new Set(keys.map((key, row) => `${key}\n${times[row]}`)).size >= 0.95 * keys.length)
      return { key: index, keyValue: mostFrequent(keys) };
  }
  return none;
}

/** The cell that most rows have. */
export function mostFrequent(cells: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const cell of cells) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

/**
 * The last column of numbers that can go on; numbers that repeat can, while two kinds of number are
 * rather a mark of something.
 */
function guessValue(facts: readonly ColumnFacts[], series: number | null): number {
  const told = facts.filter(({ order, kind }) => !order && kind !== 'empty');
  const numeric = told.filter(({ kind }) => kind === 'number');
  const choices = [
    numeric.filter(({ index, distinct }) => index !== series && distinct > 2),
    numeric.filter(({ index, distinct }) => index !== series && distinct > 1),
    numeric,
    // Nothing but numbers that count: they are the series, or else something is wrong with the
    // words, and is said of them.
    facts.filter(({ kind }) => kind === 'number'),
    told,
  ];
  const last = choices.find((columns) => columns.length > 0)?.at(-1);
  return last?.index ?? facts.length - 1;
}

function longest(columns: readonly ColumnFacts[]): number | undefined {
  return [...columns].sort((a, b) => b.length - a.length)[0]?.index;
}

function fewest(columns: readonly ColumnFacts[]): number | undefined {
  return [...columns].sort((a, b) => a.distinct - b.distinct)[0]?.index;
}

/** The column that is named as classes are. */
function named(columns: readonly ColumnFacts[]): number | undefined {
  return columns.find(({ name }) => CLASS.test(name))?.index;
}
