//! Layers of quantised models, which are a separate module.

use super::buffer::Borrow;
use crate::activations::RowActivation;
use crate::descriptors::{QuantisedDenseForward, QuantisedSequenceForward};
use crate::gemm::{Packing, QuantisedMatrix, RowStore};
use crate::lanes::F32x4;
use crate::layers;
use crate::rnn::{self, CellRows, WorkspaceLengths};

type Integers<'a> = QuantisedMatrix<'a, f32>;

/// `matrix!(d, gates; kernel, scales, depth)`: a kernel `[depth, gates*H]` of integers in a
/// descriptor.
macro_rules! matrix {
    ($d:ident, $gates:expr; $kernel:ident, $scales:ident, $depth:expr) => {{
        let (packing, depth, units, gates) = (Packing::from_code($d.packing), $depth as usize, $d.units as usize, $gates);
        let words = buffer!($d.$kernel[Integers::words::<F32x4>(packing, depth, gates, units)]);
        QuantisedMatrix { packing, depth, units, words, scales: buffer!($d.$scales[gates, $d.units]) }
    }};
}

fn run_forward<const STATES: usize>(d: &QuantisedSequenceForward, cell: &dyn CellRows<f32, STATES>) {
    let gates = cell.layout().gates;
    let kernel = matrix!(d, gates; kernel, kernel_scales, d.features);
    let recurrent_kernel = matrix!(d, gates; recurrent_kernel, recurrent_scales, d.units);
    run_sequence!(d, cell, Integers, [kernel, recurrent_kernel], None::<&mut [f32]>)
}

fn forward_lengths<const STATES: usize>(d: &QuantisedSequenceForward, cell: &dyn CellRows<f32, STATES>) -> usize {
    let WorkspaceLengths { floats, integers } = rnn::forward_workspace::<F32x4, Integers>(cell.layout(), sequence_shape!(d), false);
    floats + integers
}

export! {
    fn quantised_sequence_forward(d: QuantisedSequenceForward) {
        with_cell!(d, run_forward)
    }
}

export_workspace! {
    fn quantised_sequence_forward_workspace(d: QuantisedSequenceForward) -> usize {
        with_cell!(d, forward_lengths)
    }
}

export! {
    fn quantised_dense_forward(d: QuantisedDenseForward) {
        let (shape, input) = dense_input!(d);
        let kernel = matrix!(d, 1; kernel, kernel_scales, d.features);
        let y = buffer!(d.y[d.rows, d.units]);
        let (scales, words) = layers::quantised_dense_workspace(shape);
        let (scales, words) = workspace!(d.workspace[scales; words]);
        layers::quantised_dense::<F32x4>(shape, input, kernel, buffer!(d.bias[d.units]), y, RowStore::new(scales, words));
        RowActivation::from_code(d.activation).apply::<F32x4>(shape.units, y);
    }
}

export_workspace! {
    fn quantised_dense_forward_workspace(d: QuantisedDenseForward) -> usize {
        let (scales, words) = layers::quantised_dense_workspace(dense_shape!(d));
        scales + words
    }
}
