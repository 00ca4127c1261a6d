import { describe } from '../core/describe.ts';
import { ArgumentError, FormatError } from '../core/errors.ts';
import { isError, isFloatArray, isURL } from '../core/tags.ts';
import { Model } from '../training/model.ts';
import type { ModelState, NamedArray } from '../training/modelState.ts';
import { Sequential } from '../training/sequential.ts';
import { modelChecksum } from './checksum.ts';
import { readSource } from './files.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
import { writeFileWhole } from './writeFile.ts';

/** What a saved model can be read from: a file name (in a browser an address), bytes, or a `File` from an input. */
export type ModelSource = string | URL | Uint8Array | ArrayBuffer | Blob;

/** Raised when older readers would misread what this one writes. */
const VERSION = '1';
const OPTIMIZER = 'optimizer/';

/** A model's state without its arrays, as the metadata holds it. */
type StateHeader = Omit<ModelState, 'weights' | 'compile'> & { compile: Omit<NonNullable<ModelState['compile']>, 'slots'> | null };

/**
 * A model as the bytes of a safetensors file: weights and optimizer slots as tensors, the architecture in the metadata.
 * @throws {StateError} before the model is built; {ArgumentError} when it is no model
 */
export function encodeModel(model: Model): Uint8Array {
  if (!(model instanceof Model)) throw new ArgumentError(`modelToBytes takes a model, got ${describe(model)}`);
  const { weights, compile, ...rest } = model.getState();
  const { slots = [], ...compileHeader } = compile ?? {};
  const header: StateHeader = { ...rest, compile: compile && (compileHeader as StateHeader['compile']) };
  const tensors = [...weights, ...slots.map((slot) => ({ ...slot, name: OPTIMIZER + slot.name }))];
  const description = JSON.stringify(header);
  const metadata = { format: 'backtime', version: VERSION, checksum: modelChecksum(description, tensors), model: description };
  return encodeSafetensors({ tensors, metadata });
}

/**
 * The model that bytes hold: it predicts the same bits and trains on from where the saved one stopped. Weights that are not finite, as
 * after a training that diverged, are taken as they are.
 * @param source what is read, for error messages
 * @throws {FormatError} when they are truncated, corrupt, or not a model of Backtime
 */
export function decodeModel(bytes: Uint8Array, source?: string): Sequential {
  const called = source ?? 'the saved model';
  const { tensors, metadata } = decodeSafetensors(bytes, called);
  const { format, version, checksum, model: description } = metadata;
  if (format !== 'backtime' || description === undefined) {
    throw new FormatError(`${called} is a safetensors file, but not a model saved by Backtime: its metadata has no format 'backtime'`);
  }
  if (version !== VERSION)
    throw new FormatError(`${called} has version ${version} of the model format; this release reads version ${VERSION}`);
  // Files from before there were checksums have none.
  if (checksum !== undefined && checksum !== modelChecksum(description, tensors)) {
    throw new FormatError(
      `${called} is corrupt: its contents do not have the checksum '${checksum}' that they were saved with. A program that changes them on purpose removes 'checksum' from the metadata`,
    );
  }
  const arrays = tensors.map((tensor) => {
    if (!isFloatArray(tensor.data)) throw new FormatError(`${called}: tensor '${tensor.name}' holds integers, expected floats`);
    return tensor as NamedArray;
  });
  try {
    return Sequential.fromState(joinState(JSON.parse(description), arrays));
  } catch (error) {
    if (isError(error) && error.name === 'SyntaxError')
      throw new FormatError(`${called} has a description that is not JSON`, { cause: error });
    // The messages of a state speak of the saved model by themselves.
    if (error instanceof FormatError && source !== undefined) throw new FormatError(`${source}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** What `encodeModel` took apart. @throws {FormatError} when there are slots without an optimizer */
function joinState(header: StateHeader, arrays: readonly NamedArray[]): ModelState {
  const weights = arrays.filter(({ name }) => !isSlot(name));
  const slots = arrays.filter(({ name }) => isSlot(name)).map((slot) => ({ ...slot, name: slot.name.slice(OPTIMIZER.length) }));
  const described: unknown = header;
  // What is no object is refused where the state's fields are checked.
  if (typeof described !== 'object' || described === null) return { ...header, weights, compile: null };
  if (!header.compile && slots.length > 0)
    throw new FormatError(`the saved model holds '${OPTIMIZER}${slots[0]?.name}', but has no optimizer`);
  const { compile } = header;
  return { ...header, weights, compile: typeof compile === 'object' ? compile && { ...compile, slots } : compile };
}

/** Whether an array is a slot, `optimizer/layer/weight/slot`; a weight is `layer/weight`, whatever its layer is called. */
function isSlot(name: string): boolean {
  return name.startsWith(OPTIMIZER) && name.split('/').length === 4;
}

/** Saves a model to a file, which is replaced only when everything is written. @throws {FileError} when it cannot be */
export async function saveModel(model: Model, file: string | URL): Promise<void> {
  if (!(typeof file === 'string' || isURL(file)) || !String(file).endsWith('.safetensors')) {
    const given = isURL(file) ? String(file) : file;
    throw new ArgumentError(`save takes a file name, or the URL of a file, that ends in .safetensors, got ${describe(given)}`);
  }
  await writeFileWhole(file, encodeModel(model));
}

/** Loads a model from a file, an address or bytes. @throws {FileError} when it cannot be read; {FormatError} when it is not a whole saved model */
export async function loadModel(source: ModelSource): Promise<Sequential> {
  const name = typeof source === 'string' || isURL(source) ? String(source) : undefined;
  return decodeModel(await readSource(source), name);
}
