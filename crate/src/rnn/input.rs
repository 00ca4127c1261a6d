//! The input's part of the pre-activations.
//!
//! By the kind of input. Features: few in one product with the state, step by step, so that no step
//! is written to memory before its time; more in one product for all valid steps, or for a thousand
//! when no backward pass needs all of them in memory. One-hot: the kernel's row of the id. Table:
//! every distinct id is projected once, and its row is copied wherever the id stands, which is the
//! same by algebra as projecting each step's embedding; when most ids are distinct, each step's is
//! projected.

use super::input_weights::{InputWeights, PackedKernel, packed_length};
use super::kernel::{FloatKernel, Kernel};
use super::schedule::Schedule;
use super::{Input, Layout, NONE, Shape};
use crate::gemm::{self, DEPTH_BLOCK, Matrix, MatrixMut, PACKED_ROWS, ProductBefore, RowStore, Start};
use crate::lanes::{Element, IntegerLanes, Lanes};
use crate::layers::row_of;
use core::ops::Range;

/// Elements of a packed kernel up to which features are projected step by step: 512 KiB of floats,
/// which stay in the second-level cache from step to step. Measured: up to it GRU(128) and LSTM(64)
/// are 1.1 times as fast forward, LSTM(256) 1.03 times, and with few sequences alive as fast as
/// before; with twice as much LSTM(256) is slower.
const MOST_KERNEL_BY_STEP: usize = 131_072;

/// Valid steps that are projected in one product when no backward pass needs all of them in memory,
/// unless one step has more. Each product packs the kernel again. Measured: LSTM(512) is as fast as
/// with one product for all, LSTM(256) takes 1.01 times as long; with a quarter as many LSTM(512)
/// takes 1.03 times as long.
const GROUP_ROWS: usize = 1024;

/// Rows of the projected table at most when no backward pass follows, so that memory does not grow
/// with the steps. 32 of IMDB's reviews, cut to 400 words, have at most half as many distinct
/// words.
const MOST_TABLE_ROWS: usize = 4096;

/// Saved rows that are in memory together at most, when no backward pass follows: of a group, or of
/// one step.
pub fn most_saved_rows(shape: Shape) -> usize {
    if shape.one_hot { shape.batch } else { GROUP_ROWS.max(shape.batch).min(shape.positions()) }
}

/// Floats for the packed kernel when features would be projected step by step, else 0.
pub fn kernel_length<'a, L: Lanes, K: Kernel<'a, L::Element>>(layout: Layout, shape: Shape) -> usize {
    if K::QUANTISED || shape.vocabulary > 0 || shape.one_hot || shape.batch < PACKED_ROWS || shape.features > DEPTH_BLOCK {
        return 0;
    }
    let length = packed_length::<L>(layout, shape);
    if length <= MOST_KERNEL_BY_STEP { length } else { 0 }
}

/// Rows of the projected table: distinct ids beyond this many save too little, or take too much
/// memory.
fn capacity(shape: Shape, with_backward: bool) -> usize {
    let most = if with_backward { usize::MAX } else { MOST_TABLE_ROWS };
    shape.vocabulary.min(shape.positions() / 2).min(most)
}

/// Floats for the projected table, `[capacity, S*H]`.
pub fn projection_length(layout: Layout, shape: Shape, with_backward: bool) -> usize {
    capacity(shape, with_backward) * layout.saved * shape.units
}

/// Integers of storage for [`Projection::new`].
pub fn integers(shape: Shape) -> usize {
    if shape.vocabulary > 0 { shape.vocabulary + shape.positions() } else { 0 }
}

/// Floats of workspace for the products, or for a row of a quantised kernel.
pub fn workspace_length<'a, L: Lanes, K: Kernel<'a, L::Element>>(layout: Layout, shape: Shape) -> usize {
    if K::QUANTISED {
        return layout.gates * shape.units;
    }
    gemm::workspace_length::<L>(shape.positions().max(shape.vocabulary), shape.features, layout.gates * shape.units)
}

