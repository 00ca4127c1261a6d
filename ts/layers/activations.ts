import type { ACTIVATIONS } from '../backend/kernels.generated.ts';

/** Names of the activations that kernels compute: https://keras.io/api/layers/activations/ */
export type ActivationName = keyof typeof ACTIVATIONS;

/** Names of the activations that are expressions. The expressions: elementwise.ts. */
export const ELEMENTWISE_NAMES = [
  'celu',
  'elu',
  'exponential',
  'gelu',
  'geluTanh',
  'hardShrink',
  'hardSigmoid',
  'hardSigmoid02',
  'hardSilu',
  'hardSwish',
  'hardTanh',
  'leakyRelu',
  'logSigmoid',
  'mish',
  'relu6',
  'selu',
  'silu',
  'softShrink',
  'softplus',
  'softsign',
  'sparsePlus',
  'sparseSigmoid',
  'squareplus',
  'swish',
  'tanhShrink',
] as const;

/** The activation of whole rows that no kernel computes: emitLogSoftmax.ts. */
export const LOG_SOFTMAX = 'logSoftmax';

/** Names of the activations that are expressions. */
export type ElementwiseName = (typeof ELEMENTWISE_NAMES)[number];
