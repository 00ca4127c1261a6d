/**
 * The places in the counter of a program, which kernels read for random numbers. The program writes
 * it before each step. `crate/src/exports/floats/random.rs` has the same places.
 */
export const COUNTER = {
  /** The number of the step. */
  iteration: 0,
  /** The first of the program's rows in the whole batch. */
  firstRow: 1,
  /** Rows of the whole batch. */
  totalRows: 2,
} as const;

/** Number of integers of a counter. */
export const COUNTER_LENGTH = 3;
