import type { Table } from 'backtime';
import type { NumberColumns } from './numberColumns.ts';

/** What each row is to be told as, as a text. */
export interface Labels {
  /** By row; empty where there is none. */
  readonly texts: readonly string[];
  /** Why a row has none, for the user. */
  readonly missing: (row: number) => string;
}

/** The cells of a column as classes. */
export function classLabels(table: Table, column: string): Labels {
  return { texts: table.texts(column), missing: () => `column “${column}” has no class` };
}

/** The one column of `numbers`, as the digits of what is to be predicted. */
export function numberLabels(table: Table, numbers: NumberColumns): Labels {
  const texts = Array.from({ length: table.rowCount }, (_, row) => {
    const [number] = numbers.read(row) as [number];
    return Number.isNaN(number) ? '' : String(number);
  });
  return { texts, missing: (row) => numbers.describeMissing(row, numbers.read(row)) ?? `column “${numbers.nameOf(0)}” has no number` };
}
