import { allocateArray } from '../core/allocate.ts';
import { describe } from '../core/describe.ts';
import { FormatError } from '../core/errors.ts';
import type { NumericArray } from '../core/numericArray.ts';
import { checkOptions } from '../core/options.ts';
import { type Shape, sizeOf } from '../core/shape.ts';
import { type Tensor, tensorOf } from '../core/tensor.ts';
import type { DataSource, ReadOptions } from './dataSource.ts';
import { readWhole } from './readBytes.ts';

const NAME = 'readNpy';
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const;

interface ArrayType {
  new (length: number): NumericArray;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): NumericArray;
  readonly BYTES_PER_ELEMENT: number;
}

/** NumPy's types of which a typed array holds the values as they are. */
const TYPES: Readonly<Record<string, ArrayType>> = {
  f4: Float32Array,
  f8: Float64Array,
  i1: Int8Array,
  i2: Int16Array,
  i4: Int32Array,
  u1: Uint8Array,
  u2: Uint16Array,
  u4: Uint32Array,
  b1: Uint8Array,
};

/** See `readNpy` of lazyReaders.ts. */
export async function readNpy(source: DataSource, options: ReadOptions = {}): Promise<Tensor> {
  checkOptions(options, ['maxBytes'], NAME);
  const { name, bytes } = await readWhole(source, NAME, options);
  return parseNpy(bytes, `${NAME}: ${name}`);
}

/**
 * The array of a file of `numpy.save`.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @param bytes the file, whose memory becomes that of the array where the values are aligned
 * @param where the file, for error messages: `readNpy: x.npy`
 * @throws the errors of {@link readNpy}
 */
export function parseNpy(bytes: Uint8Array, where: string): Tensor {
  const header = headerOf(bytes, where, bytes.length);
  return tensorOf(header.shape, valuesOf(bytes.subarray(header.start), header, where));
}

/**
 * The values of a part of a file.
 * @param bytes their bytes, whose memory becomes that of the values where they are aligned
 * @param firstIndex the flat index of the first of them, for error messages
 * @throws {FormatError} for integers that no float64 represents exactly
 */
export function valuesOf(
  bytes: Uint8Array,
  { type, isLittle, isAsStored, OfType }: NpyHeader,
  where: string,
  firstIndex = 0,
): NumericArray {
  const values = alignedValues(bytes, OfType, where);
  const count = bytes.length / OfType.BYTES_PER_ELEMENT;
  const data = new OfType(values.buffer as ArrayBuffer, values.byteOffset, count);
  if (isAsStored) return data;
  if (isLittle !== IS_LITTLE) swap(values, OfType.BYTES_PER_ELEMENT);
  if (!is64(type)) return data;
  const Integers = type === 'i8' ? BigInt64Array : BigUint64Array;
  const integers = new Integers(values.buffer as ArrayBuffer, values.byteOffset, count);
  for (let index = 0; index < count; index++) {
    const integer = integers[index] as bigint;
    const value = Number(integer);
    if (!Number.isSafeInteger(value))
      throw new FormatError(`${where} has the value ${integer} at ${firstIndex + index}, which no float64 represents exactly`);
    data[index] = value;
  }
  return data;
}

/** The bytes themselves or, where no array of the type can lie on them, a copy. */
function alignedValues(bytes: Uint8Array, { BYTES_PER_ELEMENT: size }: ArrayType, where: string): Uint8Array {
  if (bytes.byteOffset % size === 0) return bytes;
  const copy = allocateArray(Uint8Array, [bytes.length], where);
  copy.set(bytes);
  return copy;
}

const IS_LITTLE = /* @__PURE__ */ isLittleEndian();

function isLittleEndian(): boolean {
  return new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
}

/** What the file says of its values. */
export interface NpyHeader {
  readonly type: string;
  /** The class of the arrays that hold the values. */
  readonly OfType: ArrayType;
  readonly isLittle: boolean;
  /** Whether the bytes are those of the values; otherwise {@link valuesOf} changes them. */
  readonly isAsStored: boolean;
  readonly shape: Shape;
  /** The place of the first value. */
  readonly start: number;
}

/**
 * Reads the header: a version, its length, and a dictionary of Python.
 * @param bytes the file, or its begin
 * @param size the bytes of the file
 * @throws {FormatError}
 */
export function headerOf(bytes: Uint8Array, where: string, size: number): NpyHeader {
  if (bytes.length < 10 || MAGIC.some((byte, index) => bytes[index] !== byte))
    throw new FormatError(`${where} is not a file of numpy.save: its first bytes differ`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isLong = (bytes[6] as number) >= 2;
  const from = isLong ? 12 : 10;
  const length = isLong && bytes.length >= 12 ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = from + length;
  if (start > bytes.length) throw new FormatError(`${where} is truncated: its header has ${length} bytes`);
  const text = new TextDecoder('latin1').decode(bytes.subarray(from, start));
  const type = /'descr':\s*'([<>|=])(\w+)'/.exec(text);
  const order = /'fortran_order':\s*(True|False)/.exec(text);
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(text);
  if (!type || !order || !shape)
    throw new FormatError(`${where} has a header that is not understood, as of structured or object arrays: ${describe(text.trim())}`);
  const axes = (shape[1] as string).split(',').filter((axis) => axis.trim() !== '');
  if (order[1] === 'True' && axes.length > 1)
    throw new FormatError(`${where} has the values in Fortran order: save numpy.ascontiguousarray(array)`);
  const header = { type: type[2] as string, isLittle: type[1] !== '>', shape: axes.map(Number), start };
  const OfType = arrayTypeOf(header.type, where);
  const needed = sizeOf(header.shape) * OfType.BYTES_PER_ELEMENT;
  if (size - start !== needed)
    throw new FormatError(
      `${where} has ${size - start} bytes of values, but shape [${header.shape.join(', ')}] of ${header.type} needs ${needed}`,
    );
  return { ...header, OfType, isAsStored: header.isLittle === IS_LITTLE && !is64(header.type) };
}

/** Whether the values are integers that become floats. */
function is64(type: string): boolean {
  return type === 'i8' || type === 'u8';
}

/** @throws {FormatError} for a type whose values no array holds */
function arrayTypeOf(type: string, where: string): ArrayType {
  const OfType = is64(type) ? Float64Array : TYPES[type];
  if (OfType) return OfType;
  throw new FormatError(
    `${where} holds values of type ${describe(type)}; the types are ${Object.keys(TYPES).join(', ')}, i8 and u8: convert it, array.astype('float32')`,
  );
}

/** Turns the order of the bytes of each value. */
function swap(bytes: Uint8Array, size: number): void {
  for (let start = 0; start < bytes.length; start += size) bytes.subarray(start, start + size).reverse();
}
