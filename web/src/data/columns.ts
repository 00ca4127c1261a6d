import { isDate, isMissing, isNumber } from './cells.ts';
import { countsRows, partOfDate } from './rowOrder.ts';
import type { Table } from './table.ts';

/** What the cells of a column look like. */
export interface ColumnKind {
  readonly index: number;
  readonly name: string;
  /** Part of the cells that are numbers, of those that are not missing. */
  readonly numbers: number;
  /**
   * Whether it says when or where a row is, with dates, times or numbers that count the rows: what
   * is told by its place already.
   */
  readonly order: boolean;
  /** How many different cells there are that are not missing. */
  readonly distinct: number;
  /** Mean length of a cell in characters. */
  readonly length: number;
  /**
   * Whether equal cells stand together and repeat: what the name of a recording does when a row is
   * a step.
   */
  readonly inRuns: boolean;
}

/** Cells that are looked at for dates. */
const DATES = 1000;

/** Looks at every column. */
export function describeColumns({ columns, rows }: Table): ColumnKind[] {
  return columns.map((name, index) => {
    const values = new Set<string>();
    const numbers: number[] = [];
    let filled = 0;
    let dates = 0;
    let length = 0;
    let changes = 0;
    let last: string | undefined;
    for (const { cells } of rows) {
      const cell = cells[index];
      length += cell.length;
      if (isMissing(cell)) continue;
      values.add(cell);
      filled++;
      if (isNumber(cell)) numbers.push(Number(cell));
      else if (filled <= DATES && isDate(cell)) dates++;
      if (cell !== last) changes++;
      last = cell;
    }
    const part = filled === 0 ? 0 : numbers.length / filled;
    return {
      index,
      name,
      numbers: part,
      order: dates > 0.5 * Math.min(filled, DATES) || (part > 0.9 && (partOfDate(name) || countsRows(name, numbers))),
      distinct: values.size,
      length: length / rows.length,
      inRuns: changes === values.size && values.size <= rows.length / 4 && values.size > 1,
    };
  });
}

/** Which column of a table plays which part; indices of columns. */
export interface ColumnRoles {
  /** The text to read or to imitate. */
  readonly text: number;
  /** The class to be told. */
  readonly label: number;
  /** Which recording a row is a step of; null when every row is a whole series. */
  readonly series: number | null;
  /** The numbers of a step, or of a whole series. */
  readonly values: readonly number[];
  /** The one series to forecast. */
  readonly value: number;
}

/** Not more than this many different cells make a column a choice of classes. */
export const MOST_CLASSES = 50;

/** A first guess at the roles, for the user to correct. */
export function guessRoles(table: Table): ColumnRoles {
  const kinds = describeColumns(table);
  const told = kinds.filter(({ order }) => !order);
  const words = told.filter(({ numbers }) => numbers < 0.5);
  const text = longest(words) ?? longest(told) ?? longest(kinds);
  const classes = told.filter(({ distinct }) => distinct >= 2 && distinct <= Math.min(MOST_CLASSES, table.rows.length / 2));
  const series = told.find(({ inRuns, distinct, numbers }) => inRuns && (numbers === 1 || distinct > MOST_CLASSES));
  const candidates = classes.filter(({ index }) => index !== series?.index);
  // Where no column has as many different cells as there may be classes, what is wrong is said of
  // another column than the text.
  const others = kinds.filter(({ index }) => index !== text && index !== series?.index);
  const label =
    fewest(candidates.filter(({ numbers }) => numbers < 0.5)) ??
    fewest(candidates) ??
    fewest(others.filter(({ order }) => !order)) ??
    fewest(others) ??
    0;
  const numeric = kinds.filter(({ index, numbers }) => numbers > 0.5 && index !== label && index !== series?.index);
  const values = numeric.filter(({ order }) => !order);
  return {
    text: text ?? 0,
    label,
    series: series?.index ?? null,
    values: (values.length === 0 ? numeric : values).map(({ index }) => index),
    value: guessValue(kinds, series?.index),
  };
}

/**
 * The last column of numbers that can go on; numbers that repeat can, while two kinds of number are
 * rather a mark of something.
 */
function guessValue(kinds: readonly ColumnKind[], series: number | undefined): number {
  const told = kinds.filter(({ order }) => !order);
  const numeric = told.filter(({ numbers }) => numbers > 0.5);
  const choices = [
    numeric.filter(({ index, distinct }) => index !== series && distinct > 2),
    numeric.filter(({ index, distinct }) => index !== series && distinct > 1),
    numeric,
    // Nothing but numbers that count: they are the series, or else something is wrong with the
    // words, and is said of them.
    kinds.filter(({ numbers }) => numbers > 0.5),
    told,
  ];
  const last = choices.find((columns) => columns.length > 0)?.at(-1);
  return last?.index ?? kinds.length - 1;
}

function longest(kinds: readonly ColumnKind[]): number | undefined {
  return [...kinds].sort((a, b) => b.length - a.length)[0]?.index;
}

function fewest(kinds: readonly ColumnKind[]): number | undefined {
  return [...kinds].sort((a, b) => a.distinct - b.distinct)[0]?.index;
}
