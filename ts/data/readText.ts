import { describe } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import type { DataSource, ProgressOptions, ReadOptions } from './dataSource.ts';
import { decodedParts } from './decodeText.ts';
import { openSource } from './readBytes.ts';

/** Options of `readText`. */
export interface ReadTextOptions extends ReadOptions, ProgressOptions {
  /** The encoding, such as 'windows-1252'. Default 'auto': as `readCSV` finds it. */
  encoding?: string;
}

const NAME = 'readText';

/** See `readText` of lazyReaders.ts. */
export async function readText(source: DataSource, options: ReadTextOptions = {}): Promise<string> {
  checkOptions(options, ['encoding', 'maxBytes', 'onRead'], NAME);
  const { encoding = 'auto' } = options;
  if (typeof encoding !== 'string') throw new ArgumentError(`${NAME}: encoding must be a string, got ${describe(encoding)}`);
  const { name, parts } = openSource(source, NAME, options, 2 ** 30);
  let text = '';
  for await (const part of decodedParts(parts, encoding, `${NAME}: ${name}`)) text += part;
  return text;
}
