import { describe, shortened } from '../core/describe.ts';
import { ArgumentError, FormatError } from '../core/errors.ts';
import { positiveInteger } from '../core/shape.ts';
import { isError } from '../core/tags.ts';
import type { DataSource, ReadOptions } from './dataSource.ts';
import { openSource } from './readBytes.ts';

/** Options of {@link readJSONLines}. */
export interface JSONLinesOptions extends ReadOptions {
  /**
   * The largest number of characters of a line, so that a file of one endless line is an error.
   * Default 2^24.
   */
  maxLineLength?: number;
}

const NAME = 'readJSONLines';

/** See `readJSONLines` of lazyReaders.ts. */
export async function* readJSONLines<Value>(source: DataSource, options: JSONLinesOptions = {}): AsyncGenerator<Value> {
  const limit = positiveInteger(options.maxLineLength ?? 2 ** 24, `${NAME}: maxLineLength`);
  const { name, parts } = openSource(source, NAME, options, Infinity);
  for await (const { line, number } of linesOf(parts, name, limit)) {
    if (line.trim() === '') continue;
    let value: Value;
    try {
      value = JSON.parse(line) as Value;
    } catch (cause) {
      const reason = isError(cause) ? cause.message : String(cause);
      throw new FormatError(`${NAME}: line ${number} of ${name} is not JSON: ${shortened(reason, 300)}`, { cause });
    }
    yield value;
  }
}

/**
 * The lines of a text in UTF-8, numbered from 1, without their ends.
 * @throws {FormatError} when a line is too long, or the bytes are no UTF-8
 */
async function* linesOf(
  parts: AsyncIterable<Uint8Array>,
  name: string,
  limit: number,
): AsyncGenerator<{ readonly line: string; readonly number: number }> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  let number = 1;
  const decode = (part?: Uint8Array): string => {
    if (part !== undefined && !(part instanceof Uint8Array || ArrayBuffer.isView(part)))
      throw new ArgumentError(`${NAME}: the stream must give bytes, a Uint8Array, got ${describe(part)}`);
    try {
      return part ? decoder.decode(part, { stream: true }) : decoder.decode();
    } catch (cause) {
      throw new FormatError(`${NAME}: ${name} is not UTF-8, in or after line ${number}`, { cause });
    }
  };
  for await (const part of parts) {
    const lines = (rest + decode(part)).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) yield { line, number: number++ };
    if (rest.length > limit)
      throw new FormatError(`${NAME}: line ${number} of ${name} is longer than ${limit} characters, the option maxLineLength`);
  }
  rest += decode();
  if (rest !== '') yield { line: rest, number };
}
