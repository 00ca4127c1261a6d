import { ArgumentError, FileError } from '../core/errors.ts';
import { isNode, nodeModule } from '../core/nodeModule.ts';
import { describe } from '../core/shape.ts';

/** The file system of Node, Bun and Deno; browsers and their workers have none. */
export const fileSystem = () => nodeModule<typeof import('node:fs/promises')>('node:fs/promises');

/** The bytes of a file, an address, a blob or a buffer. @throws {FileError} when they cannot be had; {ArgumentError} for anything else */
export async function readSource(source: string | URL | Uint8Array | ArrayBuffer | Blob): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (typeof Blob !== 'undefined' && source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
  if (typeof source !== 'string' && !(source instanceof URL)) {
    throw new ArgumentError(`loadModel takes a file name, an address, bytes or a Blob, got ${describe(source)}`);
  }
  const address = String(source);
  if (!isNode() || /^https?:/.test(address)) return fetchBytes(address);
  try {
    return await (await fileSystem()).readFile(await pathOf(source));
  } catch (cause) {
    throw new FileError(`loadModel: cannot read ${address}: ${reasonOf(cause)}`, { cause });
  }
}

/** The path of a file name or of a `file:` address. @throws {ArgumentError} for another address */
export async function pathOf(file: string | URL): Promise<string> {
  if (typeof file === 'string' && !file.startsWith('file:')) return file;
  const { fileURLToPath } = await nodeModule<typeof import('node:url')>('node:url');
  try {
    return fileURLToPath(file);
  } catch (cause) {
    throw new ArgumentError(`${String(file)} is no address of a file here`, { cause });
  }
}

async function fetchBytes(address: string): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(address);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new FileError(`loadModel: cannot fetch ${address}: ${reasonOf(cause)}`, { cause });
  }
  throw new FileError(`loadModel: ${address} answered ${response.status} ${response.statusText}`);
}

/** Node's message without its `, open '…'`: that path is already named, or is one that nobody knows. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // Of fetch: 'fetch failed' says less than what it failed of.
  if (cause.cause instanceof Error && cause.cause.message !== '') return cause.cause.message;
  const call = 'syscall' in cause ? cause.message.indexOf(`, ${cause.syscall}`) : -1;
  return call === -1 ? cause.message : cause.message.slice(0, call);
}
