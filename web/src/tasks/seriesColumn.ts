import { DataError, type DateOrder, type Table, type TimeSteps } from 'backtime';
import type { ColumnRoles } from '../data/columns.ts';
import { amount, count } from '../data/count.ts';
import { recordsInOrder, tableProblems } from '../data/recordsInOrder.ts';
import type { RowProblem } from '../data/rowProblem.ts';
import { FILLED, fillMissing, type MissingRule } from './missingRule.ts';
import { NumberColumns } from './numberColumns.ts';
import { describeOpen, type OpenDates, openDatesOf } from './openDates.ts';
import { UnusableDataError } from './task.ts';

/** A series without its gaps, and what is to be said of them. */
export interface FilledSeries {
  readonly series: readonly number[];
  /**
   * The numbers of the columns that are read beside it, at its steps, by column. Those that are
   * known ahead are the last, and go on after its last step as far as all of them are known.
   */
  readonly inputs: readonly (readonly number[])[];
  /**
   * When each step is, in milliseconds since 1970 in UTC, ascending, and when those after it are
   * that something is known of; null where the table does not say it.
   */
  readonly times: readonly number[] | null;
  /** How many values are filled in. */
  readonly filled: number;
  readonly problems: readonly RowProblem[];
  readonly missing: readonly RowProblem[];
  /** What was made of the times: sorted, gaps, rows that are twice. The worst comes first. */
  readonly warnings: readonly string[];
  /** How dates are read that have two readings; null where they have one. */
  readonly openDates: OpenDates | null;
}

/** Which columns make a series. Default: the rows of the file are steps of one. */
export type SeriesRoles = Pick<ColumnRoles, 'value'> &
  Partial<Pick<ColumnRoles, 'inputs' | 'ahead' | 'calendar' | 'time' | 'dateOrder' | 'key' | 'keyValue'>>;

/** A step of a series before its gaps are filled: what its rows lack. */
interface Gap {
  readonly step: number;
  readonly row: number;
  readonly why: string;
  /** The same of the columns that are known ahead; null where they have all their numbers. */
  readonly whyAhead: string | null;
}

/**
 * The column's numbers, by the rule of missingRule.ts: in the order of time, a step for each day,
 * hour or month, where a column says it; else in the order of the file, in which a row that cannot
 * be read has its step too, so that time does not shift.
 * @throws {UnusableDataError}
 */
export function readSeries(table: Table, roles: SeriesRoles, rule: MissingRule): FilledSeries {
  const problems = tableProblems(table);
  const inputs = inputsOf(roles);
  const numbers = new NumberColumns(table, [roles.value, ...inputs], false, rule, problems);
  const rows = rowsOfKey(table, roles);
  if (rows.length === 0) throw new UnusableDataError(`No row has “${roles.keyValue}” in its column. Choose another series.`, problems);
  const { time = null, key = null, keyValue } = roles;
  const read = time === null ? inFileOrder(table, numbers, rows, roles, rule) : inTime(table, numbers, rows, roles, time, rule);
  if (key === null) return read;
  const name = table.names[key] as string;
  const others = new Set(table.texts(name)).size;
  const said = `The table holds ${amount(others, 'series')}, told apart by “${name}”: “${keyValue}” is forecast. Choose another above, or all of them.`;
  return { ...read, warnings: others === 1 ? read.warnings : [said, ...read.warnings] };
}

/** The columns that are read beside the series; those that are known ahead come last. */
export function inputsOf({ value, inputs = [], ahead = [], time, key }: SeriesRoles): readonly number[] {
  const read = inputs.filter((column) => column !== value && column !== time && column !== key);
  return [...read.filter((column) => !ahead.includes(column)), ...read.filter((column) => ahead.includes(column))];
}

/** How many of {@link inputsOf} are known ahead. */
export function aheadCount(roles: SeriesRoles): number {
  return inputsOf(roles).filter((column) => roles.ahead?.includes(column)).length;
}

