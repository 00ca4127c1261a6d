//! The input's part of the pre-activations.
//!
//! It is computed in one of these ways, by the kind of input:
//!
//! * Features with a small kernel: at each step, in the same registers as the recurrent product. So
//!   no input product is stored.
//! * Features with a larger kernel: in one product for all valid steps, or for about a thousand if
//!   no backward pass needs all of them in memory.
//! * One-hot rows, given as ids: the kernel's row of the id is copied.
//! * A table: every distinct id is projected once, and the projected row is copied to each step
//!   with this id. The result is the same as projecting the embedding of each step. When most ids
//!   are distinct, the embedding of each step is projected.

use super::input_weights::{InputWeights, PackedKernel, packed_length};
use super::kernel::{FloatKernel, Kernel};
use super::schedule::Schedule;
use super::{Input, Layout, NONE, Shape};
use crate::gemm::{self, DEPTH_BLOCK, Matrix, MatrixMut, PACKED_ROWS, ProductBefore, RowStore, Start};
use crate::lanes::{Element, IntegerLanes, Lanes};
use crate::layers::row_of;
use core::ops::Range;

/// Features are projected step by step if the packed kernel has at most this many elements: 512 KiB
/// of floats, which stay in the second-level cache from step to step. Measured: the forward pass of
/// GRU(128) and of LSTM(64) is 1.1 times as fast as with one product for all steps, that of
/// LSTM(256) 1.03 times. Where few sequences have a valid step, it is as fast. With twice the
/// limit, LSTM(256) is slower.
const MOST_KERNEL_BY_STEP: usize = 131_072;

/// Valid steps that are projected in one product when no backward pass needs all of them in memory;
/// more if one processing step has more. Each product packs the kernel again. Measured: LSTM(512)
/// is as fast as with one product for all steps, and LSTM(256) takes 1.01 times as long. With a
/// quarter of the limit, LSTM(512) takes 1.03 times as long.
const GROUP_ROWS: usize = 1024;

/// The largest number of rows of the projected table when no backward pass follows, so that memory
/// does not grow with the steps. A batch of 32 IMDB reviews, cut to 400 words, has at most half as
/// many distinct words.
const MOST_TABLE_ROWS: usize = 4096;

/// The largest number of saved rows in memory at once when no backward pass follows: those of a
/// group of steps, or of one step.
pub fn most_saved_rows(shape: Shape) -> usize {
    if shape.one_hot { shape.batch } else { GROUP_ROWS.max(shape.batch).min(shape.positions()) }
}

/// Floats for the packed kernel if features can be projected step by step, else 0.
pub fn kernel_length<'a, L: Lanes, K: Kernel<'a, L::Element>>(layout: Layout, shape: Shape) -> usize {
    if K::QUANTISED || shape.vocabulary > 0 || shape.one_hot || shape.batch < PACKED_ROWS || shape.features > DEPTH_BLOCK {
        return 0;
    }
    let length = packed_length::<L>(layout, shape);
    if length <= MOST_KERNEL_BY_STEP { length } else { 0 }
}

/// The largest number of rows of the projected table. With more distinct ids, a table saves too
/// little time or takes too much memory.
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

/// Floats of workspace for the products, or for one row of a quantised kernel.
pub fn workspace_length<'a, L: Lanes, K: Kernel<'a, L::Element>>(layout: Layout, shape: Shape) -> usize {
    if K::QUANTISED {
        return layout.gates * shape.units;
    }
    gemm::workspace_length::<L>(shape.positions().max(shape.vocabulary), shape.features, layout.gates * shape.units)
}

/// How the input's part of the pre-activations comes into the saved rows of a step.
pub enum Projection<'a, E, Steps> {
    /// One product for a group of steps, from row `list[n]` of `x` at valid step n. The product
    /// writes the blocks that the input feeds.
    Groups { x: Matrix<'a, E>, list: &'a [u32] },
    /// One product for each step, from the step's rows of `x` `[T*B, D]`.
    Features { x: Matrix<'a, E>, kernel: Steps },
    /// `[T, B]`: the ids, whose rows of the kernel are copied.
    KernelRows(&'a [i32]),
    /// Row `list[n]` of the projected table, `rows` `[capacity, S*H]`, at valid step n.
    TableRows { list: &'a [u32], rows: &'a [E] },
}

/// The terms to which a step's recurrent product is added.
pub enum StepStart<'a, E> {
    Sum(Start<'a, E>),
    Product(ProductBefore<'a, E>),
}

/// Buffers that [`Projection::new`] may fill.
pub struct ProjectionBuffers<'a, E> {
    /// Of length [`projection_length`]. Its number of rows limits how many ids are projected.
    pub projection: &'a mut [E],
    /// Of length [`kernel_length`].
    pub kernel: &'a mut [E],
    /// Of length [`integers`].
    pub integers: &'a mut [u32],
}

impl<'a, E: Element, Steps: Copy> Projection<'a, E, Steps> {
    /// Computes what all steps use, and writes it to the buffers.
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

    /// Valid steps whose saved rows are in memory at once when no backward pass follows; more if
    /// one processing step has more.
    pub fn group_rows(&self) -> usize {
        if let Self::Groups { .. } = self { GROUP_ROWS } else { 0 }
    }

    /// Computes what one product gives for a group of steps: the input's part of its valid steps,
    /// in `saved` `[A, S*H]`.
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

    /// Writes the pre-activations of some valid steps without the recurrent product to `saved`
    /// `[A, S*H]`; `inputs` are their rows of the input. Returns the terms to which the recurrent
    /// product must be added. The first `by_product` columns are those of the recurrent product,
    /// and may be left unwritten: then the returned terms hold their part.
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

/// [`Kernel::begin_step`] of floats. If a recurrent product follows, it computes the first segment.
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

/// Numbers the distinct ids of the inputs in the order in which they first occur: writes the number
/// of an id to `slots[id]`, and the ids to `list`. Returns how many there are, or `None` if they do
/// not fit into `list`.
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
