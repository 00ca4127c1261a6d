import { FileError, FormatError } from '../core/errors.ts';
import { fileReason } from '../core/fileReason.ts';
import { isNode, nodeModule } from '../core/nodeModule.ts';
import { isError, isURL, tagOf } from '../core/tags.ts';
import { checkSource, type DataSource, type ProgressOptions, type ReadOptions } from './dataSource.ts';

/** A source that is reopened for each pass. */
export interface OpenedSource {
  /** For error messages: `data.csv`, `the bytes`. */
  readonly name: string;
  /** The bytes in parts, of gzip unpacked. @throws {FormatError} for more than the bound */
  readonly parts: AsyncIterable<Uint8Array>;
}

/** The first bytes of gzip. */
export const GZIP = [0x1f, 0x8b] as const;
const MOST_BYTES = 2 ** 32;
/** Bytes of a part of a local file. Smaller parts take longer: each is a turn of the event loop. */
const PART = 2 ** 20;
/** The same of a file that is read whole, so that its bytes need no copy. */
const LARGEST_PART = 2 ** 30;

/**
 * Opens a source. Nothing is read before the first part is asked for. Bytes that begin as gzip
 * does are unpacked.
 * @param owner the reader, for error messages
 * @param options the reader's own
 * @param byDefault the reader's bound without the option
 * @throws {ArgumentError} for something that is no source, or is no bound
 */
export function openSource(
  source: DataSource,
  owner: string,
  options: ReadOptions & ProgressOptions = {},
  byDefault = MOST_BYTES,
): OpenedSource {
  return openInParts(source, owner, options, options.maxBytes ?? byDefault, PART);
}

/**
 * Reads all bytes of a source; of gzip, unpacked. No one else has their memory.
 * @throws the errors of {@link openSource}
 * @throws {FileError} when they cannot be read
 */
export async function readWhole(
  source: DataSource,
  owner: string,
  options: ReadOptions,
): Promise<{ readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }> {
  const most = options.maxBytes ?? MOST_BYTES;
  const { name, parts } = openInParts(source, owner, options, most, Math.min(LARGEST_PART, Math.floor(most) + 1));
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(part);
  const [first] = all;
  const isOwn = all.length === 1 && isLocalFile(source) && first?.length === first?.buffer.byteLength;
  if (isOwn) return { name, bytes: first as Uint8Array<ArrayBuffer> };
  const bytes = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let next = 0;
  for (const part of all) {
    bytes.set(part, next);
    next += part.length;
  }
  return { name, bytes };
}

function openInParts(
  source: DataSource,
  owner: string,
  options: ReadOptions & ProgressOptions,
  most: number,
  partSize: number,
): OpenedSource {
  const name = checkSource(source, owner, options);
  const read = counted(partsOf(source, name, owner, partSize), options.onRead);
  return { name, parts: bounded(unpacked(read, name, owner), most, `${owner}: ${name}`) };
}

async function* counted(parts: AsyncGenerator<Uint8Array>, onRead: ProgressOptions['onRead']): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const part of parts) {
    length += part.length;
    onRead?.(length);
    yield part;
  }
}

async function* bounded(parts: AsyncIterable<Uint8Array>, most: number, where: string): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const part of parts) {
    length += part.length;
    if (length > most)
      throw new FormatError(`${where} has more than ${most} bytes, unpacked: give a higher bound, { maxBytes }, if they fit in memory`);
    yield part;
  }
}

async function* partsOf(source: DataSource, name: string, owner: string, partSize: number): AsyncGenerator<Uint8Array> {
  try {
    const tag = tagOf(source);
    if (tag === 'Uint8Array' || tag === 'ArrayBuffer') yield new Uint8Array(source as Uint8Array);
    else if (tag === 'Blob' || tag === 'File') yield* streamParts((source as Blob).stream());
    else if (isLocalFile(source)) yield* fileParts(String(source), partSize);
    else if (typeof source === 'string' || isURL(source)) yield* downloadedParts(String(source));
    else if ('getReader' in (source as object)) yield* streamParts(source as ReadableStream<Uint8Array>);
    else yield* source as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw new FileError(`${owner}: cannot read ${name}: ${fileReason(cause)}`, { cause });
  }
}

/** Whether a source is a path that Node reads itself. */
export function isLocalFile(source: DataSource): boolean {
  return (typeof source === 'string' || isURL(source)) && isNode() && !/^(https?|data|blob):/i.test(String(source));
}

async function* downloadedParts(address: string): AsyncGenerator<Uint8Array> {
  const response = await fetch(address);
  if (!response.ok || !response.body) throw new Error(`it answered ${response.status} ${response.statusText}`);
  yield* streamParts(response.body);
}

async function* fileParts(address: string, partSize: number): AsyncGenerator<Uint8Array> {
  const { open } = await nodeModule<typeof import('node:fs/promises')>('node:fs/promises');
  const handle = await open(address.startsWith('file:') ? new URL(address) : address);
  try {
    const stats = await handle.stat();
    // A pipe has no size.
    const size = stats.isFile() ? stats.size : 0;
    const range = size > 0 ? { highWaterMark: Math.min(size, partSize), end: size - 1 } : {};
    let left = size;
    for await (const part of handle.createReadStream({ ...range, autoClose: false }) as AsyncIterable<Uint8Array>) {
      left -= part.length;
      yield part;
    }
    if (left > 0) throw new Error(`it became shorter while it was read: of ${size} bytes ${size - left} came`);
  } finally {
    await handle.close();
  }
}

/** The parts of a stream, which not every browser can iterate. */
async function* streamParts(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    // Ends a download that nobody needs any more.
    await reader.cancel().catch(() => {});
  }
}

async function* unpacked(parts: AsyncGenerator<Uint8Array>, name: string, owner: string): AsyncGenerator<Uint8Array> {
  const begin: Uint8Array[] = [];
  const firstBytes: number[] = [];
  // A stream may give fewer bytes than the signature has.
  for (let part = await parts.next(); !part.done; part = await parts.next()) {
    begin.push(part.value);
    for (let index = 0; index < part.value.length && firstBytes.length < GZIP.length; index++) firstBytes.push(part.value[index] as number);
    if (firstBytes.length === GZIP.length) break;
  }
  const begun = (async function* () {
    try {
      yield* begin;
      yield* parts;
    } finally {
      await parts.return(undefined);
    }
  })();
  if (GZIP.some((byte, index) => firstBytes[index] !== byte)) {
    yield* begun;
    return;
  }
  const { readable, writable } = new DecompressionStream('gzip') as unknown as ReadableWritablePair<Uint8Array, Uint8Array>;
  void feed(begun, writable.getWriter());
  try {
    yield* streamParts(readable);
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    throw new FileError(`${owner}: cannot unpack ${name}, which begins as gzip: ${isError(cause) ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/**
 * Writes parts, each after the one before was taken: a pipe would read ahead, in Node 16,384 parts.
 * An error of the parts becomes one of what the stream gives.
 */
async function feed(parts: AsyncGenerator<Uint8Array>, writer: WritableStreamDefaultWriter<Uint8Array>): Promise<void> {
  try {
    for await (const part of parts) await writer.write(part);
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => {});
  }
}
