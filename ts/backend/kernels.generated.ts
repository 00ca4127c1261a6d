// Generated from crate/src/descriptors.rs by scripts/generate-descriptors.mjs. Do not edit.
// F is what stands for a float buffer, I for an integer buffer; shapes are row-major, letters as in descriptors.rs.

/**
 * Runs one recurrent layer over whole sequences.
 *
 * The input is one of: `x`; one-hot rows, given as `ids`, whose depth is `features` (the input
 * projection then gathers rows of `kernel`); or embeddings, the rows of `table` that `ids` name.
 * Output `s` is the state after processing step `s`. With `reverse`, processing step `s` reads
 * input step `T-1-s`.
 */
export interface SequenceForwardArguments<F, I> {
  /** Code from `CELLS`. */
  cell: number;
  /** Code from `ACTIVATIONS`, of the candidate and of the output. */
  activation: number;
  /** Code from `ACTIVATIONS`, of the gates. */
  recurrentActivation: number;
  /** T */
  steps: number;
  /** B */
  batch: number;
  /** D */
  features: number;
  /** H */
  units: number;
  /** V, 0 without a table */
  vocabulary: number;
  /** 1: process the steps from last to first. */
  reverse: number;
  /** K: T; without `saved` also 1 */
  hSteps: number;
  /** L: T; without `saved` also 1 */
  cSteps: number;
  /** `[T, B, D]` */
  x?: F | null | undefined;
  /** `[T, B]` */
  ids?: I | null | undefined;
  /** `[V, D]` */
  table?: F | null | undefined;
  /** `[T, B]`, 0 where the step is skipped: the state is carried over. */
  mask?: I | null | undefined;
  /** `[D, G*H]` */
  kernel: F;
  /** `[H, G*H]` */
  recurrentKernel: F;
  /** W: floats of `packed`, or 0 */
  packedLength: number;
  /** `[W]`: both kernels as [`PackSequence`] packs them, if many calls use the same weights. */
  packed?: F | null | undefined;
  /** `[R, G*H]`: the input's bias, then the recurrent one where there is one. */
  bias?: F | null | undefined;
  /** `[B, H]`, zeros when absent. */
  initialH?: F | null | undefined;
  /** `[B, H]`, zeros when absent; LSTM only. */
  initialC?: F | null | undefined;
  /**
   * `[T, B, S*H]`: the numbers of each step that backward needs; absent when no backward pass
   * follows.
   */
  saved?: F | null | undefined;
  /** `[K, B, H]`: the state after each of the last processing steps, which is also the output. */
  h: F;
  /** `[L, B, H]`; LSTM only. */
  c?: F | null | undefined;
  /**
   * `[T, B, H]`: the outputs with zeros at masked steps (Keras' `zero_output_for_mask`), if
   * needed.
   */
  y?: F | null | undefined;
  workspace: F;
}

/**
 * Packs the weights of a recurrent layer for many calls of `SequenceForward`, in the order in
 * which its products read them. The order differs between builds.
 */
export interface PackSequenceArguments<F> {
  /** Code from `CELLS`. */
  cell: number;
  /** D */
  features: number;
  /** H */
  units: number;
  /**
   * W: at least `(D + H) * (G*H + 16)`, because the columns of each product are padded to whole
   * panels.
   */
  packedLength: number;
  /** `[D, G*H]` */
  kernel: F;
  /** `[H, G*H]` */
  recurrentKernel: F;
  /** `[W]` */
  packed: F;
}

/**
 * `SequenceForward` with kernels of integers, without a backward pass. The left sides of the
 * products are quantised, too, row by row: see `crate::gemm::QuantisedMatrix`.
 */
