import type { ColumnDescription } from 'backtime';

/** What is known of a column beside what the package says of it. */
export interface ColumnFacts extends ColumnDescription {
  readonly index: number;
  /**
   * Whether it says when or where a row is, with dates, times or numbers that count the rows: what
   * is told by its place already.
   */
  readonly order: boolean;
  /** Mean length of a cell in characters. */
  readonly length: number;
  /** How many rows of the same cell stand together, on average. */
  readonly run: number;
  /**
   * Whether equal cells stand together and never come again: what the name of a recording does when
   * a row is a step.
   */
  readonly inRuns: boolean;
}
