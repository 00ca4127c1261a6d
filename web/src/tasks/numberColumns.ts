import { isDate, isMissing, isNumber, MISSING_MARKS } from '../data/cells.ts';
import { count } from '../data/count.ts';
import type { RowProblem, Table } from '../data/table.ts';
import { UnusableDataError } from './task.ts';

/** The one rule for numbers that are missing, for the user. */
export const MISSING_RULE = `A number is missing where a cell is empty, where it holds ${MISSING_MARKS.map((mark) => `“${mark}”`).join(', ')} or anything else that is no number, and where it holds a mark such as -999 that is far from all other numbers. A missing number between two others is put on the line that joins them. A series that begins or ends with missing numbers is that much shorter; nowhere else is a step left out.`;

/**
 * The numbers of some columns of a table. A cell without a number is missing, whatever it holds.
 */
export class NumberColumns {
  readonly #table: Table;
  readonly #columns: readonly number[];
  /** Numbers that stand for a missing one, by place in `columns`. */
  readonly #sentinels: readonly ReadonlySet<number>[];

  /**
   * @param areSteps whether the columns are the steps of one series, so that their numbers are
   *   alike, and the last may be empty
   * @throws {UnusableDataError} when a column holds something else than numbers
   */
  constructor(table: Table, columns: readonly number[], areSteps: boolean, problems: readonly RowProblem[]) {
    this.#table = table;
    this.#columns = columns;
    const found = columns.map((column) => numbersIn(table, column, areSteps, problems));
    this.#sentinels = areSteps ? Array(columns.length).fill(findSentinels(found.flat())) : found.map(findSentinels);
  }

  /** One number a column; NaN where it is missing. */
  read(cells: readonly string[]): number[] {
    return this.#columns.map((column, place) => {
      const number = isNumber(cells[column]) ? Number(cells[column]) : Number.NaN;
      return this.#sentinels[place].has(number) ? Number.NaN : number;
    });
  }

  /**
   * What a row lacks of its `numbers`, for the user: `column “x” has “NA”`; null when it lacks
   * none.
   */
  describeMissing(cells: readonly string[], numbers: readonly number[]): string | null {
    const first = numbers.findIndex(Number.isNaN);
    if (first === -1) return null;
    const cell = cells[this.#columns[first]];
    const more = numbers.filter(Number.isNaN).length - 1;
    return `column “${this.nameOf(first)}” ${describeCell(cell)}${more === 0 ? '' : `, and ${count(more)} more ${more === 1 ? 'lacks' : 'lack'} a number`}`;
  }

  get width(): number {
    return this.#columns.length;
  }

  nameOf(place: number): string {
    return this.#table.columns[this.#columns[place]];
  }
}

/** Why a cell is taken for a missing number. */
function describeCell(cell: string): string {
  if (cell === '') return 'is empty';
  if (isMissing(cell)) return `has “${cell}”`;
  return `has “${shorten(cell)}”, ${isNumber(cell) ? 'a mark for a missing number' : 'which is no number'}`;
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** @throws {UnusableDataError} when most of what a column holds is something else */
function numbersIn({ columns, rows }: Table, column: number, mayBeEmpty: boolean, problems: readonly RowProblem[]): number[] {
  const numbers: number[] = [];
  let other: { row: number; cell: string } | null = null;
  let others = 0;
  let dates = 0;
  for (const { row, cells } of rows) {
    const cell = cells[column];
    if (isNumber(cell)) numbers.push(Number(cell));
    else if (!isMissing(cell)) {
      other ??= { row, cell };
      others++;
      if (isDate(cell)) dates++;
    }
  }
  const name = `Column “${columns[column]}”`;
  if (other && others > numbers.length) {
    const example = `row ${count(other.row)} has “${shorten(other.cell)}”`;
    const what =
      dates > others / 2
        ? `holds dates or times, not numbers: ${example}`
        : `holds ${numbers.length === 0 ? 'no numbers' : `numbers in only ${count(numbers.length)} of ${count(rows.length)} rows`}: ${example}`;
    throw new UnusableDataError(`${name} ${what}. Choose a column whose cells are plain numbers.`, problems);
  }
  if (numbers.length === 0 && !mayBeEmpty) throw new UnusableDataError(`${name} is empty in all rows. Choose another.`, problems);
  return numbers;
}

const NINES = /^-?9{2,}(\.9+)?$/;

/**
 * Numbers that programs write for missing ones: -99, -999, 9999, -99.9 and the like, if they are
 * far from all others: below 0 where no other is, or farther from the others than these are from
 * each other.
 */
function findSentinels(numbers: readonly number[]): ReadonlySet<number> {
  const marks = new Set<number>();
  let minimum = Infinity;
  let maximum = -Infinity;
  let others = 0;
  for (const number of numbers) {
    if (NINES.test(String(number))) marks.add(number);
    else {
      others++;
      minimum = Math.min(minimum, number);
      maximum = Math.max(maximum, number);
    }
  }
  const isFar = (mark: number) =>
    (mark < 0 && minimum >= 0) || (Math.abs(mark) >= 999 && Math.max(minimum - mark, mark - maximum) > maximum - minimum);
  return others * 2 > numbers.length ? new Set([...marks].filter(isFar)) : new Set();
}

/** The steps of a series that stay: from the first with a number to the last. */
export interface KeptSteps {
  readonly from: number;
  /** After the last. */
  readonly to: number;
}

/**
 * Fills in what is missing of a series, in place, by the rule: on the line between the numbers
 * around it. Where only some of the first or last step's numbers are missing, the nearest of the
 * same channel is repeated.
 * @param steps one number for each channel a step, NaN where it is missing
 * @returns null when a channel has no number at all
 */
export function fillMissing(steps: readonly number[][]): KeptSteps | null {
  const isKept = (step: readonly number[]) => step.some((number) => !Number.isNaN(number));
  const from = steps.findIndex(isKept);
  const to = steps.findLastIndex(isKept) + 1;
  if (from === -1) return null;
  for (let channel = 0; channel < steps[from].length; channel++) {
    if (!fillChannel(steps, channel, from, to)) return null;
  }
  return { from, to };
}

function fillChannel(steps: readonly number[][], channel: number, from: number, to: number): boolean {
  /** The last step with a number; -1 before there is one. */
  let before = -1;
  for (let step = from; step < to; step++) {
    const number = steps[step][channel];
    if (Number.isNaN(number)) continue;
    const start = before === -1 ? number : steps[before][channel];
    const first = before === -1 ? from : before + 1;
    for (let gap = first; gap < step; gap++) {
      steps[gap][channel] = before === -1 ? number : start + ((number - start) * (gap - before)) / (step - before);
    }
    before = step;
  }
  if (before === -1) return false;
  for (let gap = before + 1; gap < to; gap++) steps[gap][channel] = steps[before][channel];
  return true;
}
