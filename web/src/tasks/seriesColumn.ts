import { count } from '../data/count.ts';
import { type RowProblem, rowsInOrder, type Table } from '../data/table.ts';
import { fillMissing, NumberColumns } from './numberColumns.ts';

/** A series without its gaps, and what is to be said of them. */
export interface FilledSeries {
  readonly series: readonly number[];
  /**
   * When each step is, in milliseconds since 1970 in UTC, ascending; null where the table does not
   * say it.
   */
  readonly times: readonly number[] | null;
  /** How many values are filled in. */
  readonly filled: number;
  readonly problems: readonly RowProblem[];
  readonly missing: readonly RowProblem[];
}

/**
 * The column's numbers, by the rule of numberColumns.ts; a row that cannot be read has its step
 * too, so that time does not shift.
 */
export function readSeries(table: Table, column: number): FilledSeries {
  const numbers = new NumberColumns(table, [column], false, table.problems);
  const steps: number[][] = [];
  const gaps: { step: number; length: number; row: number; why: string; isUnread: boolean }[] = [];
  for (const record of rowsInOrder(table)) {
    const isUnread = 'message' in record;
    const step = isUnread ? [Number.NaN] : numbers.read(record.cells);
    const length = isUnread ? (record.lines ?? 1) : 1;
    const why = isUnread ? record.message : numbers.describeMissing(record.cells, step);
    if (why !== null) gaps.push({ step: steps.length, length, row: record.row, why, isUnread });
    for (let lines = 0; lines < length; lines++) steps.push([...step]);
  }
  const { from, to } = fillMissing(steps) ?? { from: 0, to: 0 };
  const inside = gaps.filter(({ step }) => step >= from && step < to);
  const outside = gaps.filter(({ step }) => step < from || step >= to);
  return {
    series: steps.slice(from, to).map(([number]) => number),
    times: null,
    filled: inside.reduce((sum, { length }) => sum + length, 0),
    problems: [
      ...table.problems.filter(({ row }) => row < table.firstRow),
      ...outside.map(({ row, why, step, isUnread }) => ({
        row,
        message: isUnread ? why : `${why}, and no number comes ${step < from ? 'before' : 'after'} it`,
      })),
    ],
    missing: inside.map(({ row, why, length }) => ({
      row,
      message: `${why}: ${length === 1 ? 'filled in' : `${count(length)} steps filled in`} from its neighbours`,
    })),
  };
}
