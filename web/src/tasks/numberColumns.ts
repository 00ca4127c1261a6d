import type { Table } from 'backtime';
import { columnFacts } from '../data/columns.ts';
import { count } from '../data/count.ts';
import type { RowProblem } from '../data/rowProblem.ts';
import type { MissingRule } from './missingRule.ts';
import { UnusableDataError } from './task.ts';

/**
 * The numbers of some columns of a table. A cell without a number is missing, whatever it holds.
 */
export class NumberColumns {
  readonly #table: Table;
  readonly #names: readonly string[];
  /** By column, NaN where a number is missing. */
  readonly #numbers: readonly Float64Array[];
  /** Numbers that stand for a missing one, by column. */
  readonly #sentinels: readonly (readonly number[])[];

  /**
   * @param columns indices of columns
   * @param areSteps whether the columns are the steps of one series, so that a number that stands
   *   for a missing one does so in all of them, and the last may be empty
   * @throws {UnusableDataError} when a column holds something else than numbers
   */
  constructor(table: Table, columns: readonly number[], areSteps: boolean, rule: MissingRule, problems: readonly RowProblem[]) {
    this.#table = table;
    this.#names = columns.map((column) => table.names[column] as string);
    const facts = columnFacts(table);
    const found = columns.map((column) => (rule.sentinels ? (facts[column]?.sentinels ?? []) : []));
    const all = [...new Set(found.flat())];
    this.#sentinels = areSteps ? columns.map(() => all) : found;
    this.#numbers = this.#names.map((name, place) =>
      table.numbers(name, { missing: 'nan', invalid: 'missing', sentinels: this.#sentinels[place] ?? [] }),
    );
    for (const [place, name] of this.#names.entries()) checkNumbers(table, name, this.#numbers[place] as Float64Array, areSteps, problems);
  }

  /** One number a column; NaN where it is missing. */
  read(row: number): number[] {
    return this.#numbers.map((numbers) => numbers[row] as number);
  }

  /**
   * What a row lacks of its `numbers`, for the user: `column “x” has “NA”`; null when it lacks
   * none.
   */
  describeMissing(row: number, numbers: readonly number[]): string | null {
    const first = numbers.findIndex(Number.isNaN);
    if (first === -1) return null;
    const more = numbers.filter(Number.isNaN).length - 1;
    const what = this.#describeCell(first, row);
    return `column “${this.nameOf(first)}” ${what}${more === 0 ? '' : `, and ${count(more)} more ${more === 1 ? 'lacks' : 'lack'} a number`}`;
  }

  /** A cell of words where a number belongs, and no mark for a missing one; null where none is. */
  wordsIn(row: number): string | null {
    for (const [place, name] of this.#names.entries()) {
      const cell = this.#table.column(name)[row] ?? null;
      if (typeof cell !== 'string' || !Number.isNaN(this.#numbers[place]?.[row]) || !this.#table.hasValue(name, row)) continue;
      if (/\p{L}{2}/u.test(cell)) return shorten(cell.trim());
    }
    return null;
  }

  /** The mean of each column; 0 for one without a number. */
  means(): number[] {
    return this.#numbers.map((numbers) => {
      const known = numbers.filter((number) => !Number.isNaN(number));
      return known.reduce((sum, number) => sum + number, 0) / Math.max(1, known.length);
    });
  }

  get width(): number {
    return this.#names.length;
  }

  nameOf(place: number): string {
    return this.#names[place] as string;
  }

  /** Why a cell is taken for a missing number. */
  #describeCell(place: number, row: number): string {
    const name = this.nameOf(place);
    const cell = String(this.#table.column(name)[row] ?? '').trim();
    if (cell === '') return 'is empty';
    if (!this.#table.hasValue(name, row)) return `has “${cell}”`;
    return `has “${shorten(cell)}”, ${this.#sentinels[place]?.length ? 'a mark for a missing number' : 'which is no number'}`;
  }
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** @throws {UnusableDataError} when most of what a column holds is something else than numbers */
function checkNumbers(table: Table, name: string, numbers: Float64Array, mayBeEmpty: boolean, problems: readonly RowProblem[]): void {
  const cells = table.column(name);
  let known = 0;
  let others = 0;
  let first = -1;
  for (let row = 0; row < numbers.length; row++) {
    if (!Number.isNaN(numbers[row])) known++;
    else if (table.hasValue(name, row)) {
      others++;
      if (first === -1) first = row;
    }
  }
  if (others > known) {
    const example = `row ${count(table.fileRow(first))} has “${shorten(String(cells[first]))}”`;
    const isDate = columnFacts(table).find((column) => column.name === name)?.kind === 'date';
    const what = isDate
      ? `holds dates or times, not numbers: ${example}`
      : `holds ${known === 0 ? 'no numbers' : `numbers in only ${count(known)} of ${count(table.rowCount)} rows`}: ${example}`;
    throw new UnusableDataError(`Column “${name}” ${what}. Choose a column whose cells are numbers.`, problems);
  }
  if (known === 0 && !mayBeEmpty) throw new UnusableDataError(`Column “${name}” is empty in all rows. Choose another.`, problems);
}
