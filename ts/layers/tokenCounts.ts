import { allocateArray } from '../core/allocate.ts';
import type { Tensor } from '../core/tensor.ts';
import type { Vocabulary } from './vocabulary.ts';

/**
 * How the tokens of a sample become one row: which are there, how often, or how often in proportion
 * to their rarity.
 */
export type CountMode = 'multiHot' | 'count' | 'tfIdf';

/**
 * One row a sample, `[N, V]`, of what each id of the vocabulary counts.
 * @param rows the ids of each sample
 * @param width V
 */
export function countTokens(
  rows: readonly (readonly number[])[],
  width: number,
  mode: CountMode,
  vocabulary: Vocabulary,
): Tensor<Float32Array> {
  const shape = [rows.length, width];
  const data = allocateArray(Float32Array, shape, 'the counts of tokens');
  const idf = mode === 'tfIdf' ? vocabulary.idf : null;
  for (const [row, ids] of rows.entries()) {
    for (const id of ids) {
      const place = row * width + id;
      data[place] = mode === 'multiHot' ? 1 : (data[place] as number) + 1;
    }
  }
  if (idf) for (let index = 0; index < data.length; index++) data[index] = (data[index] as number) * (idf[index % width] ?? 0);
  return { shape, data };
}
