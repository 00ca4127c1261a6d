import type { Cursor, FileBytes } from './fileBytes.ts';

/** A type of numbers. */
export interface NumericType {
  readonly kind: 'int' | 'uint' | 'float';
  readonly size: number;
  readonly littleEndian: boolean;
}

/** The type of the elements of a dataset or an attribute. */
export type Datatype =
  | NumericType
  /** A text of `size` bytes, filled with zeros, or with spaces. */
  | { readonly kind: 'text'; readonly size: number; readonly spaces: boolean }
  /** A text of its own length, in a global heap. */
  | { readonly kind: 'heapText'; readonly size: 16 };

export function isNumeric(type: Datatype): type is NumericType {
  return type.kind !== 'text' && type.kind !== 'heapText';
}

const FIXED = 0;
const FLOAT = 1;
const TEXT = 3;
const ENUM = 8;
const VARIABLE = 9;
/** Bits of exponent and of mantissa of IEEE floats by their bytes. */
const FLOATS: Readonly<Record<number, readonly [number, number]>> = { 2: [5, 10], 4: [8, 23], 8: [11, 52] };

/**
 * Reads a datatype message.
 * @throws {FormatError} when this reader does not know the type
 */
export function readDatatype(file: FileBytes, cursor: Cursor, inside = false): Datatype {
  const kind = cursor.uint(1) & 15;
  const bits = cursor.uint(1);
  const moreBits = cursor.uint(2);
  const size = cursor.uint(4);
  const littleEndian = (bits & 1) === 0;
  if (kind === FIXED) {
    if (![1, 2, 4, 8].includes(size)) throw file.unsupported(`integers of ${size} bytes`);
    const [offset, precision] = [cursor.uint(2), cursor.uint(2)];
    if (offset !== 0 || precision !== 8 * size) throw file.unsupported(`integers of ${precision} bits`);
    return { kind: bits & 8 ? 'int' : 'uint', size, littleEndian };
  }
  if (kind === FLOAT) {
    const [offset, precision, , exponent, , mantissa] = [
      cursor.uint(2),
      cursor.uint(2),
      cursor.uint(1),
      cursor.uint(1),
      cursor.uint(1),
      cursor.uint(1),
    ];
    const [wantExponent, wantMantissa] = FLOATS[size] ?? [];
    if (offset !== 0 || precision !== 8 * size || exponent !== wantExponent || mantissa !== wantMantissa || bits & 0x40 || moreBits >> 8)
      throw file.unsupported(`floats of ${size} bytes that are not IEEE 754 floats`);
    return { kind: 'float', size, littleEndian };
  }
  if (kind === TEXT) {
    if (size === 0) throw file.damaged('a text has 0 bytes');
    return { kind: 'text', size, spaces: (bits & 15) === 2 };
  }
  // h5py writes booleans as an enumeration over bytes.
  if (kind === ENUM && !inside) return readDatatype(file, cursor, true);
  if (kind === VARIABLE && (bits & 15) === 1 && size === 16) return { kind: 'heapText', size };
  throw file.unsupported(`elements of datatype class ${kind}`);
}

/** Reads a dataspace message. @returns the shape, null for an empty dataspace */
export function readDataspace(file: FileBytes, cursor: Cursor): number[] | null {
  const version = cursor.uint(1);
  if (version !== 1 && version !== 2) throw file.unsupported(`a dataspace of version ${version}`);
  const rank = cursor.uint(1);
  if (rank > 32) throw file.damaged(`a dataset has ${rank} dimensions`);
  cursor.skip(1);
  if (version === 1) cursor.skip(5);
  else if (cursor.uint(1) === 2) return null;
  const shape = Array.from({ length: rank }, () => cursor.uint(8));
  if (!Number.isSafeInteger(shape.reduce((product, size) => product * size, 1)))
    throw file.damaged(`a dataset has the shape [${shape.join(', ')}]`);
  return shape;
}
