import { describe, shortened } from '../core/describe.ts';
import { ArgumentError, FileError } from '../core/errors.ts';
import { isNode, nodeModule } from '../core/nodeModule.ts';
import { isShared } from '../core/sharedMemory.ts';
import { isDetached, isError, isURL, tagOf } from '../core/tags.ts';

/** The file system of Node, Bun and Deno; browsers and their workers have none. */
export const fileSystem = () => nodeModule<typeof import('node:fs/promises')>('node:fs/promises');

/** The bytes of a file, an address, a blob or a buffer. @throws {FileError} when they cannot be had; {ArgumentError} for anything else */
export async function readSource(source: string | URL | Uint8Array | ArrayBuffer | Blob): Promise<Uint8Array> {
  const tag = tagOf(source);
  if (tag === 'Blob' || tag === 'File') return new Uint8Array(await (source as Blob).arrayBuffer());
  if (tag === 'ArrayBuffer' || tag === 'Uint8Array') return bytesIn(source as ArrayBuffer | Uint8Array);
  if (typeof source !== 'string' && !isURL(source)) {
    throw new ArgumentError(`loadModel takes a file name, an address, bytes or a Blob, got ${describe(source)}`);
  }
  const address = String(source);
  if (!isNode() || /^https?:/.test(address)) return fetchBytes(address);
  try {
    return await (await fileSystem()).readFile(await pathOf(source));
  } catch (cause) {
    throw new FileError(`loadModel: cannot read ${shown(address)}: ${reasonOf(cause)}`, { cause });
  }
}

/** The bytes of a buffer or of a view. @throws {ArgumentError} when nothing is left in it */
function bytesIn(source: ArrayBuffer | Uint8Array): Uint8Array {
  const buffer = 'buffer' in source ? source.buffer : source;
  if (isDetached(buffer)) {
    throw new ArgumentError(
      `loadModel got ${describe(source)}: its memory was transferred, as to a worker. Post a copy, bytes.slice(), or load the model first`,
    );
  }
  const bytes = 'buffer' in source ? source : new Uint8Array(source);
  // Browsers decode no text from shared memory.
  return isShared(buffer) ? bytes.slice() : bytes;
}

/** The path of a file name or of a `file:` address. @throws {ArgumentError} for another address */
export async function pathOf(file: string | URL): Promise<string> {
  if (typeof file === 'string' && !file.startsWith('file:')) return file;
  const { fileURLToPath } = await nodeModule<typeof import('node:url')>('node:url');
  try {
    return fileURLToPath(file);
  } catch (cause) {
    throw new ArgumentError(`${shown(String(file))} is no address of a file here`, { cause });
  }
}

async function fetchBytes(address: string): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(address);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new FileError(`loadModel: cannot fetch ${shown(address)}: ${reasonOf(cause)}`, { cause });
  }
  throw new FileError(`loadModel: ${shown(address)} answered ${response.status} ${response.statusText}`);
}

/** An address or a reason, as far as a message repeats it: a `data:` address has megabytes. */
function shown(text: string): string {
  return shortened(text, 300);
}

/** Node's message without its `, open '…'`: that path is already named, or is one that nobody knows. */
export function reasonOf(cause: unknown): string {
  if (!isError(cause)) return shown(String(cause));
  // Of fetch: 'fetch failed' says less than what it failed of.
  if (isError(cause.cause) && cause.cause.message !== '') return shown(cause.cause.message);
  const call = 'syscall' in cause ? cause.message.indexOf(`, ${cause.syscall}`) : -1;
  return shown(call === -1 ? cause.message : cause.message.slice(0, call));
}
