import { describe } from '../core/describe.ts';
import { ArgumentError, FormatError } from '../core/errors.ts';
import { isFloatArray } from '../core/numericArray.ts';
import { booleanOption, checkOptions } from '../core/options.ts';
import { type CustomObjects, withCustomObjects } from '../core/registerClass.ts';
import { isError, isURL } from '../core/tags.ts';
import { loadAllClasses } from '../model/allClasses.ts';
import { loadBackend } from '../model/loadBackend.ts';
import { Model } from '../model/model.ts';
import type { CompileState, ModelState, NamedArray } from '../model/modelState.ts';
import type { SaveOptions } from '../model/saveOptions.ts';
import { Sequential } from '../model/sequential.ts';
import { checkMetadata } from './checkMetadata.ts';
import { modelChecksum } from './checksum.ts';
import { readSource } from './files.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
import { writeFileWhole } from './writeFile.ts';

/**
 * The source of a saved model: a file name (in a browser an address), bytes, or a `File` of an
 * input element.
 */
export type ModelSource = string | URL | Uint8Array | ArrayBuffer | Blob;

/** Options of `loadModel`. */
export interface LoadOptions {
  /**
   * Classes and functions of one's own that the file names, by name, beside those of
   * `registerClass`.
   */
  customObjects?: CustomObjects;
}

/** The version of the format. It increases when older readers would misread the new files. */
const VERSION = '2';
const READ_VERSIONS: readonly (string | undefined)[] = ['1', '2'];
const OPTIMIZER = 'optimizer/';

/** A model's state without its arrays. It is in the file's metadata. */
type StateHeader = Omit<ModelState, 'weights' | 'compile'> & { compile: CompileHeader | null };
/** Of the optimizer's slots it has the names; version 1 had none. */
type CompileHeader = Omit<CompileState, 'slots'> & { slots?: readonly string[] };

/**
 * Encodes a model as a safetensors file: weights and optimizer slots are tensors, the architecture
 * is in the metadata.
 * @param state the state of the model that is saved; null for the present one
 * @throws {StateError} before the model is built
 * @throws {ArgumentError} when the value is not a model, or an option is unknown or wrong
 */
export function encodeModel(model: Model, options?: SaveOptions, state: ModelState | null = null): Uint8Array {
  if (!(model instanceof Model)) throw new ArgumentError(`modelToBytes takes a model, got ${describe(model)}`);
  checkOptions(options, ['includeOptimizer', 'metadata'], 'save');
  const { includeOptimizer, metadata = state?.metadata ?? model.metadata } = options ?? {};
  const saved = checkMetadata(metadata, 'save: metadata', ArgumentError);
  const withOptimizer = booleanOption(includeOptimizer, true, 'save: includeOptimizer');
  const { weights, compile, ...rest } = state ?? model.getState(withOptimizer);
  const slots = compile?.slots ?? [];
  const header: StateHeader = { ...rest, metadata: saved, compile: compile && { ...compile, slots: slots.map(({ name }) => name) } };
  const tensors = [...weights, ...slots.map((slot) => ({ ...slot, name: OPTIMIZER + slot.name }))];
  const description = JSON.stringify(header);
  const checksum = modelChecksum(description, tensors);
  return encodeSafetensors({ tensors, metadata: { format: 'backtime', version: VERSION, checksum, model: description } });
}

/**
 * Decodes a model. It predicts the same bits as the saved model, and continues its training.
 * Weights that are not finite, as after a diverged training, are loaded unchanged.
 * @param source the name of the source, for error messages
 * @throws {FormatError} when the bytes are truncated, corrupt, or not a model of Backtime
 */
