//! The arguments of every kernel. A kernel gets one pointer to one of these structs, whose fields
//! have four bytes each.
//!
//! TypeScript plans the memory, writes the struct to it once, and passes its address at each step.
//! `scripts/generate-descriptors.mjs` generates `ts/backend/kernels.generated.ts` from this file,
//! and a test fails if the result is stale. The order of the fields is the memory layout. A shape
//! in brackets is row-major, and the product of its sizes is the number of elements that the kernel
//! uses. TypeScript compares the length of each buffer with it when a call is bound, and a test
//! compares it with the lengths that the exports require. A size is a number, a field, or a letter.
//! The documentation of the number field that has a letter's value begins with the letter:
//!
//! | letter | meaning |
//! |---|---|
//! | B | sequences in a batch |
//! | T | time steps |
//! | D | features of one step |
//! | H | units |
//! | G | gates of the cell (SimpleRNN 1, LSTM 4, GRU 3) |
//! | S | floats a cell saves per unit for backward, S >= G (see [`CELLS`]) |
//! | R | rows of a cell's bias: the input's, and for GRU with reset after the recurrent one (see [`CELLS`]) |
//! | N | rows: samples, or T*B |
//! | C | classes, or outputs of one row |
//! | V | vocabulary: rows of an embedding table |
//! | P | parameters |
//! | K | last processing steps whose h is kept |
//! | L | last processing steps whose c is kept |
//!
//! Sequences are time-major: `[T, B, D]`. Kernels overwrite their outputs, unless a field
//! `accumulate` says otherwise. The prefix `d_` means a gradient. A buffer that a kernel writes
//! shares no element with any other buffer of the same call.

/// Byte address of floats that a kernel reads.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Floats(pub u32);
/// Byte address of floats that a kernel writes.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct FloatsMut(pub u32);
/// Byte address of 32-bit integers that a kernel reads.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Ints(pub u32);
/// Byte address of 32-bit integers that a kernel writes.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct IntsMut(pub u32);
/// An address, or 0 if the buffer is absent.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Optional<Address>(pub Address);

/// A cell's code, its number of gates G and of state tensors, its saved floats per unit S, and the
/// rows of its bias R.
pub struct CellSizes {
    pub code: u32,
    pub gates: u32,
    pub states: u32,
    pub saved: u32,
    pub bias_rows: u32,
}

/// Codes of the `cell` field.
pub const CELLS: &[(&str, CellSizes)] = &[
    ("simpleRnn", CellSizes { code: 0, gates: 1, states: 1, saved: 1, bias_rows: 1 }),
    ("lstm", CellSizes { code: 1, gates: 4, states: 2, saved: 4, bias_rows: 1 }),
    ("gru", CellSizes { code: 2, gates: 3, states: 1, saved: 4, bias_rows: 2 }),
    ("gruResetBefore", CellSizes { code: 3, gates: 3, states: 1, saved: 3, bias_rows: 1 }),
];

/// The code of a name in one of the tables below. In a constant, a name that the table does not
/// have is a compile error.
pub const fn code_of(table: &[(&str, u32)], name: &str) -> u32 {
    let mut place = 0;
    while place < table.len() {
        if is_same(table[place].0, name) {
            return table[place].1;
        }
        place += 1;
    }
    panic!("the table of codes has no such name")
}

/// [`code_of`] for [`CELLS`].
pub const fn cell_code(name: &str) -> u32 {
    let mut place = 0;
    while place < CELLS.len() {
        if is_same(CELLS[place].0, name) {
            return CELLS[place].1.code;
        }
        place += 1;
    }
    panic!("there is no cell with this name")
}

/// `a == b`, which constants cannot compute with the operator.
const fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut place = 0;
    while place < a.len() && place < b.len() && a[place] == b[place] {
        place += 1;
    }
    place == a.len() && place == b.len()
}

/// Codes of the `activation` and `recurrent_activation` fields. Softmax is a function of a whole
/// row, and cells cannot have it.
pub const ACTIVATIONS: &[(&str, u32)] = &[("linear", 0), ("tanh", 1), ("sigmoid", 2), ("relu", 3), ("softmax", 4)];

/// Codes of the loss kernel's `kind` field. The `FromLogits` kinds take scores before the sigmoid
/// or softmax.
pub const LOSSES: &[(&str, u32)] = &[
    ("meanSquaredError", 0),
    ("meanAbsoluteError", 1),
    ("binaryCrossentropy", 2),
    ("binaryCrossentropyFromLogits", 3),
    ("categoricalCrossentropy", 4),
    ("categoricalCrossentropyFromLogits", 5),
    ("sparseCategoricalCrossentropy", 6),
    ("sparseCategoricalCrossentropyFromLogits", 7),
];

/// Codes of the accuracy kernel's `kind` field.
pub const ACCURACIES: &[(&str, u32)] = &[("binaryAccuracy", 0), ("categoricalAccuracy", 1), ("sparseCategoricalAccuracy", 2)];

