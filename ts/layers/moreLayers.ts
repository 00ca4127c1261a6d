import { Activation } from './activation.ts';
import { ActivityRegularization } from './activityRegularization.ts';
import { AdditiveAttention } from './additiveAttention.ts';
import { AlphaDropout } from './alphaDropout.ts';
import { Attention } from './attention.ts';
import { ExpandDims, Squeeze } from './axes.ts';
import { BatchNormalization } from './batchNormalization.ts';
import { Bidirectional } from './bidirectional.ts';
import { CategoryEncoding } from './categoryEncoding.ts';
import { Concatenate } from './concatenate.ts';
import { Conv1D, Conv2D } from './convolution.ts';
import { CRF } from './crf.ts';
import { Discretization } from './discretization.ts';
import { Dot } from './dot.ts';
import { Dropout } from './dropout.ts';
import { ELU } from './elu.ts';
import { Flip } from './flip.ts';
import { GaussianDropout } from './gaussianDropout.ts';
import { GaussianNoise } from './gaussianNoise.ts';
import { GetItem } from './getItem.ts';
import { GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalMaxPooling1D, GlobalMaxPooling2D } from './globalPooling.ts';
import { GroupNormalization } from './groupNormalization.ts';
import { GRU } from './gru.ts';
import { Hashing } from './hashing.ts';
import { IdentityLayer } from './identity.ts';
import { IntegerLookup } from './integerLookup.ts';
import { LayerNormalization } from './layerNormalization.ts';
import { LeakyReLU } from './leakyReLU.ts';
import { Masking } from './masking.ts';
import { MatMul } from './matMul.ts';
import { Add, Average, Maximum, Minimum, Multiply, Subtract } from './merge.ts';
import { MultiHeadAttention } from './multiHeadAttention.ts';
import { Normalization } from './normalization.ts';
import { OneHot } from './oneHot.ts';
import { Elementwise } from './operations.ts';
import { PeepholeLSTMCell } from './peepholeLSTMCell.ts';
import { AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D } from './pooling.ts';
import { PReLU } from './pReLU.ts';
import { Reduce } from './reduce.ts';
import type { LayerTable } from './registry.ts';
import { ReLU } from './reLU.ts';
import { RepeatVector } from './repeatVector.ts';
import { Rescaling } from './rescaling.ts';
import { Flatten, Permute, Reshape } from './reshaping.ts';
import { Cropping1D, Cropping2D, UpSampling1D, UpSampling2D, ZeroPadding1D, ZeroPadding2D } from './resizing.ts';
import { RMSNormalization } from './rmsNormalization.ts';
import { RNN } from './rnn.ts';
import { DepthwiseConv1D, DepthwiseConv2D, SeparableConv1D, SeparableConv2D } from './separableConvolution.ts';
import { SimpleRNN } from './simpleRNN.ts';
import { Slice, Take } from './slicing.ts';
import { Softmax } from './softmax.ts';
import { SpatialDropout1D, SpatialDropout2D } from './spatialDropout.ts';
import { Stack } from './stack.ts';
import { StringLookup } from './stringLookup.ts';
import { TextVectorization } from './textVectorization.ts';
import { TimeDistributed } from './timeDistributed.ts';
import { Conv1DTranspose, Conv2DTranspose } from './transposedConvolution.ts';
import { UnitNormalization } from './unitNormalization.ts';
import { Unmasked } from './unmasked.ts';

/**
 * The layer classes that load when a file or a worker needs them. A new layer adds its line here.
 */
export const MORE_LAYERS: LayerTable = {
  Dropout,
  OneHot,
  SimpleRNN,
  Activation,
  ActivityRegularization,
  AlphaDropout,
  Add,
  AdditiveAttention,
  Attention,
  Average,
  AveragePooling1D,
  AveragePooling2D,
  BatchNormalization,
  Bidirectional,
  CategoryEncoding,
  Concatenate,
  Conv1D,
  Conv1DTranspose,
  Conv2D,
  Conv2DTranspose,
  Cropping1D,
  Discretization,
  Cropping2D,
  DepthwiseConv1D,
  DepthwiseConv2D,
  Dot,
  CRF,
  Elementwise,
  ELU,
  ExpandDims,
  Flatten,
  Flip,
  GaussianDropout,
  GaussianNoise,
  GetItem,
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalMaxPooling1D,
  Hashing,
  IntegerLookup,
  GlobalMaxPooling2D,
  GroupNormalization,
  GRU,
  Identity: IdentityLayer,
  LayerNormalization,
  LeakyReLU,
  Masking,
  MatMul,
  Maximum,
  MaxPooling1D,
  MaxPooling2D,
  Minimum,
  MultiHeadAttention,
  Multiply,
  Normalization,
  Permute,
  PReLU,
  Reduce,
  ReLU,
  RepeatVector,
  Reshape,
  Rescaling,
  RMSNormalization,
  RNN,
  SeparableConv1D,
  SeparableConv2D,
  Slice,
  Softmax,
  SpatialDropout1D,
  SpatialDropout2D,
  Stack,
  Squeeze,
  Subtract,
  Take,
  StringLookup,
  TextVectorization,
  TimeDistributed,
  UnitNormalization,
  Unmasked,
  UpSampling1D,
  UpSampling2D,
  ZeroPadding1D,
  ZeroPadding2D,
};

/** The cells that load with these layers. */
export const MORE_CELLS = { PeepholeLSTMCell } as const;
