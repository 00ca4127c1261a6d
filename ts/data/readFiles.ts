import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { booleanOption, checkOptions } from '../core/options.ts';
import { RandomSequence } from '../core/random.ts';
import { checkSource, type DataSource } from './dataSource.ts';
import { isPattern, pathsOf } from './pathPattern.ts';

/** Options of `readFiles`. */
export interface ReadFilesOptions {
  /** Whether each epoch has another order of the files. Default false. */
  shuffle?: boolean;
  /** The seed of the orders. Default 0. */
  seed?: number | bigint;
  /**
   * Whether the next file is opened, and its first row read, while the rows of a file are used. If
   * `read` holds whole files, two of them are in memory then. Default false.
   */
  prefetch?: boolean;
}

const NAME = 'readFiles';
/** The first random stream of the orders of files. */
const STREAM = 0x66696c65;

/** See `readFiles` of lazyReaders.ts. */
export async function* readFiles<Row>(
  files: string | readonly DataSource[],
  read: (file: DataSource) => Iterable<Row> | AsyncIterable<Row>,
  epoch: number,
  options: ReadFilesOptions = {},
): AsyncGenerator<Row> {
  checkOptions(options, ['shuffle', 'seed', 'prefetch'], NAME);
  const shuffle = booleanOption(options.shuffle, false, `${NAME}: shuffle`);
  const prefetch = booleanOption(options.prefetch, false, `${NAME}: prefetch`);
  if (typeof read !== 'function')
    throw new ArgumentError(`${NAME}: read must be a function that makes the rows of a file, such as readCSVRows, got ${describe(read)}`);
  const sources: DataSource[] = [];
  for (const file of typeof files === 'string' ? [files] : listOf(files)) {
    checkSource(file, NAME);
    if (isPattern(file)) for (const path of await pathsOf(file, NAME)) sources.push(path);
    else sources.push(file);
  }
  if (sources.length === 0) throw new ArgumentError(`${NAME}: there are no files`);
  const order = new Int32Array(sources.length).map((_, place) => place);
  if (shuffle) new RandomSequence(options.seed ?? 0, STREAM + epoch).shuffle(order);
  const begin = (index: number) => beginFile(read, sources[order[index] as number] as DataSource);
  let next: Promise<BegunFile<Row>> | null = null;
  try {
    for (let index = 0; index < order.length; index++) {
      const file = await (next ?? begin(index));
      next = prefetch && index + 1 < order.length ? begin(index + 1) : null;
      // Its error is thrown when its turn comes.
      next?.catch(() => {});
      yield* rowsOf(file);
    }
  } finally {
    // Not awaited: a file that does not answer must not keep the error, or the end, of another.
    next?.then(({ iterator }) => iterator.return?.()).catch(() => {});
  }
}

/** The rows of a file that was begun. */
function rowsOf<Row>({ iterator, first }: BegunFile<Row>): AsyncIterable<Row> {
  let begun: IteratorResult<Row> | null = first;
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const result = begun ?? (await iterator.next());
        begun = null;
        return result;
      },
      async return(value) {
        await iterator.return?.();
        return { done: true, value };
      },
    }),
  };
}

interface BegunFile<Row> {
  readonly iterator: Iterator<Row> | AsyncIterator<Row>;
  readonly first: IteratorResult<Row>;
}

/** Opens a file and reads its first row. */
async function beginFile<Row>(read: (file: DataSource) => Iterable<Row> | AsyncIterable<Row>, file: DataSource): Promise<BegunFile<Row>> {
  const rows: unknown = read(file);
  const made = (rows ?? {}) as Partial<Iterable<Row> & AsyncIterable<Row>>;
  const iterator = made[Symbol.asyncIterator]?.() ?? made[Symbol.iterator]?.();
  if (!iterator) throw new ArgumentError(`${NAME}: read must return the rows of a file, an iterable, got ${describe(rows)}`);
  return { iterator, first: await iterator.next() };
}

function listOf(files: unknown): readonly DataSource[] {
  if (Array.isArray(files)) return files;
  throw new ArgumentError(`${NAME} takes a path, a pattern such as 'logs/*.csv' or an array of files, got ${describe(files)}`);
}
