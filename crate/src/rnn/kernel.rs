//! The two weight matrices of a layer, `kernel` and `recurrent_kernel`, in the forward pass:
//! floats, or integers of a quantised model. Each module compiles the pass for one of them only.

use super::InputWeights;
use super::input::{StepStart, begin_with_features};
use super::input_weights::{PackedKernel, packed_length};
use super::workspace::take;
use super::{Layout, Shape};
use crate::gemm::{self, DEPTH_BLOCK, Matrix, MatrixMut, PackedMatrix, Prepared, QuantisedMatrix, RowStore, Start};
use crate::lanes::{Element, IntegerLanes, Lanes};
use core::ops::Range;

/// Some gates of a kernel `[K, G*H]`, where K is D or H.
#[derive(Clone)]
pub struct Gates {
    /// K
    pub depth: usize,
    /// H
    pub units: usize,
    /// G
    pub all: usize,
    pub some: Range<usize>,
}

impl Gates {
    /// The columns of these gates in a kernel of floats.
    pub fn of<'a, E: Element>(&self, kernel: &'a [E]) -> Matrix<'a, E> {
        let Self { depth, units, all, ref some } = *self;
        Matrix::columns_of(kernel, depth, all * units, some.start * units, some.len() * units)
    }
}

/// A kernel `[K, G*H]`.
pub trait Kernel<'a, E: Element>: Copy {
    /// Whether products quantise their left sides, into a [`RowStore`].
    const QUANTISED: bool;
    /// Some gates, prepared for a product in each step.
    type Step;
    /// The input's kernel, prepared for a product in each step.
    type Input: Copy;

    /// * `rows`: the number of rows of all products together
    /// * `storage`: of length [`Prepared::length`]
    fn prepare<L: IntegerLanes<Element = E>>(self, gates: Gates, rows: usize, storage: &'a mut [E]) -> Self::Step;

    /// `out = start + left · step`
    fn multiply_step<L: IntegerLanes<Element = E>>(
        step: &Self::Step,
        out: &mut MatrixMut<E>,
        left: Matrix<E>,
        start: StepStart<'_, E>,
        store: RowStore<E>,
    );

    /// `out = start + left · gates`, for gates that are used once.
    fn multiply<L: IntegerLanes<Element = E>>(
        self,
        gates: Gates,
        out: &mut MatrixMut<E>,
        left: Matrix<E>,
        start: Start<E>,
        workspace: &mut [E],
        store: RowStore<E>,
    );

    /// Row `row` of the kernel, with `length` columns. A quantised kernel writes it to `storage`.
    fn row<'s, L: IntegerLanes<Element = E>>(&'s self, row: usize, length: usize, storage: &'s mut [E]) -> &'s [E];

    /// `None` if features are not projected step by step.
    /// * `many`: whether the steps have enough rows for packing to be faster
    fn prepare_input<L: IntegerLanes<Element = E>>(
        weights: &InputWeights<'a, E, Self>,
        many: bool,
        storage: &'a mut [E],
    ) -> Option<Self::Input>;

    /// Writes the pre-activations without the recurrent product, from `x` `[A, D]` to `saved`
    /// `[A, S*H]`. The first `by_product` columns may be left unwritten, as in
    /// [`super::input::Projection::begin_step`].
    fn begin_step<L: IntegerLanes<Element = E>>(
        input: Self::Input,
        x: Matrix<'a, E>,
        weights: &InputWeights<'a, E, Self>,
        saved: &mut [E],
        by_product: usize,
        store: RowStore<E>,
    ) -> StepStart<'a, E>;
}

/// A kernel of floats.
#[derive(Clone, Copy)]
pub struct FloatKernel<'a, E> {
    pub floats: &'a [E],
    /// The same kernel, packed by [`pack_weights`], if it was.
    pub packed: Option<&'a [E]>,
}

/// Packs the weights of a layer for many calls, `kernel` `[D, G*H]` and `recurrent_kernel`
/// `[H, G*H]`, into `storage`: the gates of each product, one product after the other. Panics if
/// `storage` is too short.
pub fn pack_weights<L: Lanes>(
    layout: Layout,
    Shape { features, units, .. }: Shape,
    [kernel, recurrent_kernel]: [&[L::Element]; 2],
    mut storage: &mut [L::Element],
) {
    let of_kernel = layout.input.iter().map(|segment| (kernel, features, segment.gate, segment.count));
    let recurrent = (recurrent_kernel, units, 0, layout.recurrent_gates);
    let after_reset = (recurrent_kernel, units, layout.recurrent_gates, usize::from(layout.reset));
    for (kernel, depth, first, count) in of_kernel.chain([recurrent, after_reset]) {
        let columns = Gates { depth, units, all: layout.gates, some: first..first + count }.of(kernel);
        PackedMatrix::pack::<L>(columns, take(&mut storage, PackedMatrix::length::<L>(depth, columns.columns())));
    }
}

/// The two parts that [`pack_weights`] wrote: the packed kernel and the packed recurrent kernel.
pub fn packed_parts<L: Lanes>(layout: Layout, shape: Shape, packed: &[L::Element]) -> [&[L::Element]; 2] {
    packed.split_at(packed_length::<L>(layout, shape)).into()
}

