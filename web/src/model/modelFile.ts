import { loadModel, modelToBytes, Sequential } from 'backtime';
import { fromVersion3 } from './olderNotes.ts';
import type { ModelNotes, TrainedModel } from './trainedModel.ts';

/** Entry of the file's metadata that holds the notes; the library keeps to its own entries. */
const NOTES = 'backtime.web';
/**
 * Goes up when {@link ModelNotes} change, so that older versions of the page know that they cannot
 * read them.
 */
const NOTES_VERSION = 7;
/**
 * Versions that lack what is newer: in 6 no words were tagged and nothing was known ahead, in 5 a
 * model forecast one series, and in 4 it read nothing beside it, and no number was predicted.
 */
const LACKING: readonly unknown[] = [4, 5, 6];
/** Notes of version 2 are such of version 3 that have a score. */
const OLDER_VERSIONS: readonly unknown[] = [2, 3];
/** Of the format: eight bytes of header length, then the header, JSON. */
const LENGTH_BYTES = 8;

type Header = { __metadata__?: Record<string, string> };

/** The safetensors file of the library, with the notes beside the model in its metadata. */
export async function encodeTrained({ model, ...notes }: TrainedModel): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await modelToBytes(model);
  const { header, dataStart } = readHeader(bytes);
  const extended = { ...header, __metadata__: { ...header.__metadata__, [NOTES]: JSON.stringify({ ...notes, version: NOTES_VERSION }) } };
  const json = new TextEncoder().encode(JSON.stringify(extended));
  // The data stays at a multiple of eight bytes, filled up with spaces.
  const headerLength = Math.ceil(json.length / LENGTH_BYTES) * LENGTH_BYTES;
  const file = new Uint8Array(LENGTH_BYTES + headerLength + bytes.length - dataStart);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerLength);
  file.set(json, LENGTH_BYTES);
  file.set(bytes.subarray(dataStart), LENGTH_BYTES + headerLength);
  return file;
}

/** Reads what {@link encodeTrained} wrote. @throws {Error} with a message for the user */
export async function decodeTrained(bytes: Uint8Array): Promise<TrainedModel> {
  const model = await loadModel(bytes).catch((cause: unknown) => {
    throw new Error('it is not a model that this page has saved, or the file is damaged. Download it again, or train the model again.', {
      cause,
    });
  });
  const notes = readHeader(bytes).header.__metadata__?.[NOTES];
  if (notes === undefined || !(model instanceof Sequential)) {
    throw new Error('it is a model of Backtime, but this page did not save it: what its inputs and outputs mean is missing.');
  }
  const { version, ...read } = JSON.parse(notes) as ModelNotes & { version?: unknown };
  if (version === NOTES_VERSION || LACKING.includes(version)) return { model, ...read };
  if (OLDER_VERSIONS.includes(version)) return { model, ...fromVersion3(read) };
  throw new Error('another version of this page saved it. Train the model again.');
}

function readHeader(bytes: Uint8Array): { header: Header; dataStart: number } {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const dataStart = LENGTH_BYTES + length;
  return { header: JSON.parse(new TextDecoder().decode(bytes.subarray(LENGTH_BYTES, dataStart))) as Header, dataStart };
}
