/**
 * The equations of a recurrent cell for one sequence at one step, given the two projections of that
 * step. Letters: H units, G gates, S saved floats per unit. Every array is one row; gate g of unit
 * j is at `g * H + j`.
 *
 * The driver (`sequenceForward.ts`, `sequenceBackward.ts`) does everything else: it multiplies by
 * the weights, loops over the steps, and handles masks, reversal, truncation and the places of the
 * rows.
 */
export interface Cell {
  /** G */
  readonly gates: number;
  /** S */
  readonly saved: number;
  /** 2 when there is a cell state `c` beside `h`. */
  readonly states: 1 | 2;
  /** Whether the bias is `[2, G*H]`, its second row added to `recurrent`, instead of `[G*H]`. */
  readonly recurrentBias: boolean;
  /**
   * Writes `h` and `c`, and to `saved` what backward needs, from `input`, `recurrent` and the
   * previous state.
   */
  forward(row: CellRow): void;
  /**
   * Writes `dInput`, `dRecurrent`, `dPreviousH` and `dPreviousC` from `saved`, the states, `dH` and
   * `dC`.
   */
  backward(row: CellGradientRow): void;
  /** Present when the recurrent product of the last gate takes `resetH` instead of `previousH`. */
  readonly reset?: ResetStage;
}

/**
 * The stage before the last gate's recurrent product. It computes the state that the product takes.
 */
export interface ResetStage {
  /** Writes `resetH` from the projections of the other gates. */
  forward(row: CellRow): void;
  /** Writes `resetH` from what forward saved. */
  restore(row: CellRow): void;
  /**
   * Writes the missing parts of `dInput` and `dRecurrent` from `dResetH`, and adds to `dPreviousH`.
   */
  backward(row: CellGradientRow): void;
}

/** The values of one sequence at one step. */
export interface CellRow {
  /** H */
  readonly units: number;
  /** Code of the candidate's and the output's activation. */
  readonly activation: number;
  /** Code of the gates' activation. */
  readonly recurrentActivation: number;
  /** `[G*H]`: `x · kernel + bias` */
  readonly input: Float64Array;
  /** `[G*H]`: `previousH · recurrentKernel`, plus the recurrent bias where there is one. */
  readonly recurrent: Float64Array;
  /** `[H]` */
  readonly previousH: Float64Array;
  /** `[H]` */
  readonly previousC: Float64Array;
  /** `[H]` */
  readonly resetH: Float64Array;
  /** `[S*H]` */
  readonly saved: Float64Array;
  /** `[H]` */
  readonly h: Float64Array;
  /** `[H]` */
  readonly c: Float64Array;
}

/** {@link CellRow} with gradients. */
export interface CellGradientRow extends CellRow {
  /** `[H]`: of `h` */
  readonly dH: Float64Array;
  /** `[H]`: of `c`, without the part through `h` */
  readonly dC: Float64Array;
  /** `[G*H]` */
  readonly dInput: Float64Array;
  /** `[G*H]` */
  readonly dRecurrent: Float64Array;
  /** `[H]`: of `previousH`, without the part through `recurrent`, which the driver adds. */
  readonly dPreviousH: Float64Array;
  /** `[H]` */
  readonly dPreviousC: Float64Array;
  /** `[H]` */
  readonly dResetH: Float64Array;
}
