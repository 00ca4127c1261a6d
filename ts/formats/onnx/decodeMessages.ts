import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { BacktimeError, FormatError } from '../../core/errors.ts';
import type {
  AttributeMessage,
  FunctionMessage,
  GraphMessage,
  ModelMessage,
  NodeMessage,
  TensorMessage,
  ValueMessage,
} from './messages.ts';

/** The most nodes of a file, those of its functions included. */
const MOST_NODES = 100_000;
/**
 * The bytes of a file that a message and a text of it count as. No writer takes fewer for one with
 * a name, but two bytes make a message without content, which takes hundreds in memory.
 */
const [MESSAGE_BYTES, TEXT_BYTES] = [8, 1] as const;
/** How many bytes more than the file has its messages and texts may count as. */
const BYTES_BESIDE = 100_000;

/** Reads the fields of a file, and counts what it makes of them. */
class MessageReader extends BinaryReader {
  #bytesLeft: number;
  #nodes = 0;

  constructor(bytes: Uint8Array) {
    super(bytes);
    this.#bytesLeft = bytes.length + BYTES_BESIDE;
  }

  /** Counts a message before it is read. @throws {FormatError} after too many */
  countMessage(): void {
    this.#spend(MESSAGE_BYTES);
  }

  /** Counts a node before it is read. @throws {FormatError} after too many */
  countNode(): void {
    if (++this.#nodes > MOST_NODES) throw new FormatError(`the ONNX file has more than ${MOST_NODES} nodes, the most that Backtime reads`);
    this.countMessage();
  }

  override string(): string {
    this.#spend(TEXT_BYTES);
    return super.string();
  }

  #spend(bytes: number): void {
    this.#bytesLeft -= bytes;
    if (this.#bytesLeft < 0)
      throw new FormatError(`the ONNX file has more nodes, values and attributes than ${this.len} bytes can describe: most are empty`);
  }
}

/**
 * Decodes a file. Fields that Backtime does not use are skipped, at most 100 messages deep.
 * @param called the file's name, for error messages
 * @throws {FormatError} when the bytes are no such messages, lack the graph, or have more than
 *   100,000 nodes, or more messages than their length can hold with names
 */
export function decodeModelMessage(bytes: Uint8Array, called: string): ModelMessage {
  try {
    return decodeModel(new MessageReader(bytes));
  } catch (cause) {
    if (cause instanceof BacktimeError)
      throw new FormatError(`${called} is not an ONNX file, or is damaged or truncated: ${cause.message}`, { cause });
    // The reader of protocol buffers throws plain errors, such as for what ends too early.
    throw new FormatError(`${called} is not an ONNX file, or is damaged: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** Reads a field by its number. False: it is another one, which is skipped. */
type ReadField = (field: number, wireType: WireType) => boolean;

/** Reads the fields up to an end. */
function fields(from: MessageReader, end: number, read: ReadField): void {
  while (from.pos < end) {
    const [field, wireType] = from.tag();
    if (!read(field, wireType)) from.skip(wireType, field);
  }
  if (from.pos > end) throw new FormatError(`a field of the ONNX file reaches ${from.pos - end} bytes beyond its message`);
}

/** Reads the message of a field. */
function inside(from: MessageReader, wireType: WireType, read: ReadField): void {
  fields(from, endOf(from, wireType), read);
}

/**
 * The end of a field that begins with its length.
 * @throws {FormatError} when it is behind the file's
 */
function endOf(from: MessageReader, wireType: WireType): number {
  expectType(wireType, WireType.LengthDelimited);
  const length = from.uint32();
  if (length > from.len - from.pos)
    throw new FormatError(`a field of the ONNX file has ${length} bytes, but ${from.len - from.pos} are left`);
  return from.pos + length;
}

function expectType(found: WireType, expected: WireType): void {
  if (found !== expected) throw new FormatError(`a field of the ONNX file has the wire type ${found}, expected ${expected}`);
}

function text(from: MessageReader, wireType: WireType): string {
  expectType(wireType, WireType.LengthDelimited);
  return from.string();
}

/** An integer. @throws {FormatError} when JavaScript cannot hold it */
function integer(from: MessageReader): number {
  const value = Number(from.int64());
  // The largest and the smallest number stand for an end that is not known, as of a slice.
  if (value >= 2 ** 63) return Number.MAX_SAFE_INTEGER;
  if (value <= -(2 ** 63) || -value >= Number.MAX_SAFE_INTEGER) return Number.MIN_SAFE_INTEGER;
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}

/** A number of a field, or all numbers of a packed one. */
function numbers(from: MessageReader, wireType: WireType, own: WireType, read: () => number, into: number[]): void {
  if (wireType === WireType.LengthDelimited) {
    const end = endOf(from, wireType);
    while (from.pos < end) into.push(read());
    if (from.pos > end) throw new FormatError('a number of the ONNX file reaches beyond its field');
    return;
  }
  expectType(wireType, own);
  into.push(read());
}

function oneInteger(from: MessageReader, wireType: WireType): number {
  expectType(wireType, WireType.Varint);
  return integer(from);
}

function decodeModel(from: MessageReader): ModelMessage {
  const found = {
    irVersion: 0,
    producerName: '',
    opsets: new Map<string, number>(),
    graph: null as GraphMessage | null,
    functions: [] as FunctionMessage[],
    metadata: new Map<string, string>(),
  };
  fields(from, from.len, (field, type) => {
    if (field === 1) found.irVersion = oneInteger(from, type);
    else if (field === 2) found.producerName = text(from, type);
    else if (field === 7) found.graph = decodeGraph(from, type);
    else if (field === 8) {
      const [domain, version] = decodeOpset(from, type);
      found.opsets.set(domain, version);
    } else if (field === 14) {
      from.countMessage();
      let [key, value] = ['', ''];
      inside(from, type, (entry, entryType) => {
        if (entry === 1) key = text(from, entryType);
        else if (entry === 2) value = text(from, entryType);
        else return false;
        return true;
      });
      found.metadata.set(key, value);
    } else if (field === 25) found.functions.push(decodeFunction(from, type));
    else return false;
    return true;
  });
  const { graph, ...rest } = found;
  if (!graph || rest.irVersion < 1) throw new FormatError('the file is not an ONNX model: it has no graph, or no version of the format');
  return { ...rest, graph };
}

function decodeOpset(from: MessageReader, wireType: WireType): [domain: string, version: number] {
  from.countMessage();
  const opset: [string, number] = ['', 0];
  inside(from, wireType, (field, type) => {
    if (field === 1) opset[0] = text(from, type);
    else if (field === 2) opset[1] = oneInteger(from, type);
    else return false;
    return true;
  });
  // The operators of ONNX have two names for their domain.
  return opset[0] === 'ai.onnx' ? ['', opset[1]] : opset;
}

function decodeGraph(from: MessageReader, wireType: WireType): GraphMessage {
  const graph = {
    name: '',
    nodes: [] as NodeMessage[],
    initializers: [] as TensorMessage[],
    inputs: [] as ValueMessage[],
    outputs: [] as ValueMessage[],
  };
  inside(from, wireType, (field, type) => {
    if (field === 1) graph.nodes.push(decodeNode(from, type));
    else if (field === 2) graph.name = text(from, type);
    else if (field === 5) graph.initializers.push(decodeTensor(from, type));
    else if (field === 11) graph.inputs.push(decodeValue(from, type));
    else if (field === 12) graph.outputs.push(decodeValue(from, type));
    else if (field === 15) throw new FormatError('the ONNX file has sparse initializers, which Backtime does not read');
    else return false;
    return true;
  });
  return graph;
}

function decodeNode(from: MessageReader, wireType: WireType): NodeMessage {
  from.countNode();
  const [inputs, outputs, attributes] = [[] as string[], [] as string[], [] as AttributeMessage[]];
  let [name, opType, domain] = ['', '', ''];
  inside(from, wireType, (field, type) => {
    if (field === 1) inputs.push(text(from, type));
    else if (field === 2) outputs.push(text(from, type));
    else if (field === 3) name = text(from, type);
    else if (field === 4) opType = text(from, type);
    else if (field === 5) attributes.push(decodeAttribute(from, type));
    else if (field === 7) domain = text(from, type);
    else return false;
    return true;
  });
  return { name, opType, domain: domain === 'ai.onnx' ? '' : domain, inputs, outputs, attributes };
}

function decodeAttribute(from: MessageReader, wireType: WireType): AttributeMessage {
  from.countMessage();
  const [floats, ints, strings] = [[] as number[], [] as number[], [] as string[]];
  const found: { -readonly [Key in keyof AttributeMessage]: AttributeMessage[Key] } = { name: '' };
  let [kind, reference] = [0, ''];
  inside(from, wireType, (field, type) => {
    if (field === 1) found.name = text(from, type);
    else if (field === 2) {
      expectType(type, WireType.Bit32);
      found.float = from.float();
    } else if (field === 3) found.int = oneInteger(from, type);
    else if (field === 4) found.string = text(from, type);
    else if (field === 5) found.tensor = decodeTensor(from, type);
    else if (field === 7) numbers(from, type, WireType.Bit32, () => from.float(), floats);
    else if (field === 8) numbers(from, type, WireType.Varint, () => integer(from), ints);
    else if (field === 9) strings.push(text(from, type));
    else if (field === 20) kind = oneInteger(from, type);
    else if (field === 21) reference = text(from, type);
    else {
      // Graphs, sparse tensors, types, and lists of them.
      if ([6, 10, 11, 14, 15, 22, 23].includes(field)) found.other = true;
      return false;
    }
    return true;
  });
  if (floats.length > 0 || kind === 6) found.floats = floats;
  if (ints.length > 0 || kind === 7) found.ints = ints;
  if (strings.length > 0 || kind === 8) found.strings = strings;
  // A value that is the zero of its type may be absent from the file.
  if (kind === 1) found.float ??= 0;
  if (kind === 2) found.int ??= 0;
  if (kind === 3) found.string ??= '';
  if (reference !== '') found.reference = { name: reference, type: kind };
  return found;
}

/** Shared: an array without elements takes hundreds of bytes, too. */
const NO_BYTES: Uint8Array = new Uint8Array();

function decodeTensor(from: MessageReader, wireType: WireType): TensorMessage {
  from.countMessage();
  const [dims, numbersFound] = [[] as number[], [] as number[]];
  let [name, dataType, external] = ['', 0, false];
  let rawData = NO_BYTES;
  inside(from, wireType, (field, type) => {
    if (field === 1) numbers(from, type, WireType.Varint, () => integer(from), dims);
    else if (field === 2) dataType = oneInteger(from, type);
    else if (field === 4) numbers(from, type, WireType.Bit32, () => from.float(), numbersFound);
    else if (field === 5) numbers(from, type, WireType.Varint, () => from.int32(), numbersFound);
    else if (field === 7) numbers(from, type, WireType.Varint, () => integer(from), numbersFound);
    else if (field === 8) name = text(from, type);
    else if (field === 9) {
      expectType(type, WireType.LengthDelimited);
      rawData = from.bytes();
    } else if (field === 10) numbers(from, type, WireType.Bit64, () => from.double(), numbersFound);
    else if (field === 11) numbers(from, type, WireType.Varint, () => Number(from.uint64()), numbersFound);
    else if (field === 13) {
      external = true;
      return false;
    } else if (field === 14) external = oneInteger(from, type) === 1 || external;
    else return false;
    return true;
  });
  return { name, dims, dataType, rawData, numbers: numbersFound.length > 0 ? numbersFound : null, external };
}

function decodeValue(from: MessageReader, wireType: WireType): ValueMessage {
  from.countMessage();
  let name = '';
  let dataType: number | null = null;
  let dims: (number | string | null)[] | null = null;
  inside(from, wireType, (field, type) => {
    if (field === 1) name = text(from, type);
    else if (field === 2)
      inside(from, type, (kind, kindType) => {
        if (kind !== 1) return false;
        inside(from, kindType, (part, partType) => {
          if (part === 1) dataType = oneInteger(from, partType);
          else if (part === 2) dims = decodeDims(from, partType);
          else return false;
          return true;
        });
        return true;
      });
    else return false;
    return true;
  });
  return { name, dataType, dims };
}

function decodeDims(from: MessageReader, wireType: WireType): (number | string | null)[] {
  const dims: (number | string | null)[] = [];
  inside(from, wireType, (field, type) => {
    if (field !== 1) return false;
    let size: number | string | null = null;
    inside(from, type, (kind, kindType) => {
      if (kind === 1) size = oneInteger(from, kindType);
      else if (kind === 2) size = text(from, kindType);
      else return false;
      return true;
    });
    dims.push(size);
    return true;
  });
  return dims;
}

function decodeFunction(from: MessageReader, wireType: WireType): FunctionMessage {
  from.countMessage();
  const [inputs, outputs, attributes, nodes] = [[] as string[], [] as string[], [] as string[], [] as NodeMessage[]];
  let [name, domain] = ['', ''];
  inside(from, wireType, (field, type) => {
    if (field === 1) name = text(from, type);
    else if (field === 4) inputs.push(text(from, type));
    else if (field === 5) outputs.push(text(from, type));
    else if (field === 6) attributes.push(text(from, type));
    else if (field === 7) nodes.push(decodeNode(from, type));
    else if (field === 10) domain = text(from, type);
    else return false;
    return true;
  });
  return { name, domain, inputs, outputs, attributes, nodes };
}
