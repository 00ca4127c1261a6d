import type { RowProblem } from '../data/rowProblem.ts';

/** Rows of which something is to be said: how many there are, and the first of them, in order. */
export interface ProblemList {
  readonly count: number;
  readonly first: readonly RowProblem[];
}

export const NO_PROBLEMS: ProblemList = { count: 0, first: [] };

/** More are not read by anyone, and a large file may have as many as it has rows. */
const LISTED = 100;

export function listProblems(problems: readonly RowProblem[]): ProblemList {
  return { count: problems.length, first: [...problems].sort((a, b) => a.row - b.row).slice(0, LISTED) };
}