/** The rows of the series that is chosen. */
function rowsOfKey(table: Table, { key = null, keyValue }: SeriesRoles): number[] {
  const all = Array.from({ length: table.rowCount }, (_, row) => row);
  if (key === null) return all;
  const keys = table.texts(table.names[key] as string);
  return all.filter((row) => keys[row] === keyValue);
}

function inFileOrder(table: Table, numbers: NumberColumns, rows: readonly number[], roles: SeriesRoles, rule: MissingRule): FilledSeries {
  const { key = null } = roles;
  const ahead = aheadCount(roles);
  const chosen = new Set(rows);
  const steps: number[][] = [];
  const gaps: Gap[] = [];
  const unread = new Set<number>();
  /** Steps that may be none, by row: what stands there in the place of numbers. */
  const doubtful = new Map<number, string>();
  for (const record of recordsInOrder(table)) {
    if ('skipped' in record) {
      // Of which series such a row is, is not known.
      if (key !== null) continue;
      unread.add(record.skipped.line);
      const { line, reason } = record.skipped;
      gaps.push({ step: steps.length, row: line, why: reason, whyAhead: reason });
      doubtful.set(line, reason);
      steps.push(Array<number>(numbers.width).fill(Number.NaN));
    } else if (chosen.has(record.row)) {
      const step = numbers.read(record.row);
      const why = numbers.describeMissing(record.row, step);
      const whyAhead = numbers.describeMissing(record.row, lastOnly(step, ahead));
      if (why !== null) gaps.push({ step: steps.length, row: table.fileRow(record.row), why, whyAhead });
      const words = numbers.wordsIn(record.row);
      if (words !== null) doubtful.set(table.fileRow(record.row), `has “${words}” where a number belongs`);
      steps.push(step);
    }
  }
  const filled = finish(steps, gaps, null, rule, unread, numbers, ahead);
  const inside = new Set(filled.missing.map(({ row }) => row));
  const problems = tableProblems(table).filter(({ row }) => !inside.has(row) && !filled.problems.some((other) => other.row === row));
  const [first, ...others] = [...doubtful].filter(([row]) => inside.has(row));
  const warnings = first ? [describeDoubtful(first, others.length, rule), ...filled.warnings] : filled.warnings;
  return { ...filled, problems: [...problems, ...filled.problems], warnings };
}

/** Says of a row without a number that it is a step, which moves those after it. */
function describeDoubtful([row, why]: readonly [number, string], others: number, rule: MissingRule): string {
  const more = others === 0 ? 'It counts' : `It and ${amount(others, 'row')} like it count`;
  return `Row ${count(row)} ${why}. ${more} as a step of the series: ${FILLED[rule.fill]}. If no step was there, delete the row, or begin it with #.`;
}

/** Parts of the rows that may be without a step of their own before times are called uneven. */
const MOST_GAPS = 1;
const MANY_DUPLICATES = 0.3;

