import { describe, shortened } from '../core/describe.ts';
import { ArgumentError, FileError } from '../core/errors.ts';
import { fileReason } from '../core/fileReason.ts';
import { isNode, nodeModule } from '../core/nodeModule.ts';
import { isShared } from '../core/sharedMemory.ts';
import { isDetached, isURL, tagOf } from '../core/tags.ts';

/** The file system of Node, Bun and Deno; browsers and their workers have none. */
export const fileSystem = () => nodeModule<typeof import('node:fs/promises')>('node:fs/promises');

/**
 * Reads the bytes of a file, an address, a blob or a buffer.
 * @param caller the function that a user called, for error messages
 * @param most the greatest number of bytes, of a file whose name comes from another file. Default
 *   any
 * @throws {FileError} when they cannot be read, or are more
 * @throws {ArgumentError} for anything else
 */
export async function readSource(
  source: string | URL | Uint8Array | ArrayBuffer | Blob,
  caller: 'loadModel' | 'loadWeights' | 'modelToHTML' = 'loadModel',
  most = Number.POSITIVE_INFINITY,
): Promise<Uint8Array> {
  const tag = tagOf(source);
  if (tag === 'Blob' || tag === 'File') return readBlob(source as Blob, caller, most);
  if (tag === 'ArrayBuffer' || tag === 'Uint8Array') return bytesIn(source as ArrayBuffer | Uint8Array, caller);
  if (typeof source !== 'string' && !isURL(source)) {
    throw new ArgumentError(`${caller} takes a file name, an address, bytes or a Blob, got ${describe(source)}`);
  }
  const address = String(source);
  if (!isNode() || /^https?:/.test(address)) return fetchBytes(address, caller, most);
  try {
    const [files, path] = [await fileSystem(), await pathOf(source)];
    // A device may have no end.
    const status = most === Number.POSITIVE_INFINITY ? null : await files.stat(path);
    if (status && !status.isFile()) throw new Error('it is not a regular file');
    if (status) checkLength(status.size, most);
    return await files.readFile(path);
  } catch (cause) {
    throw new FileError(`${caller}: cannot read ${shown(address)}: ${fileReason(cause)}`, { cause });
  }
}

function checkLength(length: number, most: number): void {
  if (length > most) throw new Error(`it has ${length} bytes, expected at most ${most}`);
}

/**
 * The bytes of a blob or a file of an input.
 * @throws {FileError} when they cannot be had, as of a file that was deleted since
 */
async function readBlob(blob: Blob, caller: string, most: number): Promise<Uint8Array> {
  try {
    checkLength(blob.size, most);
    // Blobs of jsdom have no `arrayBuffer`.
    return new Uint8Array(await ('arrayBuffer' in blob ? blob.arrayBuffer() : readByReader(blob)));
  } catch (cause) {
    const name = 'name' in blob ? `the file ${shown(String(blob.name))}` : 'the blob';
    throw new FileError(`${caller}: cannot read ${name}: ${fileReason(cause)}`, { cause });
  }
}

function readByReader(blob: Blob): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as ArrayBuffer);
    reader.onerror = () => reject(reader.error);
    reader.readAsArrayBuffer(blob);
  });
}

/** The bytes of a buffer or of a view. @throws {ArgumentError} when the buffer was transferred */
function bytesIn(source: ArrayBuffer | Uint8Array, caller: string): Uint8Array {
  const buffer = 'buffer' in source ? source.buffer : source;
  if (isDetached(buffer)) {
    throw new ArgumentError(
      `${caller} got ${describe(source)}: its memory was transferred, as to a worker. Post a copy, bytes.slice(), or load it first`,
    );
  }
  const bytes = 'buffer' in source ? source : new Uint8Array(source);
  // Browsers cannot decode text in shared memory.
  return isShared(buffer) ? bytes.slice() : bytes;
}

/** The path of a file name or of a `file:` address. @throws {ArgumentError} for another address */
export async function pathOf(file: string | URL): Promise<string> {
  if (typeof file === 'string' && !file.startsWith('file:')) return file;
  const { fileURLToPath } = await nodeModule<typeof import('node:url')>('node:url');
  try {
    return fileURLToPath(file);
  } catch (cause) {
    throw new ArgumentError(`${shown(String(file))} is not the address of a file on this system`, { cause });
  }
}

async function fetchBytes(address: string, caller: string, most: number): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(address);
    if (response.ok) return await bodyOf(response, most);
  } catch (cause) {
    throw new FileError(`${caller}: cannot fetch ${shown(address)}: ${fileReason(cause)}`, { cause });
  }
  throw new FileError(`${caller}: ${shown(address)} answered ${response.status} ${response.statusText}`);
}

/** The bytes of an answer. @throws {Error} as soon as they are more than `most` */
async function bodyOf(response: Response, most: number): Promise<Uint8Array> {
  if (most === Number.POSITIVE_INFINITY || !response.body) return new Uint8Array(await response.arrayBuffer());
  const parts: Uint8Array[] = [];
  const reader = response.body.getReader();
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    length += part.value.length;
    if (length <= most) continue;
    await reader.cancel();
    throw new Error(`it has more than ${most} bytes`);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** An address or a reason, cut for a message: a `data:` address has megabytes. */
function shown(text: string): string {
  return shortened(text, 300);
}