export interface QuantisedSequenceForwardArguments<F, I> {
  /** Code from `CELLS`. */
  cell: number;
  /** Code from `ACTIVATIONS`, of the candidate and of the output. */
  activation: number;
  /** Code from `ACTIVATIONS`, of the gates. */
  recurrentActivation: number;
  /** Code from `PACKINGS`. */
  packing: number;
  /** T */
  steps: number;
  /** B */
  batch: number;
  /** D */
  features: number;
  /** H */
  units: number;
  /** V, 0 without a table */
  vocabulary: number;
  /** Words of the packed kernel. */
  kernelWords: number;
  /** Words of the packed recurrent kernel. */
  recurrentWords: number;
  /** 1: process the steps from last to first. */
  reverse: number;
  /** K: T or 1 */
  hSteps: number;
  /** L: T or 1 */
  cSteps: number;
  /** `[T, B, D]` */
  x?: F | null | undefined;
  /** `[T, B]` */
  ids?: I | null | undefined;
  /** `[V, D]` */
  table?: F | null | undefined;
  /** `[T, B]`, 0 where the step is skipped: the state is carried over. */
  mask?: I | null | undefined;
  /** `[kernel_words]` */
  kernel: I;
  /** `[G*H]`: for each column, the number that the integer 1 represents. */
  kernelScales: F;
  /** `[recurrent_words]` */
  recurrentKernel: I;
  /** `[G*H]` */
  recurrentScales: F;
  /** `[R, G*H]`: the input's bias, then the recurrent one where there is one. */
  bias?: F | null | undefined;
  /** `[B, H]`, zeros when absent. */
  initialH?: F | null | undefined;
  /** `[B, H]`, zeros when absent; LSTM only. */
  initialC?: F | null | undefined;
  /** `[K, B, H]`: the state after each of the last processing steps, which is also the output. */
  h: F;
  /** `[L, B, H]`; LSTM only. */
  c?: F | null | undefined;
  /** `[T, B, H]`: the outputs with zeros at masked steps, if needed. */
  y?: F | null | undefined;
  workspace: F;
}

/** Back-propagation through time of `SequenceForward`. */
export interface SequenceBackwardArguments<F, I> {
  /** Code from `CELLS`. */
  cell: number;
  /** Code from `ACTIVATIONS`. */
  activation: number;
  /** Code from `ACTIVATIONS`. */
  recurrentActivation: number;
  /** T */
  steps: number;
  /** B */
  batch: number;
  /** D */
  features: number;
  /** H */
  units: number;
  /** V, 0 without a table */
  vocabulary: number;
  /** 1: the steps were processed from last to first. */
  reverse: number;
  /**
   * 0, or the number of steps of a chunk, counted back from the last processing step (truncated
   * back-propagation through time). The gradient of the state is 0 between chunks, and the
   * initial state gets the gradient of the first chunk.
   */
  truncate: number;
  /** `[T, B, D]` */
  x?: F | null | undefined;
  /** `[T, B]` */
  ids?: I | null | undefined;
  /** `[V, D]` */
  table?: F | null | undefined;
  /** `[T, B]` */
  mask?: I | null | undefined;
  /** `[D, G*H]` */
  kernel: F;
  /** `[H, G*H]` */
  recurrentKernel: F;
  /** `[B, H]` */
  initialH?: F | null | undefined;
  /** `[B, H]` */
  initialC?: F | null | undefined;
  /** `[T, B, S*H]` from forward; overwritten with the gradients of the pre-activations. */
  saved: F;
  /** `[T, B, H]` from forward. */
  h: F;
  /** `[T, B, H]` from forward. */
  c?: F | null | undefined;
  /** `[T, B, H]`: gradient of every output (of `y` when `zero_output` is 1, else of `h`). */
  dOutput?: F | null | undefined;
  /**
   * `[B, H]`: gradient of the last state, or of the last output if only that is used. It is
   * added to that of `d_output`.
   */
  dFinalH?: F | null | undefined;
  /** `[B, H]`: gradient of the last cell state; LSTM only. */
  dFinalC?: F | null | undefined;
  /**
   * 1: outputs at masked steps were zeros, so `d_output` is not added to the gradient of the
   * state there.
   */
  zeroOutput: number;
  /** `[D, G*H]` */
  dKernel: F;
  /** `[H, G*H]` */
  dRecurrentKernel: F;
  /** `[R, G*H]`, present if and only if the layer has a bias. */
  dBias?: F | null | undefined;
  /** `[T, B, D]`, if the layer below needs it; never with `ids`. */
  dX?: F | null | undefined;
  /** `[V, D]`, present if and only if `table` is. */
  dTable?: F | null | undefined;
  /** `[B, H]` */
  dInitialH?: F | null | undefined;
  /** `[B, H]` */
  dInitialC?: F | null | undefined;
  workspace: F;
}

/**
 * `y = activation(x · kernel + bias)`. One-hot rows may be given as `ids`; the product then
 * gathers rows of `kernel`.
 */
