import { FileError } from '../../core/errors.ts';
import { fileReason } from '../../core/fileReason.ts';
import { isNode, nodeModule } from '../../core/nodeModule.ts';
import { fileSystem, pathOf } from '../files.ts';
import { scalarsRecord, versionRecord } from './eventRecord.ts';
import { makeFolderOf, requireFiles } from './fileStore.ts';

/**
 * Writes a part of an event file in place of a folder: `bytes` at `position` of `file`, a name with
 * slashes. What the file has behind `position` is not valid any more.
 */
export type WriteEvents = (file: string, bytes: Uint8Array, position: number) => void | Promise<void>;

/** Where an event file is, and how much of it is written. */
export type EventFileState = { readonly name: string; readonly length: number };

/** Number of event files of this thread: two that begin in one second have other names. */
let files = 0;

/** An event file of TensorBoard, which begins with its first event. */
export class EventFile {
  readonly #write: WriteEvents;
  readonly #folder: 'train' | 'validation';
  #state: EventFileState | null = null;

  /** @param write writes a part of a file */
  constructor(write: WriteEvents, folder: 'train' | 'validation') {
    this.#write = write;
    this.#folder = folder;
  }

  /** Null before the first event. */
  get state(): EventFileState | null {
    return this.#state;
  }

  /** Goes on with a file: what was written behind this length is written again. */
  set state(state: EventFileState | null) {
    this.#state = state;
  }

  /** Adds the numbers of a step. @throws {FileError} when the file cannot be written */
  async add(step: number, scalars: Readonly<Record<string, number>>): Promise<void> {
    if (Object.keys(scalars).length === 0) return;
    const now = Date.now() / 1000;
    if (!this.#state) {
      const name = `${this.#folder}/events.out.tfevents.${Math.floor(now)}.${await writerName()}.${files++}.v2`;
      this.#state = { name, length: 0 };
      await this.#append(versionRecord(now));
    }
    await this.#append(scalarsRecord(now, step, scalars));
  }

  async #append(bytes: Uint8Array): Promise<void> {
    const { name, length } = this.#state as EventFileState;
    await this.#write(name, bytes, length);
    this.#state = { name, length: length + bytes.length };
  }
}

/** Who writes, for the name of a file, so that programs with one folder do not share files. */
async function writerName(): Promise<string> {
  if (!isNode()) return `browser.${crypto.randomUUID().slice(0, 8)}`;
  const { hostname } = await nodeModule<typeof import('node:os')>('node:os');
  return `${hostname()}.${process.pid}`;
}

/**
 * The function that writes parts of files in a folder.
 * @throws {BackendError} where there is no file system
 */
export function eventWriter(logDir: string | URL): WriteEvents {
  requireFiles('TensorBoard', logDir, 'it a function, new TensorBoard((file, bytes, position) => …)');
  return async (name, bytes, position) => {
    const [{ open }, { join }] = [await fileSystem(), await nodeModule<typeof import('node:path')>('node:path')];
    const path = join(await pathOf(logDir), name);
    if (position === 0) await makeFolderOf(path);
    try {
      const handle = await open(path, position === 0 ? 'w' : 'r+');
      try {
        // Events that a killed run wrote after its backup are written again.
        if ((await handle.stat()).size > position) await handle.truncate(position);
        await handle.write(bytes, 0, bytes.length, position);
      } finally {
        await handle.close();
      }
    } catch (cause) {
      throw new FileError(`TensorBoard: cannot write ${path}: ${fileReason(cause, 'write')}`, { cause });
    }
  };
}