/// Codes of the operations of a [`Pointwise`] program.
pub const OPERATIONS: &[(&str, u32)] = &[
    ("load", 0),
    ("constant", 1),
    ("store", 2),
    ("add", 3),
    ("subtract", 4),
    ("multiply", 5),
    ("divide", 6),
    ("maximum", 7),
    ("minimum", 8),
    ("less", 9),
    ("select", 10),
    ("negative", 11),
    ("absolute", 12),
    ("sqrt", 13),
    ("exp", 14),
    ("log", 15),
    ("tanh", 16),
    ("sigmoid", 17),
];

/// [`code_of`] for [`OPERATIONS`].
pub const fn operation_code(name: &str) -> u32 {
    code_of(OPERATIONS, name)
}

/// Codes of the `operation` field of [`ReduceRows`].
pub const REDUCTIONS: &[(&str, u32)] = &[("sum", 0), ("max", 1), ("min", 2)];

/// [`code_of`] for [`REDUCTIONS`].
pub const fn reduction_code(name: &str) -> u32 {
    code_of(REDUCTIONS, name)
}

/// Codes of the `packing` field, for kernels of integers. A word has two int16, four int8, or,
/// where the build has no product of int8, two int8 as int16.
pub const PACKINGS: &[(&str, u32)] = &[("int16", 1), ("int8", 2), ("int8InPairs", 3)];

/// [`code_of`] for [`PACKINGS`].
pub const fn packing_code(name: &str) -> u32 {
    code_of(PACKINGS, name)
}

/// Runs one recurrent layer over whole sequences.
///
/// The input is one of: `x`; one-hot rows, given as `ids`, whose depth is `features` (the input
/// projection then gathers rows of `kernel`); or embeddings, the rows of `table` that `ids` name.
/// Output `s` is the state after processing step `s`. With `reverse`, processing step `s` reads
/// input step `T-1-s`.
#[repr(C)]
pub struct SequenceForward {
    /// Code from `CELLS`.
    pub cell: u32,
    /// Code from `ACTIVATIONS`, of the candidate and of the output.
    pub activation: u32,
    /// Code from `ACTIVATIONS`, of the gates.
    pub recurrent_activation: u32,
    /// T
    pub steps: u32,
    /// B
    pub batch: u32,
    /// D
    pub features: u32,
    /// H
    pub units: u32,
    /// V, 0 without a table
    pub vocabulary: u32,
    /// 1: process the steps from last to first.
    pub reverse: u32,
    /// K: T; without `saved` also 1
    pub h_steps: u32,
    /// L: T; without `saved` also 1
    pub c_steps: u32,
    /// `[T, B, D]`
    pub x: Optional<Floats>,
    /// `[T, B]`
    pub ids: Optional<Ints>,
    /// `[V, D]`
    pub table: Optional<Floats>,
    /// `[T, B]`, 0 where the step is skipped: the state is carried over.
    pub mask: Optional<Ints>,
    /// `[D, G*H]`
    pub kernel: Floats,
    /// `[H, G*H]`
    pub recurrent_kernel: Floats,
    /// W: floats of `packed`, or 0
    pub packed_length: u32,
    /// `[W]`: both kernels as [`PackSequence`] packs them, if many calls use the same weights.
    pub packed: Optional<Floats>,
    /// `[R, G*H]`: the input's bias, then the recurrent one where there is one.
    pub bias: Optional<Floats>,
    /// `[B, H]`, zeros when absent.
    pub initial_h: Optional<Floats>,
    /// `[B, H]`, zeros when absent; LSTM only.
    pub initial_c: Optional<Floats>,
    /// `[T, B, S*H]`: the numbers of each step that backward needs; absent when no backward pass
    /// follows.
    pub saved: Optional<FloatsMut>,
    /// `[K, B, H]`: the state after each of the last processing steps, which is also the output.
    pub h: FloatsMut,
    /// `[L, B, H]`; LSTM only.
    pub c: Optional<FloatsMut>,
    /// `[T, B, H]`: the outputs with zeros at masked steps (Keras' `zero_output_for_mask`), if
    /// needed.
    pub y: Optional<FloatsMut>,
    pub workspace: FloatsMut,
}

/// Packs the weights of a recurrent layer for many calls of [`SequenceForward`], in the order in
/// which its products read them. The order differs between builds.
#[repr(C)]
pub struct PackSequence {
    /// Code from `CELLS`.
    pub cell: u32,
    /// D
    pub features: u32,
    /// H
    pub units: u32,
    /// W: at least `(D + H) * (G*H + 16)`, because the columns of each product are padded to whole
    /// panels.
    pub packed_length: u32,
    /// `[D, G*H]`
    pub kernel: Floats,
    /// `[H, G*H]`
    pub recurrent_kernel: Floats,
    /// `[W]`
    pub packed: FloatsMut,
}

