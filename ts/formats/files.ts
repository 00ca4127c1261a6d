import { ArgumentError, BackendError } from '../core/errors.ts';
import { isNode, nodeModule } from '../core/nodeModule.ts';
import { describe } from '../core/shape.ts';

/** The file system of Node, Bun and Deno; browsers and their workers have none. */
const fileSystem = () => nodeModule<typeof import('node:fs/promises')>('node:fs/promises');

/** The bytes of a file, an address, a blob or a buffer. */
export async function readSource(source: string | URL | Uint8Array | ArrayBuffer | Blob): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (typeof Blob !== 'undefined' && source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
  if (typeof source !== 'string' && !(source instanceof URL)) {
    throw new ArgumentError(`loadModel takes a file name, an address, bytes or a Blob, got ${describe(source)}`);
  }
  const address = String(source);
  if (!isNode() || /^https?:/.test(address)) {
    const response = await fetch(address);
    if (!response.ok) throw new ArgumentError(`loadModel: ${address} answered ${response.status} ${response.statusText}`);
    return new Uint8Array(await response.arrayBuffer());
  }
  return (await fileSystem()).readFile(source);
}

/** Writes beside the file and renames, so that a crash or a full disk never costs the file that was there. */
export async function writeFileWhole(path: string, bytes: Uint8Array): Promise<void> {
  if (!isNode())
    throw new BackendError(`there is no file system here to write ${path} to: use modelToBytes and offer the bytes as a download`);
  const { rename, rm, writeFile } = await fileSystem();
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
