import { describe } from '../core/describe.ts';
import { ArgumentError, FormatError, ShapeError } from '../core/errors.ts';
import { decodeText, encodeText } from '../core/nodeGlobals.ts';
import { formatShape, type Shape, sizeOf } from '../core/shape.ts';
import { typedArrayName } from '../core/tags.ts';
import { isSafetensors } from './fileSignatures.ts';

/** A tensor of a safetensors file. */
export interface StoredTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly data: Float32Array | Float64Array | Int32Array | Int16Array | Int8Array;
}

/** A file's tensors and the strings of its `__metadata__`. */
export interface SafetensorsFile {
  readonly tensors: readonly StoredTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

const DATA_TYPES = { F32: Float32Array, F64: Float64Array, I32: Int32Array, I16: Int16Array, I8: Int8Array } as const;
type DataType = keyof typeof DATA_TYPES;

/** The bytes of an element, by the types that the format has for whole bytes. */
const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  ...{ BOOL: 1, U8: 1, I8: 1, F8_E4M3: 1, F8_E5M2: 1, U16: 2, I16: 2, F16: 2, BF16: 2 },
  ...{ U32: 4, I32: 4, F32: 4, U64: 8, I64: 8, F64: 8 },
};

/** A tensor as it lies in a file. */
export interface SafetensorsEntry {
  readonly name: string;
  /** `F32`, `BF16`. */
  readonly type: string;
  readonly shape: Shape;
  /** A view of the file, which may begin at any byte. */
  readonly bytes: Uint8Array;
}

/** Name of the entry of the header that is not a tensor. */
const METADATA = '__metadata__';

/**
 * The largest size of a header in bytes. A header of a hostile file takes about fifty times its
 * size in memory when it is parsed.
 */
export const LONGEST_HEADER = 2 ** 22;

/**
 * Writes a safetensors file: eight bytes of header length, a JSON header of types, shapes and
 * offsets, then the data.
 * https://github.com/huggingface/safetensors#format
 * @throws {ArgumentError} for a name that is taken or reserved, data of another type, or a header
 *   that is too long to be read again
 * @throws {ShapeError} when the length of the data does not fit the shape
 */
export function encodeSafetensors({ tensors, metadata }: SafetensorsFile): Uint8Array {
  const header = new Map<string, unknown>([[METADATA, metadata]]);
  let offset = 0;
  for (const { name, shape, data } of tensors) {
    if (header.has(name)) throw new ArgumentError(`encodeSafetensors: the name '${name}' is taken or reserved`);
    if (data.length !== sizeOf(shape))
      throw new ShapeError(
        `encodeSafetensors: '${name}' has shape ${formatShape(shape)}, ${sizeOf(shape)} values, but data holds ${data.length}`,
      );
    header.set(name, { dtype: dataTypeOf(name, data), shape, data_offsets: [offset, offset + data.byteLength] });
    offset += data.byteLength;
  }
  // Spaces make the data begin at a multiple of eight bytes, so that readers can view it in place.
  const json = encodeText(JSON.stringify(Object.fromEntries(header)));
  const headerLength = Math.ceil(json.length / 8) * 8;
  if (headerLength > LONGEST_HEADER) {
    const parts = `names and shapes of ${tensors.length} tensors, and the metadata`;
    throw new ArgumentError(
      `the header of a safetensors file has ${LONGEST_HEADER} bytes at most, but would have ${headerLength}: ${parts}`,
    );
  }
  const bytes = new Uint8Array(8 + headerLength + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8, 8 + headerLength);
  bytes.set(json, 8);
  let position = 8 + headerLength;
  for (const { data } of tensors) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return bytes;
}

/**
 * Reads a safetensors file. The tensors are copies.
 * @param source the name of the source, for error messages
 * @throws {FormatError} when it is truncated, has too many bytes, or has an invalid header
 */
