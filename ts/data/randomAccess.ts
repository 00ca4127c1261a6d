import { FileError } from '../core/errors.ts';
import { fileReason } from '../core/fileReason.ts';
import { nodeModule } from '../core/nodeModule.ts';
import type { NumericArray } from '../core/numericArray.ts';
import { tagOf } from '../core/tags.ts';
import { checkSource, type DataSource, type ReadOptions } from './dataSource.ts';
import { isLocalFile, readWhole } from './readBytes.ts';

/** A file of which any part can be read. */
export interface RandomAccessFile {
  readonly byteLength: number;
  slice(start: number, end?: number): ArrayBuffer | Promise<ArrayBuffer>;
  /** Fills arrays one after the other, at most 1024, with the bytes from `start` on. */
  readonly readInto?: (arrays: readonly NumericArray[], start: number) => Promise<void>;
}

/** A source opened for reading parts of it. Call `close` in the end. */
export interface OpenedFile {
  /** For error messages. */
  readonly name: string;
  readonly file: RandomAccessFile;
  close(): Promise<void>;
}

/**
 * Opens a source. Of a path in Node, a `File` or another blob only the parts are read that are
 * asked for; of other sources all bytes are.
 * @throws {ArgumentError} for something that is no source
 * @throws {FileError} when it cannot be read
 * @throws {FormatError} when all bytes are read and are more than `maxBytes`
 */
export async function openRandomAccess(source: DataSource, owner: string, options: ReadOptions): Promise<OpenedFile> {
  const name = checkSource(source, owner, options);
  const tag = tagOf(source);
  if (tag === 'Blob' || tag === 'File') {
    const blob = source as Blob;
    const slice = (start: number, end?: number) => blob.slice(start, end).arrayBuffer();
    return { name, file: { byteLength: blob.size, slice }, close: async () => {} };
  }
  if (isLocalFile(source)) return openPath(String(source), name, owner);
  const { bytes } = await readWhole(source, owner, options);
  return { name, file: bytes.buffer, close: async () => {} };
}

async function openPath(path: string, name: string, owner: string): Promise<OpenedFile> {
  const { open } = await nodeModule<typeof import('node:fs/promises')>('node:fs/promises');
  const failed = (cause: unknown) => new FileError(`${owner}: cannot read ${name}: ${fileReason(cause)}`, { cause });
  try {
    const handle = await open(path.startsWith('file:') ? new URL(path) : path);
    const { size } = await handle.stat();
    const readInto = async (arrays: readonly NumericArray[], start: number): Promise<void> => {
      const end = arrays.reduce((place, { byteLength }) => place + byteLength, start);
      let left = arrays;
      for (let place = start; place < end; ) {
        const { bytesRead } = await handle.readv(left, place).catch((cause: unknown) => {
          throw failed(cause);
        });
        if (bytesRead === 0) throw failed('it has become shorter');
        place += bytesRead;
        if (place < end) left = unfilled(left, bytesRead);
      }
    };
    const slice = async (start: number, end = size): Promise<ArrayBuffer> => {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
      await readInto([bytes], start);
      return bytes.buffer;
    };
    return { name, file: { byteLength: size, slice, readInto }, close: () => handle.close() };
  } catch (cause) {
    throw failed(cause);
  }
}

/** What is left to fill of arrays after so many bytes. */
function unfilled(arrays: readonly NumericArray[], bytes: number): NumericArray[] {
  let before = 0;
  return arrays.flatMap(({ buffer, byteOffset, byteLength }) => {
    const filled = Math.min(Math.max(0, bytes - before), byteLength);
    before += byteLength;
    return filled < byteLength ? [new Uint8Array(buffer, byteOffset + filled, byteLength - filled)] : [];
  });
}