function inTime(
  table: Table,
  numbers: NumberColumns,
  rows: readonly number[],
  roles: SeriesRoles,
  time: number,
  rule: MissingRule,
): FilledSeries {
  const name = table.names[time] as string;
  const openDates = openDatesOf(table, name, roles.dateOrder ?? null);
  const steps = stepsOf(table, name, rows, openDates?.order ?? null);
  if (!steps) {
    const plain = inFileOrder(table, numbers, rows, roles, rule);
    return {
      ...plain,
      warnings: [`Column “${name}” does not tell when rows are: they are taken in the order of the file.`, ...plain.warnings],
    };
  }
  const { places, times, every, gaps, duplicates } = steps;
  const isUneven = gaps > MOST_GAPS * rows.length;
  const dated = [...places.keys()].filter((index) => (places[index] as number) >= 0);
  const warnings: string[] = [];
  if (openDates && !roles.dateOrder) warnings.push(describeOpen(openDates));
  if (dated.length - 1 > 0 && dated.every((index, n) => n === 0 || (places[index] as number) <= (places[dated[n - 1] as number] as number)))
    warnings.push(`The rows begin with the newest. They are put in the order of “${name}”, the oldest first.`);
  else if (dated.some((index, n) => n > 0 && (places[index] as number) < (places[dated[n - 1] as number] as number)))
    warnings.push(`The rows were not in the order of time. They are sorted by “${name}”.`);
  const undated = places.length - dated.length;
  if (undated > 0) warnings.push(`${amount(undated, 'row')} without a date in “${name}” ${undated === 1 ? 'is' : 'are'} left out.`);
  if (duplicates > 0)
    warnings.push(
      `${amount(duplicates, 'row')} ${duplicates === 1 ? 'has a time' : 'have times'} that another row has: ${isUneven ? 'both are taken' : 'their mean is taken'}.` +
        (duplicates > MANY_DUPLICATES * rows.length
          ? ' Are there several series in the table? Then choose the column that says which.'
          : ''),
    );
  const order = dated.sort((a, b) => (places[a] as number) - (places[b] as number) || a - b);
  const stepCount = isUneven ? order.length : times.length;
  const { width } = numbers;
  const ahead = aheadCount(roles);
  const sums = new Float64Array(stepCount * width);
  const counts = new Uint32Array(stepCount * width);
  const lacking: Gap[] = [];
  const stepTimes: number[] = [];
  for (const [n, index] of order.entries()) {
    const row = rows[index] as number;
    const step = isUneven ? n : (places[index] as number);
    if (isUneven) stepTimes.push(times[places[index] as number] as number);
    const read = numbers.read(row);
    const why = numbers.describeMissing(row, read);
    if (why !== null) lacking.push({ step, row: table.fileRow(row), why, whyAhead: numbers.describeMissing(row, lastOnly(read, ahead)) });
    for (const [column, number] of read.entries()) {
      if (Number.isNaN(number)) continue;
      const place = step * width + column;
      sums[place] = (sums[place] as number) + number;
      counts[place] = (counts[place] as number) + 1;
    }
  }
  if (isUneven)
    warnings.push(
      `The times of “${name}” are uneven: steps of ${every} would leave ${count(gaps)} gaps. The rows are taken one after the other.`,
    );
  else if (gaps > 0) {
    const rowsIn = new Set(Array.from(places));
    const first = times.findIndex((_, place) => !rowsIn.has(place));
    warnings.push(
      `${amount(gaps, 'step')} of ${every} ${gaps === 1 ? 'has' : 'have'} no row, the first at ${dayOf(times[first] as number)}: ${FILLED[rule.fill]}.`,
    );
  }
  const means = Array.from({ length: stepCount }, (_, step) =>
    // What has no number is 0 / 0.
    Array.from({ length: width }, (_column, column) => (sums[step * width + column] as number) / (counts[step * width + column] as number)),
  );
  const open = lacking.filter(({ step }) => (means[step] as number[]).some(Number.isNaN));
  const filled = finish(means, open, isUneven ? stepTimes : Array.from(times), rule, new Set(), numbers, ahead);
  return { ...filled, openDates, problems: [...tableProblems(table), ...filled.problems], warnings: [...warnings, ...filled.warnings] };
}

/** A column with times of day beside one with days. */
function clockBeside(table: Table, name: string): string | undefined {
  const isClock = (other: string) => /^\d{1,2}:\d{2}/.test(String(table.column(other)[0] ?? '').trim());
  return isClock(name) ? undefined : table.names.find((other) => other !== name && isClock(other));
}

/** Null where the column has no dates, or one only. */
function stepsOf(table: Table, name: string, rows: readonly number[], order: DateOrder | null): TimeSteps | null {
  const clock = clockBeside(table, name);
  try {
    return table
      .select(clock ? [name, clock] : [name])
      .rowsAt(rows)
      .timeSteps({ time: name, ...(clock && { clock }), ...(order && { order }) });
  } catch (error) {
    if (error instanceof DataError) return null;
    throw error;
  }
}

/** `2024-01-31`, with the time where it is not midnight. */
export function dayOf(time: number): string {
  return new Date(time)
    .toISOString()
    .replace(/T00:00:00\.000Z$/, '')
    .replace('T', ' ')
    .replace(/(:00)?\.000Z$/, '');
}