/// [`SequenceForward`] with kernels of integers, without a backward pass. The left sides of the
/// products are quantised, too, row by row: see `crate::gemm::QuantisedMatrix`.
#[repr(C)]
pub struct QuantisedSequenceForward {
    /// Code from `CELLS`.
    pub cell: u32,
    /// Code from `ACTIVATIONS`, of the candidate and of the output.
    pub activation: u32,
    /// Code from `ACTIVATIONS`, of the gates.
    pub recurrent_activation: u32,
    /// Code from `PACKINGS`.
    pub packing: u32,
    /// T
    pub steps: u32,
    /// B
    pub batch: u32,
    /// D
    pub features: u32,
    /// H
    pub units: u32,
    /// V, 0 without a table
    pub vocabulary: u32,
    /// Words of the packed kernel.
    pub kernel_words: u32,
    /// Words of the packed recurrent kernel.
    pub recurrent_words: u32,
    /// 1: process the steps from last to first.
    pub reverse: u32,
    /// K: T or 1
    pub h_steps: u32,
    /// L: T or 1
    pub c_steps: u32,
    /// `[T, B, D]`
    pub x: Optional<Floats>,
    /// `[T, B]`
    pub ids: Optional<Ints>,
    /// `[V, D]`
    pub table: Optional<Floats>,
    /// `[T, B]`, 0 where the step is skipped: the state is carried over.
    pub mask: Optional<Ints>,
    /// `[kernel_words]`
    pub kernel: Ints,
    /// `[G*H]`: for each column, the number that the integer 1 represents.
    pub kernel_scales: Floats,
    /// `[recurrent_words]`
    pub recurrent_kernel: Ints,
    /// `[G*H]`
    pub recurrent_scales: Floats,
    /// `[R, G*H]`: the input's bias, then the recurrent one where there is one.
    pub bias: Optional<Floats>,
    /// `[B, H]`, zeros when absent.
    pub initial_h: Optional<Floats>,
    /// `[B, H]`, zeros when absent; LSTM only.
    pub initial_c: Optional<Floats>,
    /// `[K, B, H]`: the state after each of the last processing steps, which is also the output.
    pub h: FloatsMut,
    /// `[L, B, H]`; LSTM only.
    pub c: Optional<FloatsMut>,
    /// `[T, B, H]`: the outputs with zeros at masked steps, if needed.
    pub y: Optional<FloatsMut>,
    pub workspace: FloatsMut,
}

/// Back-propagation through time of [`SequenceForward`].
#[repr(C)]
pub struct SequenceBackward {
    /// Code from `CELLS`.
    pub cell: u32,
    /// Code from `ACTIVATIONS`.
    pub activation: u32,
    /// Code from `ACTIVATIONS`.
    pub recurrent_activation: u32,
    /// T
    pub steps: u32,
    /// B
    pub batch: u32,
    /// D
    pub features: u32,
    /// H
    pub units: u32,
    /// V, 0 without a table
    pub vocabulary: u32,
    /// 1: the steps were processed from last to first.
    pub reverse: u32,
    /// 0, or the number of steps of a chunk, counted back from the last processing step (truncated
    /// back-propagation through time). The gradient of the state is 0 between chunks, and the
    /// initial state gets the gradient of the first chunk.
    pub truncate: u32,
    /// `[T, B, D]`
    pub x: Optional<Floats>,
    /// `[T, B]`
    pub ids: Optional<Ints>,
    /// `[V, D]`
    pub table: Optional<Floats>,
    /// `[T, B]`
    pub mask: Optional<Ints>,
    /// `[D, G*H]`
    pub kernel: Floats,
    /// `[H, G*H]`
    pub recurrent_kernel: Floats,
    /// `[B, H]`
    pub initial_h: Optional<Floats>,
    /// `[B, H]`
    pub initial_c: Optional<Floats>,
    /// `[T, B, S*H]` from forward; overwritten with the gradients of the pre-activations.
    pub saved: FloatsMut,
    /// `[T, B, H]` from forward.
    pub h: Floats,
    /// `[T, B, H]` from forward.
    pub c: Optional<Floats>,
    /// `[T, B, H]`: gradient of every output (of `y` when `zero_output` is 1, else of `h`).
    pub d_output: Optional<Floats>,
    /// `[B, H]`: gradient of the last state, or of the last output if only that is used. It is
    /// added to that of `d_output`.
    pub d_final_h: Optional<Floats>,
    /// `[B, H]`: gradient of the last cell state; LSTM only.
    pub d_final_c: Optional<Floats>,
    /// 1: outputs at masked steps were zeros, so `d_output` is not added to the gradient of the
    /// state there.
    pub zero_output: u32,
    /// `[D, G*H]`
    pub d_kernel: FloatsMut,
    /// `[H, G*H]`
    pub d_recurrent_kernel: FloatsMut,
    /// `[R, G*H]`, present if and only if the layer has a bias.
    pub d_bias: Optional<FloatsMut>,
    /// `[T, B, D]`, if the layer below needs it; never with `ids`.
    pub d_x: Optional<FloatsMut>,
    /// `[V, D]`, present if and only if `table` is.
    pub d_table: Optional<FloatsMut>,
    /// `[B, H]`
    pub d_initial_h: Optional<FloatsMut>,
    /// `[B, H]`
    pub d_initial_c: Optional<FloatsMut>,
    pub workspace: FloatsMut,
}

