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
  checkOptions(options, ['shuffle', 'seed'], NAME);
  const shuffle = booleanOption(options.shuffle, false, `${NAME}: shuffle`);
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
  for (const place of order) yield* read(sources[place] as DataSource);
}

function listOf(files: unknown): readonly DataSource[] {
  if (Array.isArray(files)) return files;
  throw new ArgumentError(`${NAME} takes a path, a pattern such as 'logs/*.csv' or an array of files, got ${describe(files)}`);
}