export function decodeModel(bytes: Uint8Array, source?: string): Model {
  const called = source ?? 'the saved model';
  const { tensors, metadata } = decodeSafetensors(bytes, called);
  const { format, version, checksum, model: description } = metadata;
  if (format !== 'backtime' || description === undefined) {
    throw new FormatError(`${called} is a safetensors file, but not a model saved by Backtime: its metadata has no format 'backtime'`);
  }
  if (!READ_VERSIONS.includes(version))
    throw new FormatError(
      `${called} has version ${version} of the model format; this release reads versions ${READ_VERSIONS.join(' and ')}`,
    );
  // Old files have no checksum.
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
    const state = joinState(JSON.parse(description), arrays);
    // A description that is no object is refused by either.
    return (state as ModelState | null)?.graph === undefined ? Sequential.fromState(state) : Model.fromState(state);
  } catch (error) {
    if (isError(error) && error.name === 'SyntaxError')
      throw new FormatError(`${called} has a description that is not JSON`, { cause: error });
    // The messages about a state already mention the saved model.
    if (error instanceof FormatError && source !== undefined) throw new FormatError(`${source}: ${error.message}`, { cause: error });
    throw error;
  }
}

/**
 * Joins a header and arrays to a state.
 * @throws {FormatError} when there are slots without an optimizer
 */
function joinState(header: StateHeader, arrays: readonly NamedArray[]): ModelState {
  const isSlot = slotTest(header);
  const weights = arrays.filter(({ name }) => !isSlot(name));
  const slots = arrays.filter(({ name }) => isSlot(name)).map((slot) => ({ ...slot, name: slot.name.slice(OPTIMIZER.length) }));
  const described: unknown = header;
  // The check of the state's fields refuses a header that is not an object.
  if (typeof described !== 'object' || described === null) return { ...header, weights, compile: null };
  if (!header.compile && slots.length > 0)
    throw new FormatError(`the saved model holds '${OPTIMIZER}${slots[0]?.name}', but has no optimizer`);
  const { compile, metadata = {} } = header;
  const checked = checkMetadata(metadata, "the saved model's metadata", FormatError);
  return { ...header, weights, metadata: checked, compile: typeof compile === 'object' ? compile && { ...compile, slots } : compile };
}

/**
 * Tells slots by the names that the file lists. In version 1 they are
 * `optimizer/layer/weight/slot`, and weights are `layer/weight`.
 */
function slotTest(header: StateHeader | null): (name: string) => boolean {
  const listed: unknown = header?.compile?.slots;
  if (!Array.isArray(listed)) return (name) => name.startsWith(OPTIMIZER) && name.split('/').length === 4;
  const names = new Set(listed.map((name) => OPTIMIZER + name));
  return (name) => names.has(name);
}

/**
 * Saves a model to a file. The file is replaced only when everything is written.
 * @throws {FileError} when it cannot be written
 */
export async function saveModel(model: Model, file: string | URL, options?: SaveOptions, state: ModelState | null = null): Promise<void> {
  if (!(typeof file === 'string' || isURL(file)) || !String(file).endsWith('.safetensors')) {
    const given = isURL(file) ? String(file) : file;
    throw new ArgumentError(`save takes a file name, or the URL of a file, that ends in .safetensors, got ${describe(given)}`);
  }
  await writeFileWhole(file, await modelToBytes(model, options, state));
}

/** {@link encodeModel}, after weights without values got their start values from a backend. */
export async function modelToBytes(model: Model, options?: SaveOptions, state: ModelState | null = null): Promise<Uint8Array> {
  if (!state && model instanceof Model && model.weights.some(({ known }) => !known)) await loadBackend();
  return encodeModel(model, options, state);
}

/**
 * Loads a model from a file, an address or bytes.
 * @throws {FileError} when the source cannot be read
 * @throws {FormatError} when it is not a complete saved model, or names a class or a function of
 *   one's own that nobody has registered
 * @throws {ArgumentError} for an unknown option
 */
export async function loadModel(source: ModelSource, options?: LoadOptions): Promise<Model> {
  checkOptions(options, ['customObjects'], 'loadModel');
  const name = typeof source === 'string' || isURL(source) ? String(source) : undefined;
  const bytes = await readSource(source);
  await loadAllClasses();
  return withCustomObjects(options?.customObjects ?? {}, () => decodeModel(bytes, name));
}