/// `y = activation(x · kernel + bias)`. One-hot rows may be given as `ids`; the product then
/// gathers rows of `kernel`.
#[repr(C)]
pub struct DenseForward {
    /// N
    pub rows: u32,
    /// D
    pub features: u32,
    /// C
    pub units: u32,
    /// Code from `ACTIVATIONS`.
    pub activation: u32,
    /// `[N, D]`
    pub x: Optional<Floats>,
    /// `[N]`
    pub ids: Optional<Ints>,
    /// `[D, C]`
    pub kernel: Floats,
    /// `[C]`
    pub bias: Optional<Floats>,
    /// `[N, C]`
    pub y: FloatsMut,
    pub workspace: FloatsMut,
}

/// [`DenseForward`] with a kernel of integers. The rows of `x` are quantised, too: see
/// `crate::gemm::QuantisedMatrix`.
#[repr(C)]
pub struct QuantisedDenseForward {
    /// N
    pub rows: u32,
    /// D
    pub features: u32,
    /// C
    pub units: u32,
    /// Code from `ACTIVATIONS`.
    pub activation: u32,
    /// Code from `PACKINGS`.
    pub packing: u32,
    /// Words of the packed kernel.
    pub kernel_words: u32,
    /// `[N, D]`
    pub x: Optional<Floats>,
    /// `[N]`
    pub ids: Optional<Ints>,
    /// `[kernel_words]`
    pub kernel: Ints,
    /// `[C]`: for each column, the number that the integer 1 represents.
    pub kernel_scales: Floats,
    /// `[C]`
    pub bias: Optional<Floats>,
    /// `[N, C]`
    pub y: FloatsMut,
    pub workspace: FloatsMut,
}

/// Gradients of [`DenseForward`].
#[repr(C)]
pub struct DenseBackward {
    /// N
    pub rows: u32,
    /// D
    pub features: u32,
    /// C
    pub units: u32,
    /// Code from `ACTIVATIONS`.
    pub activation: u32,
    /// `[N, D]`
    pub x: Optional<Floats>,
    /// `[N]`
    pub ids: Optional<Ints>,
    /// `[D, C]`
    pub kernel: Floats,
    /// `[N, C]` from forward.
    pub y: Floats,
    /// `[N, C]`
    pub d_y: Floats,
    /// `[D, C]`
    pub d_kernel: FloatsMut,
    /// `[C]`
    pub d_bias: Optional<FloatsMut>,
    /// `[N, D]`, if the layer below needs it; never with `ids`.
    pub d_x: Optional<FloatsMut>,
    pub workspace: FloatsMut,
}

/// A convolution over one or two axes. `y` at a place is the sum of the bias and, for each tap of
/// the window there, the product of the input at the tap with the tap's matrix. Padding is zeros.
#[repr(C)]
pub struct ConvolutionForward {
    /// Places of the inner axis.
    pub input0: u32,
    pub output0: u32,
    /// Taps of a window.
    pub window0: u32,
    pub stride0: u32,
    pub dilation0: u32,
    /// Places of padding before the input.
    pub before0: u32,
    /// Places of the outer axis.
    pub input1: u32,
    pub output1: u32,
    /// Taps of a window.
    pub window1: u32,
    pub stride1: u32,
    pub dilation1: u32,
    /// Places of padding before the input.
    pub before1: u32,
    /// B
    pub rows: u32,
    pub groups: u32,
    /// Channels of a group.
    pub depth: u32,
    /// Filters of a group.
    pub filters: u32,
    /// `[input1, input0, B, groups, depth]`
    pub x: Floats,
    /// `[window0, window1, depth, groups, filters]`
    pub kernel: Floats,
    /// `[groups, filters]`
    pub bias: Optional<Floats>,
    /// `[output1, output0, B, groups, filters]`
    pub y: FloatsMut,
    pub workspace: FloatsMut,
}

/// Gradients of [`ConvolutionForward`].
#[repr(C)]
pub struct ConvolutionBackward {
    /// Places of the inner axis.
    pub input0: u32,
    pub output0: u32,
    /// Taps of a window.
    pub window0: u32,
    pub stride0: u32,
    pub dilation0: u32,
    /// Places of padding before the input.
    pub before0: u32,
    /// Places of the outer axis.
    pub input1: u32,
    pub output1: u32,
    /// Taps of a window.
    pub window1: u32,
    pub stride1: u32,
    pub dilation1: u32,
    /// Places of padding before the input.
    pub before1: u32,
    /// B
    pub rows: u32,
    pub groups: u32,
    /// Channels of a group.
    pub depth: u32,
    /// Filters of a group.
    pub filters: u32,
    /// `[input1, input0, B, groups, depth]`
    pub x: Floats,
    /// `[window0, window1, depth, groups, filters]`
    pub kernel: Floats,
    /// `[output1, output0, B, groups, filters]`
    pub d_y: Floats,
    /// `[window0, window1, depth, groups, filters]`
    pub d_kernel: FloatsMut,
    /// `[groups, filters]`
    pub d_bias: Optional<FloatsMut>,
    /// `[input1, input0, B, groups, depth]`, if the layer below needs it.
    pub d_x: Optional<FloatsMut>,
    pub workspace: FloatsMut,
}

