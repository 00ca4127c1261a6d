import type { PackSequenceArguments, QuantisedSequenceForwardArguments, SequenceForwardArguments } from '../kernels.generated.ts';
import type { CellRow } from './cell.ts';
import { addRow, addVectorTimesMatrix, copyRow, wholeMatrix } from './matrix.ts';
import { addIntegerProduct, addIntegerRow, levelsOf } from './quantised.ts';
import {
  cellWithCode,
  type ForwardArguments,
  inputStep,
  loadPreviousState,
  recurrentColumns,
  rowLength,
  stateStart,
  takeRow,
  Workspace,
} from './sequence.ts';

type Arguments = SequenceForwardArguments<Float64Array, Int32Array>;
/** The common arguments; a quantised pass saves nothing. */
type WithoutKernels = ForwardArguments & Partial<Pick<Arguments, 'saved'>>;
type QuantisedArguments = QuantisedSequenceForwardArguments<Float64Array, Int32Array>;

/** The products of one row, as floats or as integers. */
interface Products {
  /** Adds `x · kernel` of row `n` of the input `[T*B, D]`. */
  addInput(n: number, out: Float64Array): void;
  /** Adds the products of `row`'s previous state to its `recurrent`. */
  addState(row: CellRow): void;
  /** Adds the product of its reset state. */
  addReset(row: CellRow): void;
}

/**
 * A whole sequence through one recurrent layer, one sequence of the batch after the other, one step
 * after the other. Letters: B batch, T steps, D features, H units, G gates, S saved floats per
 * unit.
 */
export function sequenceForward(args: Arguments): void {
  const { features: D, units: H, x, ids, table, kernel } = args;
  const cell = cellWithCode(args.cell);
  const { ofState, ofReset } = recurrentColumns(args.recurrentKernel, cell, H);
  walk(args, {
    addInput(n, out) {
      const columns = out.length;
      if (ids && table) addVectorTimesMatrix(table, ids[n] * D, wholeMatrix(kernel, D, columns), out, 0);
      else if (ids) addRow(kernel, ids[n] * columns, columns, out, 0);
      else if (x) addVectorTimesMatrix(x, n * D, wholeMatrix(kernel, D, columns), out, 0);
      else throw new TypeError('the input is missing: expected x or ids');
    },
    addState: ({ previousH, recurrent }) => addVectorTimesMatrix(previousH, 0, ofState, recurrent, 0),
    addReset: ({ resetH, recurrent }) => addVectorTimesMatrix(resetH, 0, ofReset, recurrent, ofReset.first),
  });
}

/** {@link sequenceForward} with kernels of integers. */
export function quantisedSequenceForward(args: QuantisedArguments): void {
  const { features: D, units: H, x, ids, table } = args;
  const cell = cellWithCode(args.cell);
  const levels = levelsOf(args.packing);
  const integers = args.workspace.subarray(rowLength(args));
  const stride = cell.gates * H;
  const split = cell.reset === undefined ? stride : stride - H;
  const kernel = { words: args.kernel, scales: args.kernelScales, rows: D, stride, first: 0, count: stride };
  const recurrent = { words: args.recurrentKernel, scales: args.recurrentScales, rows: H, stride };
  const ofState = { ...recurrent, first: 0, count: split };
  const ofReset = { ...recurrent, first: split, count: stride - split };
  walk(args, {
    addInput(n, out) {
      if (ids && table) addIntegerProduct(table, ids[n] * D, kernel, levels, integers, out, 0);
      else if (ids) addIntegerRow(kernel, ids[n], out, 0);
      else if (x) addIntegerProduct(x, n * D, kernel, levels, integers, out, 0);
      else throw new TypeError('the input is missing: expected x or ids');
    },
    addState: (row) => addIntegerProduct(row.previousH, 0, ofState, levels, integers, row.recurrent, 0),
    addReset: (row) => addIntegerProduct(row.resetH, 0, ofReset, levels, integers, row.recurrent, split),
  });
}

/** Floats of workspace of {@link quantisedSequenceForward}. */
export function quantisedRowLength(args: QuantisedSequenceForwardArguments<unknown, unknown>): number {
  return rowLength(args) + Math.max(args.features, args.units);
}

function walk(args: WithoutKernels, { addInput, addState, addReset }: Products): void {
  const { steps: T, batch: B, mask, bias } = args;
  requireKeptSteps(args, 'h', args.hSteps);
  requireKeptSteps(args, 'c', args.cSteps);
  const cell = cellWithCode(args.cell);
  const row = takeRow(args, new Workspace(args.workspace));

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
        if (bias) copyRow(bias, 0, row.input.length, row.input, 0);
        else row.input.fill(0);
        addInput(t * B + b, row.input);
        if (bias && cell.recurrentBias) copyRow(bias, row.input.length, row.input.length, row.recurrent, 0);
        else row.recurrent.fill(0);
        addState(row);
        if (cell.reset) {
          cell.reset.forward(row);
          addReset(row);
        }
        cell.forward(row);
      }
      store(args, s * B + b, row, skipped);
    }
  }
}

/**
 * @throws {RangeError} unless the buffer of a state has all steps or, without a backward pass, one
 *   step
 */
function requireKeptSteps({ steps: T, saved }: WithoutKernels, name: string, kept: number): void {
  if (kept !== T && (saved || kept !== 1)) throw new RangeError(`${name} is to be kept for ${kept} of ${T} steps`);
}

/** Writes a row to place `n` of the outputs `[T*B, ...]`. */
function store({ units: H, saved, h, c, y }: WithoutKernels, n: number, row: CellRow, skipped: boolean): void {
  if (saved) copyRow(row.saved, 0, row.saved.length, saved, n * row.saved.length);
  copyRow(row.h, 0, H, h, stateStart(h, n, H));
  if (c) copyRow(row.c, 0, H, c, stateStart(c, n, H));
  if (y && skipped) y.fill(0, n * H, (n + 1) * H);
  else if (y) copyRow(row.h, 0, H, y, n * H);
}

/** Packs nothing: here products read the weights themselves. */
export function packSequence({ packed }: PackSequenceArguments<Float64Array>): void {
  packed.fill(0);
}
