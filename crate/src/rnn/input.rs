//! The input's part of the pre-activations.
//!
//! Three ways, by the kind of input. Features: one product for all valid steps. One-hot: the kernel's row of the id. Table: every
//! distinct id is projected once, and its row is copied wherever the id stands, which is the same by algebra as projecting each
//! step's embedding; when most ids are distinct, each step's is projected.

use super::schedule::Schedule;
use super::{Cell, Input, NONE, Shape};
use crate::gemm::{self, Matrix, MatrixMut, Start};
use crate::lanes::{Element, Lanes};
use crate::layers::row_of;
use core::ops::Range;

/// Rows of the projected table: distinct ids beyond this many save too little.
fn capacity(shape: Shape) -> usize {
    shape.vocabulary.min(shape.positions() / 2)
}

/// Floats for the projected table, `[capacity, S*H]`.
pub fn projection_length(shape: Shape, saved: usize) -> usize {
    capacity(shape) * saved * shape.units
}

/// Integers of storage for [`Projection::new`].
pub fn integers(shape: Shape) -> usize {
    if shape.vocabulary > 0 { shape.vocabulary + shape.positions() } else { 0 }
}

/// Floats of workspace for the products.
pub fn workspace_length<L: Lanes>(shape: Shape, gates: usize) -> usize {
    gemm::workspace_length::<L>(shape.positions().max(shape.vocabulary), shape.features, gates * shape.units)
}

/// Buffers and weights of the input projection.
pub struct InputWeights<'a, E> {
    /// `[D, G*H]`
    pub kernel: &'a [E],
    /// `[S*H]`: the biases in the blocks of a saved row.
    pub block_bias: Option<&'a [E]>,
}

/// How the saved rows of a step get the input's part.
pub enum Projection<'a, E> {
    /// They already have it, all but the blocks that no input feeds.
    Done,
    /// Row `id` of the kernel.
    KernelRows(&'a [i32]),
    /// Row `list[p]` of the projected table `[capacity, S*H]` at valid step p.
    TableRows { list: &'a [u32], rows: &'a [E] },
}

impl<'a, E: Element> Projection<'a, E> {
    /// Computes what can be computed for all steps at once, into `saved` or into `projection` of [`projection_length`].
    #[expect(clippy::too_many_arguments, reason = "buffers of one kernel call")]
    pub fn new<L: Lanes<Element = E>, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(
        input: Input<'a, E>,
        shape: Shape,
        schedule: &Schedule,
        weights: &InputWeights<E>,
        saved: &mut [E],
        projection: &'a mut [E],
        storage: &'a mut [u32],
        workspace: &mut [E],
    ) -> Self {
        let valid = schedule.valid();
        match input {
            Input::OneHot(ids) => Self::KernelRows(ids),
            Input::Features(x) => {
                let x = Matrix::new(x, shape.positions(), shape.features);
                let inputs = schedule.inputs(0..valid);
                project::<L, C, STATES, SAVED>(shape, x.listed(inputs), weights, &mut saved[..valid * SAVED * shape.units], workspace);
                Self::Done
            }
            Input::Table { ids, table } => {
                let table = Matrix::new(table, shape.vocabulary, shape.features);
                let (slots, storage) = storage.split_at_mut(shape.vocabulary);
                let list = &mut storage[..valid];
                let inputs = schedule.inputs(0..valid);
                if let Some(count) = find_distinct(ids, inputs, slots, &mut list[..capacity(shape).min(valid)]) {
                    let rows = &mut projection[..count * SAVED * shape.units];
                    fill_other_blocks::<C, E, STATES, SAVED>(rows, shape.units, weights.block_bias);
                    project::<L, C, STATES, SAVED>(shape, table.listed(&list[..count]), weights, rows, workspace);
                    for (entry, &input) in list.iter_mut().zip(inputs) {
                        *entry = slots[ids[input as usize] as usize];
                    }
                    return Self::TableRows { list, rows };
                }
                for (entry, &input) in list.iter_mut().zip(inputs) {
                    *entry = row_of(ids[input as usize], shape.vocabulary) as u32;
                }
                project::<L, C, STATES, SAVED>(shape, table.listed(list), weights, &mut saved[..valid * SAVED * shape.units], workspace);
                Self::Done
            }
        }
    }

