import type { Model } from '../training/model.ts';
import type { Sequential } from '../training/sequential.ts';
import { turnIfDue } from '../training/turn.ts';
import type { ModelSource } from './savedModel.ts';

/**
 * Loads a model that `model.save` wrote: it predicts the same bits and trains on from where the saved one stopped.
 * @param source file name, in a browser an address; or the bytes, as a buffer or a `File`
 * @throws {FileError} when it cannot be read; {FormatError} when it is truncated, corrupt, or not a model of Backtime
 */
export async function loadModel(source: ModelSource): Promise<Sequential> {
  const model = await (await import('./savedModel.ts')).loadModel(source);
  await turnIfDue();
  return model;
}

/** A model as bytes, for where there is no file system: `loadModel` takes them back. */
export async function modelToBytes(model: Model): Promise<Uint8Array> {
  const bytes = (await import('./savedModel.ts')).encodeModel(model);
  await turnIfDue();
  return bytes;
}