export interface DenseForwardArguments<F, I> {
  /** N */
  rows: number;
  /** D */
  features: number;
  /** C */
  units: number;
  /** Code from `ACTIVATIONS`. */
  activation: number;
  /** `[N, D]` */
  x?: F | null | undefined;
  /** `[N]` */
  ids?: I | null | undefined;
  /** `[D, C]` */
  kernel: F;
  /** `[C]` */
  bias?: F | null | undefined;
  /** `[N, C]` */
  y: F;
  workspace: F;
}

/**
 * `DenseForward` with a kernel of integers. The rows of `x` are quantised, too: see
 * `crate::gemm::QuantisedMatrix`.
 */
export interface QuantisedDenseForwardArguments<F, I> {
  /** N */
  rows: number;
  /** D */
  features: number;
  /** C */
  units: number;
  /** Code from `ACTIVATIONS`. */
  activation: number;
  /** Code from `PACKINGS`. */
  packing: number;
  /** Words of the packed kernel. */
  kernelWords: number;
  /** `[N, D]` */
  x?: F | null | undefined;
  /** `[N]` */
  ids?: I | null | undefined;
  /** `[kernel_words]` */
  kernel: I;
  /** `[C]`: for each column, the number that the integer 1 represents. */
  kernelScales: F;
  /** `[C]` */
  bias?: F | null | undefined;
  /** `[N, C]` */
  y: F;
  workspace: F;
}

/** Gradients of `DenseForward`. */
export interface DenseBackwardArguments<F, I> {
  /** N */
  rows: number;
  /** D */
  features: number;
  /** C */
  units: number;
  /** Code from `ACTIVATIONS`. */
  activation: number;
  /** `[N, D]` */
  x?: F | null | undefined;
  /** `[N]` */
  ids?: I | null | undefined;
  /** `[D, C]` */
  kernel: F;
  /** `[N, C]` from forward. */
  y: F;
  /** `[N, C]` */
  dY: F;
  /** `[D, C]` */
  dKernel: F;
  /** `[C]` */
  dBias?: F | null | undefined;
  /** `[N, D]`, if the layer below needs it; never with `ids`. */
  dX?: F | null | undefined;
  workspace: F;
}

/**
 * A convolution over one or two axes. `y` at a place is the sum of the bias and, for each tap of
 * the window there, the product of the input at the tap with the tap's matrix. Padding is zeros.
 */
export interface ConvolutionForwardArguments<F> {
  /** Places of the inner axis. */
  input0: number;
  output0: number;
  /** Taps of a window. */
  window0: number;
  stride0: number;
  dilation0: number;
  /** Places of padding before the input. */
  before0: number;
  /** Places of the outer axis. */
  input1: number;
  output1: number;
  /** Taps of a window. */
  window1: number;
  stride1: number;
  dilation1: number;
  /** Places of padding before the input. */
  before1: number;
  /** B */
  rows: number;
  groups: number;
  /** Channels of a group. */
  depth: number;
  /** Filters of a group. */
  filters: number;
  /** `[input1, input0, B, groups, depth]` */
  x: F;
  /** `[window0, window1, depth, groups, filters]` */
  kernel: F;
  /** `[groups, filters]` */
  bias?: F | null | undefined;
  /** `[output1, output0, B, groups, filters]` */
  y: F;
  workspace: F;
}

/** Gradients of `ConvolutionForward`. */
export interface ConvolutionBackwardArguments<F> {
  /** Places of the inner axis. */
  input0: number;
  output0: number;
  /** Taps of a window. */
  window0: number;
  stride0: number;
  dilation0: number;
  /** Places of padding before the input. */
  before0: number;
  /** Places of the outer axis. */
  input1: number;
  output1: number;
  /** Taps of a window. */
  window1: number;
  stride1: number;
  dilation1: number;
  /** Places of padding before the input. */
  before1: number;
  /** B */
  rows: number;
  groups: number;
  /** Channels of a group. */
  depth: number;
  /** Filters of a group. */
  filters: number;
  /** `[input1, input0, B, groups, depth]` */
  x: F;
  /** `[window0, window1, depth, groups, filters]` */
  kernel: F;
  /** `[output1, output0, B, groups, filters]` */
  dY: F;
  /** `[window0, window1, depth, groups, filters]` */
  dKernel: F;
  /** `[groups, filters]` */
  dBias?: F | null | undefined;
  /** `[input1, input0, B, groups, depth]`, if the layer below needs it. */
  dX?: F | null | undefined;
  workspace: F;
}

