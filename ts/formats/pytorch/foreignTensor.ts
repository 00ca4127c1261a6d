import { FormatError } from '../../core/errors.ts';
import type { FloatArray } from '../../core/numericArray.ts';
import type { Shape } from '../../core/shape.ts';
import { halfFloat } from '../halfFloat.ts';

/** A tensor of a file of another program. Its values are read when they are asked for. */
export interface ForeignTensor {
  readonly name: string;
  readonly shape: Shape;
  /**
   * A copy of the values in row-major order.
   * @throws {FormatError} when they are damaged, no floats, or beyond the range of float32
   */
  read(): FloatArray;
}

/** How the floats of a type are read, by its name in safetensors files. */
const FLOAT_TYPES: Readonly<Record<string, { readonly bytes: number; read(view: DataView, at: number): number }>> = {
  F16: { bytes: 2, read: (view, at) => halfFloat(view.getUint16(at, true)) },
  BF16: {
    bytes: 2,
    read(view, at) {
      WORD[0] = view.getUint16(at, true) << 16;
      return AS_FLOAT[0] as number;
    },
  },
  F32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
};

const WORD = new Uint32Array(1);
const AS_FLOAT = new Float32Array(WORD.buffer);

/**
 * Floats that lie in bytes with strides.
 * @param type the name of the type
 * @param offset the place of the first element, in elements
 * @param strides how far the next element is along each axis, in elements
 * @param where what is read, for error messages
 * @throws {FormatError} for another type, an element outside of the bytes, and a value that no
 *   float32 can hold
 */
export function readFloats(bytes: Uint8Array, type: string, shape: Shape, offset: number, strides: Shape, where: string): FloatArray {
  const found = Object.hasOwn(FLOAT_TYPES, type) ? FLOAT_TYPES[type] : undefined;
  if (!found) throw new FormatError(`${where} holds values of type ${type}, expected ${Object.keys(FLOAT_TYPES).join(', ')}`);
  const count = shape.reduce((product, size) => product * size, 1);
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * (strides[axis] as number), offset);
  if (count > 0 && (last + 1) * found.bytes > bytes.length)
    throw new FormatError(`${where} reaches to element ${last} of a storage of ${Math.floor(bytes.length / found.bytes)} elements`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = type === 'F64' ? new Float64Array(count) : new Float32Array(count);
  const index = new Array<number>(shape.length).fill(0);
  let place = offset;
  for (let element = 0; element < count; element++) {
    const value = found.read(view, place * found.bytes);
    if (Number.isFinite(value) && !Number.isFinite(Math.fround(value)))
      throw new FormatError(`${where} holds ${value}, which is beyond the range of float32`);
    data[element] = value;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += strides[axis] as number;
      if (++(index[axis] as number) < (shape[axis] as number)) break;
      place -= (index[axis] as number) * (strides[axis] as number);
      index[axis] = 0;
    }
  }
  return data;
}

/** The strides of elements in row-major order. */
export function rowMajor(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] as number;
  }
  return strides;
}
