import type { Shape } from '../core/shape.ts';
import type { NumericArray } from '../core/tensor.ts';

/** Checked values, row by row. They fill the buffers of a program. */
export interface Column {
  readonly data: NumericArray;
  /** T. Above 1, rows are written time-major. */
  readonly steps: number;
  /** Values of one step. */
  readonly features: number;
}

/** Checked data. A step cannot fail because of it. */
export interface Dataset {
  /** N */
  readonly count: number;
  /** One sample's shape. */
  readonly sampleShape: Shape;
  readonly x: Column;
  readonly y: Column | null;
  /** One weight for each row of the prediction. */
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