/**
 * The largest element, or the mean, of each window over one or two axes. Windows leave out the
 * padding.
 */
export interface PoolForwardArguments<F> {
  /** 1: means, 0: largest elements. */
  average: number;
  /** Places of the inner axis. */
  input0: number;
  output0: number;
  /** Places of a window. */
  window0: number;
  stride0: number;
  /** Places of padding before the input. */
  before0: number;
  /** Places of the outer axis. */
  input1: number;
  output1: number;
  /** Places of a window. */
  window1: number;
  stride1: number;
  /** Places of padding before the input. */
  before1: number;
  /** Numbers at each place. */
  width: number;
  /** `[input1, input0, width]` */
  x: F;
  /** `[output1, output0, width]` */
  y: F;
}

/**
 * The gradient of `PoolForward`. If several elements of a window are the largest, the first gets
 * the gradient.
 */
export interface PoolBackwardArguments<F> {
  /** 1: means, 0: largest elements. */
  average: number;
  /** Places of the inner axis. */
  input0: number;
  output0: number;
  /** Places of a window. */
  window0: number;
  stride0: number;
  /** Places of padding before the input. */
  before0: number;
  /** Places of the outer axis. */
  input1: number;
  output1: number;
  /** Places of a window. */
  window1: number;
  stride1: number;
  /** Places of padding before the input. */
  before1: number;
  /** Numbers at each place. */
  width: number;
  /** `[input1, input0, width]` */
  x: F;
  /** `[output1, output0, width]` */
  dY: F;
  /** `[input1, input0, width]` */
  dX: F;
}

/** `y[n] = table[ids[n]]` */
export interface EmbeddingForwardArguments<F, I> {
  /** N */
  rows: number;
  /** V */
  vocabulary: number;
  /** D */
  features: number;
  /** `[N]` */
  ids: I;
  /** `[V, D]` */
  table: F;
  /** `[N, D]` */
  y: F;
}

/** `d_table[v]` = sum of `d_y[n]` over all n with `ids[n] = v` */
export interface EmbeddingBackwardArguments<F, I> {
  /** N */
  rows: number;
  /** V */
  vocabulary: number;
  /** D */
  features: number;
  /** `[N]` */
  ids: I;
  /** `[N, D]` */
  dY: F;
  /** `[V, D]` */
  dTable: F;
}

/** `y[n]` = 1 at `ids[n]`, 0 elsewhere */
export interface OneHotForwardArguments<F, I> {
  /** N */
  rows: number;
  /** D */
  features: number;
  /** `[N]` */
  ids: I;
  /** `[N, D]` */
  y: F;
}

/** `mask[n] = ids[n] != 0` */
export interface MaskFromIdsArguments<I> {
  /** N */
  rows: number;
  /** `[N]` */
  ids: I;
  /** `[N]` */
  mask: I;
}

/** `mask[n] = a[n] != 0 or b[n] != 0` */
export interface EitherMaskArguments<I> {
  /** N */
  rows: number;
  /** `[N]` */
  a: I;
  /** `[N]` */
  b: I;
  /** `[N]` */
  mask: I;
}

/** `mask[n]` = 1 where an element of `x[n]` differs from `mask_value`, else 0 */
export interface MaskFromFloatsArguments<F, I> {
  /** N */
  rows: number;
  /** D */
  features: number;
  maskValue: number;
  /** `[N, D]` */
  x: F;
  /** `[N]` */
  mask: I;
}

/** `y[n] = x[n]` where `mask[n]` is not 0, else 0. Applied to `d_y`, it is its own backward. */
export interface ApplyMaskArguments<F, I> {
  /** N */
  rows: number;
  /** D */
  features: number;
  /** `[N, D]` */
  x: F;
  /** `[N]` */
  mask: I;
  /** `[N, D]` */
  y: F;
}

/**
 * Runs a program of elementwise operations for `count` elements. For element i, an input of length
 * n gives its element i modulo n.
 */
