import { ArgumentError, BacktimeError, FormatError } from '../core/errors.ts';
import { describe } from '../core/shape.ts';
import type { Model } from '../training/model.ts';
import { checkModelState, type ModelState, type NamedArray } from '../training/modelState.ts';
import { Sequential } from '../training/sequential.ts';
import { readSource, writeFileWhole } from './files.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';

/** What a saved model can be read from: a file name (in a browser an address), bytes, or a `File` from an input. */
export type ModelSource = string | URL | Uint8Array | ArrayBuffer | Blob;

/** Raised when older readers would misread what this one writes. */
const VERSION = '1';
const OPTIMIZER = 'optimizer/';

/** A model's state without its arrays, as the metadata holds it. */
type StateHeader = Omit<ModelState, 'weights' | 'compile'> & { compile: Omit<NonNullable<ModelState['compile']>, 'slots'> | null };

/**
 * A model as the bytes of a safetensors file: weights and optimizer slots as tensors, the architecture in the metadata.
 * @throws {StateError} before the model is built
 */
export function encodeModel(model: Model): Uint8Array {
  const { weights, compile, ...rest } = model.getState();
  const { slots = [], ...compileHeader } = compile ?? {};
  const header: StateHeader = { ...rest, compile: compile && (compileHeader as StateHeader['compile']) };
  return encodeSafetensors({
    tensors: [...weights, ...slots.map((slot) => ({ ...slot, name: OPTIMIZER + slot.name }))],
    metadata: { format: 'backtime', version: VERSION, model: JSON.stringify(header) },
  });
}

/**
 * The model that bytes hold: it predicts the same bits and trains on from where the saved one stopped.
 * @throws {FormatError} when they are truncated, corrupt, or not a model of Backtime
 */
export function decodeModel(bytes: Uint8Array, source = 'the saved model'): Sequential {
  const { tensors, metadata } = decodeSafetensors(bytes, source);
  if (metadata.format !== 'backtime' || metadata.model === undefined) {
    throw new FormatError(`${source} is a safetensors file, but not a model saved by Backtime: its metadata has no format 'backtime'`);
  }
  if (metadata.version !== VERSION)
    throw new FormatError(`${source} has version ${metadata.version} of the model format; this release reads version ${VERSION}`);
  const arrays = tensors.map((tensor) => {
    if (tensor.data instanceof Int32Array) throw new FormatError(`${source}: tensor '${tensor.name}' holds integers, expected floats`);
    return tensor as NamedArray;
  });
  try {
    const header = JSON.parse(metadata.model) as StateHeader;
    checkModelState(header);
    const weights = arrays.filter(({ name }) => !isSlot(name));
    const slots = arrays.filter(({ name }) => isSlot(name)).map((slot) => ({ ...slot, name: slot.name.slice(OPTIMIZER.length) }));
    if (!header.compile && slots.length > 0) throw new FormatError(`it holds '${OPTIMIZER}${slots[0]?.name}', but has no optimizer`);
    return Sequential.fromState({ ...header, weights, compile: header.compile && { ...header.compile, slots } });
  } catch (error) {
    if (error instanceof FormatError) throw new FormatError(`${source}: ${error.message}`, { cause: error });
    // Whatever else a corrupt description runs into: a layer's ArgumentError, a missing field's TypeError, broken JSON.
    if (error instanceof BacktimeError || error instanceof TypeError || error instanceof SyntaxError) {
      throw new FormatError(`${source} describes a model that cannot be made: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

/** Whether an array is a slot, `optimizer/layer/weight/slot`; a weight is `layer/weight`, whatever its layer is called. */
function isSlot(name: string): boolean {
  return name.startsWith(OPTIMIZER) && name.split('/').length === 4;
}

/** Saves a model to a file, which is replaced only when everything is written. @throws {FileError} when it cannot be */
export async function saveModel(model: Model, path: string): Promise<void> {
  if (typeof path !== 'string' || !path.endsWith('.safetensors')) {
    throw new ArgumentError(`save takes a file name that ends in .safetensors, got ${describe(path)}`);
  }
  await writeFileWhole(path, encodeModel(model));
}

/** Loads a model from a file, an address or bytes. @throws {FileError} when it cannot be read; {FormatError} when it is not a whole saved model */
export async function loadModel(source: ModelSource): Promise<Sequential> {
  const name = typeof source === 'string' || source instanceof URL ? String(source) : 'the saved model';
  return decodeModel(await readSource(source), name);
}