export function decodeSafetensors(bytes: Uint8Array, source: string): SafetensorsFile {
  const { entries, metadata } = readSafetensors(bytes, source, Object.keys(DATA_TYPES));
  const tensors = entries.map(({ name, type, shape, bytes: own }) => {
    // Not bytes.slice: Node reads files into a Buffer, whose slice is a view of the whole file.
    const copy = new Uint8Array(own);
    return { name, shape, data: new DATA_TYPES[type as DataType](copy.buffer, 0, sizeOf(shape)) };
  });
  return { tensors, metadata };
}

/**
 * Finds the tensors of a safetensors file, and copies nothing.
 * @param source the name of the source, for error messages
 * @param types the types that are expected. Default: all
 * @throws {FormatError} when it is truncated, has too many bytes, or has an invalid header
 */
export function readSafetensors(
  bytes: Uint8Array,
  source: string,
  types: readonly string[] = Object.keys(ELEMENT_BYTES),
): { readonly entries: readonly SafetensorsEntry[]; readonly metadata: Readonly<Record<string, string>> } {
  const fail = (problem: string, cause?: unknown): never => {
    throw new FormatError(`${source} is not a whole safetensors file: ${problem}`, { cause });
  };
  if (bytes.length < 8) fail(`it has ${bytes.length} bytes, fewer than the 8 of the header's length`);
  if (bytes.length > 8 && !isSafetensors(bytes))
    throw new FormatError(`${source} is not a safetensors file: no JSON header begins after its first 8 bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = view.getBigUint64(0, true);
  if (headerLength > BigInt(bytes.length - 8)) fail(`its header should have ${headerLength} bytes, but ${bytes.length - 8} follow`);
  if (headerLength > BigInt(LONGEST_HEADER)) {
    throw new FormatError(`${source} cannot be read: its header has ${headerLength} bytes, at most ${LONGEST_HEADER} are read`);
  }
  const dataStart = 8 + Number(headerLength);
  let header: unknown;
  try {
    header = JSON.parse(decodeText(bytes.subarray(8, dataStart), true));
  } catch (error) {
    fail('its header is not JSON', error);
  }
  if (!isRecord(header)) return fail('its header is not a JSON object');
  const { __metadata__: metadata = {}, ...entries } = header;
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string'))
    fail('its __metadata__ is not an object of strings');

  const available = bytes.length - dataStart;
  const ranges: [from: number, to: number][] = [];
  const found = Object.entries(entries).map(([name, entry]) => {
    const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
    if (typeof dtype !== 'string' || !types.includes(dtype))
      return fail(`tensor '${name}' has type ${describe(dtype)}, expected ${types.join(', ')}`);
    if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) return fail(`tensor '${name}' has no valid shape and data_offsets`);
    const [from, to] = offsets as [number, number];
    if (to > available || from > to)
      fail(`tensor '${name}' lies at bytes ${from} to ${to} of the data, but there are ${available}: the file is truncated`);
    if (to - from !== sizeOf(shape) * (ELEMENT_BYTES[dtype] as number))
      fail(`tensor '${name}' of shape [${shape.join(', ')}] and type ${dtype} has ${to - from} bytes`);
    ranges.push([from, to]);
    return { name, type: dtype, shape, bytes: bytes.subarray(dataStart + from, dataStart + to) };
  });
  // The format allows neither holes nor tensors that share bytes.
  let covered = 0;
  for (const [from, to] of ranges.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (from !== covered) fail(`byte ${covered} of its data should begin a tensor, but the next one begins at ${from}`);
    covered = to;
  }
  if (covered !== available) fail(`its tensors have ${covered} bytes, but ${available} follow the header`);
  return { entries: found, metadata: metadata as Record<string, string> };
}

function dataTypeOf(name: string, data: StoredTensor['data']): DataType {
  const found = (Object.keys(DATA_TYPES) as DataType[]).find((type) => typedArrayName(data) === DATA_TYPES[type].name);
  if (!found)
    throw new ArgumentError(
      `encodeSafetensors: '${name}' must be a Float32Array, a Float64Array, or an Int32Array, Int16Array or Int8Array, got ${describe(data)}`,
    );
  return found;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
