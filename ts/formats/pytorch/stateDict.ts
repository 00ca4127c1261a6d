import { describe } from '../../core/describe.ts';
import { FormatError } from '../../core/errors.ts';
import { decodeText } from '../../core/nodeGlobals.ts';
import { MOST_AXES, type Shape } from '../../core/shape.ts';
import { ZipArchive } from '../../data/zip.ts';
import { type ForeignTensor, readFloats } from './foreignTensor.ts';
import { type PickleRules, type PyDict, PyGlobal, type PyObject, PyTuple, type PyValue, readPickle } from './pickle.ts';

/** The types of PyTorch's storages, by the class of the storage. */
const STORAGE_TYPES: Readonly<Record<string, string>> = {
  'torch.HalfStorage': 'F16',
  'torch.BFloat16Storage': 'BF16',
  'torch.FloatStorage': 'F32',
  'torch.DoubleStorage': 'F64',
  'torch.LongStorage': 'I64',
  'torch.IntStorage': 'I32',
  'torch.ShortStorage': 'I16',
  'torch.CharStorage': 'I8',
  'torch.ByteStorage': 'U8',
  'torch.BoolStorage': 'BOOL',
};

/** The functions that a state_dict calls. */
const CALLED = [
  'collections.OrderedDict',
  'torch._utils._rebuild_tensor',
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_parameter',
] as const;

/** The first bytes of files of PyTorch before 1.6: a pickle of a number that marks them. */
const BEFORE_1_6 = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/** The bytes that several tensors may share: an entry of the archive. */
class Storage implements PyObject {
  readonly kind = 'storage';
  readonly type: string;
  readonly key: string;

  constructor(type: string, key: string) {
    this.type = type;
    this.key = key;
  }
}

/** A part of a storage. */
class StoredTensor implements PyObject {
  readonly kind = 'tensor';
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: Shape;
  readonly strides: Shape;

