import type { DropoutArguments } from '../kernels.generated.ts';
import { drawBlock, PURPOSE } from './randomNumbers.ts';

const words = new Uint32Array(4);

/**
 * Inverted dropout over `[T, B, D]`. The random number of an element depends on its place in the
 * whole batch, of which these B rows may be a part, and on the iteration, so it is the same however
 * the batch is split.
 */
export function dropout(args: DropoutArguments<Float64Array, Int32Array>): void {
  const { steps: T, batch: B, features: D, rate, sharedOverSteps, counter, x, y } = args;
  const [iteration, firstRow, totalRows] = counter;
  const scale = 1 / (1 - rate);
  // The rate as the WebAssembly kernel has it, so that both backends drop the same elements.
  const firstKept = Math.ceil(Math.fround(rate) * 0x1000000);

  for (let t = 0; t < T; t++) {
    const step = sharedOverSteps ? 0 : t;
    let drawnBlock = -1;
    for (let i = 0; i < B * D; i++) {
      const element = (step * totalRows + firstRow) * D + i;
      const block = Math.floor(element / 4);
      if (block !== drawnBlock) drawBlock(args, PURPOSE.dropout, iteration, block, words);
      drawnBlock = block;
      const kept = words[element % 4] >>> 8 >= firstKept;
      y[t * B * D + i] = kept ? x[t * B * D + i] * scale : 0;
    }
  }
}
