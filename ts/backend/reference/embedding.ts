import type { EmbeddingBackwardArguments, EmbeddingForwardArguments } from '../kernels.generated.ts';
import { addRow, copyRow } from './matrix.ts';

/** `y[n] = table[ids[n]]` */
export function embeddingForward({ rows, features: D, ids, table, y }: EmbeddingForwardArguments<Float64Array, Int32Array>): void {
  for (let n = 0; n < rows; n++) copyRow(table, ids[n] * D, D, y, n * D);
}

/** `dTable[v]` = sum of `dY[n]` over all n with `ids[n] = v` */
export function embeddingBackward({ rows, features: D, ids, dY, dTable }: EmbeddingBackwardArguments<Float64Array, Int32Array>): void {
  dTable.fill(0);
  for (let n = 0; n < rows; n++) addRow(dY, n * D, D, dTable, ids[n] * D);
}
