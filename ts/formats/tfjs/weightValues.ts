import { FormatError } from '../../core/errors.ts';
import { sizeOf } from '../../core/shape.ts';
import { halfFloat } from '../halfFloat.ts';
import { joinedBytes } from '../joinedBytes.ts';
import type { StoredWeight, WeightGroup } from './manifest.ts';

/** A weight of a file, and its bytes there. */
export interface WeightBytes {
  readonly weight: StoredWeight;
  /** A view of the group's bytes. */
  readonly bytes: Uint8Array;
}

/**
 * The bytes of each weight of a group.
 * @param shards of the group's files, in their order
 * @throws {FormatError} when they are not as many as the weights take
 */
export function weightsIn({ paths, weights, bytes }: WeightGroup, shards: readonly Uint8Array[]): WeightBytes[] {
  const sizes = shards.map(({ length }) => length);
  const total = sizes.reduce((all, size) => all + size, 0);
  if (total !== bytes) {
    const files = paths.slice(0, 5).map((path, index) => `${path} with ${sizes[index]}`);
    throw new FormatError(
      `the weights take ${bytes} bytes, but their files have ${total}: ${files.join(', ')}${paths.length > 5 ? ', …' : ''}. A file is truncated, or belongs to another model`,
    );
  }
  const all = shards.length === 1 ? (shards[0] as Uint8Array) : joinedBytes(shards);
  let end = 0;
  return weights.map((weight) => {
    end += weight.bytes;
    return { weight, bytes: all.subarray(end - weight.bytes, end) };
  });
}

/** The values of a weight. */
export function valuesOf({ weight, bytes }: WeightBytes): Float32Array {
  const { shape, type, stored, scale, min } = weight;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = READERS[stored];
  const isScaled = scale !== 1 || min !== 0;
  const values = new Float32Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) {
    const number = read(view, i);
    // Not of floats: it would lose the sign of zero.
    const value = isScaled ? scale * number + min : number;
    values[i] = type === 'int32' ? Math.round(value) : value;
  }
  return values;
}

/** Little-endian, as TF.js writes. */
const READERS: Readonly<Record<StoredWeight['stored'], (view: DataView, index: number) => number>> = {
  float32: (view, i) => view.getFloat32(4 * i, true),
  int32: (view, i) => view.getInt32(4 * i, true),
  bool: (view, i) => (view.getUint8(i) === 0 ? 0 : 1),
  uint8: (view, i) => view.getUint8(i),
  uint16: (view, i) => view.getUint16(2 * i, true),
  float16: (view, i) => halfFloat(view.getUint16(2 * i, true)),
};
