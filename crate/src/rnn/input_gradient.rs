//! Gradients of the kernel and of the input, from the gradients of the pre-activations of all steps.

use super::schedule::Schedule;
use super::{Cell, Input, NONE, Shape};
use crate::gemm::{self, Matrix, MatrixMut, Start};
use crate::lanes::{Element, Lanes, add};
use crate::layers::row_of;
use core::ops::Range;

/// Integers of storage for [`add_up`].
pub fn integers(shape: Shape) -> usize {
    if shape.vocabulary > 0 { shape.vocabulary + 2 * shape.vocabulary.min(shape.positions()) } else { 0 }
}

/// Floats of workspace for the products.
pub fn workspace_length<L: Lanes>(shape: Shape, gates: usize) -> usize {
    let Shape { features, units, .. } = shape;
    let d_kernel = gemm::workspace_length::<L>(features, shape.positions(), gates * units);
    let d_input = gemm::workspace_length::<L>(shape.positions(), gates * units, features);
    d_kernel.max(d_input)
}

/// Where the gradients go, and what they need.
pub struct InputGradient<'a, E> {
    pub input: Input<'a, E>,
    /// `[D, G*H]`
    pub kernel: &'a [E],
    /// `[D, G*H]`
    pub d_kernel: &'a mut [E],
    /// `[T, B, D]`
    pub d_x: Option<&'a mut [E]>,
    /// `[V, D]`
    pub d_table: Option<&'a mut [E]>,
}

impl<E: Element> InputGradient<'_, E> {
    /// `d_saved` `[P, S*H]`: the gradients of the pre-activations, which count for the valid steps `valid` only. With a table, rows
    /// of equal ids are added up in place, so `d_saved` must not be needed afterwards.
    pub fn compute<L: Lanes<Element = E>, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(
        self,
        shape: Shape,
        schedule: &Schedule,
        valid: Range<usize>,
        d_saved: &mut [E],
        storage: &mut [u32],
        workspace: &mut [E],
    ) {
        let width = SAVED * shape.units;
        let inputs = schedule.inputs(valid.clone());
        let d_rows = &mut d_saved[valid.start * width..valid.end * width];
        match self.input {
            Input::Features(x) => {
                let x = Matrix::new(x, shape.positions(), shape.features).listed(inputs);
                weight_gradient::<L, C, STATES, SAVED>(shape, x, d_rows, None, self.d_kernel, workspace);
                if let Some(d_x) = self.d_x {
                    if inputs.len() < shape.positions() {
                        d_x.fill(E::ZERO);
                    }
                    let mut out = MatrixMut::new(d_x, shape.positions(), shape.features).listed(inputs);
                    input_gradient::<L, C, STATES, SAVED>(shape, d_rows, None, self.kernel, &mut out, workspace);
                }
            }
            Input::OneHot(ids) => {
                self.d_kernel.fill(E::ZERO);
                for (d_row, &input) in d_rows.chunks_exact(width).zip(inputs) {
                    let start = row_of(ids[input as usize], shape.features) * C::GATES * shape.units;
                    for segment in C::INPUT {
                        let length = segment.count * shape.units;
                        let target = &mut self.d_kernel[start + segment.gate * shape.units..][..length];
                        add::<L>(target, &d_row[segment.block * shape.units..][..length]);
                    }
                }
            }
            Input::Table { ids, table } => {
                let (slots, storage) = storage.split_at_mut(shape.vocabulary);
                let (distinct, firsts) = storage.split_at_mut(shape.vocabulary.min(shape.positions()));
                let count = add_up::<L>(ids, inputs, d_rows, width, slots, distinct, firsts);
                let (distinct, firsts) = (&distinct[..count], &firsts[..count]);
                let rows = Matrix::new(table, shape.vocabulary, shape.features).listed(distinct);
                weight_gradient::<L, C, STATES, SAVED>(shape, rows, d_rows, Some(firsts), self.d_kernel, workspace);
                if let Some(d_table) = self.d_table {
                    d_table.fill(E::ZERO);
                    let mut out = MatrixMut::new(d_table, shape.vocabulary, shape.features).listed(distinct);
                    input_gradient::<L, C, STATES, SAVED>(shape, d_rows, Some(firsts), self.kernel, &mut out, workspace);
                }
            }
        }
    }
}

/// Adds every row of `d_rows` to the first row with the same id. Lists the distinct ids, and where their sums are; returns how many.
fn add_up<L: Lanes>(
    ids: &[i32],
    inputs: &[u32],
    d_rows: &mut [L::Element],
    width: usize,
    slots: &mut [u32],
    distinct: &mut [u32],
    firsts: &mut [u32],
) -> usize {
    slots.fill(NONE);
    let mut count = 0;
    for (row, &input) in inputs.iter().enumerate() {
        let id = row_of(ids[input as usize], slots.len());
        let slot = &mut slots[id];
        if *slot == NONE {
            *slot = row as u32;
            distinct[count] = id as u32;
            firsts[count] = row as u32;
            count += 1;
        } else {
            let (before, here) = d_rows.split_at_mut(row * width);
            add::<L>(&mut before[*slot as usize * width..][..width], &here[..width]);
        }
    }
    count
}

/// `d_kernel` `[D, G*H]` = transposed `x` `[R, D]` · the rows (all, or the listed ones) of `d_rows` `[.., S*H]`.
fn weight_gradient<L: Lanes, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(
    shape: Shape,
    x: Matrix<L::Element>,
    d_rows: &[L::Element],
    list: Option<&[u32]>,
    d_kernel: &mut [L::Element],
    workspace: &mut [L::Element],
) {
    let units = shape.units;
    for segment in C::INPUT {
        let length = segment.count * units;
        let gradient = Matrix::columns_of(d_rows, d_rows.len() / (SAVED * units), SAVED * units, segment.block * units, length);
        let mut out = MatrixMut::columns_of(d_kernel, shape.features, C::GATES * units, segment.gate * units, length);
        gemm::multiply::<L>(&mut out, x.transposed(), gradient.maybe_listed(list), Start::Zero, workspace);
    }
}

/// `out` `[R, D]` = the rows (all, or the listed ones) of `d_rows` `[.., S*H]` · transposed kernel.
fn input_gradient<L: Lanes, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(
    shape: Shape,
    d_rows: &[L::Element],
    list: Option<&[u32]>,
    kernel: &[L::Element],
    out: &mut MatrixMut<L::Element>,
    workspace: &mut [L::Element],
) {
    let units = shape.units;
    for (number, segment) in C::INPUT.iter().enumerate() {
        let length = segment.count * units;
        let gradient = Matrix::columns_of(d_rows, d_rows.len() / (SAVED * units), SAVED * units, segment.block * units, length);
        let kernel = Matrix::columns_of(kernel, shape.features, C::GATES * units, segment.gate * units, length);
        let start = if number == 0 { Start::Zero } else { Start::Existing };
        gemm::multiply::<L>(out, gradient.maybe_listed(list), kernel.transposed(), start, workspace);
    }
}
