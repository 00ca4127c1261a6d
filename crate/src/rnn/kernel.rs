//! The two kernels of a layer in the forward pass: floats, or integers of a quantised model.

use super::input::StepStart;
use crate::gemm::{Matrix, MatrixMut, Prepared, QuantisedMatrix, RowStore, Start};
use crate::lanes::IntegerLanes;
use core::ops::Range;

/// A kernel `[K, G*H]`.
#[derive(Clone, Copy)]
pub enum Kernel<'a, E> {
    Floats(&'a [E]),
    Quantised(QuantisedMatrix<'a, E>),
}

impl<'a, E> Kernel<'a, E> {
    /// The floats; panics when it is quantised, whose layouts need no other.
    pub fn floats(self) -> &'a [E] {
        match self {
            Self::Floats(floats) => floats,
            Self::Quantised(_) => unreachable!("a quantised kernel has no floats"),
        }
    }
}

/// Some gates of the recurrent kernel, ready for a product each step.
#[derive(Clone)]
pub enum StepKernel<'a, E> {
    Floats(Prepared<'a, E>),
    Quantised(QuantisedMatrix<'a, E>, Range<usize>),
}

impl<'a, E: crate::lanes::Element> StepKernel<'a, E> {
    /// Gates of a kernel `[H, G*H]`.
    /// * `rows`: how many rows all products have together
    /// * `storage`: of [`StepKernel::length`]
    pub fn new<L: IntegerLanes<Element = E>>(
        kernel: Kernel<'a, E>,
        units: usize,
        all_gates: usize,
        gates: Range<usize>,
        rows: usize,
        storage: &'a mut [E],
    ) -> Self {
        match kernel {
            Kernel::Quantised(matrix) => Self::Quantised(matrix, gates),
            Kernel::Floats(kernel) => {
                let columns = Matrix::columns_of(kernel, units, all_gates * units, gates.start * units, gates.len() * units);
                Self::Floats(Prepared::new::<L>(columns, rows, storage))
            }
        }
    }

    /// `out = start + left · self`
    pub fn multiply<L: IntegerLanes<Element = E>>(
        &self,
        out: &mut MatrixMut<E>,
        left: Matrix<E>,
        start: StepStart<'_, E>,
        store: RowStore<E>,
    ) {
        match (self, start) {
            (Self::Floats(kernel), StepStart::Sum(start)) => kernel.multiply::<L>(out, left, start, &mut []),
            (Self::Floats(kernel), StepStart::Product(before)) => kernel.multiply_after::<L>(out, left, before),
            (Self::Quantised(kernel, gates), StepStart::Sum(start)) => kernel.multiply::<L>(out, left, gates.clone(), start, store),
            (Self::Quantised(..), StepStart::Product(_)) => unreachable!("both kernels are quantised, or none"),
        }
    }
}

impl<'a, E> From<Start<'a, E>> for StepStart<'a, E> {
    fn from(start: Start<'a, E>) -> Self {
        Self::Sum(start)
    }
}