/// How the saved rows of a step get the input's part.
pub enum Projection<'a, E, Steps> {
    /// Those of a group of steps get it at once, all but the blocks that no input feeds: from row
    /// `list[p]` of `x` at valid step p.
    Groups { x: Matrix<'a, E>, list: &'a [u32] },
    /// From the step's rows of x, `[T*B, D]`, with a kernel that is ready for it.
    Features { x: Matrix<'a, E>, kernel: Steps },
    /// Row `id` of the kernel.
    KernelRows(&'a [i32]),
    /// Row `list[p]` of the projected table `[capacity, S*H]` at valid step p.
    TableRows { list: &'a [u32], rows: &'a [E] },
}

/// What a step's recurrent product is added to.
pub enum StepStart<'a, E> {
    Sum(Start<'a, E>),
    Product(ProductBefore<'a, E>),
}

/// Buffers that [`Projection::new`] may fill.
pub struct ProjectionBuffers<'a, E> {
    /// Of [`projection_length`]: as many rows as it has may be projected.
    pub projection: &'a mut [E],
    /// Of [`kernel_length`].
    pub kernel: &'a mut [E],
    /// Of [`integers`].
    pub integers: &'a mut [u32],
}

impl<'a, E: Element, Steps: Copy> Projection<'a, E, Steps> {
    /// Computes what serves all steps, into the buffers.
    pub fn new<L: IntegerLanes<Element = E>, K: Kernel<'a, E, Input = Steps>>(
        input: Input<'a, E>,
        shape: Shape,
        schedule: &Schedule<'a>,
        weights: &InputWeights<'a, E, K>,
        buffers: ProjectionBuffers<'a, E>,
        workspace: &mut [E],
        store: RowStore<E>,
    ) -> Self {
        let valid = schedule.valid();
        let inputs = schedule.inputs(0..valid);
        match input {
            Input::OneHot(ids) => Self::KernelRows(ids),
            Input::Features(x) => {
                let x = Matrix::new(x, shape.positions(), shape.features);
                let enough = valid >= PACKED_ROWS * shape.steps;
                match K::prepare_input::<L>(weights, enough, buffers.kernel) {
                    Some(kernel) => Self::Features { x, kernel },
                    None => Self::Groups { x, list: inputs },
                }
            }
            Input::Table { ids, table } => {
                let table = Matrix::new(table, shape.vocabulary, shape.features);
                let capacity = buffers.projection.len() / weights.width();
                let (slots, integers) = buffers.integers.split_at_mut(shape.vocabulary);
                let list = &mut integers[..valid];
                if let Some(count) = find_distinct(ids, inputs, slots, &mut list[..capacity.min(valid)]) {
                    let rows = &mut buffers.projection[..count * weights.width()];
                    weights.fill_other_blocks(rows);
                    weights.project::<L>(table.listed(&list[..count]), rows, workspace, store);
                    for (entry, &input) in list.iter_mut().zip(inputs) {
                        *entry = slots[ids[input as usize] as usize];
                    }
                    return Self::TableRows { list, rows };
                }
                for (entry, &input) in list.iter_mut().zip(inputs) {
                    *entry = row_of(ids[input as usize], shape.vocabulary) as u32;
                }
                Self::Groups { x: table, list }
            }
        }
    }

    /// Valid steps whose saved rows are in memory together, when no backward pass follows; more
    /// where one processing step has more.
    pub fn group_rows(&self) -> usize {
        if let Self::Groups { .. } = self { GROUP_ROWS } else { 0 }
    }

    /// Writes what is computed for a group of steps at once: for its valid steps, `saved`
    /// `[A, S*H]`.
    pub fn begin_group<L: IntegerLanes<Element = E>, K: Kernel<'a, E, Input = Steps>>(
        &self,
        valid: Range<usize>,
        weights: &InputWeights<'a, E, K>,
        saved: &mut [E],
        workspace: &mut [E],
        store: RowStore<E>,
    ) {
        if let Self::Groups { x, list } = self {
            let saved = &mut saved[..valid.len() * weights.width()];
            weights.project::<L>(x.listed(&list[valid]), saved, workspace, store);
        }
    }

    /// Writes the pre-activations of some valid steps, whose rows of the input are `inputs`, up to
    /// the recurrent product, to `saved` `[A, S*H]`. Returns what that product is to be added to;
    /// its columns, the first `by_product`, may be left to it.
    pub fn begin_step<L: IntegerLanes<Element = E>, K: Kernel<'a, E, Input = Steps>>(
        &self,
        (valid, inputs): (Range<usize>, &'a [u32]),
        weights: &InputWeights<'a, E, K>,
        saved: &mut [E],
        by_product: usize,
        workspace: &mut [E],
        store: RowStore<E>,
    ) -> StepStart<'a, E> {
        let width = weights.width();
        match *self {
            Self::Groups { .. } => weights.fill_other_blocks(saved),
            Self::Features { x, kernel } => {
                return K::begin_step::<L>(kernel, x.listed(inputs), weights, saved, by_product, store);
            }
            Self::KernelRows(ids) => {
                weights.fill_other_blocks(saved);
                for (saved, &input) in saved.chunks_exact_mut(width).zip(inputs) {
                    weights.copy_kernel_row::<L>(row_of(ids[input as usize], weights.features), saved, workspace);
                }
            }
            Self::TableRows { list, rows } => {
                let list = &list[valid];
                if by_product < width {
                    for (saved, &row) in saved.chunks_exact_mut(width).zip(list) {
                        saved[by_product..].copy_from_slice(&rows[row as usize * width..][by_product..width]);
                    }
                }
                let rows = Matrix::columns_of(rows, rows.len() / width, width, 0, by_product).listed(list);
                return StepStart::Sum(Start::Rows(rows));
            }
        }
        StepStart::Sum(Start::Existing)
    }
}

