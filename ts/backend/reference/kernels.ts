import type { KernelArguments, KernelName } from '../kernels.generated.ts';
import { accuracy } from './accuracy.ts';
import { activationBackward, activationForward } from './activation.ts';
import { batchedProduct } from './batchedProduct.ts';
import { clipByNorm, clipByValue } from './clipping.ts';
import { convolutionBackward, convolutionForward } from './convolution.ts';
import { denseBackward, denseForward, quantisedDenseForward } from './dense.ts';
import { dropout } from './dropout.ts';
import { embeddingBackward, embeddingForward } from './embedding.ts';
import { oneHotForward } from './ids.ts';
import { loss } from './loss.ts';
import { applyMask, eitherMask, maskFromFloats, maskFromIds } from './mask.ts';
import { moveRows } from './moveRows.ts';
import { normalNoise } from './noise.ts';
import { normalizeRows, normalizeRowsBackward } from './normalizeRows.ts';
import { adam, rmsProp, sgd } from './optimizers.ts';
import { orthogonal } from './orthogonal.ts';
import { pointwise } from './pointwiseProgram.ts';
import { poolBackward, poolForward } from './pool.ts';
import { randomNormal, randomUniform } from './randomNumbers.ts';
import { reduceRows } from './reduceRows.ts';
import { gradientRowLength, rowLength } from './sequence.ts';
import { sequenceBackward } from './sequenceBackward.ts';
import { packSequence, quantisedRowLength, quantisedSequenceForward, sequenceForward } from './sequenceForward.ts';

/** The function of every kernel. */
export const KERNELS: { readonly [K in KernelName]: (args: KernelArguments<Float64Array, Int32Array>[K]) => void } = {
  sequenceForward,
  packSequence,
  quantisedSequenceForward,
  sequenceBackward,
  denseForward,
  quantisedDenseForward,
  denseBackward,
  convolutionForward,
  convolutionBackward,
  poolForward,
  poolBackward,
  embeddingForward,
  embeddingBackward,
  oneHotForward,
  maskFromIds,
  eitherMask,
  maskFromFloats,
  applyMask,
  moveRows,
  pointwise,
  reduceRows,
  normalizeRows,
  normalizeRowsBackward,
  batchedProduct,
  activationForward,
  activationBackward,
  dropout,
  loss,
  accuracy,
  sgd,
  rmsProp,
  adam,
  clipByNorm,
  clipByValue,
  randomUniform,
  randomNormal,
  normalNoise,
  orthogonal,
};

/** Floats of workspace of the kernels that need some. */
export const WORKSPACE_LENGTHS: { readonly [K in KernelName]?: (args: KernelArguments<unknown, unknown>[K]) => number } = {
  sequenceForward: rowLength,
  quantisedSequenceForward: quantisedRowLength,
  sequenceBackward: gradientRowLength,
  quantisedDenseForward: ({ features }) => features,
  denseBackward: ({ rows, units }) => rows * units,
  orthogonal: ({ rows, columns }) => rows * columns,
};