export interface PointwiseArguments<F, I> {
  count: number;
  /**
   * Words of the program: five for each instruction (operation from `OPERATIONS`, target, three
   * operands).
   */
  codeLength: number;
  /** Elements of `x0`. */
  length0: number;
  /** Elements of `x1`. */
  length1: number;
  /** Elements of `x2`. */
  length2: number;
  /** Elements of `x3`. */
  length3: number;
  /** Elements of `x4`. */
  length4: number;
  /** Elements of `x5`. */
  length5: number;
  /** `[code_length]` */
  code: I;
  /** `[length0]` */
  x0?: F | null | undefined;
  /** `[length1]` */
  x1?: F | null | undefined;
  /** `[length2]` */
  x2?: F | null | undefined;
  /** `[length3]` */
  x3?: F | null | undefined;
  /** `[length4]` */
  x4?: F | null | undefined;
  /** `[length5]` */
  x5?: F | null | undefined;
  /** `[count]` */
  y0?: F | null | undefined;
  /** `[count]` */
  y1?: F | null | undefined;
  /** `[count]` */
  y2?: F | null | undefined;
  /** `[count]` */
  y3?: F | null | undefined;
}

/**
 * Copies `count0 * count1 * count2 * count3` rows of `width` elements from `x` to `y`, or adds
 * them to `y`. The row with indices i, j, k, l begins at
 * `start + i * stride0 + j * stride1 + k * stride2 + l * stride3`, for each of the two arrays.
 */
export interface MoveRowsArguments<F> {
  /** Elements of `x`. */
  xLength: number;
  /** Elements of `y`. */
  yLength: number;
  count0: number;
  count1: number;
  count2: number;
  count3: number;
  width: number;
  xStart: number;
  /** Strides are in two's complement: `2^32 - n` means -n elements. */
  xStride0: number;
  xStride1: number;
  xStride2: number;
  xStride3: number;
  yStart: number;
  yStride0: number;
  yStride1: number;
  yStride2: number;
  yStride3: number;
  /** 1: add the rows to `y`. */
  accumulate: number;
  /** `[x_length]` */
  x: F;
  /** `[y_length]`: only the rows are written. */
  y: F;
}

/**
 * `y[o, i]` is the sum, maximum or minimum of `x[o, n, i]` over all n. A maximum or minimum is NaN
 * if one of its elements is.
 */
export interface ReduceRowsArguments<F> {
  /** Code from `REDUCTIONS`. */
  operation: number;
  outer: number;
  /** N, at least 1 */
  count: number;
  inner: number;
  /** `[outer, count, inner]` */
  x: F;
  /** `[outer, inner]` */
  y: F;
}

/**
 * `y[n] = (x[n] - mean) * scale[n]` and `scale[n] = 1 / sqrt(variance + epsilon)`, with mean and
 * variance of row n.
 */
export interface NormalizeRowsArguments<F> {
  /** N */
  rows: number;
  /** D */
  features: number;
  epsilon: number;
  /** `[N, D]` */
  x: F;
  /** `[N, D]` */
  y: F;
  /** `[N]` */
  scale: F;
}

/** The gradient of `NormalizeRows`'s `x`. */
export interface NormalizeRowsBackwardArguments<F> {
  /** N */
  rows: number;
  /** D */
  features: number;
  /** `[N, D]` from forward. */
  y: F;
  /** `[N]` from forward. */
  scale: F;
  /** `[N, D]` */
  dY: F;
  /** `[N, D]` */
  dX: F;
}

/**
 * `count0 * count1` products `y = left · right` of matrices `[rows, depth]` and
 * `[depth, columns]`. The matrix with indices i, j begins at `i * stride0 + j * stride1` of its
 * array, and its stored rows are `row_stride` elements apart.
 */
export interface BatchedProductArguments<F> {
  /** Elements of `left`. */
  leftLength: number;
  /** Elements of `right`. */
  rightLength: number;
  /** Elements of `y`. */
  yLength: number;
  count0: number;
  count1: number;
  rows: number;
  depth: number;
  columns: number;
  leftStride0: number;
  leftStride1: number;
  leftRowStride: number;
  /** 1: the stored matrices `[depth, rows]` are transposed. */
  leftTransposed: number;
  rightStride0: number;
  rightStride1: number;
  rightRowStride: number;
  /** 1: the stored matrices `[columns, depth]` are transposed. */
  rightTransposed: number;
  yStride0: number;
  yStride1: number;
  yRowStride: number;
  /** 1: add the products to `y`. */
  accumulate: number;
  /** `[left_length]` */
  left: F;
  /** `[right_length]` */
  right: F;
  /** `[y_length]`: only the products are written. */
  y: F;
  workspace: F;
}

