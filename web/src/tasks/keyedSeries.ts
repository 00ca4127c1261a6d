import type { Table } from 'backtime';
import { parseDates } from '../../../ts/data/parseDates.ts';
import { amount, count } from '../data/count.ts';
import { tableProblems } from '../data/recordsInOrder.ts';
import type { RowProblem } from '../data/rowProblem.ts';
import type { MissingRule } from './missingRule.ts';
import { describeOpen, type OpenDates, openDatesOf } from './openDates.ts';
import { type FilledSeries, readSeries, type SeriesRoles } from './seriesColumn.ts';
import { UnusableDataError } from './task.ts';

/** A series of a table that has several. */
export interface KeyedSeries extends Pick<FilledSeries, 'series' | 'inputs' | 'times' | 'warnings'> {
  /** What tells it from the others; empty where it is the only one. */
  readonly keyValue: string;
  /** Its first row in the file. */
  readonly row: number;
}

/** The series of a table that are read, and what is to be said of all of them. */
export interface AllSeries extends Pick<FilledSeries, 'filled' | 'problems' | 'missing' | 'warnings' | 'openDates'> {
  readonly all: readonly KeyedSeries[];
}

/** What is said of so many series by their name; more are counted. */
const MOST_NAMED = 3;

/** The one series that is chosen. @throws {UnusableDataError} */
export function readOneSeries(table: Table, roles: SeriesRoles, rule: MissingRule): AllSeries {
  const { series, inputs, times, warnings, ...said } = readSeries(table, roles, rule);
  return { ...said, warnings, all: [{ keyValue: roles.keyValue ?? '', row: 1, series, inputs, times, warnings: [] }] };
}

/**
 * Every series of a table, each by itself: what is read of one is never filled in from another.
 * @param key the column that tells them apart
 * @throws {UnusableDataError} when none can be read
 */
export function readAllSeries(table: Table, roles: SeriesRoles, key: number, rule: MissingRule): AllSeries {
  const name = table.names[key] as string;
  const time = roles.time == null ? null : (table.names[roles.time] as string);
  const openDates: OpenDates | null = time === null ? null : openDatesOf(table, time, roles.dateOrder ?? null);
  const dateOrder = openDates?.order ?? (time === null ? null : parseDates(table.column(time)).order);
  const all: KeyedSeries[] = [];
  const problems: RowProblem[] = [...tableProblems(table)];
  const unread = new Set(problems.map((problem) => problem.row));
  const missing: RowProblem[] = [];
  let filled = 0;
  for (const [keyValue, own] of table.groupBy(name)) {
    const row = own.fileRow(0);
    if (keyValue.trim() === '') {
      problems.push({
        row,
        message: `${amount(own.rowCount, 'row')} without a “${name}” ${own.rowCount === 1 ? 'is' : 'are'} of no series`,
      });
      continue;
    }
    try {
      const read = readSeries(own, { ...roles, dateOrder, key, keyValue }, rule);
      const { series, inputs, times, warnings } = read;
      all.push({ keyValue, row, series, inputs, times, warnings });
      filled += read.filled;
      problems.push(...read.problems.filter((problem) => !unread.has(problem.row)));
      missing.push(...read.missing);
    } catch (error) {
      if (!(error instanceof UnusableDataError)) throw error;
      problems.push({ row, message: `series “${keyValue}” is left out: ${error.message}` });
    }
  }
  if (all.length === 0) throw new UnusableDataError(`None of the series of “${name}” can be read.`, problems);
  const warnings = openDates && !roles.dateOrder ? [describeOpen(openDates)] : [];
  return { all, filled, problems, missing, warnings, openDates };
}

/** What is said of series, with their names. */
export function describeWarnings(all: readonly KeyedSeries[]): string[] {
  const saidOf = new Map<string, string[]>();
  for (const { keyValue, warnings } of all) for (const warning of warnings) saidOf.set(warning, [...(saidOf.get(warning) ?? []), keyValue]);
  const said = [...saidOf].map(([warning, keys]) => {
    const more = keys.length - MOST_NAMED;
    const names = keys.slice(0, MOST_NAMED).map((name) => `“${name}”`);
    return `Of ${names.join(', ')}${more > 0 ? ` and ${count(more)} more` : ''}: ${warning}`;
  });
  const more = said.length - MOST_NAMED;
  return more <= 0 ? said : [...said.slice(0, MOST_NAMED), `Other series have ${count(more)} more warnings.`];
}