  constructor(storage: Storage, offset: number, shape: Shape, strides: Shape) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/**
 * Reads a file of `torch.save`: a state_dict, or a dict with one in it. Its pickle is read by
 * {@link readPickle}, so nothing of it is executed.
 * https://docs.pytorch.org/docs/stable/notes/serialization.html
 * @param called the name of the source, for error messages
 * @returns the tensors in the order of the state_dict
 * @throws {FormatError} when it is damaged, has anything but tensors, numbers, texts, lists and
 *   dicts, is of PyTorch before 1.6, a TorchScript program or of a machine of the other byte order,
 *   and when it has several state_dicts or none
 */
export function readStateDict(bytes: Uint8Array, called: string): readonly ForeignTensor[] {
  if (BEFORE_1_6.every((byte, index) => bytes[index] === byte))
    throw new FormatError(
      `loadWeights: ${called} has the format of PyTorch before 1.6. Load it in PyTorch and save it again: torch.save(torch.load(path), path)`,
    );
  const zip = new ZipArchive(bytes, `loadWeights: ${called}`);
  const unpacked = zip.names.reduce((sum, name) => sum + zip.size(name), 0);
  // torch.save packs nothing. What is packed could unpack to a thousand times the file.
  if (unpacked > bytes.length)
    throw new FormatError(
      `loadWeights: ${called} unpacks to ${unpacked} bytes, more than the file has, and torch.save packs nothing. Save it again: torch.save(torch.load(path), path)`,
    );
  const folders = zip.names.filter((name) => /(^|\/)data\.pkl$/.test(name)).map((name) => name.slice(0, -'data.pkl'.length));
  const [folder] = folders;
  if (folder === undefined || folders.length > 1)
    throw new FormatError(
      `loadWeights: ${called} is a zip archive, but not one of torch.save: it has ${folders.length} entries data.pkl${zip.has('model.weights.h5') ? ". For a .keras file give format: 'keras'" : ''}`,
    );
  if (zip.has(`${folder}constants.pkl`))
    throw new FormatError(`loadWeights: ${called} is a TorchScript program. Save its weights: torch.save(module.state_dict(), path)`);
  const order = zip.has(`${folder}byteorder`) ? decodeText(zip.read(`${folder}byteorder`)) : 'little';
  if (order !== 'little')
    throw new FormatError(
      `loadWeights: ${called} was written on a machine with the byte order ${describe(order)}; 'little' is read. Save it on another machine`,
    );
  const root = readPickle(zip.read(`${folder}data.pkl`), `loadWeights: ${called}`, rulesOf(called));
  // Many tensors may be parts of one storage, whose checksum is computed once.
  const read = new Map<string, Uint8Array>();
  const contents = (key: string) => {
    const known = read.get(key) ?? zip.read(`${folder}data/${key}`);
    read.set(key, known);
    return known;
  };
  return [...dictOf(root, called)].map(([name, value]) => {
    const { storage, offset, shape, strides } = value as StoredTensor;
    const where = `loadWeights: ${called}: tensor ${describe(name)}`;
    return { name: name as string, shape, read: () => readFloats(contents(storage.key), storage.type, shape, offset, strides, where) };
  });
}

/** The dict of tensors: the value itself, or the only one that is a value of it. */
function dictOf(root: PyValue, called: string): PyDict {
  if (root instanceof StoredTensor)
    throw new FormatError(`loadWeights: ${called} holds one tensor; save model.state_dict(), which has their names`);
  if (!(root instanceof Map)) throw new FormatError(`loadWeights: ${called} holds no dict: save model.state_dict()`);
  if (isStateDict(root)) return root;
  // A value may stand under many keys, and is looked at once.
  const dicts = new Set([...new Set(root.values())].filter(isStateDict));
  const inside = [...root].filter(([, value]) => dicts.has(value));
  const [found] = inside;
  if (!found || inside.length > 1) {
    const keys = [...root.keys()].slice(0, 8).map(describe).join(', ');
    throw new FormatError(
      inside.length > 1
        ? `loadWeights: ${called} has several dicts of tensors: ${inside.map(([key]) => describe(key)).join(', ')}. Save the one that you mean: torch.save(checkpoint[${describe(found?.[0])}], path)`
        : `loadWeights: ${called} has no dict of tensors only; its keys are ${keys || 'none'}. Save model.state_dict()`,
    );
  }
  return found[1] as PyDict;
}

function isStateDict(value: PyValue): boolean {
  return (
    value instanceof Map &&
    value.size > 0 &&
    [...value].every(([name, tensor]) => typeof name === 'string' && tensor instanceof StoredTensor)
  );
}

/** The rules for the pickle of a state_dict. */
function rulesOf(called: string): PickleRules {
  const damaged = (problem: string) => new FormatError(`loadWeights: ${called} has a damaged pickle: ${problem}`);
  const tensorOf = ([storage, offset, size, strides]: readonly PyValue[]) => {
    if (!(storage instanceof Storage)) throw damaged('a tensor has no storage');
    if (!isCount(offset)) throw damaged(`a tensor begins at element ${describe(offset)}`);
    const [shape, steps] = [countsOf(size), countsOf(strides)];
    if (!shape || !steps || shape.length !== steps.length) throw damaged('a tensor has no valid shape and strides');
    return new StoredTensor(storage, offset as number, shape, steps);
  };
  return {
    allows: (global) => Object.hasOwn(STORAGE_TYPES, global) || CALLED.some((name) => name === global),
    call(global, args) {
      if (global === 'collections.OrderedDict' && args.length === 0) return new Map();
      if (global.startsWith('torch._utils._rebuild_tensor')) return tensorOf(args);
      if (global === 'torch._utils._rebuild_parameter' && args[0] instanceof StoredTensor) return args[0];
      throw damaged(`it calls ${describe(global)} with other arguments than PyTorch`);
    },
    stored(id) {
      const [what, type, key] = id instanceof PyTuple ? id.items : [];
      const known = type instanceof PyGlobal ? STORAGE_TYPES[type.name] : undefined;
      if (what !== 'storage' || known === undefined || typeof key !== 'string') throw damaged('it has an object that is not a storage');
      return new Storage(known, key);
    },
    refused: (global) =>
      new FormatError(
        `loadWeights: ${called} has a pickle that names ${describe(global)}, which is not part of a state_dict; nothing of it was executed. ` +
          'Save the weights alone: torch.save(model.state_dict(), path)',
      ),
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The numbers of a tuple; null when one is no size or they are too many. */
function countsOf(value: PyValue | undefined): Shape | null {
  return value instanceof PyTuple && value.items.length <= MOST_AXES && value.items.every(isCount) ? (value.items as Shape) : null;
}
