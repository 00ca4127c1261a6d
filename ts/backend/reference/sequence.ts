import { CELLS, type SequenceBackwardArguments, type SequenceForwardArguments } from '../kernels.generated.ts';
import type { Cell, CellGradientRow, CellRow } from './cell.ts';
import { gru, gruResetBefore } from './gru.ts';
import { lstm } from './lstm.ts';
import { type Columns, copyRow } from './matrix.ts';
import { simpleRnn } from './simpleRnn.ts';

/**
 * Shared code of both directions of the sequence driver. Letters: B batch, T steps, D features, H
 * units, G gates, S saved.
 */

/** The common arguments of forward passes with floats and with integers. */
export type ForwardArguments = Omit<
  SequenceForwardArguments<Float64Array, Int32Array>,
  'kernel' | 'recurrentKernel' | 'packedLength' | 'packed' | 'saved'
>;
type BackwardArguments = SequenceBackwardArguments<Float64Array, Int32Array>;
type Sizes = Pick<SequenceForwardArguments<unknown, unknown>, 'cell' | 'batch' | 'units'>;

/** The cell with a code from `CELLS`. */
export function cellWithCode(code: number): Cell {
  switch (code) {
    case CELLS.simpleRnn.code:
      return simpleRnn;
    case CELLS.lstm.code:
      return lstm;
    case CELLS.gru.code:
      return gru;
    case CELLS.gruResetBefore.code:
      return gruResetBefore;
    default:
      throw new RangeError(`there is no cell with code ${code}`);
  }
}

/** Floats of workspace for one row of values. */
export function rowLength({ cell, units: H }: Sizes): number {
  const { gates: G, saved: S } = cellWithCode(cell);
  return (2 * G + S + 5) * H;
}

/**
 * Floats of workspace for one row of values and gradients, and the gradients `[B, H]` of `h` and
 * `c` that go back in time.
 */
export function gradientRowLength(sizes: Sizes): number {
  const { gates: G } = cellWithCode(sizes.cell);
  return rowLength(sizes) + (2 * G + 5) * sizes.units + 2 * sizes.batch * sizes.units;
}

/** Hands out consecutive parts of a workspace. */
export class Workspace {
  readonly #floats: Float64Array;
  #used = 0;

  constructor(floats: Float64Array) {
    this.#floats = floats;
  }

  take(length: number): Float64Array {
    this.#used += length;
    return this.#floats.subarray(this.#used - length, this.#used);
  }
}

/** One row of values, in the workspace. */
export function takeRow(
  { cell, units: H, activation, recurrentActivation }: ForwardArguments | BackwardArguments,
  workspace: Workspace,
): CellRow {
  const { gates: G, saved: S } = cellWithCode(cell);
  return {
    units: H,
    activation,
    recurrentActivation,
    input: workspace.take(G * H),
    recurrent: workspace.take(G * H),
    previousH: workspace.take(H),
    previousC: workspace.take(H),
    resetH: workspace.take(H),
    saved: workspace.take(S * H),
    h: workspace.take(H),
    c: workspace.take(H),
  };
}

/** One row of values and gradients, in the workspace. */
export function takeGradientRow(args: BackwardArguments, workspace: Workspace): CellGradientRow {
  const { gates: G } = cellWithCode(args.cell);
  const H = args.units;
  return {
    ...takeRow(args, workspace),
    dH: workspace.take(H),
    dC: workspace.take(H),
    dInput: workspace.take(G * H),
    dRecurrent: workspace.take(G * H),
    dPreviousH: workspace.take(H),
    dPreviousC: workspace.take(H),
    dResetH: workspace.take(H),
  };
}

/**
 * The columns of a recurrent kernel `[H, G*H]` that multiply the previous state, and those that
 * multiply the reset state.
 */
export function recurrentColumns(data: Float64Array, cell: Cell, H: number): { ofState: Columns; ofReset: Columns } {
  const stride = cell.gates * H;
  const split = cell.reset === undefined ? stride : stride - H;
  return {
    ofState: { data, rows: H, stride, first: 0, count: split },
    ofReset: { data, rows: H, stride, first: split, count: stride - split },
  };
}

/** The input step that processing step `s` reads. */
export function inputStep({ steps: T, reverse }: { steps: number; reverse: number }, s: number): number {
  return reverse ? T - 1 - s : s;
}

/** Fills `previousH` and `previousC` of sequence `b` with the state before processing step `s`. */
export function loadPreviousState(args: ForwardArguments | BackwardArguments, s: number, b: number, row: CellRow): void {
  const { batch: B, units: H } = args;
  loadState(s === 0 ? args.initialH : args.h, s === 0 ? b : (s - 1) * B + b, H, row.previousH);
  loadState(s === 0 ? args.initialC : args.c, s === 0 ? b : (s - 1) * B + b, H, row.previousC);
}

/**
 * The index of row `n` of a state `[T*B, H]` in its buffer. In a buffer of one step `[B, H]` each
 * step overwrites the step before.
 */
export function stateStart(states: Float64Array, n: number, H: number): number {
  return (n * H) % states.length;
}

function loadState(states: Float64Array | null | undefined, index: number, H: number, out: Float64Array): void {
  if (states) copyRow(states, stateStart(states, index, H), H, out, 0);
  else out.fill(0);
}
