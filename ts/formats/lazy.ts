import { turnIfDue } from '../control/turn.ts';
import { Model } from '../model/model.ts';
import { SAVED_FILES, stateToSave } from '../model/savedFilesPart.ts';
import type { SaveOptions } from '../model/saveOptions.ts';
import type { Sequential } from '../model/sequential.ts';
import type { HTMLOptions } from './html/modelToHTML.ts';
import type { ModelSource } from './modelFormat.ts';
import type { LoadOptions } from './savedModel.ts';

type SavedFiles = typeof import('./savedModel.ts');

/**
 * Loads a model that `model.save` wrote. It predicts the same bits as the saved model, and
 * continues its training. Models of Keras, TF.js and ONNX predict the same as in their own
 * programs, except for rounding.
 * @param source a file name (in a browser an address), or the bytes as a buffer or a `File`; an
 *   array or a `FileList` of all files of a model that is in several, as TF.js's are
 * @throws {FileError} when the source cannot be read
 * @throws {FormatError} when the bytes are truncated, corrupt, or not a model of Backtime, and when
 *   they name a class or a custom function that is not registered
 * @throws {ArgumentError} for an unknown option
 */
export async function loadModel<M extends Model = Sequential>(source: ModelSource, options?: LoadOptions): Promise<M> {
  const model = await (await SAVED_FILES.load()).loadModel(source, options);
  await turnIfDue();
  return model as M;
}

/**
 * Saves a model to the bytes that `model.save` would write, for runtimes without a file system.
 * `loadModel` loads them. The bytes contain the weights at the time of the call.
 * @throws {StateError} before the model is built
 * @throws {ArgumentError} for an unknown option or a wrong value
 */
export function modelToBytes(model: Model, options?: SaveOptions): Promise<Uint8Array<ArrayBuffer>> {
  // The bytes are newly allocated: a `Blob` does not take shared memory.
  return made('modelToBytes', model, options) as Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Makes a page that runs the model in any browser: one HTML file with the code, the kernels and the
 * weights. It opens with a double click, needs neither a network nor a server, and sends no data.
 * The user types texts or numbers, and the page shows the predictions in a table. It contains the
 * weights at the time of the call.
 *
 *     await writeFile('model.html', await modelToHTML(model, { title: 'Good or bad?' }));
 *
 * @returns the file's text
 * @throws {StateError} before the model is built
 * @throws {ArgumentError} for an unknown option or a wrong value, and for a layer or a function of
 *   one's own
 * @throws {FileError} when a file of the package cannot be loaded
 * @throws {BackendError} when the kernels cannot be loaded
 */
export function modelToHTML(model: Model, options?: HTMLOptions): Promise<string> {
  return made('modelToHTML', model, options);
}

/** Runs a function of the code of saved files on the present state of a model. */
async function made<Name extends 'modelToBytes' | 'modelToHTML'>(
  name: Name,
  model: Model,
  options: SaveOptions & HTMLOptions = {},
): Promise<Awaited<ReturnType<SavedFiles[Name]>>> {
  const state = model instanceof Model ? stateToSave(model, options) : null;
  const result = await (await SAVED_FILES.load())[name](model, options, state);
  await turnIfDue();
  return result as Awaited<ReturnType<SavedFiles[Name]>>;
}
