import { DataError, type Table } from 'backtime';
import type { ColumnRoles } from '../data/columns.ts';
import { amount, count } from '../data/count.ts';
import { tableProblems } from '../data/recordsInOrder.ts';
import type { RowProblem } from '../data/rowProblem.ts';
import type { Example, Labelled } from './classes.ts';
import type { Labels } from './labels.ts';
import { FILLED, fillMissing, type MissingRule } from './missingRule.ts';
import type { NumberColumns } from './numberColumns.ts';
import { divideAtRandom, type Parts, TEST, VALIDATION } from './parts.ts';
import type { ReadExamples } from './readRecordings.ts';
import type { Series } from './series.ts';
import { UnusableDataError } from './task.ts';

/** Where a piece is in the log: pieces of one stretch overlap where their steps do. */
interface Span {
  readonly stretch: number;
  readonly from: number;
  /** After its last step. */
  readonly to: number;
}

/** Rows of one device that follow each other in time, and are of one class where there are some. */
interface Stretch {
  /** Of each step. */
  readonly labels: string[];
  readonly row: number;
  readonly steps: number[][];
}

/** Steps without a row that are filled in; after more, another stretch begins. */
const LONGEST_GAP = 10;

/**
 * Cuts a log into pieces of the same length, each of one device and one class, so that a piece says
 * one thing. What changes from row to row is told as of the last row of a piece. Where a column has
 * times, rows are put in their order, at an even step.
 * @throws {UnusableDataError} when no stretch is as long as a piece
 */
export function readWindows(
  table: Table,
  numbers: NumberColumns,
  { texts: labels, missing: noLabel }: Labels,
  roles: Pick<ColumnRoles, 'series' | 'time'>,
  { length, stride, changes }: { readonly length: number; readonly stride: number; readonly changes: boolean },
  rule: MissingRule,
): ReadExamples & { readonly spans: ReadonlyMap<Series, Span> } {
  const problems: RowProblem[] = tableProblems(table);
  const missing: RowProblem[] = [];
  const warnings: string[] = [];
  const stretches: Stretch[] = [];
  for (const rows of rowsOfGroups(table, roles.series)) {
    const ordered = inTime(table, rows, roles.time, warnings);
    let current: Stretch | null = null;
    let before = 0;
    for (const { row, place } of ordered) {
      const own = labels[row] as string;
      if (own.trim() === '') {
        problems.push({ row: table.fileRow(row), message: noLabel(row) });
        current = null;
        continue;
      }
      const step = numbers.read(row);
      const why = numbers.describeMissing(row, step);
      if (why !== null) missing.push({ row: table.fileRow(row), message: `${why}: ${FILLED[rule.fill]}` });
      if (!current || (!changes && current.labels[0] !== own) || place - before > LONGEST_GAP) {
        current = { labels: [], row: table.fileRow(row), steps: [] };
        stretches.push(current);
      } else {
        for (let gap = before + 1; gap < place; gap++) {
          current.steps.push(Array<number>(numbers.width).fill(Number.NaN));
          current.labels.push(own);
        }
      }
      current.steps.push(step);
      current.labels.push(own);
      before = place;
    }
  }
  const examples: Example<Series>[] = [];
  const spans = new Map<Series, Span>();
  let lost = 0;
  for (const [stretch, { labels: own, row, steps }] of stretches.entries()) {
    const kept = fillMissing(steps, rule.fill);
    if (!kept || kept.to - kept.from < length) {
      lost += steps.length;
      continue;
    }
    for (let from = kept.from; from + length <= kept.to; from += stride) {
      const example = steps.slice(from, from + length);
      spans.set(example, { stretch, from, to: from + length });
      examples.push({ example, label: own[from + length - 1] as string, row });
    }
  }
  if (examples.length === 0) {
    const longest = stretches.reduce((most, { steps }) => Math.max(most, steps.length), 0);
    throw new UnusableDataError(
      `Pieces of ${amount(length, 'step')} are longer than every ${changes ? 'stretch without a gap' : 'stretch of one class'}; the longest has ${amount(longest, 'row')}. Choose shorter pieces${changes ? '' : ', or another column of classes'}.`,
      problems,
    );
  }
  if (lost > 0)
    warnings.push(
      `${amount(lost, 'row')} of ${count(table.rowCount)} ${lost === 1 ? 'is' : 'are'} in stretches ${changes ? 'without a gap' : 'of one class'} that are shorter than a piece of ${length}: they are left out.`,
    );
  return { examples, problems, missing, warnings: [...new Set(warnings)], spans };
}

/** The rows of each recording or device, in the order of the file. */
function rowsOfGroups(table: Table, series: number | null): number[][] {
  const groups = series === null ? null : table.texts(table.names[series] as string);
  const rows = new Map<string, number[]>();
  for (let row = 0; row < table.rowCount; row++) {
    const group = groups?.[row] ?? '';
    const own = rows.get(group);
    if (own) own.push(row);
    else rows.set(group, [row]);
  }
  return [...rows.values()];
}

/** Part of the steps that may have no row for times to be called even. */
const MOST_GAPS = 0.2;