/// The largest element, or the mean, of each window over one or two axes. Windows leave out the
/// padding.
#[repr(C)]
pub struct PoolForward {
    /// 1: means, 0: largest elements.
    pub average: u32,
    /// Places of the inner axis.
    pub input0: u32,
    pub output0: u32,
    /// Places of a window.
    pub window0: u32,
    pub stride0: u32,
    /// Places of padding before the input.
    pub before0: u32,
    /// Places of the outer axis.
    pub input1: u32,
    pub output1: u32,
    /// Places of a window.
    pub window1: u32,
    pub stride1: u32,
    /// Places of padding before the input.
    pub before1: u32,
    /// Numbers at each place.
    pub width: u32,
    /// `[input1, input0, width]`
    pub x: Floats,
    /// `[output1, output0, width]`
    pub y: FloatsMut,
}

/// The gradient of [`PoolForward`]. If several elements of a window are the largest, the first gets
/// the gradient.
#[repr(C)]
pub struct PoolBackward {
    /// 1: means, 0: largest elements.
    pub average: u32,
    /// Places of the inner axis.
    pub input0: u32,
    pub output0: u32,
    /// Places of a window.
    pub window0: u32,
    pub stride0: u32,
    /// Places of padding before the input.
    pub before0: u32,
    /// Places of the outer axis.
    pub input1: u32,
    pub output1: u32,
    /// Places of a window.
    pub window1: u32,
    pub stride1: u32,
    /// Places of padding before the input.
    pub before1: u32,
    /// Numbers at each place.
    pub width: u32,
    /// `[input1, input0, width]`
    pub x: Floats,
    /// `[output1, output0, width]`
    pub d_y: Floats,
    /// `[input1, input0, width]`
    pub d_x: FloatsMut,
}

/// `y[n] = table[ids[n]]`
#[repr(C)]
pub struct EmbeddingForward {
    /// N
    pub rows: u32,
    /// V
    pub vocabulary: u32,
    /// D
    pub features: u32,
    /// `[N]`
    pub ids: Ints,
    /// `[V, D]`
    pub table: Floats,
    /// `[N, D]`
    pub y: FloatsMut,
}

/// `d_table[v]` = sum of `d_y[n]` over all n with `ids[n] = v`
#[repr(C)]
pub struct EmbeddingBackward {
    /// N
    pub rows: u32,
    /// V
    pub vocabulary: u32,
    /// D
    pub features: u32,
    /// `[N]`
    pub ids: Ints,
    /// `[N, D]`
    pub d_y: Floats,
    /// `[V, D]`
    pub d_table: FloatsMut,
}

/// `y[n]` = 1 at `ids[n]`, 0 elsewhere
#[repr(C)]
pub struct OneHotForward {
    /// N
    pub rows: u32,
    /// D
    pub features: u32,
    /// `[N]`
    pub ids: Ints,
    /// `[N, D]`
    pub y: FloatsMut,
}

/// `mask[n] = ids[n] != 0`
#[repr(C)]
pub struct MaskFromIds {
    /// N
    pub rows: u32,
    /// `[N]`
    pub ids: Ints,
    /// `[N]`
    pub mask: IntsMut,
}

/// `mask[n] = a[n] != 0 or b[n] != 0`
#[repr(C)]
pub struct EitherMask {
    /// N
    pub rows: u32,
    /// `[N]`
    pub a: Ints,
    /// `[N]`
    pub b: Ints,
    /// `[N]`
    pub mask: IntsMut,
}

/// `mask[n]` = 1 where an element of `x[n]` differs from `mask_value`, else 0
#[repr(C)]
pub struct MaskFromFloats {
    /// N
    pub rows: u32,
    /// D
    pub features: u32,
    pub mask_value: f32,
    /// `[N, D]`
    pub x: Floats,
    /// `[N]`
    pub mask: IntsMut,
}

/// `y[n] = x[n]` where `mask[n]` is not 0, else 0. Applied to `d_y`, it is its own backward.
#[repr(C)]
pub struct ApplyMask {
    /// N
    pub rows: u32,
    /// D
    pub features: u32,
    /// `[N, D]`
    pub x: Floats,
    /// `[N]`
    pub mask: Ints,
    /// `[N, D]`
    pub y: FloatsMut,
}

