//! Gradients of the kernel and of the input, from the gradients of the pre-activations.

use super::schedule::Schedule;
use super::{Input, Layout, NONE, Segment, Shape};
use crate::gemm::{self, Matrix, MatrixMut, Start};
use crate::lanes::{Element, Lanes, add};
use crate::layers::row_of;
use core::ops::Range;

/// Integers of storage for [`add_up`].
pub fn integers(shape: Shape) -> usize {
    if shape.vocabulary > 0 { shape.vocabulary + 2 * shape.vocabulary.min(shape.positions()) } else { 0 }
}

/// Floats of workspace for the products.
pub fn workspace_length<L: Lanes>(layout: Layout, shape: Shape) -> usize {
    let Shape { features, units, .. } = shape;
    let d_kernel = gemm::workspace_length::<L>(features, shape.positions(), layout.gates * units);
    let d_input = gemm::workspace_length::<L>(shape.positions(), layout.gates * units, features);
    d_kernel.max(d_input)
}

/// The gradients of kernel, input and table, and what their computation reads.
pub struct InputGradient<'a, E> {
    /// The layout of the cell.
    pub layout: Layout,
    pub shape: Shape,
    pub schedule: Schedule<'a>,
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
    /// S*H
    fn width(&self) -> usize {
        self.layout.saved * self.shape.units
    }

    /// Adds the kernel's gradient of some valid steps, unless the input is a table; the first call,
    /// not yet `begun`, overwrites it. `d_saved` `[N, S*H]`: the gradients of the pre-activations.
    pub fn add<L: Lanes<Element = E>>(&mut self, valid: Range<usize>, d_saved: &[E], begun: bool, workspace: &mut [E]) {
        let Self { layout, shape, schedule, .. } = *self;
        let width = self.width();
        let inputs = schedule.inputs(valid.clone());
        let d_rows = &d_saved[valid.start * width..valid.end * width];
        match self.input {
            Input::Features(x) => {
                let x = Matrix::new(x, shape.positions(), shape.features).listed(inputs);
                let sum = if begun { Start::Existing } else { Start::Zero };
                self.add_kernel_gradient::<L>(x, d_rows, None, sum, workspace);
            }
            Input::OneHot(ids) => {
                if !begun {
                    self.d_kernel.fill(E::ZERO);
                }
                for (d_row, &input) in d_rows.chunks_exact(width).zip(inputs) {
                    let start = row_of(ids[input as usize], shape.features) * layout.gates * shape.units;
                    for segment in layout.input {
                        let length = segment.count * shape.units;
                        let target = &mut self.d_kernel[start + segment.gate * shape.units..][..length];
                        add::<L>(target, &d_row[segment.block * shape.units..][..length]);
                    }
                }
            }
            Input::Table { .. } => {}
        }
    }

    /// Computes the other gradients, those of the input and of a table, from the given valid steps.
    /// With a table, the rows of equal ids are summed in place, so `d_saved` `[N, S*H]` must not be
    /// read afterwards.
    pub fn finish<L: Lanes<Element = E>>(mut self, valid: Range<usize>, d_saved: &mut [E], storage: &mut [u32], workspace: &mut [E]) {
        let Shape { features, vocabulary, .. } = self.shape;
        let positions = self.shape.positions();
        let width = self.width();
        let inputs = self.schedule.inputs(valid.clone());
        let d_rows = &mut d_saved[valid.start * width..valid.end * width];
        if let Some(d_x) = self.d_x.take() {
            if inputs.len() < positions {
                d_x.fill(E::ZERO);
            }
            let mut out = MatrixMut::new(d_x, positions, features).listed(inputs);
            self.input_gradient::<L>(d_rows, None, &mut out, workspace);
        }
        if let Input::Table { ids, table } = self.input {
            let (slots, storage) = storage.split_at_mut(vocabulary);
            let (distinct, firsts) = storage.split_at_mut(vocabulary.min(positions));
            let count = add_up::<L>(ids, inputs, d_rows, width, slots, distinct, firsts);
            let (distinct, firsts) = (&distinct[..count], &firsts[..count]);
            let rows = Matrix::new(table, vocabulary, features).listed(distinct);
            self.add_kernel_gradient::<L>(rows, d_rows, Some(firsts), Start::Zero, workspace);
            if let Some(d_table) = self.d_table.take() {
                d_table.fill(E::ZERO);
                let mut out = MatrixMut::new(d_table, vocabulary, features).listed(distinct);
                self.input_gradient::<L>(d_rows, Some(firsts), &mut out, workspace);
            }
        }
    }

    /// `d_kernel` `[D, G*H]` = `sum` + transposed `x` `[A, D]` · the rows of `d_rows` `[.., S*H]`,
    /// all or those of `list`.
    fn add_kernel_gradient<L: Lanes<Element = E>>(
        &mut self,
        x: Matrix<E>,
        d_rows: &[E],
        list: Option<&[u32]>,
        sum: Start<E>,
        workspace: &mut [E],
    ) {
        let (Layout { gates, input, .. }, Shape { features, units, .. }) = (self.layout, self.shape);
        for segment in input {
            let d_segment = self.columns_of(segment, d_rows, list);
            let mut out = MatrixMut::columns_of(self.d_kernel, features, gates * units, segment.gate * units, segment.count * units);
            gemm::multiply::<L>(&mut out, x.transposed(), d_segment, sum, workspace);
        }
    }

    /// `out` `[A, D]` = the rows of `d_rows` `[.., S*H]`, all or those of `list`, · transposed
    /// kernel.
    fn input_gradient<L: Lanes<Element = E>>(&self, d_rows: &[E], list: Option<&[u32]>, out: &mut MatrixMut<E>, workspace: &mut [E]) {
        let (Layout { gates, input, .. }, Shape { features, units, .. }) = (self.layout, self.shape);
        for (number, segment) in input.iter().enumerate() {
            let d_segment = self.columns_of(segment, d_rows, list);
            let kernel = Matrix::columns_of(self.kernel, features, gates * units, segment.gate * units, segment.count * units);
            let start = if number == 0 { Start::Zero } else { Start::Existing };
            gemm::multiply::<L>(out, d_segment, kernel.transposed(), start, workspace);
        }
    }

    /// A segment's columns of the rows of `d_rows` `[.., S*H]`, all or those of `list`.
    fn columns_of<'d>(&self, segment: &Segment, d_rows: &'d [E], list: Option<&'d [u32]>) -> Matrix<'d, E> {
        let (width, units) = (self.width(), self.shape.units);
        Matrix::columns_of(d_rows, d_rows.len() / width, width, segment.block * units, segment.count * units).maybe_listed(list)
    }
}

/// Adds every row of `d_rows` `[A, S*H]` to the first row with the same id. Lists the distinct ids
/// and the rows of their sums, and returns how many there are.
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
