import { FormatError } from '../../core/errors.ts';
import { sizeOf } from '../../core/shape.ts';
import { halfFloat } from '../halfFloat.ts';
import { ELEMENTS, type TensorMessage } from './messages.ts';

/** An array that the file holds. */
export interface Constant {
  readonly kind: 'constant';
  readonly dims: readonly number[];
  /** The elements in row-major order; false and true as 0 and 1. */
  readonly data: Float32Array | Float64Array;
  /** Whether the elements are floats; else integers or booleans. */
  readonly isFloat: boolean;
}

/** How the elements of a type lie in `rawData`. */
interface Layout {
  readonly bytes: number;
  readonly isFloat: boolean;
  readonly read: (view: DataView, at: number) => number;
}

const LAYOUTS: Readonly<Record<number, Layout>> = {
  [ELEMENTS.float]: { bytes: 4, isFloat: true, read: (view, at) => view.getFloat32(at, true) },
  [ELEMENTS.double]: { bytes: 8, isFloat: true, read: (view, at) => view.getFloat64(at, true) },
  [ELEMENTS.float16]: { bytes: 2, isFloat: true, read: (view, at) => halfFloat(view.getUint16(at, true)) },
  [ELEMENTS.bfloat16]: { bytes: 2, isFloat: true, read: (view, at) => brainFloatOf(view.getUint16(at, true)) },
  [ELEMENTS.int8]: { bytes: 1, isFloat: false, read: (view, at) => view.getInt8(at) },
  [ELEMENTS.uint8]: { bytes: 1, isFloat: false, read: (view, at) => view.getUint8(at) },
  [ELEMENTS.bool]: { bytes: 1, isFloat: false, read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) },
  [ELEMENTS.int16]: { bytes: 2, isFloat: false, read: (view, at) => view.getInt16(at, true) },
  [ELEMENTS.uint16]: { bytes: 2, isFloat: false, read: (view, at) => view.getUint16(at, true) },
  [ELEMENTS.int32]: { bytes: 4, isFloat: false, read: (view, at) => view.getInt32(at, true) },
  [ELEMENTS.uint32]: { bytes: 4, isFloat: false, read: (view, at) => view.getUint32(at, true) },
  [ELEMENTS.int64]: { bytes: 8, isFloat: false, read: (view, at) => Number(view.getBigInt64(at, true)) },
  [ELEMENTS.uint64]: { bytes: 8, isFloat: false, read: (view, at) => Number(view.getBigUint64(at, true)) },
};

/** The upper half of a float32. */
function brainFloatOf(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0] as number;
}

/**
 * The array of a tensor.
 * @throws {FormatError} naming the tensor, when its elements are elsewhere, of a type that is not
 *   read, or not as many as its sizes say
 */
export function constantOf({ name, dims, dataType, rawData, numbers, external }: TensorMessage): Constant {
  const refuse = (what: string) => new FormatError(`the tensor '${name}' of the ONNX file ${what}`);
  if (external) throw refuse('has its elements in another file, which Backtime does not read: save the model with all of them in one file');
  const layout = LAYOUTS[dataType];
  if (!layout) throw refuse(`has elements of type ${dataType}, which Backtime does not read`);
  const length = sizeOf(dims);
  const given = numbers ? numbers.length : rawData.byteLength / layout.bytes;
  if (dims.some((size) => size < 0) || given !== length) throw refuse(`has sizes [${dims.join(', ')}], but ${given} elements`);
  // Only as many elements as the file has are allocated.
  const data =
    dataType === ELEMENTS.float || dataType === ELEMENTS.float16 || dataType === ELEMENTS.bfloat16
      ? new Float32Array(length)
      : new Float64Array(length);
  if (numbers) {
    const decode = dataType === ELEMENTS.float16 ? halfFloat : dataType === ELEMENTS.bfloat16 ? brainFloatOf : (value: number) => value;
    for (let index = 0; index < length; index++) data[index] = decode(numbers[index] as number);
  } else {
    const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
    for (let index = 0; index < length; index++) data[index] = layout.read(view, index * layout.bytes);
  }
  return { kind: 'constant', dims, data, isFloat: layout.isFloat };
}

/** A constant with axes in another order. */
export function transposed({ dims, data, isFloat }: Constant, order: readonly number[]): Constant {
  const strides = dims.map((_, axis) => sizeOf(dims.slice(axis + 1)));
  const sizes = order.map((axis) => dims[axis] as number);
  const steps = order.map((axis) => strides[axis] as number);
  const result = data.slice();
  const place = sizes.map(() => 0);
  let from = 0;
  for (let index = 0; index < result.length; index++) {
    result[index] = data[from] as number;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      place[axis] = (place[axis] as number) + 1;
      from += steps[axis] as number;
      if ((place[axis] as number) < (sizes[axis] as number)) break;
      from -= (sizes[axis] as number) * (steps[axis] as number);
      place[axis] = 0;
    }
  }
  return { kind: 'constant', dims: sizes, data: result, isFloat };
}
