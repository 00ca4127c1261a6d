import type { SkippedRow, Table } from 'backtime';
import type { RowProblem } from './rowProblem.ts';

/** A row of a table, or one of its file that cannot be read. */
export type FileRecord = { readonly row: number } | { readonly skipped: SkippedRow };

/** All rows in the order of the file, with those that cannot be read: they have their time too. */
export function* recordsInOrder(table: Table): Generator<FileRecord> {
  let next = 0;
  for (let row = 0; row < table.rowCount; row++) {
    for (; next < table.skipped.length && table.skipped[next].line < table.fileRow(row); next++) yield { skipped: table.skipped[next] };
    yield { row };
  }
  for (; next < table.skipped.length; next++) yield { skipped: table.skipped[next] };
}

/** What is to be said of the rows of a file that are no rows of the table. */
export function tableProblems({ format, skipped }: Table): RowProblem[] {
  const unit = format?.unitsLine ?? null;
  return [
    ...(format?.titleLines ?? []).map((row) => ({ row, message: 'is a title: the table begins below it' })),
    ...(unit === null ? [] : [{ row: unit, message: 'holds units of the columns' }]),
    ...(format?.remarkLines ?? []).map((row) => ({
      row,
      message: 'is a remark between the rows: it is left out, and is no step of a series',
    })),
    ...skipped.map(({ line, reason }) => ({ row: line, message: reason })),
  ];
}
