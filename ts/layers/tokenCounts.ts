import { allocateArray } from '../core/allocate.ts';
import type { Tensor } from '../core/tensor.ts';

/**
 * How the tokens of a sample become one row: their presence, their counts, or their counts weighted
 * by inverse document frequency.
 */
export type CountMode = 'multiHot' | 'count' | 'tfIdf';

/**
 * One row for each sample, `[N, V]`: the count of each id of the vocabulary.
 * @param rows the ids of each sample; ids below 0 are ignored
 * @param width V
 * @param idf for `tfIdf`: the weight of each id
 * @param weights for `count`: the weight of each id of the rows; null: 1
 */
export function countTokens(
  rows: readonly ArrayLike<number>[],
  width: number,
  mode: CountMode,
  idf: ArrayLike<number> | null,
  weights: ArrayLike<number> | null = null,
): Tensor<Float32Array> {
  const shape = [rows.length, width];
  const data = allocateArray(Float32Array, shape, 'the counts of tokens');
  let next = 0;
  for (const [row, ids] of rows.entries()) {
    for (let index = 0; index < ids.length; index++) {
      const weight = weights?.[next++] ?? 1;
      const id = ids[index] as number;
      const place = row * width + id;
      if (id >= 0) data[place] = mode === 'multiHot' ? 1 : (data[place] as number) + weight;
    }
  }
  if (idf) for (let index = 0; index < data.length; index++) data[index] = (data[index] as number) * (idf[index % width] ?? 0);
  return { shape, data };
}
