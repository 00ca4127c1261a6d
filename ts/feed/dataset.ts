import type { Shape } from '../core/shape.ts';
import { sizeOf } from '../core/shape.ts';
import type { NumericArray } from '../core/tensor.ts';

/** Checked values, row by row. They fill the buffers of a program. */
export interface Column {
  readonly data: NumericArray;
  /** Number of rows of features of a sample: 1, or T. */
  readonly steps: number;
  /** Values of one step. */
  readonly features: number;
  /**
   * Rows of features from the first one of a sample to that of the next. Default: `steps`, so that
   * samples lie one after the other. The sequences of a series overlap.
   */
  readonly sampleStride?: number;
  /** Rows of features from a step to the next. Default 1. */
  readonly stepStride?: number;
  /**
   * The place of each step in the program, for samples with more than two axes; null for the same
   * order.
   */
  readonly order: Int32Array | null;
  /**
   * Whether `data` is the user's own array because it is too large to be copied for workers: they
   * get the rows of each batch when it comes. Default false.
   */
  readonly isInPlace?: boolean;
}

/** Checked data. A step cannot fail because of it. */
export interface Dataset {
  /** N */
  readonly count: number;
  /** One sample's shape, for each input of the model. */
  readonly sampleShapes: readonly Shape[];
  /** One for each feed of the graph. */
  readonly x: readonly Column[];
  /** One for each output of the model; empty when nothing is compared. */
  readonly y: readonly Column[];
  /**
   * For each output one weight for each row of the prediction; null where all rows weigh the same.
   */
  readonly weight: readonly (Column | null)[];
  /**
   * The number of its first batch among those that were evaluated before. Layers that draw outside
   * of training draw by it, so all batches have other random numbers. Default 0.
   */
  readonly firstBatch?: number;
}

/**
 * The places of the steps of a sample in a program, given the sample's axes before the last:
 * `[A, B]` becomes `[B, A]`, so that a layer can take the second axis as the steps of more samples.
 */
export function stepOrder(axes: Shape): Int32Array | null {
  if (axes.length < 2) return null;
  const order = new Int32Array(sizeOf(axes));
  for (let step = 0; step < order.length; step++) {
    let rest = step;
    let place = 0;
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      const size = axes[axis] as number;
      place = place * size + (rest % size);
      rest = Math.floor(rest / size);
    }
    order[step] = place;
  }
  return order;
}

/** Which outputs' rows are weighted: programs differ by it. */
export function weightedOutputs({ weight }: Dataset): readonly boolean[] {
  return weight.map((column) => column !== null);
}

/** The number of rows of features from the first one of a sample to its last one. */
function extentOf({ steps, stepStride = 1 }: Column): number {
  return (steps - 1) * stepStride + 1;
}

/** The values of one sample, as a view; with what lies between its steps. */
export function valuesOf(column: Column, sample: number): NumericArray {
  const { data, steps, features, sampleStride = steps } = column;
  const start = sample * sampleStride;
  return data.subarray(start * features, (start + extentOf(column)) * features);
}

/** Whether an array of the data set is too large to be copied for workers. */
export function isInPlace({ x, y, weight }: Dataset): boolean {
  return [...x, ...y, ...weight].some((column) => column?.isInPlace ?? false);
}

/** The rows `from` to `to`, as views. */
export function sliceDataset(dataset: Dataset, from: number, to: number): Dataset {
  const slice = (column: Column) => {
    const { data, steps, features, sampleStride = steps } = column;
    const end = to > from ? (to - 1) * sampleStride + extentOf(column) : from * sampleStride;
    return { ...column, data: data.subarray(from * sampleStride * features, end * features) };
  };
  const { x, y, weight } = dataset;
  return { ...dataset, count: to - from, x: x.map(slice), y: y.map(slice), weight: weight.map((column) => column && slice(column)) };
}