/** The rows with the number of the step in which each is. */
function inTime(
  table: Table,
  rows: readonly number[],
  time: number | null,
  warnings: string[],
): { readonly row: number; readonly place: number }[] {
  const inFile = rows.map((row, place) => ({ row, place }));
  if (time === null) return inFile;
  const name = table.names[time] as string;
  try {
    const { places, gaps, times, every } = table.select([name]).rowsAt(rows).timeSteps({ time: name });
    const dated = rows.map((row, index) => ({ row, place: places[index] as number })).filter(({ place }) => place >= 0);
    if (dated.some(({ place }, index) => index > 0 && place < (dated[index - 1]?.place as number)))
      warnings.push(`The rows were not in the order of time. They are sorted by “${name}”.`);
    const sorted = dated.sort((a, b) => a.place - b.place);
    if (gaps > MOST_GAPS * times.length) return sorted.map(({ row }, place) => ({ row, place }));
    if (gaps > 0) warnings.push(`Some steps of ${every} have no row. Short gaps are filled in; after long ones another piece begins.`);
    // Of rows in one step the last one stays.
    return sorted.filter(({ place }, index) => place !== sorted[index + 1]?.place);
  } catch (error) {
    if (error instanceof DataError) return inFile;
    throw error;
  }
}

/**
 * Divides pieces in time, each class alike: the first are to learn from, the next for the test, the
 * last for validation. Pieces that overlap with a part before theirs are left out, so that no part
 * knows steps of another.
 */
export function divideInTime(spans: ReadonlyMap<Series, Span>) {
  return (labelled: readonly Labelled<Series>[]): Parts<Labelled<Series>> => inTimeOf(spans, labelled, ({ label }) => label);
}

/** So many stretches are enough to keep whole ones from training. */
const MANY_STRETCHES = 10;

/**
 * Divides pieces whose number changes from row to row: whole stretches where there are many, so
 * that the end of a stretch is not judged by its beginning; else in time.
 */
export function divideByStretch(spans: ReadonlyMap<Series, Span>) {
  return (labelled: readonly Labelled<Series>[]): Parts<Labelled<Series>> => {
    const stretchOf = ({ example }: Labelled<Series>) => (spans.get(example) as Span).stretch;
    const stretches = [...new Set(labelled.map(stretchOf))];
    if (stretches.length < MANY_STRETCHES) return inTimeOf(spans, labelled, stretchOf);
    const { train, validation, test } = divideAtRandom(stretches);
    const of = (chosen: readonly number[]) => {
      const own = new Set(chosen);
      return labelled.filter((example) => own.has(stretchOf(example)));
    };
    return { train: of(train), validation: of(validation), test: of(test) };
  };
}

/** Fewer pieces of a group cannot be divided. */
const FEWEST_TO_DIVIDE = 3;

/**
 * @param groupOf what pieces that are divided together have in common
 * @throws {UnusableDataError} when there would be nothing to judge by
 */
function inTimeOf(
  spans: ReadonlyMap<Series, Span>,
  labelled: readonly Labelled<Series>[],
  groupOf: (example: Labelled<Series>) => number,
): Parts<Labelled<Series>> {
  const parts = { train: [] as Labelled<Series>[], test: [] as Labelled<Series>[], validation: [] as Labelled<Series>[] };
  const groups = new Map<number, Labelled<Series>[]>();
  for (const example of labelled) {
    const own = groups.get(groupOf(example));
    if (own) own.push(example);
    else groups.set(groupOf(example), [example]);
  }
  const overlap = (one: Labelled<Series>, next: Labelled<Series>) => {
    const [before, after] = [spans.get(one.example) as Span, spans.get(next.example) as Span];
    return before.stretch === after.stretch && after.from < before.to;
  };
  for (const own of groups.values()) {
    const { test, validation } = sizesOf(own.length);
    // What overlaps with a later part is left out of the one before, which is larger or has a piece
    // before that.
    const before = (end: number) => {
      let last = end;
      while (last > 0 && end < own.length && overlap(own[last - 1] as Labelled<Series>, own[end] as Labelled<Series>)) last--;
      return last;
    };
    const validationFrom = own.length - validation;
    const testTo = before(validationFrom);
    const testFrom = Math.max(0, testTo - test);
    const trainTo = before(testFrom);
    if (trainTo === 0) {
      parts.train.push(...own);
      continue;
    }
    parts.train.push(...own.slice(0, trainTo));
    parts.test.push(...own.slice(testFrom, testTo));
    parts.validation.push(...own.slice(validationFrom));
  }
  if (parts.test.length === 0)
    throw new UnusableDataError(
      `There are ${amount(labelled.length, 'piece')}: too few to keep some from training that have no row in common with the others. Choose shorter pieces or less overlap, or give a longer log.`,
    );
  return parts;
}

/** How many pieces of a group are kept from training. */
function sizesOf(count: number): { test: number; validation: number } {
  if (count < FEWEST_TO_DIVIDE) return { test: 0, validation: 0 };
  const validation = count - Math.ceil(count * (1 - VALIDATION));
  const test = count - validation - Math.ceil(count * (1 - VALIDATION - TEST));
  return { test: Math.max(1, test), validation: Math.max(1, validation) };
}
