import { allocateArray } from '../core/allocate.ts';
import { type Shape, sizeOf } from '../core/shape.ts';
import { type Tensor, tensorOf } from '../core/tensor.ts';
import type { SampleShape } from './spec.ts';
import { type CountMode, countTokens } from './tokenCounts.ts';

/** The encoding of ids: the ids themselves, a row for each, or one row for each sample. */
export type IdEncoding = 'int' | 'oneHot' | 'multiHot' | 'count';

export const ID_ENCODINGS = ['int', 'oneHot', 'multiHot', 'count'] as const satisfies readonly IdEncoding[];

/** The shape of an encoded sample. A last axis of one id gives its place to the row of `oneHot`. */
export function encodedShape(sample: SampleShape, width: number, mode: IdEncoding | CountMode): SampleShape {
  if (mode === 'int') return sample;
  if (mode !== 'oneHot') return [width];
  return [...(sample.at(-1) === 1 ? sample.slice(0, -1) : sample), width];
}

/**
 * Encodes ids as Keras does.
 * @param ids `[N, …]`; ids below 0 are ignored
 * @param width columns of a row
 * @param idf for `tfIdf`: the weight of each id
 * @param weights for `count`: the weight of each id; null: 1
 */
export function encodeIds(
  { shape, data }: Tensor<Int32Array>,
  width: number,
  mode: IdEncoding | CountMode,
  idf: ArrayLike<number> | null = null,
  weights: ArrayLike<number> | null = null,
): Tensor {
  if (mode === 'int') return tensorOf(shape, data);
  const [count, ...sample] = shape as readonly [number, ...number[]];
  const encoded = [count, ...(encodedShape(sample, width, mode) as Shape)];
  if (mode !== 'oneHot') {
    const size = sizeOf(sample);
    const samples = Array.from({ length: count }, (_, row) => data.subarray(row * size, (row + 1) * size));
    return countTokens(samples, width, mode, idf, weights);
  }
  const rows = allocateArray(Float32Array, encoded, 'the rows of ids');
  for (let index = 0; index < data.length; index++) {
    const id = data[index] as number;
    if (id >= 0) rows[index * width + id] = 1;
  }
  return tensorOf(encoded, rows);
}
