import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { booleanOption, checkOptions } from '../core/options.ts';
import { RandomSequence } from '../core/random.ts';
import { positiveInteger } from '../core/shape.ts';
import type { BatchLike } from '../feed/batches.ts';
import { type AtHand, atHand, USE_MEMORY } from './atHand.ts';
import { RowMemory } from './rowMemory.ts';

/** Rows: an iterable that starts again, or a function that makes one of the number of an epoch. */
export type RowSource<Row> = Iterable<Row> | AsyncIterable<Row> | ((epoch: number) => Iterable<Row> | AsyncIterable<Row>);

/** Options of `batchRows`. */
export interface BatchRowsOptions {
  /** Rows of a batch; the last one may have fewer. Default 32. */
  batchSize?: number;
  /**
   * Size of the shuffle buffer in rows. The next row is drawn from it at random. Default 1, which
   * keeps the order.
   */
  shuffleBuffer?: number;
  /** The seed of `shuffleBuffer`: each epoch has another order. Default 0. */
  seed?: number | bigint;
  /** Whether a last batch of fewer rows is dropped. Default false. */
  dropRemainder?: boolean;
  /**
   * Whether rows of `readNpyRows` are read into the memory of rows of earlier batches, once the next
   * batch is asked for. That saves time, but a batch must then have no views of its rows if it is
   * kept, as `shuffleBuffer` of `fit` does. Default false: each row has memory of its own.
   */
  reuseRows?: boolean;
}

const NAME = 'batchRows';
/** The first random stream of the orders of rows. Those of batches and of samples have others. */
const STREAM = 0x726f7773;

/** See `batchRows` of lazyReaders.ts. */
export async function* batchRows<Row>(
  rows: RowSource<Row>,
  toBatch: (rows: Row[]) => BatchLike | Promise<BatchLike>,
  epoch: number,
  options: BatchRowsOptions = {},
): AsyncGenerator<BatchLike> {
  checkOptions(options, ['batchSize', 'shuffleBuffer', 'seed', 'dropRemainder', 'reuseRows'], NAME);
  const batchSize = positiveInteger(options.batchSize ?? 32, `${NAME}: batchSize`);
  const shuffleBuffer = positiveInteger(options.shuffleBuffer ?? 1, `${NAME}: shuffleBuffer`);
  const dropRemainder = booleanOption(options.dropRemainder, false, `${NAME}: dropRemainder`);
  const reuseRows = booleanOption(options.reuseRows, false, `${NAME}: reuseRows`);
  const random = new RandomSequence(options.seed ?? 0, STREAM + epoch);
  const buffer: Row[] = [];
  let batch: Row[] = [];
  /** Moves a random row of the buffer to the batch. Returns whether the batch is full. */
  const draw = (): boolean => {
    const place = Math.floor(random.uniform() * buffer.length);
    const drawn = buffer[place] as Row;
    const last = buffer.pop() as Row;
    if (place < buffer.length) buffer[place] = last;
    return batch.push(drawn) === batchSize;
  };
  const memory = new RowMemory(reuseRows);
  let taken: Row[] = [];
  const take = (): BatchLike | Promise<BatchLike> => {
    // The batch before has been used.
    memory.release(taken);
    taken = batch;
    batch = [];
    // A copy: what the function does with the array is its own.
    return toBatch([...taken]);
  };
  const source = rowsOf(rows, epoch);
  const iterator: AtHand<Row> | null = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : null;
  iterator?.[USE_MEMORY]?.(memory);
  // One generator: each further one costs a row some microseconds.
  for await (const row of iterator ? { [Symbol.asyncIterator]: () => iterator } : source) {
    if (buffer.push(row) === shuffleBuffer && draw()) yield await take();
    if (iterator) for (const next of atHand(iterator)) if (buffer.push(next) === shuffleBuffer && draw()) yield await take();
  }
  while (buffer.length > 0) if (draw()) yield await take();
  if (batch.length > 0 && !dropRemainder) yield await take();
}

function rowsOf<Row>(source: RowSource<Row>, epoch: number): Iterable<Row> | AsyncIterable<Row> {
  const rows: unknown = typeof source === 'function' ? source(epoch) : source;
  if (typeof rows === 'object' && rows !== null && (Symbol.asyncIterator in rows || Symbol.iterator in rows)) return rows as Iterable<Row>;
  throw new ArgumentError(`${NAME} takes an iterable of rows or a function that makes one, got ${describe(rows)}`);
}
