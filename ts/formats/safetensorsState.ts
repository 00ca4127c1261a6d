import { describe } from '../core/describe.ts';
import { FormatError } from '../core/errors.ts';
import { withJSON } from '../core/jsonTensor.ts';
import { isFloatArray } from '../core/numericArray.ts';
import { isError } from '../core/tags.ts';
import type { CompileState, ModelState, NamedArray, QuantisedArray } from '../model/modelState.ts';
import { checkMetadata } from './checkMetadata.ts';
import { modelChecksum } from './checksum.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.ts';

/** The version of the format. It increases when older readers would misread the new files. */
const VERSION = '2';
/** Of a quantised model, which releases that read version 2 do not have. */
const QUANTISED_VERSION = '3';
const READ_VERSIONS: readonly (string | undefined)[] = ['1', '2', '3'];
/** The end of the name of a tensor with what the integers of another one stand for. */
const SCALES = '/scales';
const OPTIMIZER = 'optimizer/';

/** A model's state without its arrays. It is in the file's metadata. */
type StateHeader = Omit<ModelState, 'weights' | 'quantised' | 'compile'> & {
  compile: CompileHeader | null;
  quantised?: readonly Pick<QuantisedArray, 'name' | 'type' | 'axis'>[];
};
/** Of the optimizer's slots it has the names; version 1 had none. */
type CompileHeader = Omit<CompileState, 'slots'> & { slots?: readonly string[] };

/**
 * Encodes a model as a safetensors file: weights and optimizer slots are tensors, the architecture
 * is in the metadata.
 */
export function encodeState({ weights, quantised, compile, ...rest }: ModelState): Uint8Array {
  const slots = compile?.slots ?? [];
  const header: StateHeader = {
    ...rest,
    compile: compile && { ...compile, slots: slots.map(({ name }) => name) },
    ...(quantised && { quantised: quantised.map(({ name, type, axis }) => ({ name, type, axis })) }),
  };
  const tensors: StoredTensor[] = [
    ...weights,
    ...slots.map((slot) => ({ ...slot, name: OPTIMIZER + slot.name })),
    // The longest elements first, so that each tensor begins at a multiple of its elements' size.
    ...(quantised ?? []).map(({ name, scales }) => ({ name: name + SCALES, ...scales })),
    ...(quantised ?? []).map(({ name, integers }) => ({ name, ...integers })),
  ];
  const description = JSON.stringify(header);
  const checksum = modelChecksum(description, tensors);
  return encodeSafetensors({
    tensors,
    metadata: { format: 'backtime', version: quantised ? QUANTISED_VERSION : VERSION, checksum, model: description },
  });
}

/**
 * Decodes the state of a model. Its fields are not checked yet.
 * @param called the name of the source, for error messages
 * @throws {FormatError} when the bytes are truncated, corrupt, or not a model of Backtime
 */
export function decodeState(bytes: Uint8Array, called: string): ModelState {
  const { tensors, metadata } = decodeSafetensors(bytes, called);
  const { format, version, checksum, model: description } = metadata;
  if (format !== 'backtime' || description === undefined) {
    const hint =
      format === 'backtime-weights'
        ? 'These weights were saved by saveWeights: build the model, then call model.loadWeights(file)'
        : "For weights of PyTorch build the model, then call model.loadWeights(file, { format: 'pytorch' }), see docs/from-pytorch.md";
    throw new FormatError(
      `${called} is a safetensors file, but not a model saved by Backtime: its metadata has no format 'backtime'. ${hint}`,
    );
  }
  if (!READ_VERSIONS.includes(version))
    throw new FormatError(`${called} has version ${version} of the model format; this release reads versions ${READ_VERSIONS.join(', ')}`);
  // Old files have no checksum.
  if (checksum !== undefined && checksum !== modelChecksum(description, tensors)) {
    throw new FormatError(
      `${called} is corrupt: its contents do not have the checksum '${checksum}' that they were saved with. A program that changes them on purpose removes 'checksum' from the metadata`,
    );
  }
  try {
    return joinState(JSON.parse(description), tensors, called);
  } catch (error) {
    if (isError(error) && error.name === 'SyntaxError')
      throw new FormatError(`${called} has a description that is not JSON`, { cause: error });
    throw error;
  }
}

/**
 * Joins a header and arrays to a state.
 * @throws {FormatError} when there are slots without an optimizer
 */
function joinState(read: StateHeader | null, tensors: readonly StoredTensor[], called: string): ModelState {
  const { quantised: listed, ...header } = (read ?? {}) as StateHeader;
  const { quantised, others } = takeQuantised(listed, tensors, called);
  const arrays = others.map((tensor) => {
    if (!isFloatArray(tensor.data)) throw new FormatError(`${called}: tensor '${tensor.name}' holds integers, expected floats`);
    return tensor as NamedArray;
  });
  const isSlot = slotTest(header);
  const weights = arrays.filter(({ name }) => !isSlot(name));
  const slots = arrays.filter(({ name }) => isSlot(name)).map((slot) => ({ ...slot, name: slot.name.slice(OPTIMIZER.length) }));
  const described: unknown = read;
  // The check of the state's fields refuses a header that is not an object.
  if (typeof described !== 'object' || described === null) return { ...header, weights, compile: null };
  if (!header.compile && slots.length > 0) throw new FormatError(`${called} holds '${OPTIMIZER}${slots[0]?.name}', but has no optimizer`);
  const { compile, metadata = {} } = header;
  const checked = checkMetadata(metadata, `the metadata of ${called}`, FormatError);
  return {
    ...header,
    ...quantised,
    weights,
    metadata: checked,
    compile: typeof compile === 'object' ? compile && { ...compile, slots } : compile,
  };
}

/**
 * Takes the weights that the header lists as integers out of the tensors.
 * @throws {FormatError} when the file lacks one of their tensors
 */
function takeQuantised(
  listed: StateHeader['quantised'],
  tensors: readonly StoredTensor[],
  called: string,
): { readonly quantised: Pick<ModelState, 'quantised'>; readonly others: readonly StoredTensor[] } {
  if (!Array.isArray(listed)) return { quantised: {}, others: tensors };
  const byName = new Map<unknown, StoredTensor>(tensors.map((tensor) => [tensor.name, tensor]));
  const take = (name: unknown) => {
    const tensor = byName.get(name);
    if (!tensor) throw new FormatError(`${called} lists the weight ${describe(name)} as integers, but has no tensor of that name`);
    byName.delete(name);
    return withJSON({ shape: tensor.shape, data: tensor.data });
  };
  const quantised = listed.map((entry) => {
    const { name, type, axis } = (entry ?? {}) as QuantisedArray;
    return { name, type, axis, integers: take(name), scales: take(name + SCALES) } as QuantisedArray;
  });
  return { quantised: { quantised }, others: [...byName.values()] };
}

/**
 * Tells slots by the names that the file lists. In version 1 they are
 * `optimizer/layer/weight/slot`, and weights are `layer/weight`.
 */
function slotTest(header: StateHeader | null): (name: string) => boolean {
  const listed: unknown = header?.compile?.slots;
  if (!Array.isArray(listed)) return (name) => name.startsWith(OPTIMIZER) && name.split('/').length === 4;
  const names = new Set<unknown>(listed);
  return (name) => name.startsWith(OPTIMIZER) && names.has(name.slice(OPTIMIZER.length));
}