/** `y = activation(x)`, row by row. */
export interface ActivationForwardArguments<F> {
  /** N */
  rows: number;
  /** C */
  units: number;
  /** Code from `ACTIVATIONS`. */
  activation: number;
  /** `[N, C]` */
  x: F;
  /** `[N, C]` */
  y: F;
}

/**
 * The gradient of `ActivationForward`. The derivative of each activation is a function of its
 * output, so `x` is not needed.
 */
export interface ActivationBackwardArguments<F> {
  /** N */
  rows: number;
  /** C */
  units: number;
  /** Code from `ACTIVATIONS`. */
  activation: number;
  /** `[N, C]` */
  y: F;
  /** `[N, C]` */
  dY: F;
  /** `[N, C]` */
  dX: F;
}

/**
 * Inverted dropout: `y = x / (1 - rate)` where a counter-based random number keeps the element,
 * else 0. The backward pass is the same kernel, applied to `d_y` with the same random numbers, so
 * no mask is stored.
 *
 * The random number of an element is a function of the seed, the subsequence, the iteration and
 * the element's place in the whole batch,
 * `((step * total_rows + first_row + row) * features + feature)`. So it is the same however a
 * batch is divided.
 */
export interface DropoutArguments<F, I> {
  /** T */
  steps: number;
  /** B */
  batch: number;
  /** D */
  features: number;
  /** Fraction of the elements to drop, 0 <= rate < 1. */
  rate: number;
  seedLow: number;
  seedHigh: number;
  /** Tells the layers of one model apart. */
  subsequence: number;
  /** 1: one mask for all steps (`step` is 0), as in Keras' recurrent layers. */
  sharedOverSteps: number;
  /**
   * `[3]`: iteration, first row of this batch in the whole batch, rows of the whole batch
   * (total_rows).
   */
  counter: I;
  /** `[T, B, D]` */
  x: F;
  /** `[T, B, D]` */
  y: F;
}

/**
 * Loss over N rows of C outputs, and its gradient.
 *
 * The weight of row n is `weight[n]`. With a mask, it is multiplied by 0 at masked rows and by
 * `total / valid` at others (Keras' `apply_mask`). The loss is the weighted sum of the row losses,
 * divided by `normalizer[0]`, or by N when `normalizer` is absent. A row's loss is the mean over C
 * for the squared, absolute and binary kinds, and one number for the categorical kinds.
 */
export interface LossArguments<F, I> {
  /** Code from `LOSSES`. */
  kind: number;
  /** N */
  rows: number;
  /** C */
  classes: number;
  /** `[N, C]` */
  prediction: F;
  /** `[N, C]`; absent for the sparse kinds. */
  target?: F | null | undefined;
  /** `[N]`; the sparse kinds only. */
  labels?: I | null | undefined;
  /** `[N]` */
  weight?: F | null | undefined;
  /** `[N]` */
  mask?: I | null | undefined;
  /** `[1]` */
  normalizer?: F | null | undefined;
  /** `[N, C]`; absent if only the value is needed. */
  dPrediction?: F | null | undefined;
  /**
   * `[2]`: the loss; the sum of the row weights, which are 0 for masked rows, and `weight[n]` or
   * 1 for others.
   */
  result: F;
}

/**
 * Weighted number of rows that are predicted correctly, and the sum of the weights.
 *
 * Binary: mean over C of `(prediction > threshold) == target`. Categorical: 1 if the largest
 * prediction is at the place of the largest target. Sparse: 1 if it is at `labels[n]`. Of equal
 * predictions, the first is the largest. Masked rows have weight 0.
 */
export interface AccuracyArguments<F, I> {
  /** Code from `ACCURACIES`. */
  kind: number;
  /** N */
  rows: number;
  /** C */
  classes: number;
  /** 0.5 for probabilities, 0 for logits; the binary kind only. */
  threshold: number;
  /** `[N, C]` */
  prediction: F;
  /** `[N, C]` */
  target?: F | null | undefined;
  /** `[N]` */
  labels?: I | null | undefined;
  /** `[N]` */
  weight?: F | null | undefined;
  /** `[N]` */
  mask?: I | null | undefined;
  /** `[2]`: the weighted sum of the rows' accuracies; the sum of the row weights. */
  result: F;
}