    /// Writes the pre-activations of some valid steps, `saved` `[A, S*H]`, up to the recurrent product. Returns what that product
    /// is to be added to; its first `by_product` columns may be left to it.
    pub fn begin_step<C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(
        &self,
        units: usize,
        schedule: &Schedule<'a>,
        valid: Range<usize>,
        weights: &InputWeights<E>,
        saved: &mut [E],
        by_product: usize,
    ) -> Start<'a, E> {
        let width = SAVED * units;
        match *self {
            Self::Done => fill_other_blocks::<C, E, STATES, SAVED>(saved, units, weights.block_bias),
            Self::TableRows { list, rows } => {
                let list = &list[valid];
                if by_product < width {
                    for (saved, &row) in saved.chunks_exact_mut(width).zip(list) {
                        saved[by_product..].copy_from_slice(&rows[row as usize * width..][by_product..width]);
                    }
                }
                return Start::Rows(Matrix::columns_of(rows, rows.len() / width, width, 0, by_product).listed(list));
            }
            Self::KernelRows(ids) => {
                fill_other_blocks::<C, E, STATES, SAVED>(saved, units, weights.block_bias);
                for (saved, &input) in saved.chunks_exact_mut(width).zip(schedule.inputs(valid)) {
                    let id = row_of(ids[input as usize], weights.kernel.len() / (C::GATES * units));
                    let row = &weights.kernel[id * C::GATES * units..][..C::GATES * units];
                    for segment in C::INPUT {
                        let length = segment.count * units;
                        let row = &row[segment.gate * units..][..length];
                        let saved = &mut saved[segment.block * units..][..length];
                        match weights.block_bias {
                            None => saved.copy_from_slice(row),
                            Some(bias) => {
                                for ((saved, &element), &bias) in saved.iter_mut().zip(row).zip(&bias[segment.block * units..]) {
                                    *saved = element + bias;
                                }
                            }
                        }
                    }
                }
            }
        }
        Start::Existing
    }
}

/// Numbers the distinct ids of the inputs in order of appearance: `slots[id]`, and the ids in `list`. `None` when there are more
/// than `list` holds.
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

/// `rows` `[R, S*H]` = `x` `[R, D]` · kernel + bias, in the blocks that the input feeds.
fn project<L: Lanes, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(
    shape: Shape,
    x: Matrix<L::Element>,
    weights: &InputWeights<L::Element>,
    rows: &mut [L::Element],
    workspace: &mut [L::Element],
) {
    let units = shape.units;
    for segment in C::INPUT {
        let length = segment.count * units;
        let kernel = Matrix::columns_of(weights.kernel, shape.features, C::GATES * units, segment.gate * units, length);
        let bias = weights.block_bias.map(|bias| &bias[segment.block * units..][..length]);
        let mut out = MatrixMut::columns_of(rows, x.rows(), SAVED * units, segment.block * units, length);
        gemm::multiply::<L>(&mut out, x, kernel, Start::from_bias(bias), workspace);
    }
}

/// Writes the bias, or zeros, into the blocks of `rows` `[R, S*H]` that no input feeds.
fn fill_other_blocks<C: Cell<STATES, SAVED>, E: Element, const STATES: usize, const SAVED: usize>(
    rows: &mut [E],
    units: usize,
    block_bias: Option<&[E]>,
) {
    for block in 0..SAVED {
        if C::INPUT.iter().any(|segment| (segment.block..segment.block + segment.count).contains(&block)) {
            continue;
        }
        for row in rows.chunks_exact_mut(SAVED * units) {
            let target = &mut row[block * units..][..units];
            match block_bias {
                Some(bias) => target.copy_from_slice(&bias[block * units..][..units]),
                None => target.fill(E::ZERO),
            }
        }
    }
}