/// Runs a program of elementwise operations for `count` elements. For element i, an input of length
/// n gives its element i modulo n.
#[repr(C)]
pub struct Pointwise {
    pub count: u32,
    /// Words of the program: five for each instruction (operation from `OPERATIONS`, target, three
    /// operands).
    pub code_length: u32,
    /// Elements of `x0`.
    pub length0: u32,
    /// Elements of `x1`.
    pub length1: u32,
    /// Elements of `x2`.
    pub length2: u32,
    /// Elements of `x3`.
    pub length3: u32,
    /// Elements of `x4`.
    pub length4: u32,
    /// Elements of `x5`.
    pub length5: u32,
    /// `[code_length]`
    pub code: Ints,
    /// `[length0]`
    pub x0: Optional<Floats>,
    /// `[length1]`
    pub x1: Optional<Floats>,
    /// `[length2]`
    pub x2: Optional<Floats>,
    /// `[length3]`
    pub x3: Optional<Floats>,
    /// `[length4]`
    pub x4: Optional<Floats>,
    /// `[length5]`
    pub x5: Optional<Floats>,
    /// `[count]`
    pub y0: Optional<FloatsMut>,
    /// `[count]`
    pub y1: Optional<FloatsMut>,
    /// `[count]`
    pub y2: Optional<FloatsMut>,
    /// `[count]`
    pub y3: Optional<FloatsMut>,
}

/// Copies `count0 * count1 * count2 * count3` rows of `width` elements from `x` to `y`, or adds
/// them to `y`. The row with indices i, j, k, l begins at
/// `start + i * stride0 + j * stride1 + k * stride2 + l * stride3`, for each of the two arrays.
#[repr(C)]
pub struct MoveRows {
    /// Elements of `x`.
    pub x_length: u32,
    /// Elements of `y`.
    pub y_length: u32,
    pub count0: u32,
    pub count1: u32,
    pub count2: u32,
    pub count3: u32,
    pub width: u32,
    pub x_start: u32,
    /// Strides are in two's complement: `2^32 - n` means -n elements.
    pub x_stride0: u32,
    pub x_stride1: u32,
    pub x_stride2: u32,
    pub x_stride3: u32,
    pub y_start: u32,
    pub y_stride0: u32,
    pub y_stride1: u32,
    pub y_stride2: u32,
    pub y_stride3: u32,
    /// 1: add the rows to `y`.
    pub accumulate: u32,
    /// `[x_length]`
    pub x: Floats,
    /// `[y_length]`: only the rows are written.
    pub y: FloatsMut,
}

/// `y[o, i]` is the sum, maximum or minimum of `x[o, n, i]` over all n. A maximum or minimum is NaN
/// if one of its elements is.
#[repr(C)]
pub struct ReduceRows {
    /// Code from `REDUCTIONS`.
    pub operation: u32,
    pub outer: u32,
    /// N, at least 1
    pub count: u32,
    pub inner: u32,
    /// `[outer, count, inner]`
    pub x: Floats,
    /// `[outer, inner]`
    pub y: FloatsMut,
}

/// `y[n] = (x[n] - mean) * scale[n]` and `scale[n] = 1 / sqrt(variance + epsilon)`, with mean and
/// variance of row n.
#[repr(C)]
pub struct NormalizeRows {
    /// N
    pub rows: u32,
    /// D
    pub features: u32,
    pub epsilon: f32,
    /// `[N, D]`
    pub x: Floats,
    /// `[N, D]`
    pub y: FloatsMut,
    /// `[N]`
    pub scale: FloatsMut,
}

/// The gradient of [`NormalizeRows`]'s `x`.
#[repr(C)]
pub struct NormalizeRowsBackward {
    /// N
    pub rows: u32,
    /// D
    pub features: u32,
    /// `[N, D]` from forward.
    pub y: Floats,
    /// `[N]` from forward.
    pub scale: Floats,
    /// `[N, D]`
    pub d_y: Floats,
    /// `[N, D]`
    pub d_x: FloatsMut,
}

/// `count0 * count1` products `y = left · right` of matrices `[rows, depth]` and
/// `[depth, columns]`. The matrix with indices i, j begins at `i * stride0 + j * stride1` of its
/// array, and its stored rows are `row_stride` elements apart.
#[repr(C)]
pub struct BatchedProduct {
    /// Elements of `left`.
    pub left_length: u32,
    /// Elements of `right`.
    pub right_length: u32,
    /// Elements of `y`.
    pub y_length: u32,
    pub count0: u32,
    pub count1: u32,
    pub rows: u32,
    pub depth: u32,
    pub columns: u32,
    pub left_stride0: u32,
    pub left_stride1: u32,
    pub left_row_stride: u32,
    /// 1: the stored matrices `[depth, rows]` are transposed.
    pub left_transposed: u32,
    pub right_stride0: u32,
    pub right_stride1: u32,
    pub right_row_stride: u32,
    /// 1: the stored matrices `[columns, depth]` are transposed.
    pub right_transposed: u32,
    pub y_stride0: u32,
    pub y_stride1: u32,
    pub y_row_stride: u32,
    /// 1: add the products to `y`.
    pub accumulate: u32,
    /// `[left_length]`
    pub left: Floats,
    /// `[right_length]`
    pub right: Floats,
    /// `[y_length]`: only the products are written.
    pub y: FloatsMut,
    pub workspace: FloatsMut,
}

