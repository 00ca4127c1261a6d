import { allocateArray } from '../../core/allocate.ts';
import type { FloatArray } from '../../core/numericArray.ts';
import { halfFloat } from '../halfFloat.ts';
import { type Datatype, isNumeric, type NumericType } from './datatype.ts';
import type { FileBytes } from './fileBytes.ts';

/** The values of a dataset or an attribute: floats, integers as floats, or texts. */
export type Elements = Float32Array | Float64Array | string[];

/**
 * Decodes the elements of an attribute.
 * @param bytes `count` elements of the datatype
 * @throws {FormatError} when a text is damaged
 */
export function decodeElements(file: FileBytes, type: Datatype, bytes: Uint8Array, count: number): Elements {
  if (isNumeric(type)) return decodeNumbers(file, type, bytes, count);
  if (type.kind === 'heapText') {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: count }, (_, index) => heapText(file, view, index * 16));
  }
  return Array.from({ length: count }, (_, index) => {
    const text = file.text(bytes.subarray(index * type.size, (index + 1) * type.size));
    return type.spaces ? withoutPadding(text) : text;
  });
}

/** A text without the spaces at its end. A pattern for them would try every run of spaces. */
function withoutPadding(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ') end--;
  return text.slice(0, end);
}

/**
 * Decodes numbers. Integers beyond 2^53 are rounded.
 * @param bytes `count` elements of the datatype
 * @throws {OutOfMemoryError} when they do not fit in memory
 */
export function decodeNumbers(file: FileBytes, type: NumericType, bytes: Uint8Array, count: number): FloatArray {
  const { kind, size, littleEndian } = type;
  const values = allocateArray<FloatArray>(kind === 'float' && size < 8 ? Float32Array : Float64Array, [count], `${file.source}: numbers`);
  const read = readerOf(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), kind, size, littleEndian);
  for (let index = 0; index < count; index++) values[index] = read(index * size);
  return values;
}

function readerOf(view: DataView, kind: NumericType['kind'], size: number, little: boolean): (at: number) => number {
  if (kind === 'float') {
    if (size === 2) return (at) => halfFloat(view.getUint16(at, little));
    return size === 4 ? (at) => view.getFloat32(at, little) : (at) => view.getFloat64(at, little);
  }
  const signed = kind === 'int';
  if (size === 1) return signed ? (at) => view.getInt8(at) : (at) => view.getUint8(at);
  if (size === 2) return signed ? (at) => view.getInt16(at, little) : (at) => view.getUint16(at, little);
  if (size === 4) return signed ? (at) => view.getInt32(at, little) : (at) => view.getUint32(at, little);
  return signed ? (at) => Number(view.getBigInt64(at, little)) : (at) => Number(view.getBigUint64(at, little));
}

/** A text in a global heap, by its length, the heap's address and its index there. */
function heapText(file: FileBytes, view: DataView, at: number): string {
  const length = view.getUint32(at, true);
  const address = view.getBigUint64(at + 4, true);
  const index = view.getUint32(at + 12, true);
  if (length === 0) return '';
  const heap = file.at(Number(address));
  heap.expect('GCOL');
  heap.skip(4);
  const objects = heap.part(Math.max(0, heap.uint(8) - 16));
  while (objects.left >= 16) {
    file.step();
    const found = objects.uint(2);
    objects.skip(6);
    const size = objects.uint(8);
    // The object 0 is the free space, which ends the heap.
    if (found === 0) break;
    if (found === index) {
      if (size < length) throw file.damaged(`a text of ${length} bytes has ${size} in its heap`);
      return file.text(objects.bytes(length));
    }
    objects.skip(Math.min(objects.left, Math.ceil(size / 8) * 8));
  }
  throw file.damaged(`the heap at ${address} has no object ${index}`);
}