impl<'a, E: Element> Kernel<'a, E> for FloatKernel<'a, E> {
    const QUANTISED: bool = false;
    type Step = Prepared<'a, E>;
    type Input = PackedKernel<'a, E>;

    #[inline(never)]
    fn prepare<L: IntegerLanes<Element = E>>(self, gates: Gates, rows: usize, storage: &'a mut [E]) -> Self::Step {
        let Gates { depth, units, ref some, .. } = gates;
        let Some(packed) = self.packed else { return Prepared::new::<L>(gates.of(self.floats), rows, storage) };
        // The gates of the first product are before those of the second.
        let before = PackedMatrix::length::<L>(depth, some.start * units);
        Prepared::Packed(PackedMatrix::of::<L>(&packed[before..], depth, some.len() * units))
    }

    fn multiply_step<L: IntegerLanes<Element = E>>(
        step: &Self::Step,
        out: &mut MatrixMut<E>,
        left: Matrix<E>,
        start: StepStart<'_, E>,
        _store: RowStore<E>,
    ) {
        match start {
            StepStart::Sum(start) => step.multiply::<L>(out, left, start, &mut []),
            StepStart::Product(before) => step.multiply_after::<L>(out, left, before),
        }
    }

    fn multiply<L: IntegerLanes<Element = E>>(
        self,
        gates: Gates,
        out: &mut MatrixMut<E>,
        left: Matrix<E>,
        start: Start<E>,
        workspace: &mut [E],
        _store: RowStore<E>,
    ) {
        gemm::multiply::<L>(out, left, gates.of(self.floats), start, workspace);
    }

    fn row<'s, L: IntegerLanes<Element = E>>(&'s self, row: usize, length: usize, _storage: &'s mut [E]) -> &'s [E] {
        &self.floats[row * length..][..length]
    }

    fn prepare_input<L: IntegerLanes<Element = E>>(
        weights: &InputWeights<'a, E, Self>,
        many: bool,
        storage: &'a mut [E],
    ) -> Option<Self::Input> {
        match weights.kernel.packed {
            Some(packed) if weights.features <= DEPTH_BLOCK => Some(weights.packed::<L>(packed)),
            _ => (many && !storage.is_empty()).then(|| weights.pack::<L>(storage)),
        }
    }

    fn begin_step<L: IntegerLanes<Element = E>>(
        input: Self::Input,
        x: Matrix<'a, E>,
        weights: &InputWeights<'a, E, Self>,
        saved: &mut [E],
        by_product: usize,
        _store: RowStore<E>,
    ) -> StepStart<'a, E> {
        begin_with_features::<L>(x, input, weights, saved, by_product)
    }
}

impl<'a, E: Element> Kernel<'a, E> for QuantisedMatrix<'a, E> {
    const QUANTISED: bool = true;
    type Step = (Self, Range<usize>);
    /// Integers are packed when a model is quantised or loaded.
    type Input = ();

    fn prepare<L: IntegerLanes<Element = E>>(self, gates: Gates, _rows: usize, _storage: &'a mut [E]) -> Self::Step {
        (self, gates.some)
    }

    fn multiply_step<L: IntegerLanes<Element = E>>(
        (kernel, gates): &Self::Step,
        out: &mut MatrixMut<E>,
        left: Matrix<E>,
        start: StepStart<'_, E>,
        store: RowStore<E>,
    ) {
        let StepStart::Sum(start) = start else { unreachable!("products of integers are added to sums") };
        QuantisedMatrix::multiply::<L>(kernel, out, left, gates.clone(), start, store);
    }

    fn multiply<L: IntegerLanes<Element = E>>(
        self,
        gates: Gates,
        out: &mut MatrixMut<E>,
        left: Matrix<E>,
        start: Start<E>,
        _workspace: &mut [E],
        store: RowStore<E>,
    ) {
        QuantisedMatrix::multiply::<L>(&self, out, left, gates.some, start, store);
    }

    fn row<'s, L: IntegerLanes<Element = E>>(&'s self, row: usize, length: usize, storage: &'s mut [E]) -> &'s [E] {
        let storage = &mut storage[..length];
        self.read_row::<L>(row, storage);
        storage
    }

    fn prepare_input<L: IntegerLanes<Element = E>>(
        _weights: &InputWeights<'a, E, Self>,
        many: bool,
        _storage: &'a mut [E],
    ) -> Option<Self::Input> {
        many.then_some(())
    }

    fn begin_step<L: IntegerLanes<Element = E>>(
        (): Self::Input,
        x: Matrix<'a, E>,
        weights: &InputWeights<'a, E, Self>,
        saved: &mut [E],
        _by_product: usize,
        store: RowStore<E>,
    ) -> StepStart<'a, E> {
        weights.fill_other_blocks(saved);
        weights.project::<L>(x, saved, &mut [], store);
        StepStart::Sum(Start::Existing)
    }
}

impl<'a, E> From<Start<'a, E>> for StepStart<'a, E> {
    fn from(start: Start<'a, E>) -> Self {
        Self::Sum(start)
    }
}
