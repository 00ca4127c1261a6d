import type { Shape } from '../core/shape.ts';
import type { NumericArray } from '../core/tensor.ts';

/** Checked arrays, row by row: what a program's buffers are filled from. */
export interface Column {
  readonly data: NumericArray;
  /** T: rows are written time-major when it is above 1. */
  readonly steps: number;
  /** Values of one step. */
  readonly features: number;
}

/** Checked data: nothing in it can make a step fail. */
export interface Dataset {
  /** N */
  readonly count: number;
  /** One sample's shape. */
  readonly sampleShape: Shape;
  readonly x: Column;
  readonly y: Column | null;
  /** One weight a row of the prediction. */
  readonly weight: Column | null;
}

/** The rows `from` to `to`, as views. */
export function sliceDataset(dataset: Dataset, from: number, to: number): Dataset {
  const slice = (column: Column | null) => {
    if (!column) return null;
    const row = column.steps * column.features;
    return { ...column, data: column.data.subarray(from * row, to * row) };
  };
  return { ...dataset, count: to - from, x: slice(dataset.x) as Column, y: slice(dataset.y), weight: slice(dataset.weight) };
}
