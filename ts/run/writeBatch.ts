import type { Column, Dataset } from '../feed/dataset.ts';
import { type Window, writeRows } from '../feed/writeRows.ts';
import type { PlannedBuffer } from '../layers/plannedBuffer.ts';
import type { EmittedObjective } from '../objective/objective.ts';
import type { BatchProgram } from './engine.ts';

/** 0, 1, 2, … */
export function inOrder(count: number): Int32Array {
  return new Int32Array(count).map((_, index) => index);
}

/** The steps of a batch that a program gets. */
export interface BatchWindow {
  /** For each feed of the graph its steps; null for all. */
  readonly inputs: readonly (Window | null)[];
  /** The steps of the targets and weights; null for all. */
  readonly targets: Window | null;
}

/**
 * Copies a batch's rows into a program's buffers.
 * @param window the steps that are copied. Default: all
 */
export function writeBatch(
  batchProgram: BatchProgram,
  dataset: Dataset,
  order: Int32Array,
  start: number,
  window: BatchWindow | null = null,
): void {
  const { program, inputs, objectives, batch } = batchProgram;
  for (let index = 0; index < inputs.length; index++) {
    const input = inputs[index] as PlannedBuffer;
    const values = input.kind === 'int' ? program.ints(input) : program.floats(input);
    writeRows(values, dataset.x[index] as Column, order, start, batch, window?.inputs[index]);
  }
  for (let index = 0; index < objectives.length; index++) {
    const { target, weight } = objectives[index] as EmittedObjective;
    const values = target.kind === 'int' ? program.ints(target) : program.floats(target);
    writeRows(values, dataset.y[index] as Column, order, start, batch, window?.targets);
    const weights = dataset.weight[index];
    if (weight && weights) writeRows(program.floats(weight), weights, order, start, batch, window?.targets);
  }
}