/**
 * With velocity: `velocity = momentum * velocity - rate * gradients`, then
 * `parameters += velocity`, or with Nesterov
 * `parameters += momentum * velocity - rate * gradients`. Without velocity:
 * `parameters -= rate * gradients`.
 */
export interface SgdArguments<F> {
  /** P */
  count: number;
  momentum: number;
  nesterov: number;
  /** `[P]` */
  parameters: F;
  /** `[P]` */
  gradients: F;
  /** `[P]` */
  velocity?: F | null | undefined;
  /** `[1]`: learning rate. */
  settings: F;
}

/**
 * Keras' RMSprop: `v = rho*v + (1-rho)*g²`, and the step is `rate * g / sqrt(v + epsilon)`, or
 * centered `rate * g / sqrt(v - mean² + epsilon)`. With momentum, the velocity sums the steps.
 */
export interface RmsPropArguments<F> {
  /** P */
  count: number;
  oneMinusRho: number;
  momentum: number;
  epsilon: number;
  /** `[P]` */
  parameters: F;
  /** `[P]` */
  gradients: F;
  /** `[P]`: moving mean of the squared gradient. */
  meanSquare: F;
  /** `[P]`: moving mean of the gradient; present when centered. */
  mean?: F | null | undefined;
  /** `[P]`; present when momentum > 0. */
  velocity?: F | null | undefined;
  /** `[1]`: learning rate. */
  settings: F;
}

/**
 * Keras' Adam: `m += (g-m)*(1-beta1)`, `v += (g²-v)*(1-beta2)`,
 * `parameters -= m * alpha / (sqrt(v) + epsilon)`.
 */
export interface AdamArguments<F> {
  /** P */
  count: number;
  /**
   * 1 - beta1. The difference is passed, because `1 - 0.999` in float32 has a relative error of
   * 1e-5.
   */
  oneMinusBeta1: number;
  oneMinusBeta2: number;
  epsilon: number;
  /** `[P]` */
  parameters: F;
  /** `[P]` */
  gradients: F;
  /** `[P]`: m */
  momentum: F;
  /** `[P]`: v */
  velocity: F;
  /**
   * `[1]`: alpha, the learning rate with both bias corrections:
   * `rate * sqrt(1 - beta2^t) / (1 - beta1^t)`.
   */
  settings: F;
}

/**
 * Scales the gradients so that their Euclidean norm is at most `limit`. If the norm is NaN or
 * infinite, all gradients become NaN.
 */
export interface ClipByNormArguments<F> {
  count: number;
  limit: number;
  /** `[count]` */
  gradients: F;
  /** `[1]`: the norm before clipping. */
  norm: F;
}

/** Limits each gradient to `-limit..limit`. */
export interface ClipByValueArguments<F> {
  count: number;
  limit: number;
  /** `[count]` */
  gradients: F;
}

/** Fills `y` with uniform random numbers in `low..high`. */
export interface RandomUniformArguments<F> {
  count: number;
  low: number;
  high: number;
  seedLow: number;
  seedHigh: number;
  subsequence: number;
  /** `[count]` */
  y: F;
}

/**
 * Fills `y` with normal random numbers. With `truncated`, numbers beyond two standard deviations
 * are drawn again.
 */
export interface RandomNormalArguments<F> {
  count: number;
  mean: number;
  standardDeviation: number;
  truncated: number;
  seedLow: number;
  seedHigh: number;
  subsequence: number;
  /** `[count]` */
  y: F;
}

/**
 * Fills `y` with standard normal random numbers, each a function of the element's place in the
 * whole batch, as in `Dropout`.
 */
export interface NormalNoiseArguments<F, I> {
  /** T */
  steps: number;
  /** B */
  batch: number;
  /** D */
  features: number;
  seedLow: number;
  seedHigh: number;
  /** Tells the layers of one model apart. */
  subsequence: number;
  /** `[3]`: iteration, first row of this batch in the whole batch, rows of the whole batch. */
  counter: I;
  /** `[T, B, D]` */
  y: F;
}

/**
 * `y` = gain * Q. Q is that of the QR decomposition of a normal matrix `[max, min]` whose R has a
 * positive diagonal, transposed if rows < columns (Keras' `Orthogonal`).
 */
export interface OrthogonalArguments<F> {
  rows: number;
  columns: number;
  gain: number;
  seedLow: number;
  seedHigh: number;
  subsequence: number;
  /** `[rows, columns]` */
  y: F;
  workspace: F;
}

