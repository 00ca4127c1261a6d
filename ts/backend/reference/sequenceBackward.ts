import type { SequenceBackwardArguments } from '../kernels.generated.ts';
import type { Cell, CellGradientRow } from './cell.ts';
import { addMatrixTimesVector, addOuterProduct, addRow, copyRow, wholeMatrix } from './matrix.ts';
import { cellWithCode, inputStep, loadPreviousState, recurrentColumns, takeGradientRow, Workspace } from './sequence.ts';

type Arguments = SequenceBackwardArguments<Float64Array, Int32Array>;

/**
 * Back-propagation through time: the steps of `sequenceForward` from the last processed to the
 * first, carrying the gradient of the state. Letters: B batch, T steps, D features, H units, G
 * gates, S saved floats per unit.
 */
export function sequenceBackward(args: Arguments): void {
  const { steps: T, batch: B, units: H, mask, dOutput, zeroOutput, truncate } = args;
  const cell = cellWithCode(args.cell);
  const workspace = new Workspace(args.workspace);
  const row = takeGradientRow(args, workspace);
  const { ofState, ofReset } = recurrentColumns(args.recurrentKernel, cell, H);
  const { ofState: dOfState, ofReset: dOfReset } = recurrentColumns(args.dRecurrentKernel, cell, H);
  // [B, H]: gradients of the state after the present step, then of the one before it.
  const dStateH = workspace.take(B * H);
  const dStateC = workspace.take(B * H);

  clearGradients(args);
  start(dStateH, args.dFinalH);
  start(dStateC, args.dFinalC);

  for (let s = T - 1; s >= 0; s--) {
    const t = inputStep(args, s);
    for (let b = 0; b < B; b++) {
      const skipped = mask ? mask[t * B + b] === 0 : false;
      if (dOutput && !(skipped && zeroOutput)) addRow(dOutput, (s * B + b) * H, H, dStateH, b * H);
      if (skipped) {
        // This step passed the state on unchanged, so the gradient passes unchanged too.
        args.dX?.fill(0, (t * B + b) * args.features, (t * B + b + 1) * args.features);
        continue;
      }
      load(args, s, b, row, dStateH, dStateC);
      cell.backward(row);
      if (cell.reset) {
        row.dResetH.fill(0);
        addMatrixTimesVector(ofReset, row.dRecurrent, ofReset.first, row.dResetH, 0);
        cell.reset.restore(row);
        cell.reset.backward(row);
        addOuterProduct(row.resetH, 0, row.dRecurrent, dOfReset.first, dOfReset);
      }
      addMatrixTimesVector(ofState, row.dRecurrent, 0, row.dPreviousH, 0);
      addOuterProduct(row.previousH, 0, row.dRecurrent, 0, dOfState);
      addInputGradients(args, cell, t * B + b, row);
      copyRow(row.dPreviousH, 0, H, dStateH, b * H);
      copyRow(row.dPreviousC, 0, H, dStateC, b * H);
    }
    if (startsChunk(s, T, truncate)) {
      dStateH.fill(0);
      dStateC.fill(0);
    }
  }

  args.dInitialH?.set(dStateH);
  args.dInitialC?.set(dStateC);
}

/**
 * Whether a chunk ends before processing step `s`: they are counted back from the last step, so the
 * first may be shorter.
 */
function startsChunk(s: number, T: number, truncate: number): boolean {
  return truncate > 0 && s > 0 && (T - s) % truncate === 0;
}

function clearGradients({ dKernel, dRecurrentKernel, dBias, dTable }: Arguments): void {
  dKernel.fill(0);
  dRecurrentKernel.fill(0);
  dBias?.fill(0);
  dTable?.fill(0);
}

function start(dState: Float64Array, dFinal: Float64Array | null | undefined): void {
  if (dFinal) dState.set(dFinal);
  else dState.fill(0);
}

/**
 * Fills a row with the values that forward saved for processing step `s` of sequence `b`, and with
 * the gradients of its state.
 */
function load(args: Arguments, s: number, b: number, row: CellGradientRow, dStateH: Float64Array, dStateC: Float64Array): void {
  const { batch: B, units: H, saved, c } = args;
  const n = s * B + b;
  loadPreviousState(args, s, b, row);
  copyRow(saved, n * row.saved.length, row.saved.length, row.saved, 0);
  if (c) copyRow(c, n * H, H, row.c, 0);
  copyRow(dStateH, b * H, H, row.dH, 0);
  copyRow(dStateC, b * H, H, row.dC, 0);
  row.dPreviousC.fill(0);
}

/** Gradients of the input's weights, and of row `n` of the input `[T*B, D]` itself. */
function addInputGradients(args: Arguments, cell: Cell, n: number, { dInput, dRecurrent }: CellGradientRow): void {
  const { features: D, x, ids, table, dBias, dX, dTable } = args;
  const columns = dInput.length;
  const kernel = wholeMatrix(args.kernel, D, columns);
  const dKernel = wholeMatrix(args.dKernel, D, columns);

  if (dBias) addRow(dInput, 0, columns, dBias, 0);
  if (dBias && cell.recurrentBias) addRow(dRecurrent, 0, columns, dBias, columns);

  if (ids && table && dTable) {
    addOuterProduct(table, ids[n] * D, dInput, 0, dKernel);
    addMatrixTimesVector(kernel, dInput, 0, dTable, ids[n] * D);
  } else if (ids) {
    addRow(dInput, 0, columns, args.dKernel, ids[n] * columns);
  } else if (x) {
    addOuterProduct(x, n * D, dInput, 0, dKernel);
    if (dX) {
      dX.fill(0, n * D, (n + 1) * D);
      addMatrixTimesVector(kernel, dInput, 0, dX, n * D);
    }
  } else throw new TypeError('the input is missing: expected x or ids');
}
