import { describe, shortened } from '../core/describe.ts';
import { ArgumentError } from '../core/errors.ts';
import { isURL, tagOf } from '../core/tags.ts';

/**
 * A source for the readers: the path of a file, an address, a file of a page or another blob,
 * bytes, a stream of them, or an iterable of parts of them.
 */
export type DataSource = string | URL | Blob | Uint8Array | ArrayBuffer | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** Options of all readers. */
export interface ReadOptions {
  /**
   * The largest number of bytes that are read; gzip is counted unpacked. A larger source is an
   * error, so that no file fills the memory. Default 2^32, for tables 2^30; `readCSVRows` and
   * `readJSONLines` have no bound, because they hold some rows only.
   */
  maxBytes?: number;
}

/** Options of the readers that report their progress. */
export interface ProgressOptions {
  /**
   * Called with the number of bytes of the source that were read so far; for gzip, before they are
   * unpacked.
   */
  onRead?: (bytes: number) => void;
}

/**
 * Checks a source, of which nothing is read.
 * @param owner the reader, for error messages
 * @returns its name in error messages: `data.csv`, `the bytes`
 * @throws {ArgumentError} for something that is no source, and for a wrong bound
 */
export function checkSource(source: unknown, owner: string, { maxBytes = 1 }: ReadOptions = {}): string {
  if (typeof maxBytes !== 'number' || !(maxBytes > 0))
    throw new ArgumentError(`${owner}: maxBytes must be a number above 0, got ${describe(maxBytes)}`);
  if (typeof source === 'string' && source.includes('\n') && !source.startsWith('data:'))
    throw new ArgumentError(
      `${owner} takes a path or an address, got a text of several lines, which begins with ${describe(shortened(source, 40))}: give the text ` +
        'as bytes, new TextEncoder().encode(text)',
    );
  const tag = tagOf(source);
  if (typeof source === 'string' || isURL(source)) return shortened(String(source), 300);
  if (tag === 'File') return String((source as { readonly name: unknown }).name);
  if (tag === 'Blob') return 'the blob';
  if (tag === 'Uint8Array' || tag === 'ArrayBuffer') return 'the bytes';
  const isStream = typeof source === 'object' && source !== null && (Symbol.asyncIterator in source || 'getReader' in source);
  if (isStream) return 'the stream';
  throw new ArgumentError(`${owner} takes a path, an address, a File, bytes or a stream, got ${describe(source)}`);
}