/** The arguments of every kernel, by kernel name. */
export interface KernelArguments<F, I> {
  sequenceForward: SequenceForwardArguments<F, I>;
  packSequence: PackSequenceArguments<F>;
  quantisedSequenceForward: QuantisedSequenceForwardArguments<F, I>;
  sequenceBackward: SequenceBackwardArguments<F, I>;
  denseForward: DenseForwardArguments<F, I>;
  quantisedDenseForward: QuantisedDenseForwardArguments<F, I>;
  denseBackward: DenseBackwardArguments<F, I>;
  convolutionForward: ConvolutionForwardArguments<F>;
  convolutionBackward: ConvolutionBackwardArguments<F>;
  poolForward: PoolForwardArguments<F>;
  poolBackward: PoolBackwardArguments<F>;
  embeddingForward: EmbeddingForwardArguments<F, I>;
  embeddingBackward: EmbeddingBackwardArguments<F, I>;
  oneHotForward: OneHotForwardArguments<F, I>;
  maskFromIds: MaskFromIdsArguments<I>;
  eitherMask: EitherMaskArguments<I>;
  maskFromFloats: MaskFromFloatsArguments<F, I>;
  applyMask: ApplyMaskArguments<F, I>;
  pointwise: PointwiseArguments<F, I>;
  moveRows: MoveRowsArguments<F>;
  reduceRows: ReduceRowsArguments<F>;
  normalizeRows: NormalizeRowsArguments<F>;
  normalizeRowsBackward: NormalizeRowsBackwardArguments<F>;
  batchedProduct: BatchedProductArguments<F>;
  activationForward: ActivationForwardArguments<F>;
  activationBackward: ActivationBackwardArguments<F>;
  dropout: DropoutArguments<F, I>;
  loss: LossArguments<F, I>;
  accuracy: AccuracyArguments<F, I>;
  sgd: SgdArguments<F>;
  rmsProp: RmsPropArguments<F>;
  adam: AdamArguments<F>;
  clipByNorm: ClipByNormArguments<F>;
  clipByValue: ClipByValueArguments<F>;
  randomUniform: RandomUniformArguments<F>;
  randomNormal: RandomNormalArguments<F>;
  normalNoise: NormalNoiseArguments<F, I>;
  orthogonal: OrthogonalArguments<F>;
}

export type KernelName = keyof KernelArguments<unknown, unknown>;

/** Recurrent cells: code, gates, state tensors, floats saved per unit for backward, and rows of the bias. */
export const CELLS = {
  simpleRnn: { code: 0, gates: 1, states: 1, saved: 1, biasRows: 1 },
  lstm: { code: 1, gates: 4, states: 2, saved: 4, biasRows: 1 },
  gru: { code: 2, gates: 3, states: 1, saved: 4, biasRows: 2 },
  gruResetBefore: { code: 3, gates: 3, states: 1, saved: 3, biasRows: 1 },
} as const;

export const ACTIVATIONS = {
  linear: 0,
  tanh: 1,
  sigmoid: 2,
  relu: 3,
  softmax: 4,
} as const;

export const LOSSES = {
  meanSquaredError: 0,
  meanAbsoluteError: 1,
  binaryCrossentropy: 2,
  binaryCrossentropyFromLogits: 3,
  categoricalCrossentropy: 4,
  categoricalCrossentropyFromLogits: 5,
  sparseCategoricalCrossentropy: 6,
  sparseCategoricalCrossentropyFromLogits: 7,
} as const;

export const ACCURACIES = {
  binaryAccuracy: 0,
  categoricalAccuracy: 1,
  sparseCategoricalAccuracy: 2,
} as const;

export const OPERATIONS = {
  load: 0,
  constant: 1,
  store: 2,
  add: 3,
  subtract: 4,
  multiply: 5,
  divide: 6,
  maximum: 7,
  minimum: 8,
  less: 9,
  select: 10,
  negative: 11,
  absolute: 12,
  sqrt: 13,
  exp: 14,
  log: 15,
  tanh: 16,
  sigmoid: 17,
} as const;

export const REDUCTIONS = {
  sum: 0,
  max: 1,
  min: 2,
} as const;

export const PACKINGS = {
  int16: 1,
  int8: 2,
  int8InPairs: 3,
} as const;