/// `y = activation(x)`, row by row.
#[repr(C)]
pub struct ActivationForward {
    /// N
    pub rows: u32,
    /// C
    pub units: u32,
    /// Code from `ACTIVATIONS`.
    pub activation: u32,
    /// `[N, C]`
    pub x: Floats,
    /// `[N, C]`
    pub y: FloatsMut,
}

/// The gradient of [`ActivationForward`]. The derivative of each activation is a function of its
/// output, so `x` is not needed.
#[repr(C)]
pub struct ActivationBackward {
    /// N
    pub rows: u32,
    /// C
    pub units: u32,
    /// Code from `ACTIVATIONS`.
    pub activation: u32,
    /// `[N, C]`
    pub y: Floats,
    /// `[N, C]`
    pub d_y: Floats,
    /// `[N, C]`
    pub d_x: FloatsMut,
}

/// Inverted dropout: `y = x / (1 - rate)` where a counter-based random number keeps the element,
/// else 0. The backward pass is the same kernel, applied to `d_y` with the same random numbers, so
/// no mask is stored.
///
/// The random number of an element is a function of the seed, the subsequence, the iteration and
/// the element's place in the whole batch,
/// `((step * total_rows + first_row + row) * features + feature)`. So it is the same however a
/// batch is divided.
#[repr(C)]
pub struct Dropout {
    /// T
    pub steps: u32,
    /// B
    pub batch: u32,
    /// D
    pub features: u32,
    /// Fraction of the elements to drop, 0 <= rate < 1.
    pub rate: f32,
    pub seed_low: u32,
    pub seed_high: u32,
    /// Tells the layers of one model apart.
    pub subsequence: u32,
    /// 1: one mask for all steps (`step` is 0), as in Keras' recurrent layers.
    pub shared_over_steps: u32,
    /// `[3]`: iteration, first row of this batch in the whole batch, rows of the whole batch
    /// (total_rows).
    pub counter: Ints,
    /// `[T, B, D]`
    pub x: Floats,
    /// `[T, B, D]`
    pub y: FloatsMut,
}

/// Loss over N rows of C outputs, and its gradient.
///
/// The weight of row n is `weight[n]`. With a mask, it is multiplied by 0 at masked rows and by
/// `total / valid` at others (Keras' `apply_mask`). The loss is the weighted sum of the row losses,
/// divided by `normalizer[0]`, or by N when `normalizer` is absent. A row's loss is the mean over C
/// for the squared, absolute and binary kinds, and one number for the categorical kinds.
#[repr(C)]
pub struct Loss {
    /// Code from `LOSSES`.
    pub kind: u32,
    /// N
    pub rows: u32,
    /// C
    pub classes: u32,
    /// `[N, C]`
    pub prediction: Floats,
    /// `[N, C]`; absent for the sparse kinds.
    pub target: Optional<Floats>,
    /// `[N]`; the sparse kinds only.
    pub labels: Optional<Ints>,
    /// `[N]`
    pub weight: Optional<Floats>,
    /// `[N]`
    pub mask: Optional<Ints>,
    /// `[1]`
    pub normalizer: Optional<Floats>,
    /// `[N, C]`; absent if only the value is needed.
    pub d_prediction: Optional<FloatsMut>,
    /// `[2]`: the loss; the sum of the row weights, which are 0 for masked rows, and `weight[n]` or
    /// 1 for others.
    pub result: FloatsMut,
}

/// Weighted number of rows that are predicted correctly, and the sum of the weights.
///
/// Binary: mean over C of `(prediction > threshold) == target`. Categorical: 1 if the largest
/// prediction is at the place of the largest target. Sparse: 1 if it is at `labels[n]`. Of equal
/// predictions, the first is the largest. Masked rows have weight 0.
#[repr(C)]
pub struct Accuracy {
    /// Code from `ACCURACIES`.
    pub kind: u32,
    /// N
    pub rows: u32,
    /// C
    pub classes: u32,
    /// 0.5 for probabilities, 0 for logits; the binary kind only.
    pub threshold: f32,
    /// `[N, C]`
    pub prediction: Floats,
    /// `[N, C]`
    pub target: Optional<Floats>,
    /// `[N]`
    pub labels: Optional<Ints>,
    /// `[N]`
    pub weight: Optional<Floats>,
    /// `[N]`
    pub mask: Optional<Ints>,
    /// `[2]`: the weighted sum of the rows' accuracies; the sum of the row weights.
    pub result: FloatsMut,
}

