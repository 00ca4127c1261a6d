import { allocateArray } from '../core/allocate.ts';
import { OutOfMemoryError } from '../core/errors.ts';
import { fillNested, isNumericArray } from '../core/nestedArray.ts';
import { sizeOf } from '../core/shape.ts';
import { canShareMemory, isShared } from '../core/sharedMemory.ts';
import type { NumericArray, Source } from '../core/tensor.ts';
import type { UnreadColumn } from './checkData.ts';
import { makeCheckpoint } from './checkpoint.ts';
import type { Column } from './dataset.ts';
import { inPieces } from './pieces.ts';

interface ArrayType<A extends NumericArray> {
  new (length: number): A;
  new (buffer: ArrayBufferLike): A;
  readonly BYTES_PER_ELEMENT: number;
}

/**
 * Reads the data of one call and checks its values, piece by piece, so that the thread does other work in between. What workers
 * will read is copied first, to shared memory where there is some, and it is the copy that is checked: the user's arrays may
 * change meanwhile.
 */
export class DataReader {
  readonly #checkpoint = makeCheckpoint();
  readonly #forWorkers: boolean;

  /** @param forWorkers whether the data is for other threads; else it stays where the user has it */
  constructor(forWorkers: boolean) {
    this.#forWorkers = forWorkers;
  }

  /** @throws {DataError} for a value that cannot be used; {ShapeError} when nested arrays are ragged; {OutOfMemoryError} */
  async read({ source, argument, check, steps, features, repeat }: UnreadColumn): Promise<Column> {
    const { shape } = source;
    const [data, fill] = this.#placeFor(source, argument);
    const tensor = { shape, data };
    await this.#inPieces(data.length, (start, end) => {
      fill?.(start, end);
      check(tensor, argument, start, end);
    });
    if (repeat === 1) return { data, steps, features };
    return { data: await this.compute(data.length * repeat, (index) => data[Math.floor(index / repeat)] as number), steps, features };
  }

  /** Numbers by their indices, where the rest of the data is. @throws {OutOfMemoryError} */
  async compute(length: number, valueAt: (index: number) => number): Promise<Float64Array> {
    const values = this.#allocate(Float64Array, length);
    await this.#inPieces(length, (start, end) => {
      for (let index = start; index < end; index++) values[index] = valueAt(index);
    });
    return values;
  }

  /** Where values are read from, and what brings them there. */
  #placeFor({ shape, data: values }: Source, argument: string): [NumericArray, ((start: number, end: number) => void) | null] {
    if (!isNumericArray(values)) {
      const data = this.#allocate(Float64Array, sizeOf(shape));
      return [data, (start, end) => fillNested(values, shape, data, start, end, argument)];
    }
    if (!this.#forWorkers || (isShared(values.buffer) && canShareMemory())) return [values, null];
    const data = this.#allocate(values.constructor as ArrayType<NumericArray>, values.length);
    return [data, (start, end) => data.set(values.subarray(start, end), start)];
  }

  #allocate<A extends NumericArray>(ArrayType: ArrayType<A>, length: number): A {
    if (!this.#forWorkers) return allocateArray(ArrayType, [length], 'a copy of the data');
    const bytes = length * ArrayType.BYTES_PER_ELEMENT;
    try {
      return new ArrayType(canShareMemory() ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
    } catch (cause) {
      throw new OutOfMemoryError(`workers: their copy of the data needs ${bytes} bytes. With workers: 0 there is no copy`, { cause });
    }
  }

  #inPieces(length: number, visit: (start: number, end: number) => void): Promise<void> {
    return inPieces(length, visit, this.#checkpoint);
  }
}
