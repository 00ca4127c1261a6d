import { Activation } from './activation.ts';
import { Bidirectional } from './bidirectional.ts';
import { Concatenate } from './concatenate.ts';
import { Masking } from './masking.ts';
import { Add, Average, Maximum, Minimum, Multiply, Subtract } from './merge.ts';
import { Elementwise, MatMul, Reduce } from './operations.ts';
import type { LayerTable } from './registry.ts';
import { RepeatVector } from './repeatVector.ts';
import { Flatten, Permute, Reshape } from './reshaping.ts';
import { RNN } from './rnn.ts';
import { TimeDistributed } from './timeDistributed.ts';

/**
 * The layer classes that load when a file or a worker needs them. A new layer adds its line here.
 */
export const MORE_LAYERS: LayerTable = {
  Activation,
  Add,
  Average,
  Bidirectional,
  Concatenate,
  Elementwise,
  Flatten,
  Masking,
  MatMul,
  Maximum,
  Minimum,
  Multiply,
  Permute,
  Reduce,
  RepeatVector,
  Reshape,
  RNN,
  Subtract,
  TimeDistributed,
};