/// With velocity: `velocity = momentum * velocity - rate * gradients`, then
/// `parameters += velocity`, or with Nesterov
/// `parameters += momentum * velocity - rate * gradients`. Without velocity:
/// `parameters -= rate * gradients`.
#[repr(C)]
pub struct Sgd {
    /// P
    pub count: u32,
    pub momentum: f32,
    pub nesterov: u32,
    /// `[P]`
    pub parameters: FloatsMut,
    /// `[P]`
    pub gradients: Floats,
    /// `[P]`
    pub velocity: Optional<FloatsMut>,
    /// `[1]`: learning rate.
    pub settings: Floats,
}

/// Keras' RMSprop: `v = rho*v + (1-rho)*g²`, and the step is `rate * g / sqrt(v + epsilon)`, or
/// centered `rate * g / sqrt(v - mean² + epsilon)`. With momentum, the velocity sums the steps.
#[repr(C)]
pub struct RmsProp {
    /// P
    pub count: u32,
    pub one_minus_rho: f32,
    pub momentum: f32,
    pub epsilon: f32,
    /// `[P]`
    pub parameters: FloatsMut,
    /// `[P]`
    pub gradients: Floats,
    /// `[P]`: moving mean of the squared gradient.
    pub mean_square: FloatsMut,
    /// `[P]`: moving mean of the gradient; present when centered.
    pub mean: Optional<FloatsMut>,
    /// `[P]`; present when momentum > 0.
    pub velocity: Optional<FloatsMut>,
    /// `[1]`: learning rate.
    pub settings: Floats,
}

/// Keras' Adam: `m += (g-m)*(1-beta1)`, `v += (g²-v)*(1-beta2)`,
/// `parameters -= m * alpha / (sqrt(v) + epsilon)`.
#[repr(C)]
pub struct Adam {
    /// P
    pub count: u32,
    /// 1 - beta1. The difference is passed, because `1 - 0.999` in float32 has a relative error of
    /// 1e-5.
    pub one_minus_beta1: f32,
    pub one_minus_beta2: f32,
    pub epsilon: f32,
    /// `[P]`
    pub parameters: FloatsMut,
    /// `[P]`
    pub gradients: Floats,
    /// `[P]`: m
    pub momentum: FloatsMut,
    /// `[P]`: v
    pub velocity: FloatsMut,
    /// `[1]`: alpha, the learning rate with both bias corrections:
    /// `rate * sqrt(1 - beta2^t) / (1 - beta1^t)`.
    pub settings: Floats,
}

/// Scales the gradients so that their Euclidean norm is at most `limit`. If the norm is NaN or
/// infinite, all gradients become NaN.
#[repr(C)]
pub struct ClipByNorm {
    pub count: u32,
    pub limit: f32,
    /// `[count]`
    pub gradients: FloatsMut,
    /// `[1]`: the norm before clipping.
    pub norm: FloatsMut,
}

/// Limits each gradient to `-limit..limit`.
#[repr(C)]
pub struct ClipByValue {
    pub count: u32,
    pub limit: f32,
    /// `[count]`
    pub gradients: FloatsMut,
}

/// Fills `y` with uniform random numbers in `low..high`.
#[repr(C)]
pub struct RandomUniform {
    pub count: u32,
    pub low: f32,
    pub high: f32,
    pub seed_low: u32,
    pub seed_high: u32,
    pub subsequence: u32,
    /// `[count]`
    pub y: FloatsMut,
}

/// Fills `y` with normal random numbers. With `truncated`, numbers beyond two standard deviations
/// are drawn again.
#[repr(C)]
pub struct RandomNormal {
    pub count: u32,
    pub mean: f32,
    pub standard_deviation: f32,
    pub truncated: u32,
    pub seed_low: u32,
    pub seed_high: u32,
    pub subsequence: u32,
    /// `[count]`
    pub y: FloatsMut,
}

/// Fills `y` with standard normal random numbers, each a function of the element's place in the
/// whole batch, as in [`Dropout`].
#[repr(C)]
pub struct NormalNoise {
    /// T
    pub steps: u32,
    /// B
    pub batch: u32,
    /// D
    pub features: u32,
    pub seed_low: u32,
    pub seed_high: u32,
    /// Tells the layers of one model apart.
    pub subsequence: u32,
    /// `[3]`: iteration, first row of this batch in the whole batch, rows of the whole batch.
    pub counter: Ints,
    /// `[T, B, D]`
    pub y: FloatsMut,
}

/// `y` = gain * Q. Q is that of the QR decomposition of a normal matrix `[max, min]` whose R has a
/// positive diagonal, transposed if rows < columns (Keras' `Orthogonal`).
#[repr(C)]
pub struct Orthogonal {
    pub rows: u32,
    pub columns: u32,
    pub gain: f32,
    pub seed_low: u32,
    pub seed_high: u32,
    pub subsequence: u32,
    /// `[rows, columns]`
    pub y: FloatsMut,
    pub workspace: FloatsMut,
}
