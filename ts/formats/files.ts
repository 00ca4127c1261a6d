import { ArgumentError, BackendError } from '../core/errors.ts';
import { describe } from '../core/shape.ts';

/** Whether there is a file system: Node, Bun and Deno, not a browser or its workers. */
const hasFileSystem = typeof process !== 'undefined' && Boolean(process.versions?.node);

/** The bytes of a file, an address, a blob or a buffer. */
export async function readSource(source: string | URL | Uint8Array | ArrayBuffer | Blob): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (typeof Blob !== 'undefined' && source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
  if (typeof source !== 'string' && !(source instanceof URL)) {
    throw new ArgumentError(`loadModel takes a file name, an address, bytes or a Blob, got ${describe(source)}`);
  }
  const address = String(source);
  if (!hasFileSystem || /^https?:/.test(address)) {
    const response = await fetch(address);
    if (!response.ok) throw new ArgumentError(`loadModel: ${address} answered ${response.status} ${response.statusText}`);
    return new Uint8Array(await response.arrayBuffer());
  }
  const { readFile } = await import('node:fs/promises');
  return readFile(source);
}

/** Writes beside the file and renames, so that a crash or a full disk never costs the file that was there. */
export async function writeFileWhole(path: string, bytes: Uint8Array): Promise<void> {
  if (!hasFileSystem)
    throw new BackendError(`there is no file system here to write ${path} to: use modelToBytes and offer the bytes as a download`);
  const { rename, rm, writeFile } = await import('node:fs/promises');
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
