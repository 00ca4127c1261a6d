/**
 * A recurrent cell: what happens to one sequence at one step once the two projections of that step are known. Letters:
 * H units, G gates, S saved floats per unit. Every array is one row; gate g of unit j is at `g * H + j`.
 *
 * The driver (`sequenceForward.ts`, `sequenceBackward.ts`) does everything else: it multiplies with the weights, walks over
 * the steps, and knows masks, reversal, truncation and where the rows come from.
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
  /** From `input`, `recurrent` and the previous state, writes `h`, `c` and whatever backward needs into `saved`. */
  forward(row: CellRow): void;
  /** From `saved`, the states, `dH` and `dC`, writes `dInput`, `dRecurrent`, `dPreviousH` and `dPreviousC`. */
  backward(row: CellGradientRow): void;
  /** Only where the recurrent product of the last gate is of a changed state instead of `previousH`. */
  readonly reset?: ResetStage;
}

/** The stage before the last gate's recurrent product, which is then of `resetH`. */
export interface ResetStage {
  /** Writes `resetH` from the projections of the other gates. */
  forward(row: CellRow): void;
  /** Writes `resetH` from what forward saved. */
  restore(row: CellRow): void;
  /** From `dResetH`, writes what is missing in `dInput` and `dRecurrent`, and adds to `dPreviousH`. */
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
  /** `[H]`: of `c`, not counting the way through `h` */
  readonly dC: Float64Array;
  /** `[G*H]` */
  readonly dInput: Float64Array;
  /** `[G*H]` */
  readonly dRecurrent: Float64Array;
  /** `[H]`: of `previousH`, not counting the way through `recurrent`, which the driver adds. */
  readonly dPreviousH: Float64Array;
  /** `[H]` */
  readonly dPreviousC: Float64Array;
  /** `[H]` */
  readonly dResetH: Float64Array;
}
