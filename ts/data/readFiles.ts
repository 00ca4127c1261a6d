import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { booleanOption, checkOptions } from '../core/options.ts';
import { RandomSequence } from '../core/random.ts';
import { AT_HAND, type AtHand, USE_MEMORY } from './atHand.ts';
import { checkSource, type DataSource } from './dataSource.ts';
import { isPattern, pathsOf } from './pathPattern.ts';
import type { RowMemory } from './rowMemory.ts';

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

/** The rows of a file, or a promise of them. */
type FileRows<Row> = Iterable<Row> | AsyncIterable<Row> | Promise<Iterable<Row> | AsyncIterable<Row>>;

/** See `readFiles` of lazyReaders.ts. */
export function readFiles<Row>(
  files: string | readonly DataSource[],
  read: (file: DataSource) => FileRows<Row>,
  epoch: number,
  options: ReadFilesOptions = {},
): AsyncGenerator<Row> & AtHand<Row> {
  let file: BegunFile<Row> | null = null;
  let memory: RowMemory | null = null;
  const begin = (begun: BegunFile<Row>) => {
    file = begun;
  };
  const rows = rowsOfFiles(files, read, epoch, options, begin, () => memory);
  return Object.assign(rows, {
    [AT_HAND]: () => file?.atHand() ?? null,
    [USE_MEMORY](given: RowMemory) {
      memory = given;
    },
  });
}

/**
 * @param begin gets the file whose rows come next
 * @param memory what the files get by `USE_MEMORY`; null for nothing
 */
async function* rowsOfFiles<Row>(
  files: string | readonly DataSource[],
  read: (file: DataSource) => FileRows<Row>,
  epoch: number,
  options: ReadFilesOptions,
  begin: (file: BegunFile<Row>) => void,
  memory: () => RowMemory | null,
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
  const open = (index: number) => beginFile(read, sources[order[index] as number] as DataSource, memory());
  let next: Promise<BegunFile<Row>> | null = null;
  try {
    for (let index = 0; index < order.length; index++) {
      const file = await (next ?? open(index));
      next = prefetch && index + 1 < order.length ? open(index + 1) : null;
      // Its error is thrown when its turn comes.
      next?.catch(() => {});
      begin(file);
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
  /** The rows that come next and need no waiting; null for none. */
  readonly atHand: () => Iterator<Row> | null;
  readonly first: IteratorResult<Row>;
}

/** Opens a file and reads its first row. */
async function beginFile<Row>(
  read: (file: DataSource) => FileRows<Row>,
  file: DataSource,
  memory: RowMemory | null,
): Promise<BegunFile<Row>> {
  const rows: unknown = await read(file);
  const made = (rows ?? {}) as Partial<Iterable<Row> & AsyncIterable<Row>>;
  const waited: AtHand<Row> | undefined = made[Symbol.asyncIterator]?.();
  if (memory) waited?.[USE_MEMORY]?.(memory);
  const inMemory = waited ? null : (made[Symbol.iterator]?.() ?? null);
  const atHand = () => inMemory ?? waited?.[AT_HAND]?.() ?? null;
  const iterator = waited ?? inMemory;
  if (!iterator) throw new ArgumentError(`${NAME}: read must return the rows of a file, an iterable, got ${describe(rows)}`);
  return { iterator, atHand, first: await iterator.next() };
}

function listOf(files: unknown): readonly DataSource[] {
  if (Array.isArray(files)) return files;
  throw new ArgumentError(`${NAME} takes a path, a pattern such as 'logs/*.csv' or an array of files, got ${describe(files)}`);
}
