import type { Plain } from './kerasObject.ts';

// Which options of Keras's layers Backtime does not have, and where names and values differ. All
// other options have the same name in camelCase. An option that is missing here and that the layer
// does not know is refused by the layer, so a new layer needs an entry only for what differs.

/** How one of Keras's options is read. */
export type OptionRule =
  /** Accepted with one of these values, which change nothing. */
  | { readonly only: readonly unknown[] }
  /** Accepted with every value, because no result depends on it. */
  | 'ignored'
  /** Has another name. */
  | { readonly name: string };

const NONE: OptionRule = { only: [null] };
const FALSE: OptionRule = { only: [false, null] };
const LAST: OptionRule = { only: ['channels_last', null] };

/** Options of every layer. */
const COMMON: Readonly<Record<string, OptionRule>> = {
  autocast: 'ignored',
  batch_input_shape: 'ignored',
  batch_shape: 'ignored',
  dynamic: FALSE,
  implementation: 'ignored',
  use_cudnn: 'ignored',
  time_major: FALSE,
  ragged: FALSE,
  sparse: FALSE,
  data_format: LAST,
  quantization_config: NONE,
  lora_rank: NONE,
  lora_alpha: 'ignored',
  gptq_unpacked_column_size: 'ignored',
};

/** Options of layers with a vocabulary of single tokens. */
const LOOKUP: Readonly<Record<string, OptionRule>> = {
  invert: FALSE,
  vocabulary_size: 'ignored',
  vocabulary_dtype: 'ignored',
  has_input_vocabulary: 'ignored',
};

/** Unused options that Keras 2 writes for convolutions with another kernel. */
const SEPARABLE: Readonly<Record<string, OptionRule>> = {
  groups: { only: [1] },
  kernel_initializer: 'ignored',
  kernel_regularizer: NONE,
  kernel_constraint: NONE,
};

/** Options of single classes. */
const OF_CLASSES: Readonly<Record<string, Readonly<Record<string, OptionRule>>>> = {
  AlphaDropout: { noise_shape: NONE },
  BatchNormalization: {
    synchronized: FALSE,
    renorm: FALSE,
    renorm_clipping: NONE,
    renorm_momentum: 'ignored',
    fused: 'ignored',
    virtual_batch_size: NONE,
  },
  Bidirectional: { weights: NONE },
  Dropout: { noise_shape: NONE },
  Embedding: { input_length: 'ignored', weights: NONE },
  GRUCell: { trainable: { only: [true] } },
  GlobalAveragePooling1D: { keepdims: { name: 'keepDims' } },
  GlobalAveragePooling2D: { keepdims: { name: 'keepDims' } },
  GlobalMaxPooling1D: { keepdims: { name: 'keepDims' } },
  GlobalMaxPooling2D: { keepdims: { name: 'keepDims' } },
  IntegerLookup: LOOKUP,
  LSTMCell: { trainable: { only: [true] } },
  LayerNormalization: { rms_scaling: FALSE },
  LeakyReLU: { alpha: { name: 'negativeSlope' } },
  MultiHeadAttention: {
    use_gate: FALSE,
    sliding_window: NONE,
    attention_axes: { only: [null, [1]] },
    query_shape: 'ignored',
    key_shape: 'ignored',
    value_shape: 'ignored',
    softmax_robust_masking: FALSE,
  },
  SeparableConv1D: SEPARABLE,
  SeparableConv2D: SEPARABLE,
  DepthwiseConv1D: SEPARABLE,
  DepthwiseConv2D: SEPARABLE,
  SimpleRNNCell: { trainable: { only: [true] } },
  SpatialDropout1D: { noise_shape: NONE },
  StringLookup: { ...LOOKUP, oov_method: 'ignored', encoding: { only: ['utf-8', null] } },
  TextVectorization: { vocabulary_size: 'ignored', encoding: { only: ['utf-8', null] }, has_input_vocabulary: 'ignored' },
};

/** Options whose values are names, which Keras writes in snake_case. */
export const NAMED_VALUES: readonly string[] = ['standardize', 'output_mode', 'split'];

/** Layers over one axis, whose sizes Keras writes as arrays of one number. */
export const ONE_AXIS = /1D$/;

/** How an option of a layer is read; undefined for one of the same name. */
export function optionRule(className: string, option: string): OptionRule | undefined {
  const own = Object.hasOwn(OF_CLASSES, className) ? OF_CLASSES[className] : undefined;
  return (own && Object.hasOwn(own, option) ? own[option] : undefined) ?? (Object.hasOwn(COMMON, option) ? COMMON[option] : undefined);
}

/** Backtime's layers that Keras does not have. */
export const NOT_OF_KERAS: readonly string[] = ['CRF', 'OneHot'];

/** Backtime's options that Keras does not have, by the value that changes nothing. */
export const OPTIONS_NOT_OF_KERAS: Plain = { truncate: null };
