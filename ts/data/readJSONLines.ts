import { describe, shortened } from '../core/describe.ts';
import { ArgumentError, FormatError } from '../core/errors.ts';
import { checkOptions } from '../core/options.ts';
import { positiveInteger } from '../core/shape.ts';
import { isError } from '../core/tags.ts';
import { type DataSource, openSource, type ReadOptions } from './readBytes.ts';

/** Options of {@link readJSONLines}. */
export interface JSONLinesOptions extends ReadOptions {
  /**
   * The most characters of a line, so that a file of one endless line is an error. Default 2^24.
   */
  maxLineLength?: number;
}

const NAME = 'readJSONLines';

/**
 * Reads JSON lines, one value a line, while they are used: a file of any length needs the memory of
 * some lines. The iterable begins anew for each pass, unless the source is a stream. Empty lines
 * are left out, and gzip is unpacked.
 *
 *     for await (const { text, label } of readJSONLines<Review>('reviews.jsonl.gz')) count(text, label);
 *
 * @param source a path, an address, a `File` or another blob, bytes, or a stream
 * @returns the values; their type is what the caller says, and is not checked
 * @throws {ArgumentError} for something that is no source, and for an unknown option
 * @throws {FileError} while it is read: when the source cannot be read or unpacked
 * @throws {FormatError} while it is read: for a line that is not JSON, with file and line
 */
export function readJSONLines<Value = unknown>(source: DataSource, options: JSONLinesOptions = {}): AsyncIterable<Value> {
  checkOptions(options, ['maxLineLength', 'maxBytes'], NAME);
  const limit = positiveInteger(options.maxLineLength ?? 2 ** 24, `${NAME}: maxLineLength`);
  // A wrong source is an error of this call.
  openSource(source, NAME, options, Infinity);
  return {
    async *[Symbol.asyncIterator]() {
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
    },
  };
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
      throw new FormatError(`${NAME}: ${name} is no UTF-8, in or after line ${number}`, { cause });
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
