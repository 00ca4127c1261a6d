/** Something to be said of one row of a file. */
export interface RowProblem {
  /** Its line in the file, or its number in a spreadsheet, from 1. */
  readonly row: number;
  readonly message: string;
}