/** Numbers of which those before the last `count` are not missing, whatever they are. */
function lastOnly(numbers: readonly number[], count: number): number[] {
  return numbers.map((number, place) => (place < numbers.length - count ? 0 : number));
}

/**
 * @param unread rows that cannot be read, by number
 * @param aheadColumns how many of the columns are known ahead: the last
 */
function finish(
  steps: number[][],
  gaps: readonly Gap[],
  times: readonly number[] | null,
  rule: MissingRule,
  unread: ReadonlySet<number>,
  numbers: NumberColumns,
  aheadColumns: number,
): FilledSeries {
  const isOpen = steps.map(([number]) => Number.isNaN(number));
  // Where the series itself has no number, other columns do not make it longer.
  const from = Math.max(0, isOpen.indexOf(false));
  const to = isOpen.lastIndexOf(false) + 1;
  const firstAhead = numbers.width - aheadColumns;
  const knownTo = aheadColumns === 0 ? to : Math.max(to, knownUntil(steps, firstAhead));
  // What is known ahead is filled in by itself: a number after the last step of the series tells of
  // a gap before it, as far as it is known then.
  const known = steps.slice(from, knownTo).map((step) => [0, ...step.slice(firstAhead)]);
  const warnings = sayAhead(steps, to, firstAhead, numbers);
  const kept = steps.slice(from, to);
  if (kept.length > 0 && !fillMissing(kept, rule.fill)) {
    const empty = kept[0]?.findIndex((_, column) => kept.every((step) => Number.isNaN(step[column]))) ?? 0;
    throw new UnusableDataError(`Column “${numbers.nameOf(empty)}” has no number beside this series. Do not read it.`);
  }
  if (known.length > 0) fillMissing(known, rule.fill);
  const problems: RowProblem[] = [];
  const missing: RowProblem[] = [];
  for (const { step, row, why, whyAhead } of gaps) {
    const filled = step < to ? why : whyAhead;
    if (step >= from && step < knownTo) {
      if (filled !== null) missing.push({ row, message: `${filled}: ${FILLED[rule.fill]}` });
    } else if (unread.has(row)) problems.push({ row, message: why });
    else if (step < from || aheadColumns === 0)
      problems.push({ row, message: `${why}, and no number comes ${step < from ? 'before' : 'after'} it` });
    else problems.push({ row, message: `${whyAhead ?? why}: what is known ahead ends before this row` });
  }
  return {
    series: kept.map(([number]) => number as number),
    inputs: Array.from({ length: numbers.width - 1 }, (_, place) =>
      place + 1 < firstAhead ? kept.map((step) => step[place + 1] as number) : known.map((step) => step[place + 2 - firstAhead] as number),
    ),
    times: times?.slice(from, knownTo) ?? null,
    filled: isOpen.slice(from, to).filter(Boolean).length,
    problems,
    missing,
    warnings,
    openDates: null,
  };
}

/** The step after the last one up to which all columns from `first` on have numbers. */
function knownUntil(steps: readonly (readonly number[])[], first: number): number {
  const width = steps[0]?.length ?? 0;
  const ends = Array.from({ length: width - first }, (_, place) => steps.findLastIndex((step) => !Number.isNaN(step[first + place])) + 1);
  return ends.reduce((least, end) => Math.min(least, end), Infinity);
}

/** Says of which other columns the rows after the last step could tell something. */
function sayAhead(steps: readonly (readonly number[])[], to: number, firstAhead: number, numbers: NumberColumns): string[] {
  const after = steps.slice(to);
  const names = Array.from({ length: firstAhead - 1 }, (_, place) => place + 1)
    .filter((column) => after.some((step) => !Number.isNaN(step[column])))
    .map((column) => `“${numbers.nameOf(column)}”`);
  if (names.length === 0) return [];
  return [
    `Rows after the last number of “${numbers.nameOf(0)}” have numbers in ${names.join(', ')}: if such numbers are known ahead, say so above, and forecasts read them.`,
  ];
}
