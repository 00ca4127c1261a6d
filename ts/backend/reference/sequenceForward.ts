import type { SequenceForwardArguments } from '../kernels.generated.ts';
import type { CellRow } from './cell.ts';
import { addRow, addVectorTimesMatrix, copyRow, wholeMatrix } from './matrix.ts';
import { cellWithCode, inputStep, loadPreviousState, recurrentColumns, stateStart, takeRow, Workspace } from './sequence.ts';

type Arguments = SequenceForwardArguments<Float64Array, Int32Array>;

/**
 * A whole sequence through one recurrent layer, one sequence of the batch after the other, one step
 * after the other. Letters: B batch, T steps, D features, H units, G gates, S saved floats per
 * unit.
 */
export function sequenceForward(args: Arguments): void {
  const { steps: T, batch: B, units: H, mask } = args;
  requireKeptSteps(args, 'h', args.hSteps);
  requireKeptSteps(args, 'c', args.cSteps);
  const cell = cellWithCode(args.cell);
  const row = takeRow(args, new Workspace(args.workspace));
  const { ofState, ofReset } = recurrentColumns(args.recurrentKernel, cell, H);

  for (let s = 0; s < T; s++) {
    const t = inputStep(args, s);
    for (let b = 0; b < B; b++) {
      const skipped = mask ? mask[t * B + b] === 0 : false;
      loadPreviousState(args, s, b, row);
      if (skipped) {
        row.h.set(row.previousH);
        row.c.set(row.previousC);
        row.saved.fill(0);
      } else {
        projectInput(args, t * B + b, row.input);
        if (args.bias && cell.recurrentBias) copyRow(args.bias, row.input.length, row.input.length, row.recurrent, 0);
        else row.recurrent.fill(0);
        addVectorTimesMatrix(row.previousH, 0, ofState, row.recurrent, 0);
        if (cell.reset) {
          cell.reset.forward(row);
          addVectorTimesMatrix(row.resetH, 0, ofReset, row.recurrent, ofReset.first);
        }
        cell.forward(row);
      }
      store(args, s * B + b, row, skipped);
    }
  }
}

/** `out[G*H] = x · kernel + bias` of row `n` of the input `[T*B, D]`. */
function projectInput(args: Arguments, n: number, out: Float64Array): void {
  const { features: D, x, ids, table, kernel, bias } = args;
  const columns = out.length;
  if (bias) copyRow(bias, 0, columns, out, 0);
  else out.fill(0);
  if (ids && table) addVectorTimesMatrix(table, ids[n] * D, wholeMatrix(kernel, D, columns), out, 0);
  else if (ids) addRow(kernel, ids[n] * columns, columns, out, 0);
  else if (x) addVectorTimesMatrix(x, n * D, wholeMatrix(kernel, D, columns), out, 0);
  else throw new TypeError('the input is missing: expected x or ids');
}

/**
 * @throws {RangeError} unless the buffer of a state has all steps or, without a backward pass, one
 *   step
 */
function requireKeptSteps({ steps: T, saved }: Arguments, name: string, kept: number): void {
  if (kept !== T && (saved || kept !== 1)) throw new RangeError(`${name} is to be kept for ${kept} of ${T} steps`);
}

/** Writes a row to place `n` of the outputs `[T*B, ...]`. */
function store({ units: H, saved, h, c, y }: Arguments, n: number, row: CellRow, skipped: boolean): void {
  if (saved) copyRow(row.saved, 0, row.saved.length, saved, n * row.saved.length);
  copyRow(row.h, 0, H, h, stateStart(h, n, H));
  if (c) copyRow(row.c, 0, H, c, stateStart(c, n, H));
  if (y && skipped) y.fill(0, n * H, (n + 1) * H);
  else if (y) copyRow(row.h, 0, H, y, n * H);
}