/// [`Kernel::begin_step`] of floats. With a recurrent product, the first segment is
/// left to it.
pub fn begin_with_features<'a, L: IntegerLanes>(
    x: Matrix<'a, L::Element>,
    kernel: PackedKernel<'a, L::Element>,
    weights: &InputWeights<'a, L::Element, FloatKernel<'a, L::Element>>,
    saved: &mut [L::Element],
    by_product: usize,
) -> StepStart<'a, L::Element> {
    let InputWeights { layout, units, block_bias, .. } = *weights;
    if by_product == 0 {
        weights.fill_other_blocks(saved);
    }
    let mut start = StepStart::Sum(Start::Existing);
    for (segment, kernel) in layout.input.iter().zip(kernel.into_iter().flatten()) {
        let (first, length) = (segment.block * units, segment.count * units);
        if first < by_product {
            let bias = block_bias.map(|bias| &bias[..by_product]);
            start = StepStart::Product(ProductBefore { left: x, right: kernel, bias });
        } else {
            let bias = block_bias.map(|bias| &bias[first..][..length]);
            let mut out = MatrixMut::columns_of(saved, x.rows(), weights.width(), first, length);
            kernel.multiply::<L>(&mut out, x, Start::from_bias(bias), &mut []);
        }
    }
    start
}

/// Numbers the distinct ids of the inputs in order of appearance: `slots[id]`, and the ids in
/// `list`. `None` when there are more than `list` holds.
fn find_distinct(ids: &[i32], inputs: &[u32], slots: &mut [u32], list: &mut [u32]) -> Option<usize> {
    slots.fill(NONE);
    let mut count = 0;
    for &input in inputs {
        let id = row_of(ids[input as usize], slots.len());
        let slot = &mut slots[id];
        if *slot == NONE {
            *list.get_mut(count)? = id as u32;
            *slot = count as u32;
            count += 1;
        }
    }
    Some(count)
}
