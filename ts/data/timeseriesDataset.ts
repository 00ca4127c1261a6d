import { type Shape, sizeOf } from '../core/shape.ts';
import type { NumericArray, Tensor } from '../core/tensor.ts';
import { GivenDataset, type SequenceLayout, Sequences } from '../feed/givenDataset.ts';

/** The sequences of a series, as an array `[N, …]` that has no memory of its own. */
export class SequencesOfSeries extends Sequences {
  /** `[N, T, …]`, or `[N, …]` for single rows. */
  readonly shape: Shape;
  /** The rows of the series from the first that a sequence has. */
  readonly data: NumericArray;
  /** Where the sequences lie. */
  readonly layout: SequenceLayout;
  readonly #name: string;

  /**
   * @param name of the series, for error messages
   * @param length T; null for a single row, whose axis is left out
   */
  constructor(name: string, { shape, data }: Tensor, first: number, count: number, length: number | null, stride: number, rate: number) {
    super();
    const row = sizeOf(shape.slice(1));
    const rows = (count - 1) * stride + ((length ?? 1) - 1) * rate + 1;
    this.#name = name;
    this.shape = [count, ...(length === null ? [] : [length]), ...shape.slice(1)];
    this.data = data.subarray(first * row, (first + rows) * row);
    this.layout = { shape, firstIndex: first * row, steps: length ?? 1, stride, rate };
  }

  /** The name for error messages. @param argument the argument that the data set was given as */
  calledIn(argument: string): string {
    return argument.startsWith('validationData') ? `validationData: ${this.#name}` : this.#name;
  }

  prepared(process: (series: Tensor) => Tensor): Sequences {
    const { shape, layout, data } = this;
    const row = sizeOf(layout.shape.slice(1));
    const made = process({ shape: [data.length / row, ...layout.shape.slice(1)], data });
    const isRow = shape.length === layout.shape.length;
    return new SequencesOfSeries(this.#name, made, 0, shape[0] as number, isRow ? null : layout.steps, layout.stride, layout.rate);
  }

  /** A copy of some sequences. */
  slice(start: number, end: number): Tensor {
    const { shape, data, layout } = this;
    const { steps, stride, rate } = layout;
    const row = sizeOf(layout.shape.slice(1));
    const copy = new (data.constructor as new (length: number) => NumericArray)((end - start) * steps * row);
    for (let sequence = start, to = 0; sequence < end; sequence++) {
      for (let step = 0; step < steps; step++, to += row) {
        const from = (sequence * stride + step * rate) * row;
        copy.set(data.subarray(from, from + row), to);
      }
    }
    return { shape: [end - start, ...shape.slice(1)], data: copy };
  }
}

/**
 * Sequences of a long series with their targets, for `fit`, `evaluate` and `predict`. They share
 * the memory of the series. Iterating gives the batches as copies, in the order of time:
 * `[x, y]`, or `[x]` without targets.
 */
export class TimeseriesDataset extends GivenDataset implements Iterable<readonly [x: Tensor, y?: Tensor]> {
  /** The samples. */
  readonly x: SequencesOfSeries;
  /** The targets; null without. */
  readonly y: SequencesOfSeries | null;
  /** Number of sequences. */
  readonly count: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: number | bigint | null;

  /** @internal Called by `timeseriesDatasetFromArray`. */
  constructor(
    x: SequencesOfSeries,
    y: SequencesOfSeries | null,
    options: { readonly batchSize: number; readonly shuffle: boolean; readonly seed: number | bigint | null },
  ) {
    super();
    this.x = x;
    this.y = y;
    this.count = x.shape[0] as number;
    this.batchSize = options.batchSize;
    this.shuffle = options.shuffle;
    this.seed = options.seed;
  }

  *[Symbol.iterator](): Generator<readonly [x: Tensor, y?: Tensor]> {
    const { x, y, count, batchSize } = this;
    for (let start = 0; start < count; start += batchSize) {
      const end = Math.min(start + batchSize, count);
      yield y ? [x.slice(start, end), y.slice(start, end)] : [x.slice(start, end)];
    }
  }
}
