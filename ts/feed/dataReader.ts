import { type Checkpoint, makeCheckpoint } from '../control/checkpoint.ts';
import { allocateIn, type TypedArrayClass } from '../core/allocate.ts';
import { ArgumentError } from '../core/errors.ts';
import { fillNested } from '../core/nestedArray.ts';
import { isNumericArray } from '../core/numericArray.ts';
import { formatShape, sizeOf } from '../core/shape.ts';
import { canShareMemory, isShared, type SharedAllocation } from '../core/sharedMemory.ts';
import type { NumericArray, Source } from '../core/tensor.ts';
import type { CheckValues } from './checkValues.ts';
import type { Column } from './dataset.ts';
import { type SequenceLayout, Sequences } from './givenDataset.ts';
import { inPieces } from './pieces.ts';

/** An array whose shape was checked. Its values have not been read or checked yet. */
export interface UnreadColumn {
  readonly source: Source;
  /** The argument's name, for error messages: `x`, `validationData[0]`. */
  readonly argument: string;
  readonly check: CheckValues;
  /** T, as in `Column`. */
  readonly steps: number;
  readonly features: number;
  readonly order: Int32Array | null;
  /** The number of times that the column repeats each value. */
  readonly repeat: number;
  /**
   * If the array has other steps than the column: the value of the steps that only the column has.
   */
  readonly padding?: number;
}

/**
 * Bytes of the largest array that is copied for workers. Of a larger one they get the rows of each
 * batch, which costs a copy for each step, but never the memory of a second array.
 */
export const LARGEST_COPY = 2 ** 28;

/**
 * Reads the data of one call and checks its values, piece by piece, so that the thread can do other
 * work in between. Data for workers is copied first, to shared memory for several workers if
 * possible, and the copy is checked, because the user's arrays may change in between. Data that a
 * user has in shared memory is not copied: it is meant for other threads. Arrays beyond a size are
 * not copied either: as without workers, they must not change while the call runs.
 */
export class DataReader {
  readonly #checkpoint: Checkpoint;
  readonly #workers: number;
  readonly #memory: SharedAllocation | null;
  readonly #largestCopy: number;

  /**
   * @param workers 0: read the user's arrays in place; otherwise copy the data for so many threads
   * @param memory where to take shared memory from; a single worker needs none, as it is given the
   *   copies
   * @param signal its abort ends the reading; the error is its reason
   * @param largestCopy bytes of the largest array that is copied. Default: all are
   */
  constructor(
    workers = 0,
    memory: SharedAllocation | null = null,
    signal: AbortSignal | null = null,
    largestCopy = Number.POSITIVE_INFINITY,
  ) {
    this.#workers = workers;
    this.#memory = workers > 1 && canShareMemory() ? memory : null;
    this.#largestCopy = largestCopy;
    this.#checkpoint = makeCheckpoint({ signal });
  }

  /**
   * Reads an array and checks its values.
   * @throws {DataError} for a value that cannot be used
   * @throws {ShapeError} when nested arrays are ragged
   * @throws {OutOfMemoryError} when a copy does not fit in memory
   */
  async read({ source, argument, check, steps, features, order, repeat, padding }: UnreadColumn): Promise<Column> {
    const layout = source instanceof Sequences ? source.layout : null;
    const { shape } = layout ?? source;
    const [data, fill] = this.#placeFor(source, argument);
    const tensor = { shape, data, firstIndex: layout?.firstIndex };
    await this.inPieces(data.length, (start, end) => {
      fill?.(start, end);
      check(tensor, argument, start, end);
    });
    const isInPlace = this.#workers > 0 && data === source.data && !isShared(data.buffer);
    if (layout) return { data, steps, features, order, isInPlace, ...stridesOf(layout, features, argument) };
    if (padding !== undefined) {
      const count = shape[0] as number;
      const given = data.length / count;
      const padded = (index: number) =>
        index % steps < given ? (data[Math.floor(index / steps) * given + (index % steps)] as number) : padding;
      return { data: await this.compute(count * steps, padded, `${argument}: the padded labels`), steps, features, order };
    }
    if (repeat === 1) return { data, steps, features, order, isInPlace };
    const valueAt = (index: number) => data[Math.floor(index / repeat)] as number;
    return { data: await this.compute(data.length * repeat, valueAt, `${argument}: the weights of steps`), steps, features, order };
  }

  /**
   * Computes numbers from their indices, in the same memory as the rest of the data.
   * @param what their purpose, for the error message
   * @throws {OutOfMemoryError} when they do not fit in memory
   */
  async compute(length: number, valueAt: (index: number) => number, what: string): Promise<Float64Array> {
    const values = allocateIn(this.#memory, Float64Array, length, what);
    await this.inPieces(length, (start, end) => {
      for (let index = start; index < end; index++) values[index] = valueAt(index);
    });
    return values;
  }

  /**
   * The array that values are read from, and the function that copies them there, if one is needed.
   */
  #placeFor({ shape, data: values }: Source, argument: string): [NumericArray, ((start: number, end: number) => void) | null] {
    if (!isNumericArray(values)) {
      const data = allocateIn(this.#memory, Float64Array, sizeOf(shape), `${argument}: the numbers of nested arrays`);
      return [data, (start, end) => fillNested(values, shape, data, start, end, argument)];
    }
    if (this.#workers === 0 || (isShared(values.buffer) && canShareMemory())) return [values, null];
    if (values.byteLength > this.#largestCopy) return [values, null];
    const data = allocateIn(
      this.#memory,
      values.constructor as TypedArrayClass<NumericArray>,
      values.length,
      `${argument}: copies for workers (workers: 0 needs none)`,
    );
    return [data, (start, end) => data.set(values.subarray(start, end), start)];
  }

  /** Visits indices piece by piece, letting other work run in between. */
  inPieces(length: number, visit: (start: number, end: number) => void): Promise<void> {
    return inPieces(length, visit, this.#checkpoint);
  }
}

/** The positions of the sequences of a series, in rows of features. @throws {ArgumentError} */
function stridesOf(
  { shape, stride, rate }: SequenceLayout,
  features: number,
  argument: string,
): Pick<Column, 'sampleStride' | 'stepStride'> {
  const rows = sizeOf(shape.slice(1)) / features;
  if (rate > 1 && rows > 1)
    throw new ArgumentError(
      `timeseriesDatasetFromArray: samplingRate ${rate} needs steps that are one row of numbers or one id, but ${argument} has shape ` +
        `${formatShape(shape)}: take every ${rate}th row yourself and use samplingRate 1`,
    );
  return { sampleStride: stride * rows, stepStride: rate };
}
