import { isNumber, type Table } from './table.ts';

/** What the cells of a column look like. */
export interface ColumnKind {
  readonly index: number;
  readonly name: string;
  /** Part of the non-empty cells that are numbers. */
  readonly numbers: number;
  /** How many different cells there are. */
  readonly distinct: number;
  /** Mean length of a cell in characters. */
  readonly length: number;
  /** Whether equal cells stand together and repeat: what the name of a recording does when a row is a step. */
  readonly inRuns: boolean;
}

/** Looks at every column. */
export function describeColumns({ columns, rows }: Table): ColumnKind[] {
  return columns.map((name, index) => {
    const values = new Set<string>();
    let numbers = 0;
    let filled = 0;
    let length = 0;
    let changes = 0;
    let last: string | undefined;
    for (const { cells } of rows) {
      const cell = cells[index];
      values.add(cell);
      length += cell.length;
      if (cell !== '') filled++;
      if (isNumber(cell)) numbers++;
      if (cell !== last) changes++;
      last = cell;
    }
    return {
      index,
      name,
      numbers: filled === 0 ? 0 : numbers / filled,
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
  const words = kinds.filter(({ numbers }) => numbers < 0.5);
  const text = longest(words) ?? longest(kinds);
  const classes = kinds.filter(({ distinct }) => distinct >= 2 && distinct <= Math.min(MOST_CLASSES, table.rows.length / 2));
  const series = kinds.find(({ inRuns, distinct, numbers }) => inRuns && (numbers === 1 || distinct > MOST_CLASSES));
  const candidates = classes.filter(({ index }) => index !== series?.index);
  const label = fewest(candidates.filter(({ numbers }) => numbers < 0.5)) ?? fewest(candidates);
  const numeric = kinds.filter(({ index, numbers }) => numbers > 0.5 && index !== label && index !== series?.index);
  // Where no column has as many different cells as there may be classes, what is wrong is said of another column than the text.
  const others = kinds.filter(({ index }) => index !== text && index !== series?.index);
  return {
    text: text ?? 0,
    label: label ?? fewest(others) ?? 0,
    series: series?.index ?? null,
    values: numeric.map(({ index }) => index),
    value: numeric[numeric.length - 1]?.index ?? 0,
  };
}

function longest(kinds: readonly ColumnKind[]): number | undefined {
  return [...kinds].sort((a, b) => b.length - a.length)[0]?.index;
}

function fewest(kinds: readonly ColumnKind[]): number | undefined {
  return [...kinds].sort((a, b) => a.distinct - b.distinct)[0]?.index;
}
