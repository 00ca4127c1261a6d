import type { NormalNoiseArguments } from '../kernels.generated.ts';
import { drawNormals, normals, PURPOSE } from './randomNumbers.ts';

/**
 * Standard normal numbers `[T, B, D]`. The number of an element depends on its place in the whole
 * batch, of which these B rows may be a part, and on the iteration.
 */
export function normalNoise(args: NormalNoiseArguments<Float64Array, Int32Array>): void {
  const { steps: T, batch: B, features: D, counter, y } = args;
  const [iteration, firstRow, totalRows] = counter;
  for (let t = 0; t < T; t++) {
    let drawnBlock = -1;
    for (let i = 0; i < B * D; i++) {
      const element = (t * totalRows + firstRow) * D + i;
      const block = Math.floor(element / 4);
      if (block !== drawnBlock) drawNormals(args, PURPOSE.noise, iteration, block);
      drawnBlock = block;
      y[t * B * D + i] = normals[element % 4];
    }
  }
}
